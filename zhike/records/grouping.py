"""A list by groups: how many rows stand in each, and what their numbers come to.

Groups stand on the same rows as the list: same rights, same conditions. One groups only by what one
may filter by, and sums only what one sees in the open, since a sum over one row is its value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.fields.ordering import nulls_last
from zhike.base.refused import Refused
from zhike.org.access import Access

from . import grouping_typed, listing, lookups, visibility
from .attrs import Attr
from .customs import CustomAttr
from .kinds import Kind

MOST = 100  # groups shown; the rest is one line
MOST_ROWS = 500_000  # rows looked at for one answer
BY = ("choice", "option", "user", "department", "ref", "bool")
DATES = ("date", "datetime")
SUMMED = ("money", "quantity")
CUSTOM_SUMMED = (*SUMMED, "price", "int")  # a formula's result is of type price


@dataclass(slots=True)
class By:
    """What a list is grouped by: a field, a date by its months."""

    attr: Attr
    month: bool = False

    @property
    def key(self) -> str:
        return f"{self.attr.name}:month" if self.month else self.attr.name


@dataclass(slots=True)
class Group:
    """The rows that share one value: None stands for those without; `sums` in the order asked."""

    value: Any
    n: int
    sums: list[Decimal]


@dataclass(slots=True)
class Groups:
    by: By
    items: list[Group]
    total: Group
    rest: Group | None = None  # what stands in further groups, together
    names: dict[int, Any] = field(default_factory=dict)  # id → record, where the value is a record


def offered(kind: Kind, access: Access) -> list[By]:
    """What this person may group the kind's lists by: fields they may filter by, of few values, and months."""
    found: list[By] = []
    for attr in kind.open(kind.filter_names(), access):
        if attr.type in BY:
            found.append(By(attr))
        elif attr.type in DATES and not attr.custom:
            found.append(By(attr, month=True))
    return found


def read(kind: Kind, values: Sequence[str], access: Access) -> By | None:
    """The grouping named in an address (`level`, `created_at:month`); refuses what is not offered."""
    value = values[-1] if values else ""
    if not value:
        return None
    possible = offered(kind, access)
    found = next((by for by in possible if by.key == value), None)
    if found is None:
        raise Refused(
            _("The list cannot be grouped by “%(key)s”. Possible: %(list)s")
            % {"key": value[:60], "list": ", ".join(by.key for by in possible)},
            code="group.unknown",
        )
    return found


def summed(kind: Kind, attrs: Sequence[Attr], access: Access) -> list[Attr]:
    """Those of the fields whose sums this person may see: money and quantities they see in the open.

    Custom ones are summed where one may filter by them: then their values stand in typed rows.
    """
    return [attr for attr in attrs if access.field_mode(kind.name, attr.name) in ("", "read")
            and (attr.filterable and attr.type in CUSTOM_SUMMED if isinstance(attr, CustomAttr)
                 else attr.type in SUMMED and attr.model_field is not None)]


def groups(asked: listing.Request, by: By, sums: Sequence[Attr]) -> Groups:
    """The groups of the rows asked for: the largest first, months newest first, at most 100.

    Two queries, one more for the names of records, one more where there are over 100 groups.
    Refuses more than 500,000 rows.
    """
    rows = asked.rows(listing.narrow(asked))
    # No more rows than the highest id: then nothing need be counted to know that they are not too many.
    highest = asked.kind.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    if highest > MOST_ROWS and listing.capped_count(rows, MOST_ROWS)[1]:
        raise Refused(
            _("Groups are counted over at most %(n)s rows. Narrow the list with conditions first.") % {"n": f"{MOST_ROWS:,}"},
            code="group.many",
        )
    found = _in_parts(asked, by, sums) if _by_parts(asked, by) else _read(rows, by, sums)
    items = _items(by, found, sums)
    if len(found) <= MOST:
        total, rest = _together(items, len(sums)), None
    else:
        items, whole = items[:MOST], _whole(rows, by, sums)
        total, listed = _group(None, whole, sums), _together(items, len(sums))
        rest = Group(None, total.n - listed.n, [a - b for a, b in zip(total.sums, listed.sums, strict=True)])
    return Groups(by, items, total, rest, _names(by.attr, [group.value for group in items if group.value is not None]))


def _by_parts(asked: listing.Request, by: By) -> bool:
    """Whether the rows are better read in parts that share none: of a wide scope, by a choice of one's own, without dear conditions."""
    cheap = not (asked.lookup.typed or asked.q)
    return cheap and isinstance(by.attr, CustomAttr) and by.attr.type in ("choice", "bool") and not visibility.sees_few(asked.kind.model, asked.user)


