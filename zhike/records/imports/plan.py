"""Reading a plan: the whole TOML file is checked before a row is touched."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from . import importer
from .checks import Table
from .fields import Source, read_bands, read_map, read_source
from .files import FileSpec
from .importer import Importer
from .problems import PlanError, allowed
from .rules import Rule, read_condition, read_rule
from .templates import Template

MAX_PLAN = 1_000_000
MAX_INLINE = 2_000
FORMATS = ("csv", "tsv", "xlsx", "xls", "xlsb", "ods", "parquet")
ENCODINGS = ("utf-8", "utf-16", "gb18030", "gbk", "gb2312", "big5", "cp1252", "latin-1")
MODES = ("upsert", "add", "update")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(slots=True)
class Join:
    """Looks up columns of another file: rows whose `to` equals the section's `on`."""

    file: str
    alias: str
    on: Template
    to: Template
    where: list[Rule]
    required: bool = False
    need: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Section:
    """One pass: rows of a file (or written in the plan) become records of one kind."""

    name: str
    importer: Importer
    where: str
    file: str = ""
    inline: list[dict[str, Any]] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    keep_rows: list[Rule] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    fields: dict[str, Source] = field(default_factory=dict)
    key: Template | None = None
    match: tuple[str, ...] = ()
    mode: str = "upsert"
    distinct: bool = False
    keyless: bool = False  # every row is new: nothing is looked up
    key_optional: bool = False  # a row without a key is new
    duplicates: str = "warn"  # a new row that looks like one in the house: warn, skip or fail
    keep_empty: bool = False  # an empty cell says nothing, instead of emptying the field
    left_out: str = ""  # why `where` leaves a row out, in the words of the person's task
    look_inside: bool = False  # whether rows of the file are compared with each other, too

    @property
    def kind(self) -> str:
        return self.importer.kind

    def columns(self) -> list[str]:
        """Every column the section speaks of, joined ones with their alias."""
        found = list(self.key.columns) if self.key else []
        for source in self.fields.values():
            found += source.columns
        for rule in [*self.rules, *self.keep_rows]:
            found += rule.columns
        for join in self.joins:
            found += join.on.columns
        return list(dict.fromkeys(found))


@dataclass(slots=True)
class Plan:
    name: str
    system: str
    path: Path
    files: dict[str, FileSpec]
    sections: list[Section]
    title: str = ""


def read_plan(path: Path) -> Plan:
    """Read and check a plan; `path` is the file, or a folder that holds plan.toml."""
    if path.is_dir():
        path = path / "plan.toml"
    try:
        if path.stat().st_size > MAX_PLAN:
            raise PlanError(_("%(file)s: a plan has at most 1 MB.") % {"file": path})
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise PlanError(_("%(file)s: a plan is UTF-8 text.") % {"file": path}) from None
    except OSError as wrong:
        raise PlanError(_("%(file)s: cannot be read: %(why)s") % {"file": path, "why": wrong.strerror}) from None
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise PlanError(_("%(file)s: not valid TOML: %(why)s") % {"file": path.name, "why": wrong}) from None
    return _plan(Table(data, "", path.name), path)


def _plan(top: Table, path: Path) -> Plan:
    name = top.text("name", need=True)
    if not _NAME.fullmatch(name):
        raise top.wrong("name", _("small letters, digits, - and _ are possible, at most 40."))
    if top.get("format", int, default=1) != 1:
        raise top.wrong("format", _("this program reads format 1."))
    title = top.text("title")
    system = top.text("system", name, limit=60)
    files = {key: _file(key, table) for key, table in top.named("files").items()}
    maps: dict[str, Any] = {key: read_map(table, "", table.data) for key, table in top.named("maps").items()}
    bands = {key: read_bands(table) for key, table in top.named("bands").items()}
    sections: list[Section] = []
    for table in top.children("section"):
        section = _section(table, files, maps, bands)
        if any(section.name == other.name for other in sections):
            raise table.wrong("name", _("this name is used twice."))
        sections.append(section)
    top.done()
    if not sections:
        raise top.wrong("section", _("a plan has at least one [[section]]."))
    return Plan(name, system, path, files, sections, title)


def _file(name: str, table: Table) -> FileSpec:
    given = table.get("path", str, list, need=True)
    paths = [given] if isinstance(given, str) else [str(item) for item in given]
    for path in paths:
        parts = Path(path).parts
        if not path or Path(path).is_absolute() or ".." in parts or "\\" in path or "\x00" in path:
            raise table.wrong("path", _("“%(path)s”: a path below --source, without “..”.") % {"path": path})
    delimiter = table.text("delimiter", limit=3)
    if delimiter not in ("", ",", ";", "\t", "|", "tab"):
        raise table.wrong("delimiter", _("“%(value)s” is not possible.") % {"value": delimiter} + " "
                          + allowed(delimiter, (",", ";", "|", "tab")))
    header = table.get("header", int, default=1)
    if not 1 <= header <= 100:
        raise table.wrong("header", _("the number of the heading line, 1 to 100."))
    null = table.get("null", list, default=[])
    spec = FileSpec(
        name, paths, table.choice("format", FORMATS), table.choice("encoding", ENCODINGS),
        "\t" if delimiter == "tab" else delimiter, table.text("sheet"), header,
        frozenset(str(item) for item in null), table.get("optional", bool, default=False), table.where,
    )
    table.done()
    return spec


