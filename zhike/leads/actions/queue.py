"""Leads that nobody owns, and how they get an owner."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.notices.actions import declare, tell
from zhike.records import along, guard, ownership, registry, save
from zhike.records.visibility import owner_fields

from .. import events, rights
from ..models import Lead
from ..status import OPEN

MOST = 500
NAMED = 5
GOES_ALONG = ("activities_planned",)
declare("lead.assigned", gettext_lazy("%(who)s assigned %(n)s leads to you: %(names)s"))


def _kind() -> Any:
    return registry.kind("lead")


def names_of(rows: Sequence[Any]) -> str:
    """The first five by name."""
    return "、".join(str(row) for row in rows[:NAMED]) + ("…" if len(rows) > NAMED else "")


def held(rows: Sequence[Lead]) -> list[Lead]:
    """The leads as they are stored now, locked until the transaction ends; at most 500."""
    if len(rows) > MOST:
        raise Refused(_("At most %(n)s rows at a time.") % {"n": MOST}, code="rows.many")
    found = Lead.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return list(found.select_related("owner"))


def _closed(rows: Sequence[Lead]) -> None:
    over = [row for row in rows if row.status not in OPEN]
    if over:
        raise Refused(_("Only open leads change hands: %(names)s") % {"names": names_of(over)}, code="lead.closed")


@transaction.atomic
def assign_leads(rows: Sequence[Lead], *, to: Any, reason: str = "", by: Any, quietly: bool = False) -> list[Lead]:
    """Give leads to a colleague, those that wait and those that somebody has. The new owner is told.

    Raises `Refused` for closed leads, and for a colleague who is disabled or does not work with leads.
    """
    guard.require_rows(by, rows, "assign")
    return give(rows, to=to, by=by, way="assign", reason=reason, quietly=quietly)


@transaction.atomic
def take_leads(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """Take leads that wait for oneself. Raises `Refused` when somebody was faster."""
    guard.require(by, _kind(), "take")
    rights.require_seen(by, rows)
    gone = [row for row in held(rows) if row.owner_id is not None]
    if gone:
        raise Refused(_("Somebody was faster: %(names)s") % {
            "names": "、".join(f"{row} → {row.owner}" for row in gone[:NAMED])}, code="taken")
    return give(rows, to=by, by=by, way="take")


def give(rows: Sequence[Lead], *, to: Any, by: Any, way: str, reason: str = "", quietly: bool = False) -> list[Lead]:
    """Give checked leads an owner; people, rules and follow-ups come through here."""
    ownership.require_receiver(to, _kind())
    stored = held(rows)
    _closed(stored)
    before = {row.pk: row.owner_id for row in stored}
    args: dict[str, Any] = {"to": to, **({"reason": reason} if reason else {})}
    batch = uuid.uuid4().hex
    values = {**owner_fields(to), "assigned_at": clock.now()}
    changed = save.change_rows(_kind(), [row for row in stored if row.owner_id != to.pk], values, by=by, action=f"lead-{way}", batch=batch, args=args)
    for row in changed:
        row.owner, row.owner_dept = to, to.department
    _carry(rows, changed)
    if not changed:
        return []
    old = {row.pk: before[row.pk] for row in changed if before[row.pk] is not None}
    if old and by is not None:  # what the former owner had planned with them
        for sort, plans in along.chosen(_kind(), GOES_ALONG, old, by=by, to=to):
            ownership.hand_over(registry.kind(sort.kind), plans, to=to, by=by, batch=batch, reason=reason, link=sort.link)
    ownership.owner_changed.announce(
        changed, by=by, old_owners={row.pk: before[row.pk] for row in changed}, to=to.pk, children=list(GOES_ALONG), batch=batch)
    events.leads_taken.announce(changed, by=by, to=to.pk, way=way)
    if way == "assign" and not quietly:
        tell_owner(to, changed, by=by)
    return changed


def tell_owner(to: Any, rows: Sequence[Lead], *, by: Any) -> None:
    """Tell somebody which leads are theirs now; not those who gave them to themselves."""
    tell([to], "lead.assigned", key=f"lead.assigned:{rows[0].pk}:{clock.now():%Y%m%d%H%M%S}", row=rows[0], by=by,
         who=str(by or _("The house")), n=len(rows), names=names_of(rows))


@transaction.atomic
def queue_leads(rows: Sequence[Lead], *, department: Any = None, reason: str = "", by: Any) -> list[Lead]:
    """Put leads back into the queue of a department, or of the whole house: nobody owns them until somebody takes them.

    Raises `Refused` for leads that are closed.
    """
    guard.require_rows(by, rows, "assign")
    stored = held(rows)
    _closed(stored)
    values = {"owner_id": None, "owner_dept_id": department.pk if department else None, "assigned_at": None, "status": "new"}
    changed = save.change_rows(_kind(), stored, values, by=by, action="lead-queue", args={"reason": reason} if reason else None)
    for row in changed:
        row.owner, row.owner_dept = None, department
    _carry(rows, changed)
    return changed


def _carry(rows: Sequence[Lead], changed: Sequence[Lead]) -> None:
    """The caller's rows say what is stored now."""
    now = {row.pk: row for row in changed}
    for row in rows:
        if row.pk in now and row is not now[row.pk]:
            for name in ("owner", "owner_dept", "assigned_at", "status", "version", "updated_at"):
                setattr(row, name, getattr(now[row.pk], name))
