"""From keys to records: external keys of the plan's system first, then natural keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..models import ExternalKey
from . import importer as importers
from .importer import Importer

SEVERAL = object()  # more than one record has this key


class Resolver:
    """Answers for whole batches. A dry run adds the records that would be there by now."""

    def __init__(self, system: str, by: Any) -> None:
        self.system, self.by = system, by
        self._known: dict[tuple[str, str], dict[str, Any]] = {}
        self._would: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self._marks: dict[tuple[str, str], dict[str, str]] = {}
        self._next = 0

    def find(self, kind: str, how: str, keys: Iterable[str]) -> dict[str, Any]:
        """key → row, or SEVERAL; keys without a row are left out. `how` is "", "key" or a natural key."""
        found_importer = importers.importer(kind)
        assert found_importer is not None
        wanted = set(keys)
        known = self._known.setdefault((kind, how), {}) if found_importer.small else {}
        found = {key: known[key] for key in wanted if key in known}
        open_ = wanted - found.keys()
        for name in [how] if how else ["key", *found_importer.keys]:
            if not open_:
                break
            hits = self._look(found_importer, name, sorted(open_))
            found.update(hits)
            open_ -= hits.keys()
        known.update(found)
        return found

    def _look(self, found: Importer, name: str, keys: list[str]) -> dict[str, Any]:
        hits: dict[str, Any] = {}
        if name == "key":
            ids = dict(ExternalKey.objects.filter(system=self.system, kind=found.kind, key__in=keys)
                       .values_list("key", "row_id"))
            rows = {row.pk: row for row in found.visible(self.by).filter(pk__in=set(ids.values())).only("pk", *found.keep)}
            hits = {key: rows[row_id] for key, row_id in ids.items() if row_id in rows}
        else:
            for key, rows_ in found.lookup(name, keys, by=self.by).items():
                hits[key] = rows_[0] if len(rows_) == 1 else SEVERAL
        would = self._would.get((found.kind, name))
        if would:
            for key in keys:
                if key not in hits and key in would:
                    hits[key] = found.model(**would[key])
        return hits

    def paths(self, kind: str, paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], Any]:
        found = importers.importer(kind)
        assert found is not None
        return found.paths(list(paths))

    def would_marks(self, kind: str, key: str) -> dict[str, str] | None:
        """The digests of a record that a dry run would have made by now."""
        return self._marks.get((kind, key))

    def would_have(self, found: Importer, row: Any, key: str, marks: dict[str, str]) -> None:
        """Remember a record of a dry run under its key and natural keys; its id is below nought."""
        self._next -= 1
        facts = {name: getattr(row, name) for name in found.keep}
        facts["pk"] = self._next
        if key:
            self._marks[found.kind, key] = marks
            self._would.setdefault((found.kind, "key"), {})[key] = facts
        for name in found.keys:
            value = getattr(row, name, None)
            if value:
                self._would.setdefault((found.kind, name), {}).setdefault(str(value), facts)
