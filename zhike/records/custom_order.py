"""The order of a list by a custom field: its typed values are walked, then come the rows without one.

Whichever way the list runs, rows without a value stand at its end. Choices stand in the order the
administrator gave them, texts by their characters, the same on both databases.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Collate

from .customs import CustomAttr
from .row_compare import RowCompare

Place = tuple[int | str | None, int]


def key(attr: CustomAttr, row: Any) -> int | str | None:
    """Where a row stands by the field: the value as it is sorted, None where it has none."""
    kept = row.custom.get(attr.name)
    if kept is None:
        return None
    if attr.type == "choice":
        codes = [code for code, _label in attr.choices]
        return codes.index(kept) if kept in codes else len(codes)
    entry = attr.indexed(kept)[0]
    return entry["number"] if "number" in entry else str(entry["text"])


def fits(attr: CustomAttr, value: Any) -> bool:
    """Whether this can be a key of the field: what a stranger puts into a cursor is asked here first."""
    if value is None:
        return True
    if _column(attr) == "text" and attr.type != "choice":
        return isinstance(value, str) and len(value) <= 200
    return type(value) is int and -(2**63) <= value < 2**63


def ids(
    rows: QuerySet[Any], attr: CustomAttr, *, down: bool, back: bool = False, place: Place | None = None, limit: int,
    walk: bool = False, within: Q | None = None,
) -> list[int]:
    """Ids of the first `limit` of `rows` past `place`, in the direction walked; two queries at most.

    `walk`: the values are walked and each row asked whether it belongs; else the rows are collected first.
    `within` is what the rows are filtered by in this very field: only such values need be walked, and no row is without one.
    """
    valueless = place is not None and place[0] is None
    steps = [_without, _valued] if back else [_valued, _without]
    if place is not None and (valueless if not back else not valueless):
        steps = steps[1:]  # the first part lies behind
    found: list[int] = []
    for i, step in enumerate(steps):
        if len(found) < limit and not (within is not None and step is _without):
            here, wanted = place if i == 0 else None, limit - len(found)
            if walk and attr.type == "choice" and step is _valued:
                found += _choice_by_choice(rows, attr, down != back, here, wanted, within)
            else:
                found += step(rows, attr, down != back, here, walk, within)[:wanted]
    return found


def _choice_by_choice(rows: QuerySet[Any], attr: CustomAttr, down: bool, place: Place | None, limit: int, within: Q | None) -> list[int]:
    """The same for a field of choices of which there are many: the order the administrator gave is in no index, that of each choice is.

    One query for each choice that the page reaches, which is one or two.
    """
    from .models import CustomValue

    codes = [code for code, _label in attr.choices]
    parts = [*(Q(text=code) for code in codes), ~Q(text__in=codes)]
    values = CustomValue.objects.filter(Exists(rows.filter(pk=OuterRef("row_id"))), field_id=attr.field_id)
    if within is not None:
        values = values.filter(within)
    found: list[int] = []
    for n in sorted(range(len(parts)), reverse=down):
        beyond = Q()
        if place is not None and place[0] is not None:
            if n != place[0] and (n > place[0]) == down:  # type: ignore[operator]
                continue
            beyond = Q(**{"row_id__lt" if down else "row_id__gt": place[1]}) if n == place[0] else beyond
        if len(found) < limit:
            ids = values.filter(parts[n], beyond).order_by("-row_id" if down else "row_id").values_list("row_id", flat=True)
            found += ids[: limit - len(found)]
    return found


def _column(attr: CustomAttr) -> str:
    return "text" if attr.type in ("choice", *TEXTS) else "number"


TEXTS = ("text", "email", "phone")


def _expression(attr: CustomAttr, vendor: str) -> Any:
    if attr.type == "choice":
        whens = [When(text=code, then=Value(i)) for i, (code, _label) in enumerate(attr.choices)]
        return Case(*whens, default=Value(len(whens)), output_field=IntegerField())
    if _column(attr) == "text" and vendor == "postgresql":
        return Collate("text", "C")
    return F(_column(attr))


def _valued(rows: QuerySet[Any], attr: CustomAttr, down: bool, place: Place | None, walk: bool, within: Q | None) -> QuerySet[Any]:
    from .models import CustomValue

    vendor = connections[rows.db].vendor
    found = CustomValue.objects.filter(field_id=attr.field_id).annotate(_key=_expression(attr, vendor))
    if within is not None:
        found = found.filter(within)
    if walk:
        found = found.filter(Exists(rows.filter(pk=OuterRef("row_id"))))
    else:
        found = found.filter(row_id__in=rows.values("pk"))
    if place is not None:
        value, pk = place
        kind: Any = TextField() if isinstance(value, str) else IntegerField()
        if walk:
            found = found.filter(RowCompare(F("_key"), F("row_id"), Value(value, output_field=kind), Value(pk), op="<" if down else ">"))
        else:
            op = "lt" if down else "gt"
            found = found.filter(Q(**{f"_key__{op}": value}) | Q(_key=value, **{f"row_id__{op}": pk}))
    mark = "-" if down else ""
    return found.order_by(f"{mark}_key", f"{mark}row_id").values_list("row_id", flat=True)


def _without(rows: QuerySet[Any], attr: CustomAttr, down: bool, place: Place | None, walk: bool, within: Q | None) -> QuerySet[Any]:
    from .models import CustomValue

    found = rows.filter(~Exists(CustomValue.objects.filter(field_id=attr.field_id, row_id=OuterRef("pk"))))
    if place is not None:
        found = found.filter(**{"pk__lt" if down else "pk__gt": place[1]})
    return found.order_by("-pk" if down else "pk").values_list("pk", flat=True)
