"""Taking an import back: new records go, changed fields get what they had; what people touched since stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import customs, guard, history, registry, search

from ...bulk import as_it_was
from ...models import ExternalKey, HistoryEntry, TeamGrant
from ..importer import Importer

UNDONE = "import_undone"


def entries(kind: str, batch: str, *, by: Any) -> list[int]:
    """The lines of history an import left with one kind, newest first."""
    found = HistoryEntry.objects.filter(batch=batch, kind=kind, by=by)
    return list(found.order_by("-pk").values_list("pk", flat=True))


def take_back(importer: Importer, ids: list[int], *, by: Any, refuse: Callable[[Any, str], None]) -> None:
    """Undo what these lines tell; a row that cannot be taken back is named with the reason."""
    lines = HistoryEntry.objects.in_bulk(ids)
    rows = importer.visible(by).in_bulk([line.row_id for line in lines.values()])
    made: list[tuple[Any, HistoryEntry]] = []
    for pk in ids:
        line = lines.get(pk)
        row = rows.get(line.row_id) if line is not None else None
        if line is None or row is None:
            continue
        if not line.diff:
            made.append((row, line))
            continue
        try:
            with transaction.atomic():
                _restore(importer, row, line, by)
        except Refused as no:
            refuse(row, str(no.message))
        except Http404:
            refuse(row, _("There is nothing here, or you may not see it."))
    _remove_some(made, by, refuse)


def _remove_some(made: list[tuple[Any, HistoryEntry]], by: Any, refuse: Callable[[Any, str], None]) -> None:
    """Remove a set; when it is refused, halve it until the rows at fault are found."""
    if not made:
        return
    try:
        with transaction.atomic():
            _remove([row for row, _line in made], [line for _row, line in made], by)
    except Refused as no:
        if len(made) == 1:
            refuse(made[0][0], str(no.message))
            return
        middle = len(made) // 2
        _remove_some(made[:middle], by, refuse)
        _remove_some(made[middle:], by, refuse)


def _restore(importer: Importer, row: Any, line: HistoryEntry, by: Any) -> None:
    row.refresh_from_db()
    values: dict[str, Any] = {}
    kind = registry.kind(row.KIND)
    for name, (old, new) in line.diff.items():
        if customs.is_custom(name) and customs.attr_of(kind, name) is None:
            continue  # a field of the house's own that is no longer in use
        if history.plain(getattr(row, name)) != new:
            raise Refused(_("has been changed since"))
        values[name] = as_it_was(kind, name, old)
    importer.change(row, values, by=by)


def _remove(rows: list[Any], lines: list[HistoryEntry], by: Any) -> None:
    """Delete records as they came in; refuses when something belongs to one of them or happened to it."""
    kind = registry.kind(rows[0].KIND)
    guard.require_rows(by, rows, "import")
    ids = [row.pk for row in rows]
    later = HistoryEntry.objects.filter(kind=kind.name, row_id__in=ids, pk__gt=min(line.pk for line in lines))
    if later.exclude(batch=lines[0].batch).exists():
        raise Refused(_("has been changed since"))
    collector = Collector(using=rows[0]._state.db or "default")
    try:
        collector.collect(rows)
    except (ProtectedError, RestrictedError):
        raise Refused(_("other records belong to it by now")) from None
    gone = [model for model in collector.data if model is not type(rows[0])]
    quick = [found.model for found in collector.fast_deletes if found.exists()]
    if any(getattr(model, "KIND", "") for model in [*gone, *quick]) or len(collector.data[type(rows[0])]) != len(rows):
        raise Refused(_("other records belong to it by now"))
    history.write([history.entry(row, UNDONE, by=by) for row in rows])
    ExternalKey.objects.filter(kind=kind.name, row_id__in=ids).delete()
    TeamGrant.objects.filter(kind=kind.name, row_id__in=ids).delete()
    if kind.searched():
        search.remove_rows(kind.name, ids)
    customs.unindex(kind, ids)
    kind.model._base_manager.filter(pk__in=ids).delete()
