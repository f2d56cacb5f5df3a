"""The roles of the house as choices of a field, read when a form or a page wants them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from zhike.org.models import Role


class Roles(Sequence[tuple[str, Any]]):
    """(code, role) of every role in their order."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter([(role.code, role) for role in Role.objects.all()])

    def __getitem__(self, at: Any) -> Any:
        return list(self)[at]

    def __len__(self) -> int:
        return Role.objects.count()

    def __bool__(self) -> bool:
        return True  # asked where a kind is declared: no table is read there
