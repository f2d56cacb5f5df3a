"""Slots: places on a lower app's page or list where a higher app adds something."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """An ordered set of contributions; `order` decides the place, the name makes it unique."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, tuple[int, T]] = {}

    def add(self, name: str, item: T, *, order: int = 100) -> T:
        self._items[name] = (order, item)
        return item

    def __iter__(self) -> Any:
        return iter(item for _order, item in sorted(self._items.values(), key=lambda pair: pair[0]))

    def items(self) -> list[tuple[str, T]]:
        return [(name, pair[1]) for name, pair in sorted(self._items.items(), key=lambda kv: kv[1][0])]

    def get(self, name: str) -> T | None:
        pair = self._items.get(name)
        return pair[1] if pair else None

    def __len__(self) -> int:
        return len(self._items)
