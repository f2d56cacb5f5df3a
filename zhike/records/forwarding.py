"""Where the number of a record leads that lives on in another: merged ones, for pages, programs and history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

DEEP = 10  # merged into one that was merged itself, and so on

_next: dict[str, tuple[Callable[[int], int | None], Callable[[Sequence[int]], list[int]]]] = {}


def register(kind: str, forward: Callable[[int], int | None], back: Callable[[Sequence[int]], list[int]]) -> None:
    """`forward(id)` names the record an id was merged into, `back(ids)` the ids merged into these."""
    _next[kind] = (forward, back)


def successor(kind: str, pk: int) -> int | None:
    """The id under which a record lives on; None when it was never merged."""
    if kind not in _next:
        return None
    here, seen = pk, {pk}
    for _step in range(DEEP):
        found = _next[kind][0](here)
        if found is None or found in seen:
            break
        here = found
        seen.add(found)
    return here if here != pk else None


def former(kind: str, pk: int) -> list[int]:
    """The ids that lead to this record, of all who were merged into it."""
    if kind not in _next:
        return []
    found: list[int] = []
    step: list[int] = [pk]
    for _level in range(DEEP):
        step = [one for one in _next[kind][1](step) if one not in found and one != pk]
        if not step:
            break
        found += step
    return found


def successor_for(kind: Any, pk: int, user: Any) -> int | None:
    """The same for a person: None where they may not see what it lives on in."""
    found = successor(kind.name, pk)
    if found is None or not kind.model.objects.visible_to(user).filter(pk=found).exists():
        return None
    return found
