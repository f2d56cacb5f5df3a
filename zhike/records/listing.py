"""One page of a list: rights, filters, search, order, keyset paging and a capped count."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.models import User

from . import custom_order, custom_rows, customs, lookups, search, visibility, where
from .attrs import Attr
from .kinds import Kind
from .row_compare import RowCompare

CAP = 10_000
TYPED_CAP = 1_000  # with conditions on the house's own fields, for people who see much: so many are looked for, not all
SHAPE = ("columns", "group", "open", "rows")  # how a list is drawn; which rows it has does not hang on it
_CLEAN = re.compile(r"[^\x00\ud800-\udfff]{0,400}")  # what a database can be asked
MAX_LIMIT = 500


@dataclass(slots=True)
class Page:
    items: list[Any]
    count: int
    capped: bool
    next: str
    prev: str
    first: int  # place of the first item in the whole list, counted from 1
    lookup: lookups.Lookup
    order: Attr | None
    down: bool


@dataclass(slots=True)
class Request:
    """What was asked for, read and checked once."""

    kind: Kind
    user: Any
    lookup: lookups.Lookup
    q: str
    order: Attr | None
    down: bool
    _words: dict[bool, tuple[Q, bool]] = field(default_factory=dict)

    def rows(self, mode: str = "plain", *, first: bool = False) -> QuerySet[Any]:
        """All rows that match, unordered; the base of pages, totals, boards and exports alike.

        `first`: only the first in some order are wanted, so that an index of that order is walked.
        """
        # Whoever does not see all rows, or searches, has fewer rows than a field has values.
        probe = first or bool(self.q) or (self.kind.owned and not access_of(self.user).reach(self.kind.name).everything)
        if mode == "walk":  # looked at one by one: the cheap filters come before the rights
            found = self.lookup.apply(self.kind.model.objects.all(), self.user, probe=probe).visible_to(self.user, mode)
        else:
            found = self.lookup.apply(self.kind.model.objects.visible_to(self.user, mode), self.user, probe=probe)
        if self.q:
            found = found.filter(self.searched(mode == "few")[0])
        return found.order_by()

    @property
    def path(self) -> str:
        """What the rows are in the order of."""
        return self.order.path if self.order else "pk"

    def typed_ids(self, mode: str, few: bool) -> tuple[list[int], int]:
        """Ids of the rows that match where conditions are on the house's own fields, in no order, and how many are looked for:
        one more than that means there are more."""
        if few or self.q:
            return list(self.rows(mode).values_list("pk", flat=True)[: CAP + 1]), CAP
        rows = self.lookup.apply(self.kind.model.objects.all(), self.user, typed=False).visible_to(self.user, "walk")
        return custom_rows.first_ids(self.lookup.typed, rows, TYPED_CAP + 1), TYPED_CAP

    def pieces(self) -> list[QuerySet[Any]]:
        """The rows of `rows` in parts that share none, for sums over very many."""
        found = [self.lookup.apply(part, self.user) for part in visibility.pieces(self.kind.model.objects.all(), self.user)]
        condition = self.searched()[0] if self.q else Q()
        return [part.filter(condition).order_by() for part in found]

    def all_have_it(self) -> bool:
        """Whether somebody who sees every row searches for a word that very many rows hold: the index has counted them already."""
        everything = self.kind.owned and access_of(self.user).reach(self.kind.name).everything
        return bool(self.q) and everything and not self.lookup.used and not self.lookup.typed and self.searched()[1]

    def searched(self, few: bool = False) -> tuple[Q, bool]:
        """The condition of the search, and whether it is for a common word."""
        if few not in self._words:
            self._words[few] = search.among(self.kind.name, self.q, parts=self.kind.search_parts(access_of(self.user)), few=few)
        return self._words[few]


def read(kind: Kind, params: Mapping[str, list[str]], user: Any, *, ignore: tuple[str, ...] = ()) -> Request:
    """Check a query string against the kind; refuses what it does not know."""
    reserved = ("q", "order", "limit", "cursor", "where", *ignore)
    lookup = lookups.read_filters(kind, params, user, ignore=reserved)
    nested = (params.get("where") or [""])[-1].strip()
    if nested:
        condition, group = where.read(kind, nested, user)
        lookup.condition &= condition
        lookup.used.append(lookups.Used("where", _("Advanced conditions"), [nested], count=len(group.conditions())))
    q = (params.get("q") or [""])[-1].strip()
    if len(q) > 100:
        raise Refused(_("Search for at most %(n)s characters.") % {"n": 100}, code="q.long")
    attr, down = lookups.read_order(kind, (params.get("order") or [""])[-1], access_of(user))
    return Request(kind, user, lookup, q, attr, down)


def capped_count(rows: QuerySet[Any], cap: int = CAP) -> tuple[int, bool]:
    """How many rows, counted no further than `cap`."""
    n = rows.order_by().values("pk")[: cap + 1].count()
    return min(n, cap), n > cap


def counted_first(rows: QuerySet[Any], path: str, *, down: bool, limit: int) -> tuple[list[int], int, bool]:
    """The first ids in order together with the number of all rows, looking at each row once instead of twice.

    (ids, count, capped); of more than `CAP` rows the ids are those of the first `CAP` looked at, not of the list.
    """
    found = rows.order_by().annotate(_id=F("pk"), _place=F(path)).values_list("_id", "_place")[: CAP + 1]
    try:
        sql, params = found.query.get_compiler(rows.db).as_sql()
    except EmptyResultSet:  # the conditions let nothing through, which Django sees without asking the database
        return [], 0, False
    way = "DESC" if down else "ASC"
    with connections[rows.db].cursor() as cursor:
        cursor.execute(
            f"SELECT _id, COUNT(*) OVER () FROM ({sql}) AS found ORDER BY _place {way}, _id {way} LIMIT %s",  # noqa: S608  a queryset's own words
            [*params, limit],
        )
        there = cursor.fetchall()
    count = there[0][1] if there else 0
    return [pk for pk, _n in there], min(count, CAP), count > CAP


# What a list shows of a colleague; their password, preferences and the rest stay in the table.
_OF_USER = ("id", "username", "name", "department")


def with_neighbours(rows: QuerySet[Any], kind: Kind, columns: Sequence[Attr] | None) -> QuerySet[Any]:
    """The rows with their neighbours; with `columns` only with those that these columns show."""
    if columns is None:
        return rows.select_related(*kind.related)
    needed = {attr.path.split("__")[0] for attr in columns}
    related = [name for name in kind.related if name in needed]
    heavy = [
        f"{name}__{field.name}"
        for name in related
        if kind.model._meta.get_field(name).related_model is User
        for field in User._meta.concrete_fields
        if field.name not in _OF_USER
    ]
    rows = rows.select_related(*related) if related else rows
    return rows.defer(*heavy) if heavy else rows


def page(
    asked: Request, *, limit: int = 50, cursor: str = "", related: Sequence[str] = (),
    columns: Sequence[Attr] | None = None,
) -> Page:
    """Fetch one page. The count decides the shape of the query, see `visibility`.

    `columns` says what will be shown, so that nothing else is fetched; `related` adds neighbours.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    kind, down = asked.kind, asked.down
    back, place, first = _read_cursor(cursor, asked) if cursor else (False, None, 1)
    counted = _counted(asked, first_page=not cursor, limit=limit + 1)
    count, capped = counted.count, counted.capped
    ordered = counted.ordered if counted.ordered is not None else _ids(asked, counted, back, place, limit + 1)
    # Then the fifty rows themselves, by number: with the ids left to a subquery PostgreSQL joins all
    # 200,000 rows to their neighbours as soon as there are eight of these.
    rows = with_neighbours(kind.model._default_manager.filter(pk__in=ordered), kind, columns)
    items = in_order(rows.select_related(*related) if related else rows, ordered)
    more = len(items) > limit
    items = items[:limit]
    customs.attach(columns or (), items)
    if back:
        items.reverse()
        first = max(1, first - len(items))
        if not more:
            first = 1
    has_next, has_prev = (True, more) if back else (more, place is not None)
    after = first + len(items)
    return Page(
        items=items,
        count=count,
        capped=capped,
        next=_cursor(asked, items[-1], False, after) if items and has_next else "",
        prev=_cursor(asked, items[0], True, first) if items and has_prev else "",
        first=first,
        lookup=asked.lookup,
        order=asked.order,
        down=down,
    )


