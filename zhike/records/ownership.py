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

from . import guard, save, teams, undo
from .models import TeamGrant
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
        if keep_team and former[row.pk].is_active:
            teams.share_row(row, [former[row.pk]], level=TeamGrant.READ, by=by)
    if changed:
        owner_changed.announce(changed, by=by, old_owners=old, to=to.pk, children=list(children), batch=batch)
    return changed


@undo.undoer("records.transfer")
def _give_back(payload: dict[str, Any], *, by: Any) -> None:
    """Undo of a transfer: everything of the batch goes back to whom it belonged."""
    from zhike.org.models import User

    from .models import HistoryEntry
    from .registry import kind

    entries = HistoryEntry.objects.filter(batch=payload["batch"], action="transfer").order_by("kind", "row_id")
    for entry in entries:
        model = kind(entry.kind).model
        row = model.objects.editable_by(by).filter(pk=entry.row_id).first()
        owner = User.objects.filter(pk=entry.diff.get("owner_id", [None])[0]).first()
        if row is None or owner is None or save.locked(row).owner_id != entry.diff["owner_id"][1]:
            raise Refused(_("This transfer can no longer be undone: a record has moved on."))
        save.change_rows(kind(entry.kind), [row], owner_fields(owner), by=by, action="transfer",
                         args={"undo": payload["batch"]})
