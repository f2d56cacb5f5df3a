"""Taking one section's rows to records, batch by batch, each in one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from ..models import ExternalKey
from .importer import Importer
from .items import Item, Reader, changed, open_references
from .order import waves
from .plan import Section
from .resolver import SEVERAL, Resolver
from .results import Results
from .tables import Rows
from .values import Converter

_BUSINESS = (Refused, ValidationError, IntegrityError, Http404)


class SectionRun:
    """One walk over a section. Nothing is kept but counts, keys and what the result file needs."""

    def __init__(
        self, section: Section, rows: Rows, out: Results, resolver: Resolver, converter: Converter, *,
        by: Any, system: str, batch: str, dry_run: bool, step: Callable[[int], None],
        around: Callable[[], AbstractContextManager[Any]] = nullcontext, done: int = 0, size: int = 0,
    ) -> None:
        """`around` is entered for every batch (a transaction that also notes how far it is,
        and may give the person anew); the
        first `done` rows were taken by an earlier run that was stopped."""
        self.section, self.rows, self.out = section, rows, out
        self.resolver, self.converter, self.by = resolver, converter, by
        self.system, self.batch_id, self.dry_run, self.step = system, batch, dry_run, step
        self.importer: Importer = section.importer
        self.around, self.done, self.size = around, done, size or section.importer.batch
        self.reader = Reader(section, converter)
        self.reader.passing = done
        self.twins: dict[str, int] = {}

    def run(self) -> None:
        # A batch ends with its level: parents are in the house before their children are looked at.
        for level in waves(self.rows, self.section, self.reader):
            while items := list(islice(level, self.size)):
                if self.done >= len(items):
                    self.done -= len(items)
                    continue
                items, self.done = items[self.done :], 0
                with self.around() as person:
                    self.by = person or self.by  # with the rights of this moment
                    self._take(items)
        self.out.head(self.rows.columns)

    def _take(self, items: list[Item]) -> None:
        self._batch([item for item in items if not item.result])
        self.out.head(self.rows.columns)
        for item in items:
            self.out.add(item.row.number, item.row.cells, item.result, item.record,
                         "; ".join(part for part in (item.reason, item.changed) if part), doubtful=bool(item.reason))
        self.out.flush()
        self.step(len(items))

    def _batch(self, items: list[Item]) -> None:
        self._resolve(items)
        items = [item for item in items if not item.result]
        for item in items:
            try:
                item.values = self.importer.prepare(item.values, by=self.by)
            except _BUSINESS as wrong:
                item.end("failed", self._why(wrong))
        items = [item for item in items if not item.result]
        known = self._known(items)
        to_create, to_change = [], []
        for item in items:
            if item.result:
                continue
            if id(item) in known:
                to_change.append((item, *known[id(item)]))
            elif self.section.mode == "update":
                item.end("skipped", _("there is no such record, and the plan only updates"))
            else:
                to_create.append(item)
        to_change = [entry for entry in to_change if not self._same(*entry)]
        self._ask(to_create, to_change)
        to_change = [entry for entry in to_change if not entry[0].result]
        self._check_unique(to_create)
        to_create = [item for item in to_create if not item.result and self._valid(item)]
        if to_create or to_change:
            self._write(to_create, to_change)

    # References

    def _resolve(self, items: list[Item]) -> None:
        wanted: dict[tuple[str, str], set[Any]] = {}
        for _item, reference in open_references(items):
            target = reference.source.target
            wanted.setdefault((target.ref, "path" if target.type == "region" else reference.source.by), set()).add(reference.key)
        found = {
            (kind, how): self.resolver.paths(kind, keys) if how == "path" else self.resolver.find(kind, how, keys)
            for (kind, how), keys in wanted.items()
        }
        for item, reference in open_references(items):
            target = reference.source.target
            how = "path" if target.type == "region" else reference.source.by
            row = found[target.ref, how].get(reference.key)
            if row is not None and row is not SEVERAL:
                reference.holder[reference.name] = row
                continue
            shown = " / ".join(part for part in reference.key if part) if how == "path" else reference.key
            text = _("there are several") if row is SEVERAL else _("there is none")
            label = reference.source.label
            why = f"{label}: “{shown}”: {text}" if label else f"{reference.name}: {target.ref} “{shown}”: {text}"
            if reference.source.unknown == "warn" and not target.required:
                item.warnings.append(why)
                self.reader.empty(reference.holder, reference.name, target)
            else:
                item.wrong.append(why)
        for item in items:
            if item.wrong and not item.result:
                item.end("failed", "; ".join(item.wrong))

    # Finding again

    def _known(self, items: list[Item]) -> dict[int, tuple[Any, ExternalKey | None]]:
        """item → (row id, its external key) of the rows that are there already."""
        found: dict[int, tuple[Any, ExternalKey | None]] = {}
        keys = [item.key for item in items if item.key]
        stored = {row.key: row for row in ExternalKey.objects.filter(system=self.system, kind=self.section.kind, key__in=keys)}
        ids = {row.row_id for row in stored.values()}
        seen = set(self.importer.visible(self.by).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
        for item in items:
            key = stored.get(item.key) if item.key else None
            if key is None:
                if self.dry_run and item.key:
                    self._would_be_known(item)
                continue
            if key.row_id in seen:
                found[id(item)] = (key.row_id, key)
            else:
                item.end("skipped", _("was imported before and is no longer here, or not yours to see"))
        if self.section.match:
            self._match([item for item in items if id(item) not in found and not item.result], found)
        return found

    def _would_be_known(self, item: Item) -> None:
        """In a dry run: a row that an earlier section of the same run would have made."""
        before = self.resolver.would_marks(self.section.kind, item.key)
        if before is None:
            return
        if not changed(item.marks, before):
            item.end("unchanged")
        elif self.section.mode == "add":
            item.end("skipped", _("is here already, and the plan only adds"))
        else:
            before.update(item.marks)
            item.end("updated")

    def _match(self, items: list[Item], found: dict[int, tuple[Any, ExternalKey | None]]) -> None:
        if not items:
            return
        names = self.section.match
        condition = {f"{names[0]}__in": [item.values.get(names[0]) for item in items if item.values.get(names[0])]}
        hits: dict[tuple[Any, ...], list[Any]] = {}
        for row in self.importer.visible(self.by).filter(**condition):
            hits.setdefault(tuple(_key(getattr(row, name)) for name in names), []).append(row.pk)
        for item in items:
            ids = hits.get(tuple(_key(item.values.get(name)) for name in names), [])
            if len(ids) > 1:
                item.end("failed", _("several records match by %(names)s") % {"names": ", ".join(names)})
            elif ids:
                found[id(item)] = (ids[0], None)

    def _same(self, item: Item, row_id: Any, key: ExternalKey | None) -> bool:
        """Ends the item when the source says nothing new about the record."""
        if key is not None and not changed(item.marks, key.marks):
            item.end("unchanged", record=f"{self.section.kind} {row_id}")
            return True
        if self.section.mode == "add":
            item.end("skipped", _("is here already, and the plan only adds"), f"{self.section.kind} {row_id}")
            return True
        return False

    # Checks

    def _ask(self, to_create: Sequence[Item], to_change: Sequence[tuple[Item, Any, ExternalKey | None]]) -> None:
        """A new row has what is asked of this person; a change does not take it away."""
        asked = self.importer.asked_of(self.by)
        for item in to_create if asked else ():
            lacking = [label for name, label in asked.items() if item.values.get(name) in ("", None, [])]
            if lacking and not item.result:
                item.end("failed", _("is needed and has no value: %(list)s") % {"list": _(", ").join(lacking)})
        for item, _row_id, _found in to_change if asked else ():
            lacking = [label for name, label in asked.items() if name in item.values and item.values[name] in ("", None, [])]
            if lacking and not item.result:
                item.end("failed", _("is needed and would be emptied: %(list)s") % {"list": _(", ").join(lacking)})

    def _check_unique(self, items: list[Item]) -> None:
        for name, source in self.section.fields.items():
            field = source.target.field
            if field is None or not getattr(field, "unique", False) or source.target.ref:
                continue
            values = [item.values[name] for item in items if item.values.get(name)]
            if not values:
                continue
            taken = set(self.importer.model._default_manager.filter(**{f"{name}__in": values}).values_list(name, flat=True))
            mine: set[Any] = set()
            for item in items:
                value = item.values.get(name)
                if value and (value in taken or value in mine) and not item.result:
                    item.end("failed", _("%(name)s: “%(value)s” belongs to another record already")
                             % {"name": self._named(name), "value": value})
                mine.add(value)

    def _valid(self, item: Item) -> bool:
        while True:
            try:
                item.built = self.importer.build(item.values, by=self.by)
                check(self.importer, item.built, item.values)
            except _BUSINESS as wrong:
                if self._without(item, wrong):
                    continue
                item.end("failed", self._why(wrong))
                return False
            return True

    def _without(self, item: Item, wrong: BaseException) -> bool:
        """Leave out the values that the record refuses, where the section wants that; says so on the row."""
        names = list(getattr(wrong, "error_dict", {})) or [getattr(wrong, "field", None) or ""]
        for name in names:
            source = self.section.fields.get(name)
            if source is None or source.unknown != "warn" or source.target.required or name not in item.values:
                return False
        item.warnings.append(self._why(wrong))
        for name in names:
            del item.values[name]
        item.forget_marks()
        return True

    def _why(self, wrong: BaseException) -> str:
        return reason_of(wrong, self._named)

    def _named(self, name: str) -> str:
        """A field as the person knows it."""
        source = self.section.fields.get(name)
        return source.label if source is not None and source.label else name

    # Writing

    def _write(self, to_create: list[Item], to_change: Sequence[tuple[Item, Any, ExternalKey | None]]) -> None:
        made: list[tuple[Item, Any]] = []
        with transaction.atomic():
            made = self._create(to_create)
            self._change(to_change)
            if self.dry_run:
                transaction.set_rollback(True)
        for item, row in made:
            if self.dry_run:
                self.resolver.would_have(self.importer, row, item.key, item.marks)
                item.end("created")
            else:
                item.end("created", record=self.importer.label(row))

    def _create(self, items: list[Item]) -> list[tuple[Item, Any]]:
        """Create a set; when the set is refused, halve it until the rows at fault are found."""
        if not items:
            return []
        rows = []
        for item in items:
            # A refused attempt leaves numbers and ids behind: the next one starts from fresh rows.
            rows.append(item.built or self.importer.build(item.values, by=self.by))
            item.built = None
        items, rows = self._without_twins(items, rows)
        if not items:
            return []
        try:
            with transaction.atomic():
                rows = self.importer.create(rows, by=self.by, batch=self.batch_id)
                self.importer.after_create(list(zip(rows, [item.values for item in items], strict=True)), by=self.by)
                ExternalKey.objects.bulk_create(
                    ExternalKey(system=self.system, kind=self.section.kind, key=item.key, row_id=row.pk, marks=item.marks)
                    for item, row in zip(items, rows, strict=True) if item.key
                )
        except (*_BUSINESS, DatabaseError) as wrong:
            if isinstance(wrong, DatabaseError) and not isinstance(wrong, IntegrityError) and _is_down(wrong):
                raise
            if len(items) == 1:
                items[0].end("failed", self._why(wrong))
                return []
            middle = len(items) // 2
            return self._create(items[:middle]) + self._create(items[middle:])
        for item in items:
            if item.twin:
                item.warnings.append(item.twin)
        return list(zip(items, rows, strict=True))

    def _without_twins(self, items: list[Item], rows: list[Any]) -> tuple[list[Item], list[Any]]:
        """Name what new rows look like; leave those out that the section does not want twice."""
        doubts = self.importer.doubts(rows, by=self.by)
        for i, (item, row) in enumerate(zip(items, rows, strict=True)):
            item.twin = doubts.get(i, "")
            for mark in self.importer.twins(row) if self.section.look_inside else ():
                first = self.twins.setdefault(mark, item.row.number)
                if first != item.row.number and not item.twin:
                    item.twin = _("looks like row %(n)s of the file") % {"n": first}
            if item.twin and self.section.duplicates != "warn":
                item.end("skipped" if self.section.duplicates == "skip" else "failed", item.twin)
        left = [(item, row) for item, row in zip(items, rows, strict=True) if not item.result]
        return [item for item, _row in left], [row for _item, row in left]

    def _change(self, entries: Sequence[tuple[Item, Any, ExternalKey | None]]) -> None:
        if not entries:
            return
        rows = self.importer.model._default_manager.in_bulk([row_id for _item, row_id, _key in entries])
        for item, row_id, key in entries:
            row = rows[row_id]
            names = changed(item.marks, key.marks) if key is not None else list(item.values)
            values = {name: item.values[name] for name in names}
            try:
                with transaction.atomic():
                    diff = self.importer.change(row, values, by=self.by)
            except _BUSINESS as wrong:
                item.end("failed", self._why(wrong), self.importer.label(row))
                continue
            if key is None and item.key:
                key = ExternalKey(system=self.system, kind=self.section.kind, key=item.key, row_id=row.pk)
            if key is not None:
                key.marks = {**key.marks, **item.marks}
                key.save()
            self.noted(item, row, diff)
            item.changed = _("changed: %(names)s") % {"names": ", ".join(diff)} if diff else ""
            item.end("updated" if diff else "unchanged", record=self.importer.label(row))

    def noted(self, item: Item, row: Any, diff: Mapping[str, Any]) -> None:
        """Called with what an update changed: field → (before, after)."""


def check(importer: Importer, row: Any, values: Any) -> None:
    """The rules true of one row by itself, for the fields the plan fills."""
    for name in values:
        if name in importer.plain:
            field = row._meta.get_field(name)
            value = getattr(row, name)
            if value in field.empty_values and field.blank:
                continue
            try:
                field.clean(value, row)
            except ValidationError as wrong:
                raise ValidationError({name: wrong.messages}) from None
    row.clean()


def reason_of(wrong: BaseException, named: Callable[[str], str] = str) -> str:
    """A business "no" as one line that names the field, by `named`."""
    if isinstance(wrong, ValidationError):
        if hasattr(wrong, "message_dict"):
            return _("; ").join(_("%(label)s: %(text)s") % {"label": named(name), "text": " ".join(map(str, texts))} if name != "__all__" else " ".join(map(str, texts))
                             for name, texts in wrong.message_dict.items())
        return " ".join(wrong.messages)
    if isinstance(wrong, Refused):
        return _("%(label)s: %(text)s") % {"label": named(wrong.field), "text": wrong.message} if wrong.field else str(wrong.message)
    if isinstance(wrong, Http404):
        return _("not one of the records you may see")
    return _("the database refused the row: %(why)s") % {"why": str(wrong).strip().split("\n")[0][:200]}


def _key(value: Any) -> Any:
    return getattr(value, "pk", value)


def _is_down(wrong: DatabaseError) -> bool:
    """Locked, full or gone: no row is at fault, the import stops."""
    from django.db import InterfaceError, OperationalError

    return isinstance(wrong, (OperationalError, InterfaceError))

