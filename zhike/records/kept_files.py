"""Files in fields, seen from below: the row holds which file it is, `collab` keeps the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The file or picture in a field of a record."""

    id: int
    name: str
    picture: bool = False

    def __str__(self) -> str:
        return self.name

    def plain(self) -> dict[str, Any]:
        """As the row and the history keep it: readable when the file is long gone."""
        return {"id": self.id, "text": self.name, **({"picture": True} if self.picture else {})}


class Keeper(Protocol):
    """What the app that keeps files answers."""

    def find(self, kind: str, field: str, pk: int, user: Any) -> KeptFile | None:
        """The file with this number, where the person may put it into this field."""

    def settle(self, row: Any, field: str, old: KeptFile | None, new: KeptFile | None, *, by: Any) -> None:
        """The record holds `new` instead of `old` from now on; refuses a file that is not to be had."""

    def url(self, found: KeptFile, *, thumb: bool = False) -> str:
        """Where the file is opened, or its small picture."""

    def upload_url(self, kind: str, field: str) -> str:
        """Where a form sends a file before the record is saved."""


_connected: list[Keeper] = []


def connect(keeper: Keeper) -> None:
    _connected[:] = [keeper]


def keeper() -> Keeper:
    return _connected[0]


def read(kept: Any) -> KeptFile | None:
    """The file that a row or a line of history speaks of."""
    if isinstance(kept, KeptFile):
        return kept
    if isinstance(kept, Mapping) and isinstance(kept.get("id"), int):
        return KeptFile(kept["id"], str(kept.get("text", "")), bool(kept.get("picture")))
    return None
