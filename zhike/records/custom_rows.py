"""Which rows have the values that were asked for in fields of the house's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet

MANY = 20_000  # values up to which a condition is counted; of those beyond, the shape of the condition decides


def all_of(wanted: Mapping[int, Q], *, probe: bool) -> Q:
    """Rows that have, for each of these fields (by id), a typed value as it is wanted.

    One field, the one that leaves the fewest, gives the rows, and each is asked for the
    others: collecting every field's rows and comparing the sets cost three times as much. `probe` asks
    the rows of the list one by one instead, where these are few or only the first are wanted.
    """
    from .models import CustomValue

    def typed(field: int, outer: str) -> Any:
        return Exists(CustomValue.objects.filter(wanted[field], field_id=field, row_id=OuterRef(outer)))

    order = narrowest_first(wanted)
    if probe:
        return Q(*(typed(field, "pk") for field in order))
    rows = CustomValue.objects.filter(wanted[order[0]], field_id=order[0])
    for field in order[1:]:
        rows = rows.filter(typed(field, "row_id"))
    return Q(pk__in=rows.values("row_id"))


def first_ids(wanted: Mapping[int, Q], rows: QuerySet[Any], limit: int) -> list[int]:
    """Ids of `limit` of the `rows` that have the values, in no order: looking ends when they are found.

    The narrowest field is walked and each row asked for the other fields, then whether it is one of `rows`. A set of ids would
    be collected whole before its first is looked at.
    """
    from .models import CustomValue

    narrowest, *others = narrowest_first(wanted)
    found = CustomValue.objects.filter(wanted[narrowest], field_id=narrowest)
    for field in others:
        found = found.filter(Exists(CustomValue.objects.filter(wanted[field], field_id=field, row_id=OuterRef("row_id"))))
    found = found.filter(Exists(rows.order_by().filter(pk=OuterRef("row_id"))))
    if any(len(child[1]) > 1 for child in wanted[narrowest].children if isinstance(child, tuple) and str(child[0]).endswith("__in")):
        found = found.distinct()  # of several choices a row may have more than one
    return list(found.values_list("row_id", flat=True)[:limit])


def narrowest_first(wanted: Mapping[int, Q]) -> list[int]:
    """The fields in the order of how many values meet their condition: counted to 20,000, and remembered for ten minutes."""
    if len(wanted) == 1:
        return list(wanted)
    return sorted(wanted, key=lambda field: (_values(field, wanted[field]), _shape(wanted[field])))


def _values(field: int, wanted: Q) -> int:
    from .models import CustomValue

    key = "typed:" + hashlib.sha256(repr((field, wanted)).encode()).hexdigest()
    found: int | None = cache.get(key)
    if found is None:
        found = CustomValue.objects.filter(wanted, field_id=field).values("pk")[:MANY].count()
        cache.set(key, found, 600)
    return found


def _shape(wanted: Q) -> int:
    """How much a condition is likely to leave, without asking: values named are fewer than a span, a span than an end."""
    ends = [child for child in wanted.children if isinstance(child, tuple) and not str(child[0]).endswith("__in")]
    if not ends:
        return 0
    return 1 if len(wanted.children) > 1 else 2