def _in_parts(asked: listing.Request, by: By, sums: Sequence[Attr]) -> list[dict[str, Any]]:
    """The same as `_read`, added up from the parts: one OR over all ways of seeing would look at every row there is."""
    found: dict[Any, dict[str, Any]] = {}
    parts = asked.pieces()
    everything = len(parts) == 1 and visibility.untouched(parts[0]) and grouping_typed.stand_alone(parts[0], (by.attr, *sums))
    for part in parts:
        for row in grouping_typed.read_all(part, by.attr, sums) if everything else grouping_typed.read(part, by.attr, None, sums):
            there = found.setdefault(row["_group"], row)
            if there is not row:
                there.update({name: there[name] + value for name, value in row.items() if name != "_group"})
    rows = sorted(found.values(), key=lambda row: (-row["_n"], row["_group"] is None, str(row["_group"])))
    return rows[: MOST + 1]


def _read(rows: Any, by: By, sums: Sequence[Attr]) -> list[dict[str, Any]]:
    """The first groups with their counts and sums, one more than are shown."""
    if grouping_typed.takes_part(by.attr, sums):
        value = None if isinstance(by.attr, CustomAttr) else _expression(by)
        order = "1 DESC NULLS LAST" if by.month else "2 DESC, 1 ASC NULLS LAST"
        return grouping_typed.read(rows, by.attr, value, sums, order=order, limit=MOST + 1)
    wanted = {f"sum_{i}": Sum(attr.path) for i, attr in enumerate(sums)}
    order_by = [nulls_last("_group", descending=by.month)] if by.month else ["-_n", nulls_last("_group")]
    return list(rows.annotate(_group=_expression(by)).values("_group").annotate(_n=Count("pk"), **wanted).order_by(*order_by)[: MOST + 1])


def _whole(rows: Any, by: By, sums: Sequence[Attr]) -> dict[str, Any]:
    """All rows as one group."""
    if grouping_typed.takes_part(by.attr, sums):
        return grouping_typed.read(rows, None, None, sums)[0]
    whole: dict[str, Any] = rows.aggregate(_n=Count("pk"), **{f"sum_{i}": Sum(attr.path) for i, attr in enumerate(sums)})
    return whole


def _expression(by: By) -> Any:
    attr = by.attr
    if by.month:
        return TruncMonth(attr.path, tzinfo=clock.zone()) if attr.type == "datetime" else TruncMonth(attr.path)
    return F(attr.path)


def _items(by: By, found: Sequence[dict[str, Any]], sums: Sequence[Attr]) -> list[Group]:
    """Rows of the database as groups; the ways to say "nothing" come together in one."""
    kept: dict[Any, Group] = {}
    never = by.attr.never
    for row in found:
        value = row["_group"]
        if isinstance(value, datetime):
            value = clock.local(value).date()
        if value == "" or (value is not None and never is not None and value == _month(never)):
            value = None
        if value is not None and by.attr.type == "bool":
            value = bool(value)
        group = _group(value, row, sums)
        kept[value] = _together([kept[value], group], len(sums), value) if value in kept else group
    return list(kept.values())


def _month(never: Any) -> date:
    day = clock.local(never).date() if isinstance(never, datetime) else never
    return day.replace(day=1)  # type: ignore[no-any-return]


def _group(value: Any, row: dict[str, Any], sums: Sequence[Attr]) -> Group:
    return Group(value, row["_n"], [row[f"sum_{i}"] or Decimal(0) for i in range(len(sums))])


def _together(items: Sequence[Group], sums: int, value: Any = None) -> Group:
    return Group(value, sum(group.n for group in items),
                 [sum((group.sums[i] for group in items), Decimal(0)) for i in range(sums)])


def _names(attr: Attr, ids: Sequence[Any]) -> dict[int, Any]:
    """The records behind the values, as a list names them: one query."""
    if not attr.link or not ids:
        return {}
    if isinstance(attr, CustomAttr):
        model = attr.target()
    else:
        model = attr.model_field.related_model if attr.model_field is not None else None
    return dict(model._default_manager.in_bulk(ids)) if model is not None else {}


def key_of(by: By, value: Any) -> str:
    """What an address calls one group by: the code or number of its value, "2026-05" for a month, "none"."""
    if value is None:
        return "none"
    return f"{value:%Y-%m}" if by.month else str(int(value) if isinstance(value, bool) else value)


def opening(by: By, value: Any, used: Sequence[lookups.Used]) -> dict[str, list[str] | None] | None:
    """The conditions that leave one group of the list: parameter → values, None takes one away.

    None where the value can no longer be asked for. A month is cut to the range already in force.
    """
    name, attr = by.attr.name, by.attr
    if by.month:
        if value is None:
            return {name: ["none"]}
        first, last = value, (value + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for one in used:
            if one.name == name and one.part == "from":
                first = max(first, lookups.day(attr, one.values[0]))
            elif one.name == name and one.part == "to":
                last = min(last, lookups.day(attr, one.values[0]))
        return {f"{name}__from": [first.isoformat()], f"{name}__to": [last.isoformat()]}
    if value is None:
        return {name: ["none"]}
    if attr.type == "bool":
        return {name: ["1" if value else "0"]}
    if attr.type == "choice" and value not in [code for code, _label in attr.choices]:
        return None
    return {name: [str(value)]}
