"""How one source file is read; apart from the plan, so that reading a file needs no database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class FileSpec:
    """A source file: its path below --source (several are tried in turn) and how it is read."""

    name: str
    paths: list[str]
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: int = 1
    null: frozenset[str] = frozenset()
    optional: bool = False
    where: str = ""
