"""Events: news an app announces about its own facts, and the listeners of higher apps.

Two kinds of listener. An *invariant* runs inside the transaction of the action and may refuse.
A *follow-up* is written down as a durable task in that same transaction and runs later, so that
a fault in it never blocks the person who acted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_events: dict[str, Event] = {}
_follow_ups: dict[str, Callable[..., Any]] = {}
_task_store: list[Callable[[str, dict[str, Any]], None]] = []


class Event:
    """One kind of news. `args` documents the payload; an undeclared key fails at once."""

    def __init__(self, name: str, *, args: Sequence[str] = (), doc: str) -> None:
        if name in _events:
            raise ValueError(f"event {name} is declared twice")
        self.name = name
        self.args = frozenset(args)
        self.doc = doc
        self.invariants: list[Callable[..., Any]] = []
        self.follow_ups: list[str] = []
        _events[name] = self

    def invariant(self, listener: Callable[..., Any]) -> Callable[..., Any]:
        """Register `listener(rows, *, by, **args)`; it runs now and may raise `Refused`."""
        if listener not in self.invariants:
            self.invariants.append(listener)
        return listener

    def follow_up(self, listener: Callable[..., Any]) -> Callable[..., Any]:
        """Register `listener(ids, *, by_id, **args)`; it runs later, at least once: make it idempotent."""
        key = f"{listener.__module__}.{listener.__qualname__}"
        _follow_ups[key] = listener
        if key not in self.follow_ups:
            self.follow_ups.append(key)
        return listener

    def announce(self, rows: Sequence[Any], *, by: Any, **args: Any) -> None:
        """Tell everybody who listens. Call inside the action's transaction; `rows` may be many."""
        unknown = args.keys() - self.args
        if unknown:
            raise TypeError(f"event {self.name} has no argument {sorted(unknown)}")
        for listener in self.invariants:
            listener(rows, by=by, **args)
        for key in self.follow_ups:
            if not _task_store:
                raise RuntimeError("no task store is connected for follow-ups")
            _task_store[0](key, {"ids": [row.pk for row in rows], "by_id": getattr(by, "pk", None), **args})


def connect_task_store(defer: Callable[[str, dict[str, Any]], None]) -> None:
    """`records` says how a follow-up is written down; `base` has no tables of its own."""
    _task_store[:] = [defer]


def run_follow_up(key: str, payload: dict[str, Any]) -> None:
    _follow_ups[key](payload.pop("ids"), **payload)


def all_events() -> dict[str, Event]:
    return dict(_events)