def _section(table: Table, files: Mapping[str, FileSpec], maps: Mapping[str, Any], bands: Mapping[str, Any]) -> Section:
    name = table.text("name", need=True)
    if not _NAME.fullmatch(name):
        raise table.wrong("name", _("small letters, digits, - and _ are possible, at most 40."))
    kind = table.choice("kind", importer.kinds(), need=True)
    found = importer.importer(kind)
    assert found is not None
    section = Section(name, found, table.where)
    section.file = table.text("file")
    section.inline = _inline(table)
    if bool(section.file) == bool(section.inline):
        raise table.wrong("file", _("either `file` or `rows` is needed."))
    if section.file and section.file not in files:
        raise table.wrong("file", _("there is no [files.%(name)s].") % {"name": section.file} + " "
                          + allowed(section.file, files))
    section.key = table.template("key")
    match = table.get("match", str, list, default=[])
    section.match = tuple([match] if isinstance(match, str) else match)
    for item in section.match:
        if item not in found.match:
            raise table.wrong("match", _("“%(value)s” is not possible.") % {"value": item} + " "
                              + allowed(item, found.match))
    if section.key is None and not section.match:
        raise table.wrong("key", _("`key` or `match` is needed: how a second run finds the row again."))
    section.mode = table.choice("mode", MODES, "upsert")
    section.distinct = table.get("distinct", bool, default=False)
    section.joins = [_join(join, files) for join in table.children("join")]
    section.keep_rows = [read_condition(condition) for condition in table.children("where")]
    section.rules = [read_rule(rule) for rule in table.children("rule")]
    _fields(section, table, maps, bands)
    table.done()
    _need(section)
    return section


def _inline(table: Table) -> list[dict[str, Any]]:
    rows = table.get("rows", list, default=[])
    if len(rows) > MAX_INLINE:
        raise table.wrong("rows", _("at most %(n)s rows; put more into a file.") % {"n": MAX_INLINE})
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict) or any(isinstance(value, dict) for value in row.values()):
            raise table.wrong(f"rows {i}", _("a table of plain values is expected here."))
    return [{key: ",".join(map(str, v)) if isinstance(v, list) else v for key, v in row.items()} for row in rows]


def _join(table: Table, files: Mapping[str, FileSpec]) -> Join:
    name = table.text("file", need=True)
    if name not in files:
        raise table.wrong("file", _("there is no [files.%(name)s].") % {"name": name} + " " + allowed(name, files))
    on, to = table.template("on", need=True), table.template("to", need=True)
    assert on is not None and to is not None
    join = Join(name, table.text("as", name, limit=40), on, to,
                [read_condition(condition) for condition in table.children("where")],
                table.get("required", bool, default=False))
    table.done()
    return join


def _fields(section: Section, table: Table, maps: Mapping[str, Any], bands: Mapping[str, Any]) -> None:
    fields = table.child("fields")
    if fields is None:
        raise table.wrong("fields", _("this key is missing."))
    targets = section.importer.targets()
    for name in list(fields.data):
        if name not in targets:
            if name in section.importer.left_out():
                raise fields.wrong(name, _("a file does not come from a table; attach it to the record."))
            raise fields.wrong(name, _("a %(kind)s has no such field.") % {"kind": section.kind} + " "
                               + allowed(name, sorted(targets)))
        source = section.fields[name] = read_source(fields, name, targets[name], maps, bands)
        ref = importer.importer(targets[name].ref) if targets[name].ref else None
        if source.by and (ref is None or source.by not in (*ref.keys, "key")):
            raise fields.wrong(f"{name}.by", _("“%(value)s” is not possible.") % {"value": source.by} + " "
                               + allowed(source.by, ("key", *ref.keys) if ref else ()))
    for name, target in targets.items():
        if target.required and name not in section.fields and section.mode != "update":
            raise fields.wrong(name, _("a %(kind)s needs this field.") % {"kind": section.kind})
    for name in section.match:
        if name not in section.fields:
            raise table.wrong("match", _("“%(name)s” is not among the fields.") % {"name": name})


def _need(section: Section) -> None:
    """Tell each join which of its columns are asked for."""
    by_alias = {join.alias: join for join in section.joins}
    for name in section.columns():
        alias, _dot, column = name.partition(".")
        if column and alias in by_alias:
            by_alias[alias].need.add(column)
