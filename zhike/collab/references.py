"""Which records point to a record, so that it is not pulled away from under them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from zhike.records import registry

NAMED = 10


def pointing(model: Any) -> Iterator[Any]:
    """Every foreign key of the house that leads to the model."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_one or relation.one_to_many):
            yield relation.field


def may_be_emptied(field: Any) -> bool:
    """Links among records of one kind (who reports to whom, which visit was planned from which) are emptied and
    filled again; every other link keeps what it points to."""
    return field.model is field.related_model and field.null


def blockers(row: Any, user: Any) -> list[Any]:
    """What keeps a record: (text, address) for records the person may see, a number for the others."""
    found: list[Any] = []
    for field in pointing(type(row)):
        if may_be_emptied(field):
            continue
        rows = field.model._default_manager.filter(**{field.name: row.pk})
        name = getattr(field.model, "KIND", "")
        if not name or not registry.has(name):
            if rows.exists():
                found.append(str(_("%(what)s: %(n)s") % {"what": field.model._meta.verbose_name_plural, "n": rows.count()}))
            continue
        kind = registry.kind(name)
        total = rows[:1_000].count()
        seen = list(kind.model.objects.visible_to(user).filter(**{field.name: row.pk}).order_by("-pk")[:NAMED])
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
