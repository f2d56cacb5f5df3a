"""The same change to many records: row by row through the kind's own action, with an outcome for each."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from . import crud, customs, guard, history, registry, together, undo
from .kinds import Kind
from .models import HistoryEntry


@dataclass(slots=True)
class Outcome:
    """What became of each row; `batch` names the change in history."""

    batch: str
    changed: list[Any] = field(default_factory=list)
    same: int = 0
    failed: list[tuple[Any, str]] = field(default_factory=list)


def edit_rows(kind: Kind, rows: Sequence[Any], values: dict[str, Any], *, by: Any, batch: str = "") -> Outcome:
    """Give records the same values. A row that refuses is named with its reason; the others are changed.

    Rights, rules and history are those of changing one row. At most 500 rows; all in the caller's
    transaction. Where a kind can change rows together that is done, else each is behind a savepoint.
    """
    outcome = Outcome(batch or uuid.uuid4().hex)
    with history.in_batch(outcome.batch), transaction.atomic():
        if not _together(kind, rows, values, by, outcome):
            for row in rows:
                _one(kind, row, values, by, outcome)
    return outcome


def _together(kind: Kind, rows: Sequence[Any], values: dict[str, Any], by: Any, outcome: Outcome) -> bool:
    """Whether all rows could be changed in one go; if not, nothing has happened."""
    if customs.split(values)[1] or any(attr.formula for attr in customs.of(kind)):
        return False  # what stands in the rows' own JSON is written row by row
    change = kind.changed_together
    if change is None:
        if kind.changed_by_action is not None:
            return False
        change = functools.partial(together.change_together, kind)
    try:
        with transaction.atomic():
            may, others = guard.sort_rows(by, rows, "edit")
            found = change(may, values, by=by)
    except (Refused, IntegrityError):
        return False
    if found is None:
        return False
    changed, refused = found
    outcome.changed, outcome.failed = changed, [*others, *refused]
    outcome.same = len(rows) - len(outcome.changed) - len(outcome.failed)
    return True


def _one(kind: Kind, row: Any, values: dict[str, Any], by: Any, outcome: Outcome) -> None:
    try:
        with transaction.atomic():
            diff = crud.change(row, values, by=by, version=None)
    except Refused as no:
        outcome.failed.append((row, str(no.message)))
    except Http404:  # gone or out of sight since the list was drawn
        outcome.failed.append((row, str(_("There is nothing here, or you may not see it."))))
    else:
        if diff:
            outcome.changed.append(row)
        else:
            outcome.same += 1


def restore(kind: Kind, name: str, lines: Sequence[HistoryEntry], *, by: Any) -> tuple[int, list[tuple[Any, str]]]:
    """Give rows back what their lines of history say they had; (how many, the others with the reason).

    A row that somebody has changed since keeps that; at most 500 lines.
    """
    entries = {line.row_id: line.diff[name] for line in lines if line.kind == kind.name and name in line.diff}
    refused: list[tuple[Any, str]] = []
    same: dict[str, list[Any]] = {}
    for row in kind.model.objects.filter(pk__in=entries).select_for_update(of=("self",)).order_by("pk"):
        old, new = entries[row.pk]
        if history.plain(getattr(row, name)) == new:
            same.setdefault(json.dumps(old, sort_keys=True), []).append(row)
        else:
            refused.append((row, str(_("It has been changed since."))))
    restored = 0
    for old_text, rows in same.items():
        outcome = edit_rows(kind, rows, {name: as_it_was(kind, name, json.loads(old_text))}, by=by)
        restored += len(outcome.changed)
        refused += outcome.failed
    return restored, refused


@undo.undoer("records.bulk_edit")
def _take_back(payload: dict[str, Any], *, by: Any) -> None:
    """Restore what each row had, where nobody has changed it since."""
    kind = registry.kind(payload["kind"])
    lines = list(HistoryEntry.objects.filter(batch=payload["batch"], kind=kind.name, by=by))
    if not restore(kind, payload["field"], lines, by=by)[0]:
        raise Refused(_("This can no longer be undone."), code="undo.changed")


def as_it_was(kind: Kind, name: str, kept: Any) -> Any:
    """A value from the history as the field takes it; a link that leads nowhere any more is None."""
    attr = customs.attr_of(kind, name) if customs.is_custom(name) else None
    if attr is not None:
        value = attr.typed(kept)
        return attr.target()._default_manager.filter(pk=value).first() if attr.link and value else value
    found = kind.model._meta.get_field(name)
    if isinstance(found, models.ForeignKey):
        return found.related_model._default_manager.filter(pk=kept["id"]).first() if kept else None
    return found.to_python(kept)
