"""Option lists, seen from below: the kit shows labels, `masterdata` keeps the lists."""

from __future__ import annotations

from collections.abc import Callable

Provider = Callable[[str, str, bool], dict[str, str]]
_connected: list[Provider] = []


def connect(provider: Provider) -> None:
    """`provider(dictionary, language, enabled_only)` gives code → label in the list's order."""
    _connected[:] = [provider]


def labels(dictionary: str, lang: str, *, enabled_only: bool = False) -> dict[str, str]:
    return _connected[0](dictionary, lang, enabled_only) if _connected else {}
