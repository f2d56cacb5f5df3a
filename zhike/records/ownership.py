"""Changing who is accountable for records."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.events import Event
from zhike.base.questions import Question
from zhike.base.refused import Refused
from zhike.org.models import User

from . import guard, registry, save, teams, undo
from .models import HistoryEntry, TeamGrant
from .registry import kind_of
from .visibility import owner_fields

children_of = Question(
    "records.children_of",
    doc="What hangs on these records and could go along to a new owner? Answers carry key, text, count.",
)
owner_changed = Event(
    "records.owner_changed",
    args=("old_owners", "to", "children", "batch"),
    doc="Records of one kind have a new owner; `children` holds the keys the giver ticked, "
    "`old_owners` maps row id to the former owner's id.",
)


@transaction.atomic
def transfer_rows(
    rows: Sequence[Any],
    *,
    to: Any,
    by: Any,
    children: Sequence[str] = (),
    keep_team: bool = False,
    reason: str = "",
    batch: str = "",
    checked: bool = False,
) -> list[Any]:
    """Hand records over to a colleague.

    Stage, status, follow-ups, lines and history stay as they are; `children` says what goes along;
    with `keep_team` the former owner stays as a reader. Returns the rows that changed hands.
    """
    rows = list(rows)
    if not rows:
        return []
    if not to.is_active:
        raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": to}, field="to")
    if not checked:
        guard.require_rows(by, rows, "transfer")
    kind = kind_of(rows[0])
    batch = batch or uuid.uuid4().hex
    old = {row.pk: row.owner_id for row in rows}
    former = {row.pk: row.owner for row in rows} if keep_team else {}
    owner = owner_fields(to)
    changed = save.change_rows(
        kind, rows, owner, by=by, action="transfer", batch=batch, args={"to": to, "reason": reason}
    )
    for row in changed:
        row.owner, row.owner_dept = to, to.department
        if keep_team and former[row.pk] is not None and former[row.pk].is_active:
            teams.share_row(row, [former[row.pk]], level=TeamGrant.READ, by=by)
    if changed:
        owner_changed.announce(changed, by=by, old_owners=old, to=to.pk, children=list(children), batch=batch)
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


def give_back(lines: Sequence[HistoryEntry], *, by: Any) -> tuple[int, list[tuple[Any, str]]]:
    """Give records back to whom they belonged before these lines of history; (how many, the others).

    A record that has moved on since, or is not the person's to change, stays; at most 500 lines.
    """
    found: dict[str, dict[int, Sequence[Any]]] = {}
    for line in lines:
        if line.action == "transfer" and "owner_id" in line.diff:
            found.setdefault(line.kind, {})[line.row_id] = line.diff["owner_id"]
    restored, refused = 0, []
    for name, owners in found.items():
        kind = registry.kind(name)
        rows = {row.pk: row for row in kind.model.objects.filter(pk__in=owners).select_for_update(of=("self",)).order_by("pk")}
        mine = set(kind.model.objects.editable_by(by).filter(pk__in=owners).order_by().values_list("pk", flat=True))
        former = User.objects.select_related("department").in_bulk({old for old, _new in owners.values()})
        same: dict[int, list[Any]] = {}
        for pk, row in rows.items():
            old, new = owners[pk]
            if row.owner_id == new and pk in mine and old in former:
                same.setdefault(old, []).append(row)
            else:
                refused.append((row, str(_("It has been changed since."))))
        for old, part in same.items():
            restored += len(save.change_rows(kind, part, owner_fields(former[old]), by=by, action="transfer",
                                             args={"undo": lines[0].batch}))
    return restored, refused


@undo.undoer("records.transfer")
def _give_back(payload: dict[str, Any], *, by: Any) -> None:
    """Undo of a transfer: everything of the batch goes back to whom it belonged."""
    entries = HistoryEntry.objects.filter(batch=payload["batch"], action="transfer").order_by("kind", "row_id")
    for entry in entries:
        model = registry.kind(entry.kind).model
        row = model.objects.editable_by(by).filter(pk=entry.row_id).first()
        owner = User.objects.filter(pk=entry.diff.get("owner_id", [None])[0]).first()
        if row is None or owner is None or save.locked(row).owner_id != entry.diff["owner_id"][1]:
            raise Refused(_("This transfer can no longer be undone: a record has moved on."))
        save.change_rows(registry.kind(entry.kind), [row], owner_fields(owner), by=by, action="transfer",
                         args={"undo": payload["batch"]})
