"""Groups in which a field of the house's own takes part, as the value or as a sum.

Its typed values are joined to the rows. Asked for row by row, as one writes it with a subquery, they cost PostgreSQL a
look-up each, which is seven times as much over 200,000 rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet

from .attrs import PLACES, Attr
from .customs import CustomAttr
from .models import CustomValue

KEPT = 86_400  # seconds


def takes_part(by: Attr, sums: Sequence[Attr]) -> bool:
    """Whether any of the fields is one of the house's own."""
    return any(isinstance(attr, CustomAttr) for attr in (by, *sums))


def column(attr: CustomAttr) -> str:
    """Where the typed values of a field stand that one can group by."""
    return "text" if attr.type == "choice" else "number"


def read(rows: QuerySet[Any], by: Attr | None, value: Any, sums: Sequence[Attr], *, order: str = "", limit: int = 0) -> list[dict[str, Any]]:
    """Groups of `rows` as `_group`, `_n` and `sum_<i>`; `by` None: all of them as one.

    `value` is the expression of a field of the program to group by. `order` is SQL over the columns in the order of the answer: 1 is
    the group, 2 how many.
    """
    connection = connections[rows.db]
    inner: dict[str, Any] = {"_row": F("pk"), **{f"_s{i}": F(attr.path) for i, attr in enumerate(sums) if not isinstance(attr, CustomAttr)}}
    if by is not None and not isinstance(by, CustomAttr):
        inner["_group"] = value
    compiler = rows.order_by().annotate(**inner).values(*inner).query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return []
    table = connection.ops.quote_name(CustomValue._meta.db_table)
    joins: list[str] = []
    joined: list[int] = []

    def typed(attr: CustomAttr) -> str:
        name = f"v{len(joined)}"
        joins.append(f"LEFT JOIN {table} {name} ON {name}.field_id = %s AND {name}.row_id = r._row")
        joined.append(attr.field_id)
        return name

    group = "NULL"
    if isinstance(by, CustomAttr):
        group = f"{typed(by)}.{column(by)}"
    elif by is not None:
        group = "r._group"
    figures = [f"SUM({typed(attr)}.number)" if isinstance(attr, CustomAttr) else f"SUM(r._s{i})" for i, attr in enumerate(sums)]
    text = f"SELECT {', '.join([group, 'COUNT(*)', *figures])} FROM ({sql}) r {' '.join(joins)}"  # noqa: S608  names of the models alone
    if by is not None:
        text += f" GROUP BY {group}"
    if order:
        text += f" ORDER BY {order}"
    if limit:
        text += f" LIMIT {limit:d}"
    with connection.cursor() as cursor:
        cursor.execute(text, [*params, *joined])
        found = cursor.fetchall()
    read_group = _reader(compiler, connection)
    return [{"_group": read_group(group), "_n": n, **{f"sum_{i}": _figure(attr, value) for i, (attr, value) in enumerate(zip(sums, more, strict=True))}}
            for group, n, *more in found]


def stand_alone(rows: QuerySet[Any], attrs: Sequence[Attr]) -> bool:
    """Whether the typed values of the fields can be counted without their rows: each belongs to a row that there is.

    That is looked up once (a row deleted past the actions leaves its values behind) and holds for as long as none of the rows
    there were then has gone.
    """
    fields = [attr.field_id for attr in attrs if isinstance(attr, CustomAttr)]
    if len(fields) < len(attrs):
        return False
    key = f"typed:{rows.db}:{rows.model._meta.label_lower}:{','.join(map(str, fields))}"
    now = rows.aggregate(n=Count("pk"), top=Max("pk"))
    then = cache.get(key)
    if then is not None and now["n"] - rows.filter(pk__gt=then["top"] or 0).count() == then["n"]:
        return True
    if CustomValue.objects.using(rows.db).filter(~Exists(rows.filter(pk=OuterRef("row_id"))), field_id__in=fields).exists():
        return False
    cache.set(key, now, KEPT)
    return True


def read_all(rows: QuerySet[Any], by: Attr, sums: Sequence[Attr]) -> list[dict[str, Any]]:
    """The same for all rows of a kind, by one of the house's fields and with sums of such alone.

    The typed values are counted as they stand in their index; whatever row has none is the difference to all rows there are.
    That asks for no row, so that 200,000 of them take a tenth of the time, and half of it with sums. See `stand_alone`.
    """
    assert isinstance(by, CustomAttr)
    connection = connections[rows.db]
    quote = connection.ops.quote_name
    table, owner = quote(CustomValue._meta.db_table), quote(rows.model._meta.db_table)
    fields = [attr.field_id for attr in sums if isinstance(attr, CustomAttr)]
    figures = [f"SUM(v{i}.number)" for i in range(len(fields))]
    joins = [f"LEFT JOIN {table} v{i} ON v{i}.field_id = %s AND v{i}.row_id = v.row_id" for i in range(len(fields))]
    whole = [f"(SELECT COUNT(*) FROM {owner})", *[f"(SELECT SUM(number) FROM {table} WHERE field_id = %s)"] * len(fields)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(  # names of the models alone
            f"SELECT v.{column(by)}, {', '.join(['COUNT(*)', *figures])} FROM {table} v {' '.join(joins)}"  # noqa: S608
            f" WHERE v.field_id = %s GROUP BY v.{column(by)}", [*fields, by.field_id])
        found = [list(line) for line in cursor.fetchall()]
        cursor.execute(f"SELECT {', '.join(whole)}", fields)
        total = cursor.fetchone()
    rest = [int(all_of_it or 0) - sum(int(line[i] or 0) for line in found) for i, all_of_it in enumerate(total, 1)]
    if rest[0] > 0:
        found.append([None, *rest])
    return [{"_group": group, "_n": n, **{f"sum_{i}": _figure(attr, value) for i, (attr, value) in enumerate(zip(sums, more, strict=True))}}
            for group, n, *more in found]


def _figure(attr: Attr, found: Any) -> Decimal:
    """The sum of scaled whole numbers as the field's own number, 0 where no row has one."""
    return Decimal(int(found or 0)).scaleb(-PLACES.get(attr.type, 0))


def _reader(compiler: Any, connection: Any) -> Any:
    """How the value of a field of the program is read out of the answer: a month is text on SQLite."""
    grouped = next((expression for expression, _sql, alias in compiler.select if alias == "_group"), None)
    if grouped is None:
        return lambda value: value
    converters = [*connection.ops.get_db_converters(grouped), *grouped.get_db_converters(connection)]

    def convert(value: Any) -> Any:
        for converter in converters:
            value = converter(value, grouped, connection)
        return value

    return convert
