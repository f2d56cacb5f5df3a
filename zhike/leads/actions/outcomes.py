"""What becomes of leads: followed up, invalid, converted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.records import guard, options, registry, save

from .. import events, questions
from ..models import Lead
from ..status import LEAD, OPEN
from .queue import give, held

REASONS = "lead_invalid"
BATCH = 2_000


def _kind() -> Any:
    return registry.kind("lead")


@transaction.atomic
def follow_leads(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """New leads somebody has been in touch with are being followed up; one that nobody owned is theirs. Others stay.

    Whoever records the follow-up has the right to; this is its consequence.
    """
    fresh = [row for row in held(rows) if row.status == "new"]
    ownerless = [row for row in fresh if row.owner_id is None]
    if ownerless:
        give(ownerless, to=by, by=by, way="take")
    return save.change_rows(_kind(), fresh, {"status": "following"}, by=by, action="lead-follow")


@transaction.atomic
def invalidate_leads(rows: Sequence[Lead], *, reason: str, remark: str = "", by: Any) -> list[Lead]:
    """Mark leads as invalid with a reason of the option list; nothing will come of them.

    Raises `Refused` without a reason, and for leads that are closed already.
    """
    guard.require_rows(by, rows, "edit")
    if reason not in options.labels(REASONS, "en"):
        raise Refused(_("Choose why the lead is invalid."), field="reason")
    stored = held(rows)
    for row in stored:
        LEAD.check(row, "invalidate")
    values = {"status": "invalid", "invalid_reason": reason, "invalid_remark": remark.strip()[:200], "invalid_at": clock.now()}
    changed = save.change_rows(_kind(), stored, values, by=by, action="lead-invalidate", args={"reason": remark} if remark else None)
    events.leads_invalidated.announce(changed, by=by, reason=reason)
    return changed


@transaction.atomic
def reopen_leads(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """Take invalid leads up again: they are new, and their owner has as long to react as for any new one."""
    guard.require_rows(by, rows, "edit")
    stored = held(rows)
    for row in stored:
        LEAD.check(row, "reopen")
    changed: list[Lead] = []
    now = clock.now()
    plain = {"status": "new", "invalid_reason": "", "invalid_remark": "", "invalid_at": None}
    for owned in (True, False):
        part = [row for row in stored if (row.owner_id is not None) is owned]
        changed += save.change_rows(_kind(), part, {**plain, "assigned_at": now if owned else None}, by=by, action="lead-reopen")
    return changed


@transaction.atomic
def mark_converted(row: Lead, *, customer: Any, contact: Any = None, by: Any, version: int | None = None) -> Lead:
    """Say that a lead has become this customer and contact; a lead that nobody owned belongs to who converts it.

    The conversion itself stands one floor up and calls this in its transaction. Raises `Refused` for a closed lead.
    """
    guard.require_rows(by, [row], "convert")
    stored = save.locked(row)
    LEAD.check(stored, "convert")
    if version is not None and stored.version != version:
        raise Conflict(_("“%(row)s” has just been changed by somebody else. Look at it again first.") % {"row": row})
    if stored.owner_id is None:
        give([stored], to=by, by=by, way="take")
        stored = save.locked(row)
    values = {"status": "converted", "customer": customer, "contact": contact, "converted_at": clock.now(), "converted_by": by}
    save.change_row(stored, values, by=by, version=None, action="lead-convert", args={"to": customer})
    events.lead_converted.announce([stored], by=by)
    for name in (*values, "owner", "owner_dept", "version", "updated_at"):
        setattr(row, name, getattr(stored, name))
    return row


@transaction.atomic
def unmark_converted(row: Lead, *, by: Any) -> Lead:
    """The lead has become nothing after all: it is followed up again by its owner.

    Whoever undoes the conversion calls this in its transaction.
    """
    guard.require_rows(by, [row], "convert")
    stored = save.locked(row)
    step = LEAD.check(stored, "unconvert")
    values = {"status": step.target, "customer": None, "contact": None, "converted_at": None, "converted_by": None}
    save.change_row(stored, values, by=by, version=None, action="lead-unconvert", held=True)
    for name in (*values, "version", "updated_at"):
        setattr(row, name, getattr(stored, name))
    return row


@transaction.atomic
def refresh_facts(ids: Iterable[int]) -> None:
    """Work first, last and next contact of these leads out anew, without touching their versions."""
    wanted = sorted({pk for pk in ids if pk})
    for start in range(0, len(wanted), BATCH):
        part = list(Lead.objects.select_for_update(of=("self",)).filter(pk__in=wanted[start : start + BATCH]).order_by("pk"))
        told: dict[tuple[int, str], Any] = {(a.row_id, a.key): a.data for a in questions.contact_facts.ask(part, by=None)}
        for row in part:
            row.first_contact_at = told.get((row.pk, "first"), (None, ""))[0]
            last, row.last_contact_text = told.get((row.pk, "last"), (None, ""))
            row.last_contact_at = last or clock.NEVER
            coming = told.get((row.pk, "next"), (None, "")) if row.status in OPEN else (None, "")
            row.next_contact_at, row.next_contact_text = coming
        Lead.objects.bulk_update(
            part, ["first_contact_at", "last_contact_at", "last_contact_text", "next_contact_at", "next_contact_text"], batch_size=500)
