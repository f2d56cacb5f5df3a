"""A record that was just read and locked is not read and locked again."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.db import connection


def note(row: Any) -> None:
    """Remember that `row`, as it is, was read and locked in the transaction that runs."""
    row._held = (tuple(connection.atomic_blocks), copy(row))


def take(row: Any) -> Any | None:
    """The row as it was read and locked, once; None where that was in another transaction, or before a part that was undone."""
    blocks, found = row.__dict__.pop("_held", ((), None))
    now = connection.atomic_blocks
    return found if blocks and len(now) >= len(blocks) and all(then is here for then, here in zip(blocks, now, strict=False)) else None


def forget(rows: Iterable[Any]) -> None:
    """The rows are about to be written: what was remembered of them no longer holds."""
    for row in rows:
        row.__dict__.pop("_held", None)
