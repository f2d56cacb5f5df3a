"""A move on the status of an activity or a task, and the way back of what the workbench does in one press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhike.records import save


def step(row: Any, flow: Any, move: str, values: dict[str, Any], *, by: Any, action: str, args: Mapping[str, Any] | None = None) -> Any:
    """Make a move from the stored state, with what it sets."""
    found = flow.check(save.locked(row), move)
    save.change_row(row, {flow.field: found.target, **values}, by=by, version=None, action=action, args=args)
    return row
