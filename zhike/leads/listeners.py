"""What leads answer to the kit and to the apps below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.collab import events as trash
from zhike.records import along, ownership

from . import keys
from .models import Lead, LeadKey
from .status import OPEN

# What marketing hands on with a campaign; it also says which leads are unfinished work that nobody leaves behind.
along.goes_along("campaign", along.Along("leads_open", "lead", _("Open leads"), "campaign", Q(status__in=OPEN)))


@ownership.owner_changed.invariant
def leads_in_new_hands(rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str) -> None:
    """The time to react counts anew for who gets a lead, by whichever way."""
    if rows[0].KIND == "lead":
        Lead.objects.filter(pk__in=[row.pk for row in rows]).update(assigned_at=clock.now())


@trash.rows_trashed.invariant
def leads_not_found_any_more(rows: Sequence[Any], *, by: Any) -> None:
    """Nobody is told of a lead that lies in the trash."""
    found = [row.pk for row in rows if row.KIND == "lead"]
    if found:
        LeadKey.objects.filter(lead_number__in=found).delete()


@trash.rows_restored.invariant
def leads_found_again(rows: Sequence[Any], *, by: Any) -> None:
    """A lead that comes out of the trash is found again by its company and numbers."""
    found = [row for row in rows if row.KIND == "lead"]
    if found:
        keys.note_leads(found)
