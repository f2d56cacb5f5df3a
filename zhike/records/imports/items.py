"""One source row on its way: rules, key, values, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from .fields import Source
from .importer import Target
from .plan import Section
from .problems import CellError
from .tables import SourceRow, key_text
from .values import Converter

MAX_KEY = 200


@dataclass(slots=True)
class Reference:
    """A key that has to become a record: in `holder[name]`."""

    holder: dict[str, Any]
    name: str
    source: Source
    key: Any


@dataclass(slots=True)
class Item:
    row: SourceRow
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what is wrong with its cells: all of it is said at once
    built: Any = None  # the checked, unsaved row
    _marks: dict[str, str] | None = None
    result: str = ""
    record: str = ""
    reason: str = ""
    changed: str = ""  # what an update changed, in words
    twin: str = ""  # which record or row of the file it looks like

    def end(self, result: str, reason: str = "", record: str = "") -> Item:
        self.result, self.record = result, record or self.record
        self.reason = "; ".join([part for part in (reason, *self.warnings) if part])
        return self

    @property
    def marks(self) -> dict[str, str]:
        """A short digest of every value, once they are complete."""
        if self._marks is None:
            self._marks = {name: _mark(value) for name, value in self.values.items()}
        return self._marks

    def forget_marks(self) -> None:
        """Work them out anew: the values are others now."""
        self._marks = None


def _mark(value: Any) -> str:
    return hashlib.blake2b(_plain(value).encode("utf-8", "replace"), digest_size=5).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, models.Model):
        return f"#{value.pk}"
    if isinstance(value, list):
        return "[" + "|".join(_plain(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + "|".join(f"{name}={_plain(part)}" for name, part in sorted(value.items())) + "}"
    return f"{type(value).__name__}:{value}"


class Reader:
    """Turns source rows of one section into items."""

    def __init__(self, section: Section, converter: Converter) -> None:
        self.section, self.converter = section, converter
        self.seen: dict[str, int] = {}
        self.passing = 0  # rows that an earlier run has taken: only their keys are noted

    def read(self, row: SourceRow) -> Item:
        """An item with typed values and open references, or one that has ended."""
        item = Item(row, warnings=row.warnings)
        if self.passing:
            self.passing -= 1
            self._pass(row)
            return item
        try:
            if row.skip:
                return item.end("skipped", row.skip)
            if row.repeats_header:
                return item.end("skipped", _("repeats the heading"))
            if any(rule.meets(row.values, row.number) is None for rule in self.section.keep_rows):
                return item.end("skipped", self.section.left_out or _("left out by the plan's `where`"))
            if row.missing:
                return item.end("failed", row.missing)
            if not self._rules(item):
                return item
            if not self._key(item):
                return item
        except CellError as wrong:
            return item.end("failed", str(wrong))
        for name, source in self.section.fields.items():
            try:
                self._field(item, item.values, name, source, name)
            except CellError as wrong:
                item.wrong.append(str(wrong))
        return item

    def _pass(self, row: SourceRow) -> None:
        if self.section.keyless or row.skip or row.missing or row.repeats_header:
            return
        try:
            key = self.key_of(row)
        except CellError:
            return
        if key.strip("\x1f"):
            self.seen.setdefault(key, row.number)

    def _rules(self, item: Item) -> bool:
        for rule in self.section.rules:
            why = rule.meets(item.row.values, item.row.number)
            if why is None:
                continue
            rule.count += 1
            if rule.then == "reject":
                item.end("skipped", why)
                return False
            item.warnings.append(why)
            if rule.then == "replace" and rule.with_ is not None:
                item.row.values[rule.column] = rule.with_.value(item.row.values)
        return True

    def mend(self, row: SourceRow) -> None:
        """Apply the replacements alone, uncounted (a look ahead)."""
        for rule in self.section.rules:
            if rule.then != "replace" or rule.test == "duplicate" or rule.with_ is None:
                continue
            if rule.meets(row.values, row.number) is not None:
                row.values[rule.column] = rule.with_.value(row.values)

    def key_of(self, row: SourceRow) -> str:
        if self.section.key is not None:
            return key_text(self.section.key.string(row.values))
        return "\x1f".join(key_text(self.section.fields[name].raw(row.values)) for name in self.section.match)

    def _key(self, item: Item) -> bool:
        if self.section.keyless:
            return True
        key = self.key_of(item.row)
        if not key.strip("\x1f"):
            if self.section.key_optional:
                return True
            item.end("failed", _("the row has no key: the columns the plan finds it by are empty"))
            return False
        if len(key) > MAX_KEY:
            item.end("failed", _("the key has %(n)s characters; at most %(limit)s are possible")
                     % {"n": len(key), "limit": MAX_KEY})
            return False
        first = self.seen.setdefault(key, item.row.number)
        if first != item.row.number:
            same = _("the key “%(key)s” is that of row %(n)s") % {"key": key.replace("\x1f", " "), "n": first}
            item.end("skipped" if self.section.distinct else "failed", same)
            return False
        item.key = key if self.section.key is not None else ""
        return True

    def _field(self, item: Item, holder: dict[str, Any], name: str, source: Source, label: str) -> None:
        target = source.target
        if target.parts is not None:
            holder[name] = self._list(item, source, label)
            return
        try:
            value = source.raw(item.row.values)
            if value == "" or value is None or value == []:
                self.empty(holder, name, target)
            elif target.type == "region":
                path = tuple(value) if isinstance(value, list) else (key_text(value),)
                item.references.append(Reference(holder, name, source, path))
            elif target.type == "ref":
                item.references.append(Reference(holder, name, source, key_text(value)))
            else:
                typed = self.converter.convert(value, target, form=source.form, places=source.places)
                if typed in ("", None, []):
                    self.empty(holder, name, target)
                else:
                    holder[name] = typed
        except CellError as wrong:
            if source.unknown == "warn" and not target.required:
                item.warnings.append(_("%(label)s: %(text)s") % {"label": source.label or label, "text": wrong})
                self.empty(holder, name, target)
                return
            raise CellError(_("%(label)s: %(text)s") % {"label": source.label or label, "text": wrong}) from None

    def empty(self, holder: dict[str, Any], name: str, target: Target) -> None:
        """An empty cell empties the field where that is possible, else it says nothing."""
        if target.required:
            raise CellError(_("this must not be empty"))
        if self.section.keep_empty:
            return
        found = target.field
        if found is None or target.ref and found.null or found.null:
            # Of the house's own: a tick has no third state, and no choices are an empty list.
            holder[name] = {"bool": False, "multi": []}.get(target.type)
        elif found.blank and getattr(found, "empty_strings_allowed", False):
            holder[name] = ""

    def _list(self, item: Item, source: Source, label: str) -> list[dict[str, Any]]:
        made = []
        for i, fields in enumerate(source.rows, 1):
            part: dict[str, Any] = {}
            for name, inner in fields.items():
                self._field(item, part, name, inner, f"{label} {i}.{name}")
            made.append(part)
        return made


def open_references(items: list[Item]) -> Iterator[tuple[Item, Reference]]:
    for item in items:
        if not item.result:
            for reference in item.references:
                yield item, reference


def changed(marks: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    """The fields whose value at the source is another than at the last import."""
    return [name for name, mark in marks.items() if before.get(name) != mark]
