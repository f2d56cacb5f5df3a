"""Rows of a section: columns found by name, other files joined on."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.text import clean_line

from . import readers
from .files import FileSpec
from .plan import Join, Plan, Section
from .problems import SourceError, allowed
from .templates import as_text

MAX_JOINED = 500_000
Joined = tuple[Join, dict[str, tuple[Any, ...]], list[str], set[str]]


@dataclass(slots=True)
class SourceRow:
    """One row as the section sees it: `cells` as in the file, `values` by the names of the plan."""

    number: int
    cells: Sequence[Any]
    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    missing: str = ""
    repeats_header: bool = False
    skip: str = ""  # why the row is passed over


def fold(name: str) -> str:
    """Headings are the same when only case, width or blanks differ."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def places(wanted: Sequence[str], columns: Sequence[str], what: str) -> dict[str, int]:
    """Column name → place; refuses missing and doubtful ones, naming what is there."""
    exact: dict[str, list[int]] = {}
    folded: dict[str, list[int]] = {}
    for i, name in enumerate(columns):
        exact.setdefault(name, []).append(i)
        folded.setdefault(fold(name), []).append(i)
    found = {}
    for name in wanted:
        hits = exact.get(clean_line(name)) or folded.get(fold(name)) or []
        if not hits:
            raise SourceError(_("%(what)s: there is no column “%(name)s”.") % {"what": what, "name": name} + " "
                              + allowed(name, columns))
        if len(hits) > 1:
            raise SourceError(_("%(what)s: the column “%(name)s” is there twice; rename one.")
                              % {"what": what, "name": name})
        found[name] = hits[0]
    return found


class Rows:
    """The rows of one section; may be walked more than once."""

    def __init__(self, plan: Plan, section: Section, source: Path) -> None:
        self.section = section
        self.columns: list[str] = []
        self.path: Path | None = None
        self.spec: FileSpec | None = None
        self.absent = False
        if section.file:
            self.spec = plan.files[section.file]
            self.path = readers.locate(self.spec, source)
            self.absent = self.path is None
        else:
            for row in section.inline:
                self.columns += [name for name in row if name not in self.columns]
        self.joins: list[Joined] | None = None
        self.joined = [(join, plan.files[join.file], readers.locate(plan.files[join.file], source))
                       for join in section.joins] if not self.absent else []
        aliases = {join.alias for join in section.joins}
        self.own = [name for name in section.columns()
                    if "." not in name or name.partition(".")[0] not in aliases]

    def check(self) -> None:
        """Refuse missing columns before anything is written: reads the headings only."""
        if self.absent:
            return
        if self.path is None:
            places(self.own, self.columns, self.section.where)
            return
        assert self.spec is not None
        self.columns = next(readers.records(self.path, self.spec)).columns
        places(self.own, self.columns, f"{self.path.name} ({self.section.where})")
        for join, spec, path in self.joined:
            if path is not None:
                columns = next(readers.records(path, spec)).columns
                places(_needed(join), columns, f"{path.name} ({self.section.where})")

    def __iter__(self) -> Iterator[SourceRow]:
        if self.absent:
            return
        if self.joins is None:
            self.joins = [_load(join, spec, path, self.section) for join, spec, path in self.joined]
        found = self._file() if self.path is not None else self._inline()
        for row in found:
            if not row.repeats_header:
                self._join(row)
            yield row

    def _inline(self) -> Iterator[SourceRow]:
        names = places(self.own, self.columns, self.section.where)
        for i, data in enumerate(self.section.inline, 1):
            cells = [data.get(name) for name in self.columns]
            yield SourceRow(i, cells, {name: cells[place] for name, place in names.items()})

    def _file(self) -> Iterator[SourceRow]:
        assert self.path is not None and self.spec is not None
        found = readers.records(self.path, self.spec)
        header = next(found)
        self.columns = header.columns
        names = list(places(self.own, header.columns, f"{self.path.name} ({self.section.where})").items())
        for number, cells in found:
            repeats = cells[0] == header.columns[0] and cells == header.columns
            yield SourceRow(number, cells, {name: cells[place] for name, place in names}, repeats_header=repeats)

    def _join(self, row: SourceRow) -> None:
        for join, found, columns, double in self.joins or ():
            key = join.on.string(row.values)
            hit = found.get(key) if key else None
            if hit is None and join.required and not row.missing:
                row.missing = _("“%(key)s” is not in %(file)s.") % {"key": key, "file": join.file}
            if hit is not None and key in double:
                row.warnings.append(_("several rows of %(file)s belong to “%(key)s”; the first was taken.")
                                    % {"key": key, "file": join.file})
            for i, name in enumerate(columns):
                row.values[f"{join.alias}.{name}"] = hit[i] if hit is not None else None


def _needed(join: Join) -> list[str]:
    need = [*sorted(join.need), *join.to.columns, *(name for rule in join.where for name in rule.columns)]
    return list(dict.fromkeys(need))


def _load(join: Join, spec: FileSpec, path: Path | None, section: Section) -> Joined:
    """The joined file by its key, holding only the columns asked for."""
    columns = sorted(join.need)
    found: dict[str, tuple[Any, ...]] = {}
    double: set[str] = set()
    if path is None:
        return join, found, columns, double
    lines = readers.records(path, spec)
    header = next(lines)
    names = places(_needed(join), header.columns, f"{path.name} ({section.where})")
    for number, cells in lines:
        values = {name: cells[place] for name, place in names.items()}
        if any(rule.meets(values, number) is None for rule in join.where):
            continue
        key = join.to.string(values)
        if not key:
            continue
        if key in found:
            double.add(key)
            continue
        found[key] = tuple(values[name] for name in columns)
        if len(found) > MAX_JOINED:
            raise SourceError(_("%(file)s: more than %(n)s rows cannot be joined; make it the file of the section.")
                              % {"file": path.name, "n": MAX_JOINED})
    return join, found, columns, double


def key_text(value: Any) -> str:
    return clean_line(as_text(value))
