"""Option lists in import plans, and regions as something to point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import history, registry, save
from zhike.records.imports.importer import Importer
from zhike.records.imports.values import Converter

from . import choices, dictionaries
from .models import Dictionary, DictionaryOption, Region
from .regions import Finder


class OptionImporter(Importer):
    """Entries of option lists (industries, territories, …); administrators only."""

    kind = "option"
    model = DictionaryOption
    plain = ("dictionary", "code", "name_zh", "name_en", "order", "enabled")
    required = ("dictionary", "code", "name_zh", "name_en")
    match = ("dictionary", "code")

    def __init__(self) -> None:
        self.converter: Converter | None = None

    def begin(self, converter: Any, *, dry_run: bool) -> None:
        self.converter = converter

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        known = set(DictionaryOption.objects.values_list("dictionary", flat=True).distinct())
        if known and values["dictionary"] not in known:
            raise Refused(_("There is no option list “%(name)s”. Possible: %(list)s")
                          % {"name": values["dictionary"], "list": ", ".join(sorted(known))}, field="dictionary")
        return values

    def create(self, rows: list[DictionaryOption], *, by: Any, batch: str) -> list[DictionaryOption]:
        for code in {row.dictionary for row in rows}:
            here = DictionaryOption.objects.filter(dictionary=code).count() + sum(row.dictionary == code for row in rows)
            if here > choices.MOST:
                raise Refused(_("At most %(n)s choices.") % {"n": choices.MOST}, field="dictionary")
        made = DictionaryOption.objects.bulk_create(rows)
        for row in made:
            self._noted(row, {row.code: (None, row.name_zh)}, by=by, batch=batch)
            if self.converter is not None:
                self.converter.extra_options.setdefault(row.dictionary, set()).add(row.code)
        return made

    def change(self, row: DictionaryOption, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        diff = save.changes(registry.kind("region"), row, values)
        if diff.get("enabled") == (True, False):
            choices.require_retirable(row, list(DictionaryOption.objects.filter(dictionary=row.dictionary)))
        if diff:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            self._noted(row, {f"{row.code}.{name}": change for name, change in diff.items()}, by=by)
        return diff

    def _noted(self, row: DictionaryOption, diff: Mapping[str, tuple[Any, Any]], *, by: Any, batch: str = "") -> None:
        """The list has a new version and a line of history; every form has the choice at once."""
        holder, _new = Dictionary.objects.get_or_create(code=row.dictionary)
        Dictionary.objects.filter(pk=holder.pk).update(version=F("version") + 1)
        history.log(holder, "import", by=by, diff=diff, batch=batch)
        dictionaries.kept.changed()

    def label(self, row: DictionaryOption) -> str:
        return f"option {row.dictionary}/{row.code}"


class RegionImporter(Importer):
    """Regions come with the program; plans only point to them, by code or by names."""

    kind = "region"
    model = Region
    fillable = False

    def __init__(self) -> None:
        self._finder: Finder | None = None
        self._count = -1

    def paths(self, paths: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], Any]:
        count = Region.objects.count()
        if self._finder is None or count != self._count:
            self._finder, self._count = Finder(), count
        return {path: row for path in paths if (row := self._finder.find(*path)) is not None}
