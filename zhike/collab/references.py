"""Which records point to a record, so that it is not pulled away from under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.records import registry

NAMED = 10
MOST_ALONG = 1_000  # rows of one sort that go along with a record


@dataclass(frozen=True, slots=True)
class Companion:
    """Rows that are nothing without the record they belong to: they go into the trash and come back with it.

    `model` is the label, `field` the foreign key; of a kind with a life of its own `where` says which rows.
    """

    model: str
    field: str
    where: Q = Q()


_companions: list[Companion] = []
_memories: set[tuple[str, str]] = set()


def goes_along(model: str, field: str, where: Q | None = None) -> None:
    """Declare rows that go into the trash with what their foreign key points to, instead of keeping it from there."""
    _companions.append(Companion(model, field, where or Q()))


def lets_go(model: str, field: str) -> None:
    """Declare a link that only remembers what it points to: it is emptied when that is deleted and filled when it comes back."""
    _memories.add((model, field))


def companions_of(model: Any) -> list[tuple[Any, Companion]]:
    """(model, declaration) of everything that goes along with rows of `model`."""
    found = [(apps.get_model(one.model), one) for one in _companions]
    return [(theirs, one) for theirs, one in found if theirs._meta.get_field(one.field).related_model is model]


def pointing(model: Any) -> Iterator[Any]:
    """Every foreign key of the house that leads to the model."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_one or relation.one_to_many):
            yield relation.field


def may_be_emptied(field: Any) -> bool:
    """Links among records of one kind (who reports to whom, which visit was planned from which) and those declared by
    `lets_go` are emptied and filled again; every other link keeps what it points to."""
    return bool(field.null) and (field.model is field.related_model or (field.model._meta.label, field.name) in _memories)


def blockers(row: Any, user: Any) -> list[Any]:
    """What keeps a record: (text, address) for records the person may see, a number for the others."""
    found: list[Any] = []
    along = {(model._meta.label, one.field): one.where for model, one in companions_of(type(row))}
    for field in pointing(type(row)):
        where = along.get((field.model._meta.label, field.name))
        if may_be_emptied(field) or (where is not None and not where):
            continue
        rows = field.model._default_manager.filter(**{field.name: row.pk})
        if where is not None:
            rows = rows.exclude(where)
        name = getattr(field.model, "KIND", "")
        if not name or not registry.has(name):
            if rows.exists():
                found.append(str(_("%(what)s: %(n)s") % {"what": field.model._meta.verbose_name_plural, "n": rows.count()}))
            continue
        kind = registry.kind(name)
        total = rows[:1_000].count()
        shown = kind.model.objects.visible_to(user).filter(**{field.name: row.pk})
        seen = list((shown.exclude(where) if where is not None else shown).order_by("-pk")[:NAMED])
        found += [(f"{kind.label}: {one}", kind.url(one)) if kind.pages else f"{kind.label}: {one}" for one in seen]
        if total > len(seen):
            found.append(str(_("%(what)s: %(n)s more") % {"what": kind.plural, "n": total - len(seen)}))
    return found


def empty(row: Any) -> list[list[Any]]:
    """Empty the links that may be, and say which they were: [model, column, ids]."""
    emptied: list[list[Any]] = []
    for field in pointing(type(row)):
        if may_be_emptied(field):
            rows = field.model._default_manager.filter(**{field.name: row.pk})
            ids = list(rows.values_list("pk", flat=True))
            if ids:
                rows.update(**{field.name: None})
                emptied.append([field.model._meta.label, field.name, ids])
    return emptied


def fill(row: Any, emptied: list[list[Any]]) -> None:
    """Fill the emptied links again, where nobody has filled them meanwhile."""
    known: dict[tuple[str, str], models.Field[Any, Any]] = {(field.model._meta.label, field.name): field for field in pointing(type(row))}
    for label, name, ids in emptied:
        field = known.get((label, name))
        if field is not None:
            field.model._default_manager.filter(**{"pk__in": ids, f"{name}__isnull": True}).update(**{name: row.pk})


def take_along(row: Any, written: Any) -> list[dict[str, Any]]:
    """Take what goes along with a record out of its tables; returns the rows as `written` puts them down."""
    return take_many_along(type(row), [row.pk], written).get(row.pk, [])


def take_many_along(model: Any, ids: list[int], written: Any) -> dict[int, list[dict[str, Any]]]:
    """The same for many records of one kind: what went along with each, by its id."""
    taken: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for theirs, one in companions_of(model):
        found = list(theirs._base_manager.filter(one.where, **{f"{one.field}__in": ids}).order_by("pk")[: MOST_ALONG * len(ids)])
        models.prefetch_related_objects(found, *(field.name for field in theirs._meta.local_many_to_many))
        for each in found:
            taken[getattr(each, theirs._meta.get_field(one.field).attname)].append(written(each))
        gone = theirs._base_manager.filter(pk__in=[each.pk for each in found])
        gone._raw_delete(gone.db)
    return taken


def put_along(taken: list[dict[str, Any]]) -> None:
    """Put rows back that had gone along, where nothing stands in their place by now."""
    for data in taken:
        row = next(serializers.deserialize("python", [data])).object
        unique = [{name: getattr(row, row._meta.get_field(name).attname) for name in rule.fields}
                  for rule in row._meta.constraints if isinstance(rule, models.UniqueConstraint) and rule.condition is None and not rule.expressions]
        taken_by = Q(pk=row.pk)
        for values in unique:
            taken_by |= Q(**values)
        links = [field for field in row._meta.concrete_fields if field.related_model is not None and getattr(row, field.attname) is not None]
        if type(row)._base_manager.filter(taken_by).exists() or any(
            not field.related_model._base_manager.filter(pk=getattr(row, field.attname)).exists() for field in links
        ):
            continue
        row.save_base(raw=True, force_insert=True)
