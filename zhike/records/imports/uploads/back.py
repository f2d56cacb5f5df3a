"""Taking an import back: new records go, changed fields get what they had; what people touched since stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import guard, history, registry, search

from ...models import ExternalKey, HistoryEntry, TeamGrant
from ..importer import Importer

UNDONE = "import_undone"


def entries(kind: str, batch: str, *, by: Any) -> list[int]:
    """The lines of history an import left with one kind, newest first."""
    found = HistoryEntry.objects.filter(batch=batch, kind=kind, by=by)
    return list(found.order_by("-pk").values_list("pk", flat=True))


def take_back(importer: Importer, ids: list[int], *, by: Any, refuse: Callable[[Any, str], None]) -> None:
    """Undo what these lines tell, one by one; a row that cannot be taken back is named with the reason."""
    lines = HistoryEntry.objects.in_bulk(ids)
    rows = importer.visible(by).in_bulk([line.row_id for line in lines.values()])
    for pk in ids:
        line = lines.get(pk)
        row = rows.get(line.row_id) if line is not None else None
        if line is None or row is None:
            continue
        try:
            with transaction.atomic():
                if line.diff:
                    _restore(importer, row, line, by)
                else:
                    _remove(row, line, by)
        except Refused as no:
            refuse(row, str(no.message))
        except Http404:
            refuse(row, _("There is nothing here, or you may not see it."))


def _restore(importer: Importer, row: Any, line: HistoryEntry, by: Any) -> None:
    row.refresh_from_db()
    values: dict[str, Any] = {}
    for name, (old, new) in line.diff.items():
        field = row._meta.get_field(name)
        if history.plain(getattr(row, name)) != new:
            raise Refused(_("has been changed since"))
        if isinstance(field, models.ForeignKey):
            values[name] = field.related_model._default_manager.filter(pk=old["id"]).first() if old else None
        else:
            values[name] = field.to_python(old)
    importer.change(row, values, by=by)


def _remove(row: Any, line: HistoryEntry, by: Any) -> None:
    """Delete a record as it came in; once something belongs to it or happened to it, it stays."""
    kind = registry.kind(row.KIND)
    guard.require_rows(by, [row], "import")
    if HistoryEntry.objects.filter(kind=row.KIND, row_id=row.pk, pk__gt=line.pk).exclude(batch=line.batch).exists():
        raise Refused(_("has been changed since"))
    collector = Collector(using=row._state.db or "default")
    try:
        collector.collect([row])
    except (ProtectedError, RestrictedError):
        raise Refused(_("other records belong to it by now")) from None
    gone = {type(found): found for rows in collector.data.values() for found in rows if type(found) is not type(row)}
    quick = [found.model for found in collector.fast_deletes if found.exists()]
    if any(getattr(model, "KIND", "") for model in [*gone, *quick]):
        raise Refused(_("other records belong to it by now"))
    pk = row.pk
    history.log(row, UNDONE, by=by)
    ExternalKey.objects.filter(kind=row.KIND, row_id=pk).delete()
    TeamGrant.objects.filter(kind=row.KIND, row_id=pk).delete()
    if kind.search is not None:
        search.remove_rows(row.KIND, [pk])
    row.delete()
