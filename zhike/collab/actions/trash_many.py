"""The trash for many records at once, in the same number of statements for five hundred as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.core import serializers
from django.db import IntegrityError, models, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records import customs, guard, history, registry, save, search, undo
from zhike.records.kinds import Kind
from zhike.records.models import ExternalKey, HistoryEntry

from .. import events, questions, references
from ..models import TrashedRow
from .trash import _written, in_reach, restore_row

Refusals = list[tuple[Any, str]]
_BATCH = 100


def what_keeps(kind: Kind, rows: Sequence[Any], user: Any) -> dict[int, list[str]]:
    """Why records cannot be deleted, by id: how much points to each, and what the apps above say."""
    ids = [row.pk for row in rows]
    found: dict[int, list[str]] = defaultdict(list)
    along = {(model._meta.label, one.field): one.where for model, one in references.companions_of(kind.model)}
    for field in references.pointing(kind.model):
        where = along.get((field.model._meta.label, field.name))
        if references.may_be_emptied(field) or (where is not None and not where):
            continue
        name = getattr(field.model, "KIND", "")
        what = registry.kind(name).plural if registry.has(name) else field.model._meta.verbose_name_plural
        pointing = field.model._default_manager.filter(**{f"{field.name}__in": ids}).order_by()
        if where is not None:
            pointing = pointing.exclude(where)
        for pk, n in pointing.values_list(field.attname).annotate(n=Count("pk")):
            found[pk].append(str(_("still needed by %(what)s: %(n)s") % {"what": what, "n": n}))
    for answer in questions.keeps.ask(rows, by=user):
        found[answer.row_id].append(str(answer.text))
    return dict(found)


@transaction.atomic
def trash_rows(kind: Kind, rows: Sequence[Any], *, by: Any, batch: str = "") -> tuple[list[Any], Refusals]:
    """Delete records; (those gone, the others with the reason). At most 500, in the caller's transaction.

    They can be brought back for 30 days, one by one or, by `restore_rows`, together.
    """
    good, refused = guard.sort_rows(by, rows, "delete")
    if not kind.deletable:
        raise Refused(_("These records are not deleted. Close or disable this one instead."), code="trash.kind")
    held = list(kind.model.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in good]).order_by("pk"))
    keeping = what_keeps(kind, held, by)
    refused += [(row, "; ".join(keeping[row.pk])) for row in held if row.pk in keeping]
    going = [row for row in held if row.pk not in keeping]
    if not going:
        return [], refused
    ids = [row.pk for row in going]
    models.prefetch_related_objects(going, *(field.name for field in kind.model._meta.local_many_to_many))
    keys = ExternalKey.objects.filter(kind=kind.name, row_id__in=ids)
    own_keys: dict[int, list[list[Any]]] = defaultdict(list)
    for pk, *rest in keys.values_list("row_id", "system", "key", "marks"):
        own_keys[pk].append(rest)
    emptied, along, now = _empty(kind, ids), references.take_many_along(kind.model, ids, _written), clock.now()
    TrashedRow.objects.bulk_create(
        [TrashedRow(kind=kind.name, row_id=row.pk, title=str(row)[:200], owner_id=getattr(row, "owner_id", None),
                    owner_dept_id=getattr(row, "owner_dept_id", None), deleted_at=now, deleted_by=by,
                    data={"row": _written(row), "emptied": emptied.get(row.pk, []), "along": along.get(row.pk, []), "keys": own_keys.get(row.pk, [])})
         for row in going], batch_size=_BATCH)
    keys.delete()
    search.remove_rows(kind.name, ids)
    customs.unindex(kind, ids)
    history.write([history.entry(row, "trash", by=by, batch=batch, at=now) for row in going])
    gone = kind.model._base_manager.filter(pk__in=ids)
    gone._raw_delete(gone.db)
    events.rows_trashed.announce(going, by=by)
    return going, refused


def _empty(kind: Kind, ids: list[int]) -> dict[int, list[list[Any]]]:
    """Empty the links that may be and lead to those that go; by id as `references.empty` says it."""
    emptied: dict[int, list[list[Any]]] = defaultdict(list)
    for field in references.pointing(kind.model):
        if not references.may_be_emptied(field):
            continue
        left = field.model._default_manager.filter(**{f"{field.name}__in": ids})
        if field.model is kind.model:
            left = left.exclude(pk__in=ids)  # those go themselves
        pointing: dict[int, list[int]] = defaultdict(list)
        for to, pk in left.order_by("pk").values_list(field.attname, "pk"):
            pointing[to].append(pk)
        if pointing:
            left.update(**{field.name: None})
        for to, pks in pointing.items():
            emptied[to].append([field.model._meta.label, field.name, pks])
    return emptied


@transaction.atomic
def restore_rows(kind: Kind, ids: Sequence[int], *, by: Any, batch: str = "") -> tuple[int, Refusals]:
    """Bring deleted records of a kind back by their ids; (how many, the others with the reason). At most 500."""
    held = list(in_reach(by).select_related(None).select_for_update(of=("self",)).filter(kind=kind.name, row_id__in=ids).order_by("row_id"))
    refused: Refusals = [(pk, str(_("This can no longer be undone."))) for pk in sorted(set(ids) - {kept.row_id for kept in held})]
    rows = {kept.row_id: next(serializers.deserialize("python", [kept.data["row"]])).object for kept in held}
    wrong = _links(kind, rows)
    for answer in questions.fits_again.ask([row for pk, row in rows.items() if pk not in wrong], by=by):
        wrong.setdefault(answer.row_id, str(answer.text))
    coming = [kept for kept in held if kept.row_id not in wrong]
    refused += [(rows[pk], text) for pk, text in wrong.items()]
    made = [rows[kept.row_id] for kept in coming]
    for row in made:
        row.version += 1
    try:
        with transaction.atomic():
            _store(kind, made)
    except IntegrityError:  # something stands in the place of one of them: each answers for itself
        return _one_by_one(coming, rows, by, refused)
    found = kind.model.objects.in_bulk([row.pk for row in made])
    back = [found[row.pk] for row in made]
    for row, kept in zip(back, coming, strict=True):
        references.fill(row, kept.data["emptied"])
        references.put_along(kept.data.get("along", []))
    ExternalKey.objects.bulk_create(
        [ExternalKey(system=system, kind=kind.name, key=key, row_id=kept.row_id, marks=marks)
         for kept in coming for system, key, marks in kept.data["keys"]], ignore_conflicts=True)
    save.index(kind, back)
    customs.index(kind, back)
    TrashedRow.objects.filter(pk__in=[kept.pk for kept in coming]).delete()
    history.write([history.entry(row, "restore", by=by, batch=batch) for row in back])
    if back:
        events.rows_restored.announce(back, by=by)
    return len(back), refused


def _store(kind: Kind, rows: list[Any]) -> None:
    """Insert the rows as they were written down: no default and no date is filled in."""
    manager = kind.model._base_manager.all()
    for start in range(0, len(rows), _BATCH):
        manager._insert(rows[start : start + _BATCH], fields=kind.model._meta.concrete_fields, using=manager.db, raw=True)


def _links(kind: Kind, rows: dict[int, Any]) -> dict[int, str]:
    """Reasons why rows cannot come back, by id: what they belong to is gone. Links that may be empty are emptied."""
    wrong: dict[int, str] = {}
    for field in kind.model._meta.concrete_fields:
        target = field.related_model
        if target is None:
            continue
        wanted = {value for row in rows.values() if (value := getattr(row, field.attname)) is not None}
        there = set(target._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
        if target is kind.model:
            there |= rows.keys()
        beside = {kept.row_id: kept for kept in TrashedRow.objects.filter(kind=getattr(target, "KIND", ""), row_id__in=wanted - there)} if wanted - there else {}
        for pk, row in rows.items():
            value = getattr(row, field.attname)
            if value is None or value in there:
                continue
            if value in beside:
                wrong[pk] = str(_("“%(row)s” belongs to it and is in the trash too. Bring that back first.") % {"row": beside[value]})
            elif not field.null:
                wrong[pk] = str(_("What it belongs to is gone for good."))
            else:
                setattr(row, field.attname, None)
    return wrong


def _one_by_one(coming: Sequence[TrashedRow], rows: dict[int, Any], by: Any, refused: Refusals) -> tuple[int, Refusals]:
    done = 0
    for kept in coming:
        try:
            with transaction.atomic():
                restore_row(kept, by=by)
        except Refused as no:
            refused.append((rows[kept.row_id], str(no.message)))
        else:
            done += 1
    return done, refused


@undo.undoer("collab.restore_rows")
def _undo(payload: dict[str, Any], *, by: Any) -> None:
    kind = registry.kind(payload["kind"])
    lines = HistoryEntry.objects.filter(batch=payload["batch"], kind=kind.name, by=by, action="trash")
    if not restore_rows(kind, list(lines.values_list("row_id", flat=True)[:500]), by=by)[0]:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
