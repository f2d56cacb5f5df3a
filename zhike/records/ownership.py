"""Changing who is accountable for records.

The owner record of a change (from whom, to whom, by whom, when, why, in which batch) is a line of
history of its own: action `transfer`, one for each record and each child that went along.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.events import Event
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.models import User

from . import along, guard, history, registry, save, teams, undo
from .kinds import Kind
from .models import HistoryEntry, TeamGrant
from .registry import kind_of
from .visibility import owner_fields

PART = 500  # lines taken back with one statement each

owner_changed = Event(
    "records.owner_changed",
    args=("old_owners", "to", "children", "batch"),
    doc="Records of one kind have a new owner; `children` holds the keys the giver ticked, "
    "`old_owners` maps row id to the former owner's id. What goes along has been moved already (`records.along`).",
)


@transaction.atomic
def transfer_rows(
    rows: Sequence[Any],
    *,
    to: Any,
    by: Any,
    children: Sequence[str] = (),
    stays: str = "",
    stays_as: str = "",
    reason: str = "",
    batch: str = "",
    checked: bool = False,
) -> list[Any]:
    """Hand records over to a colleague.

    Stage, status, follow-ups, lines and history stay as they are; `children` names what goes along
    (keys of `records.along`: contacts, opportunities_open …); `stays` is "", "read" or "write": the
    right with which the former owner stays in the team, `stays_as` their role there. Returns the rows
    that changed hands. Refuses a receiver who is disabled or could not see the records.
    """
    rows = list(rows)
    if not rows:
        return []
    kind = kind_of(rows[0])
    require_receiver(to, kind)
    if not checked:
        guard.require_rows(by, rows, "transfer")
    batch = batch or uuid.uuid4().hex
    _as_stored(kind, rows)
    old = {row.pk: row.owner_id for row in rows if row.owner_id != to.pk}
    changed = hand_over(kind, [row for row in rows if row.pk in old], to=to, by=by, batch=batch, reason=reason)
    if not changed:
        return changed
    stayed: list[tuple[Kind, dict[int, int]]] = [(kind, old)]
    for sort, held in along.chosen(kind, children, old, by=by, to=to):
        below = registry.kind(sort.kind)
        if sort.stays:
            stayed.append((below, {row.pk: row.owner_id for row in held}))
        hand_over(below, held, to=to, by=by, batch=batch, reason=reason, link=sort.link)
    if stays:
        for held_kind, owners in stayed:
            teams.keep_former(held_kind, owners, level=stays, role=stays_as, by=by, batch=batch)
    owner_changed.announce(changed, by=by, old_owners=old, to=to.pk, children=list(children), batch=batch)
    return changed


def require_receiver(to: Any, kind: Kind) -> None:
    """Refuse somebody who is disabled, or whose roles do not show them records of the kind."""
    if not to.is_active:
        raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": to}, field="to")
    if not access_of(to).may(kind.name, "view"):
        raise Refused(_("The roles of %(user)s do not show them %(kind)s. Choose somebody else.")
                      % {"user": to, "kind": kind.plural}, field="to")


def _as_stored(kind: Kind, rows: Sequence[Any]) -> None:
    """Hold the rows and read their owners anew: those in hand may be minutes old."""
    held: Any = kind.model.objects.filter(pk__in=[row.pk for row in rows]).select_for_update(of=("self",)).order_by("pk")
    now = {pk: rest for pk, *rest in held.values_list("pk", "owner_id", "owner_dept_id", "version")}
    for row in rows:
        row.owner_id, row.owner_dept_id, row.version = now.get(row.pk, (row.owner_id, row.owner_dept_id, row.version))


def hand_over(kind: Kind, rows: Sequence[Any], *, to: Any, by: Any, batch: str, reason: str = "", link: str = "") -> list[Any]:
    """Give rows their new owner in one statement for 500, with an owner record each."""
    former: dict[int, Any] = User.objects.in_bulk({row.owner_id for row in rows})
    more: dict[str, Any] = {"reason": reason} if reason else {}

    def facts(row: Any) -> dict[str, Any]:
        hangs = {"along": getattr(row, f"{link}_id")} if link else {}
        return {"from": former.get(row.owner_id), "to": to, **hangs, **more}

    changed = save.change_rows(kind, rows, owner_fields(to), by=by, action="transfer", batch=batch, args=facts)
    for row in changed:
        row.owner, row.owner_dept = to, to.department
    return changed


def transfer_each(rows: Sequence[Any], *, by: Any, **more: Any) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Hand records over together; where somebody refuses, each by itself. Rights are checked by the caller.

    Returns the rows that changed hands, and those that were refused with the reason.
    """
    try:
        with transaction.atomic():
            return transfer_rows(rows, by=by, checked=True, **more), []
    except Refused:
        moved: list[Any] = []
        refused: list[tuple[Any, str]] = []
        for row in rows:
            try:
                with transaction.atomic():
                    moved += transfer_rows([row], by=by, checked=True, **more)
            except Refused as no:
                refused.append((row, str(no.message)))
        return moved, refused