@dataclass(slots=True)
class _Counted:
    """How many rows match, with what was learned of them while counting."""

    count: int
    capped: bool
    ids: list[int] | None = None  # all of them, in no order
    ordered: list[int] | None = None  # those of the first page, in order


def _counted(asked: Request, *, first_page: bool, limit: int) -> _Counted:
    """Count the rows in the way that also serves the page best."""
    mode = narrow(asked)
    few = mode == "few"
    if asked.lookup.typed:  # dear to find, cheap to remember: the page is taken from what was counted
        ids, cap = asked.typed_ids(mode, few)
        return _Counted(min(len(ids), cap), len(ids) > cap, ids=ids)
    if asked.all_have_it():
        return _Counted(CAP, True)
    if first_page and _collected(asked, few):  # looked at one by one: once is enough
        path = asked.path
        ordered, count, capped = counted_first(_with_figures(asked.rows(mode), asked.kind, path), path, down=asked.down, limit=limit)
        return _Counted(count, capped, ordered=None if capped else ordered)
    return _Counted(*capped_count(asked.rows(mode)))


def _ids(asked: Request, counted: _Counted, back: bool, place: tuple[Any, int] | None, limit: int) -> list[int]:
    """The ids of one page, in the direction in which it is read."""
    mode = narrow(asked)
    few = mode == "few"
    # A few rows are collected and sorted, of many the sort index is walked; the hits of a search
    # come from its index, unless the word is in nearly every row.
    loose = not counted.capped or (bool(asked.q) and not asked.searched(few)[1])
    if counted.ids is not None and not counted.capped:
        found = asked.kind.model._default_manager.filter(pk__in=counted.ids)
    else:
        found = asked.rows(mode if few or loose else "walk", first=not (few or loose))
    if isinstance(asked.order, customs.CustomAttr):
        return custom_order.ids(found, asked.order, down=asked.down, back=back, place=place, limit=limit, walk=not (few or loose),
                                within=asked.lookup.typed.get(asked.order.field_id))
    downwards = asked.down != back
    if place is not None:
        found = found.filter(_beyond(asked.kind, asked.path, place, downwards, loose))
    # What is sorted is a few bytes a row instead of whole rows with all their neighbours.
    found = _with_figures(found, asked.kind, asked.path).order_by(*_order(asked.kind, asked.path, downwards, loose))
    return list(found.values_list("pk", flat=True)[:limit])


