"""Rows straight into tables: COPY on PostgreSQL, prepared inserts on SQLite, indexes made afterwards.

Only for made-up data in a database of its own: no action, no history, no check runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, transaction

CHUNK = 20_000


def insert(model: Any, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert `rows` of ready database values for the fields `names`; the others get their defaults."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    chosen = [fields[name] for name in names]
    rest = [field for field in fields.values() if field not in chosen and not (field.primary_key and field.db_returning)]
    constants = tuple(_plain(field.get_db_prep_save(field.get_default(), connection)) for field in rest)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in [*chosen, *rest])
    table = connection.ops.quote_name(model._meta.db_table)
    full = (row + constants for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in full:
                    copy.write_row(row)
        else:
            holes = ", ".join("?" * (len(chosen) + len(rest)))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({holes})"  # noqa: S608
            while part := list(islice(full, CHUNK)):
                cursor.cursor.connection.executemany(statement, part)
    if "id" in names:
        _reset_sequence(model)


def _plain(value: Any) -> Any:
    # JSON defaults come wrapped for the driver; COPY and sqlite3 want their text.
    return "{}" if type(value).__name__ in ("Jsonb", "Json") and not value.obj else "[]" if value == [] else value


def _reset_sequence(model: Any) -> None:
    from django.core.management.color import no_style

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


@contextmanager
def loading(models: list[Any]) -> Iterator[None]:
    """One transaction without secondary indexes, triggers and key checks; they come back at its end."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-524288")
    tables = [model._meta.db_table for model in models]
    with transaction.atomic():
        dropped = _drop(tables)
        yield
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("INSERT INTO records_search_fts(records_search_fts) VALUES('rebuild')")
            else:
                cursor.execute("SET LOCAL maintenance_work_mem='512MB'")
            for statement in dropped:
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _drop(tables: list[str]) -> list[str]:
    """Drop the plain indexes and the search triggers; returns the statements that make them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            holes = ", ".join(["%s"] * len(tables))
            cursor.execute(
                f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({holes})"  # noqa: S608
                " AND (type = 'trigger' OR (type = 'index' AND sql LIKE 'CREATE INDEX%%'))", tables,
            )
            found = cursor.fetchall()
            for kind, name, _sql in found:
                cursor.execute(f"DROP {kind} {connection.ops.quote_name(name)}")
            return [sql for _kind, _name, sql in found]
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef LIKE 'CREATE INDEX%%'",
            [tables],
        )
        found = cursor.fetchall()
        for name, _sql in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        return [sql for _name, sql in found]