@transaction.atomic
def give_back(lines: Sequence[HistoryEntry], *, by: Any) -> tuple[int, list[tuple[Any, str]]]:
    """Give records back to whom they belonged before these lines of history; (how many, the others).

    Who handed a record over may take it back although it is no longer theirs to change. A record
    that has moved on since, or whose former owner has left, stays; at most 500 lines.
    """
    found: dict[str, dict[int, HistoryEntry]] = {}
    for line in lines:
        if line.action == "transfer" and "owner_id" in line.diff:
            found.setdefault(line.kind, {})[line.row_id] = line
    restored, refused = 0, []
    for name, told in found.items():
        kind = registry.kind(name)
        rows = {row.pk: row for row in kind.model.objects.filter(pk__in=told).select_for_update(of=("self",)).order_by("pk")}
        may = access_of(by).may(name, "transfer")
        mine = set(kind.model.objects.editable_by(by).filter(pk__in=told).order_by().values_list("pk", flat=True))
        former = User.objects.select_related("department").in_bulk({line.diff["owner_id"][0] for line in told.values()})
        back: list[Any] = []
        for pk, row in rows.items():
            old, new = told[pk].diff["owner_id"]
            if row.owner_id != new or not may or not (pk in mine or told[pk].by_id == by.pk):
                refused.append((row, str(_("It has been changed since."))))
            elif old not in former or not former[old].is_active:
                refused.append((row, str(_("Its former owner is disabled."))))
            else:
                back.append(row)
        _each_to_its_own(kind, back, {row.pk: former[told[row.pk].diff["owner_id"][0]] for row in back}, by=by, undone=lines[0].batch)
        restored += len(back)
    return restored, refused


def _each_to_its_own(kind: Kind, rows: Sequence[Any], to: dict[int, User], *, by: Any, undone: str) -> None:
    """Give rows back, each to its own former owner (row id → user), in one statement."""
    if not rows:
        return
    giving = User.objects.in_bulk({row.owner_id for row in rows})
    entries, now = [], clock.now()
    for row in rows:
        values, args = owner_fields(to[row.pk]), {"from": giving.get(row.owner_id), "to": to[row.pk], "undo": undone}
        entries.append(history.entry(row, "transfer", by=by, diff=save.changes(kind, row, values), args=args))
        row.owner_id, row.owner_dept_id = values["owner_id"], values["owner_dept_id"]
    kind.model.objects.bulk_update(rows, ["owner", "owner_dept"], batch_size=PART)
    kind.model.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1, updated_at=now, updated_by=by)
    history.write(entries)
    # Whom the transfer had kept in the team is the owner again.
    pairs: dict[int, list[int]] = {}
    for row in rows:
        pairs.setdefault(row.owner_id, []).append(row.pk)
    kept = TeamGrant.objects.filter(kind=kind.name, row_id__in=[row.pk for row in rows], user__in=pairs)
    gone = [pk for pk, row, user in kept.values_list("pk", "row_id", "user_id") if row in pairs[user]]
    if gone:
        TeamGrant.objects.filter(pk__in=gone).delete()


def lines_of(batch: str, *, after: int, by: int) -> Any:
    """The owner records of one change, made by this person and after this line of history."""
    return HistoryEntry.objects.filter(pk__gt=after, batch=batch, action="transfer", by=by).order_by("pk")


def parts(lines: Iterable[HistoryEntry]) -> Iterable[list[HistoryEntry]]:
    """Lines in portions of 500."""
    held = list(lines)
    return (held[start : start + PART] for start in range(0, len(held), PART))


@undo.undoer("records.transfer")
def _take_back(payload: dict[str, Any], *, by: Any) -> None:
    """Undo of a transfer made while one waited: what can still go back goes, children included."""
    done = sum(give_back(part, by=by)[0] for part in parts(lines_of(payload["batch"], after=payload["after"], by=by.pk)))
    if not done:
        raise Refused(_("This transfer can no longer be undone: the records have moved on."), code="undo.changed")


def undo_url(by: Any, batch: str, after: int) -> str:
    """The address that takes a transfer back, for an hour; `after` is the last line of history before it."""
    return undo.url(by, "records.transfer", batch=batch, after=after)


def mark() -> int:
    """Where history stands before a transfer."""
    return history.last_id()