def _collected(asked: Request, few: bool) -> bool:
    """Whether all rows are looked at anyway, up to `CAP`, and not only those of an index that is walked."""
    if isinstance(asked.order, customs.CustomAttr):
        return False
    if few:
        return True
    return not asked.searched()[1] if asked.q else bool(asked.lookup.used)


def in_order(rows: QuerySet[Any], ids: Sequence[int]) -> list[Any]:
    """The rows in the order of their ids."""
    there = {row.pk: row for row in rows}
    return [there[pk] for pk in ids if pk in there]


def narrow(asked: Request) -> str:
    """How rights are best written where the rows are counted, summed or collected as a whole."""
    return "few" if visibility.sees_few(asked.kind.model, asked.user) else _wide_mode(asked)


def _wide_mode(asked: Request) -> str:
    """How rights are written for people who see much, where rows are counted or collected.

    With filters SQLite must not enter by the rights: ten departments are 500,000 activities in random
    order (840 ms), where a filter's own index, or the table read through (240 ms), is quicker.
    """
    sqlite = connections[asked.kind.model._default_manager.db].vendor == "sqlite"
    return "walk" if sqlite and asked.lookup.used and not asked.q else "plain"


def _tie(kind: Kind, path: str) -> str:
    """What decides between equal values: the id, taken from the table of the sort column where that
    holds it too (a side table of figures), for only then its index (column, id) can be walked."""
    root, _sep, rest = path.partition("__")
    if rest:
        relation = kind.model._meta.get_field(root)
        if relation.one_to_one and relation.auto_created and relation.field.primary_key:
            return f"{root}__pk"
    return "pk"


