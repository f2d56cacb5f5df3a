"""Where an option list is used, and by how many records each of its choices."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from zhike.records import registry
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind


def fields_of(dictionary: str) -> list[tuple[Kind, Attr]]:
    """The fields of records that take their values from the list."""
    return [(kind, attr) for kind in registry.kinds() for attr in kind.options() if attr.dictionary == dictionary]


def counts(dictionary: str) -> Counter[str]:
    """Code → number of records that hold it, those in the trash too; one query for each field."""
    found: Counter[str] = Counter()
    for kind, attr in fields_of(dictionary):
        rows = kind.model._base_manager.exclude(**{attr.path: ""}).order_by()
        found.update(dict(rows.values_list(attr.path).annotate(n=Count("pk"))))
    return found


def used(dictionary: str, code: str) -> int:
    """How many records hold one choice."""
    return sum(kind.model._base_manager.filter(**{attr.path: code}).count() for kind, attr in fields_of(dictionary))


def defaults(dictionary: str) -> set[str]:
    """The choices that new records begin with."""
    return {
        str(attr.model_field.get_default()) for _kind, attr in fields_of(dictionary)
        if attr.model_field is not None and attr.model_field.has_default() and attr.model_field.get_default()
    }
