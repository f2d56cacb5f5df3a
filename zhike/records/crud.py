"""One record made or changed by a person: through the kind's own action where it has one."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from . import guard, save
from .kinds import Kind
from .registry import kind_of


def build(kind: Kind, values: Mapping[str, Any], *, by: Any) -> Any:
    """The unsaved row; an owned one belongs to whoever makes it unless the values say otherwise."""
    row = kind.model(**values)
    if kind.owned:
        owner = values.get("owner") or by
        row.owner, row.owner_dept = owner, owner.department
    return row


def flags(kind: Kind) -> list[str]:
    """What may be said besides the fields when one record is made, e.g. `despite_duplicates`."""
    action = kind.one_created_by_action
    if action is None:
        return []
    asked = inspect.signature(action).parameters.values()
    return [given.name for given in asked if given.kind is given.KEYWORD_ONLY and isinstance(given.default, bool)]


@save.all_or_nothing
def create(kind: Kind, row: Any, *, by: Any, **said: bool) -> Any:
    """Store one new record; `said` are `flags` of the kind. Raises `Refused` as the kind's action does."""
    if kind.one_created_by_action is not None:
        return kind.one_created_by_action(row, by=by, **said)
    if kind.created_by_action is not None:
        return kind.created_by_action([row], by=by)[0]
    guard.require(by, kind, "add")
    return save.create_rows(kind, [row], by=by)[0]


@save.all_or_nothing
def change(row: Any, values: Mapping[str, Any], *, by: Any, version: int | None) -> Any:
    """Change fields of one record; returns the difference. Raises `Refused`, and `Conflict` on an old version."""
    kind = kind_of(row)
    if kind.changed_by_action is not None:
        return kind.changed_by_action(row, values, by=by, version=version)
    guard.require_rows(by, [row], "edit")
    return save.change_row(row, values, by=by, version=version)