def _with_figures(rows: QuerySet[Any], kind: Kind, path: str) -> QuerySet[Any]:
    """Every row has its figures; an outer join to them could not begin with their index."""
    tie = _tie(kind, path)
    return rows if tie == "pk" else rows.filter(**{f"{tie}__isnull": False})


def _order(kind: Kind, path: str, down: bool, loose: bool) -> list[Any]:
    columns = [F(path)] if path == "pk" else [F(path), F(_tie(kind, path))]
    exprs = [visibility.Loose(column) if loose else column for column in columns]
    return [expr.desc() if down else expr.asc() for expr in exprs]


def _beyond(kind: Kind, path: str, place: tuple[Any, int], down: bool, loose: bool) -> Q:
    value, pk = place
    op = "lt" if down else "gt"
    if path == "pk":
        return Q(**{f"pk__{op}": pk})
    if loose:  # collected by rights or search: nothing here may lead into the sort index instead
        return Q(**{f"{path}__{op}": value}) | Q(**{path: value, f"pk__{op}": pk})
    field = kind.model._meta.get_field(path.split("__")[0])
    for part in path.split("__")[1:]:
        field = field.related_model._meta.get_field(part)
    columns = [F(path), F(_tie(kind, path)), Value(value, output_field=field), Value(pk, output_field=kind.model._meta.pk)]
    return Q(RowCompare(*columns, op="<" if down else ">"))


def _cursor(asked: Request, row: Any, back: bool, first: int) -> str:
    if isinstance(asked.order, customs.CustomAttr):
        value = custom_order.key(asked.order, row)
    else:
        value = _raw(row, asked.order.path) if asked.order else None
    if isinstance(value, (datetime, date, Decimal)):
        value = str(value)
    name = asked.order.name if asked.order else "id"
    packed = json.dumps([name, asked.down, back, value, row.pk, first], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _raw(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row


def _read_cursor(cursor: str, asked: Request) -> tuple[bool, tuple[Any, int], int]:
    wrong = Refused(_("This page no longer exists. Start again from the first one."), code="cursor")
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        name, down, back, value, pk, first = json.loads(packed)
    except (ValueError, binascii.Error, TypeError, RecursionError):
        raise wrong from None
    expected = asked.order.name if asked.order else "id"
    if name != expected or down is not asked.down or not isinstance(back, bool):
        raise wrong
    if type(pk) is not int or type(first) is not int or not 0 < pk < 2**63 or not 0 < first < 2**31:
        raise wrong
    if isinstance(asked.order, customs.CustomAttr):
        if not custom_order.fits(asked.order, value) or (isinstance(value, str) and not _CLEAN.fullmatch(value)):
            raise wrong
    elif asked.order is not None and asked.order.model_field is not None:
        try:
            value = asked.order.model_field.to_python(value)
        except Exception:
            raise wrong from None
        if value is None or (isinstance(value, str) and not _CLEAN.fullmatch(value)):
            raise wrong
        if isinstance(value, datetime) and (timezone.is_naive(value) or not 1900 <= value.year <= 2999):
            raise wrong
    return back, (value, pk), first
