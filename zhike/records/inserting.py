"""Rows that follow from others, written by the thousand: history, keys, figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router

# Fields whose values go to the driver as they are; those of the house clean and measure theirs.
_AS_IT_IS = {
    models.BigIntegerField, models.BooleanField, models.CharField, models.ForeignKey,
    models.IntegerField, models.OneToOneField, models.PositiveBigIntegerField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.SmallIntegerField, models.TextField,
}
_PLAIN = (str, int, bool, type(None))


def insert_rows(rows: Sequence[Any], *, batch: int = 2_000) -> None:
    """Insert rows of one model whose numbers nobody asks for afterwards: the rows do not learn them.

    One prepared statement instead of one long text a batch: half the time of `bulk_create` for narrow rows.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    quote = connection.ops.quote_name
    columns, holes = ", ".join(quote(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({holes})"  # noqa: S608 -- names of our own tables
    with connection.cursor() as cursor:
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            cursor.executemany(statement, list(zip(*(_column(field, part, connection) for field in fields), strict=True)))


def insert_new(row: Any) -> bool:
    """Store a row unless one with the same unique values is there already; whether it was stored.

    Waits for another transaction that is storing it, and needs no savepoint for the case that it is there.
    """
    meta, connection = row._meta, connections[router.db_for_write(type(row))]
    quote = connection.ops.quote_name
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(field.column) for field in fields)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(  # table and columns are the model's own
            f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))}) "  # noqa: S608
            f"ON CONFLICT DO NOTHING RETURNING {quote(meta.pk.column)}", values)
        stored = cursor.fetchone()
    if stored is not None:
        row.pk = stored[0]
    return stored is not None


def _column(field: Any, rows: Sequence[Any], connection: Any) -> list[Any]:
    if type(field) in _AS_IT_IS:
        values = [getattr(row, field.attname) for row in rows]
        if all(type(value) in _PLAIN for value in values):
            return values
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows]
