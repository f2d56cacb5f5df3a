"""The database: does it answer, does it fit the program, does it write safely, is it whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from zhike.org.known import silent_tables, watched

from ..doctor import BROKEN, OK, Examined, Finding

OLDEST_POSTGRESQL = 140000


def ask(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _one(query: str) -> Any:
    return ask(query)[0][0]


def answers(examined: Examined) -> Iterator[Finding]:
    if examined.house.engine == "sqlite":
        # Opening it would make an empty one.
        if not examined.house.file.is_file():
            yield Finding("database", BROKEN, _("there is no database %(path)s") % {"path": examined.house.file}, _("Run `zhike init` or `zhike restore`."))
            return
        _one("SELECT count(*) FROM sqlite_master")
        yield Finding("database", OK, _("the database %(path)s answers") % {"path": examined.house.file})
        return
    number = int(_one("SHOW server_version_num"))
    right = number >= OLDEST_POSTGRESQL
    yield Finding("database", OK if right else BROKEN, _("PostgreSQL %(version)s answers") % {"version": _one("SHOW server_version")},
                  "" if right else _("Zhike needs PostgreSQL 14 or newer."))


def migrations(examined: Examined) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    applied, known = set(executor.loader.applied_migrations), set(executor.loader.disk_migrations)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not applied:
        yield Finding("migrations", BROKEN, _("the database is empty"), _("Run `zhike init` or `zhike restore`."))
    elif applied - known:
        yield Finding("migrations", BROKEN, _("the data are of a newer version than this program"), _("Install that version."))
    elif missing:
        yield Finding("migrations", BROKEN, _("the data are of an older version: %(count)d changes are missing") % {"count": len(missing)},
                      _("Back up, then run `zhike upgrade`."))
    else:
        yield Finding("migrations", OK, _("the data are of this version (%(count)d changes applied)") % {"count": len(applied)})


def encoding(examined: Examined) -> Iterator[Finding]:
    found = _one("PRAGMA encoding" if examined.house.engine == "sqlite" else "SHOW server_encoding")
    right = found.upper().replace("-", "") == "UTF8"
    yield Finding("encoding", OK if right else BROKEN, _("the database keeps texts as %(encoding)s") % {"encoding": found},
                  "" if right else _("Make a database with --encoding UTF8 --template template0 and restore into it."))


def safe_writing(examined: Examined) -> Iterator[Finding]:
    """Whether a power cut can take what was acknowledged."""
    if examined.house.engine == "sqlite":
        journal, written = _one("PRAGMA journal_mode"), int(_one("PRAGMA synchronous"))
        right = journal == "wal" and written >= 2
        told = f"journal_mode={journal}, synchronous={written}"
        remedy = _("Do not set other values; some network disks cannot do this: use a local disk or PostgreSQL.")
    else:
        values = {name: _one(f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")}
        right = values["fsync"] == values["full_page_writes"] == "on" and values["synchronous_commit"] != "off"
        told = ", ".join(f"{name}={value}" for name, value in values.items())
        remedy = _("Switch them on in postgresql.conf: without them a power cut takes acknowledged work.")
    yield Finding("safe_writing", OK if right else BROKEN, _("writing through to the disk: %(values)s") % {"values": told}, "" if right else remedy)


def rights_are_fresh(examined: Examined) -> Iterator[Finding]:
    """Whether a right taken away is gone at once in every process, which the database tells them."""
    silent = silent_tables()
    if silent:
        yield Finding("rights_are_fresh", BROKEN, _("changes of %(tables)s are noticed late: triggers are missing") % {"tables": ", ".join(silent)},
                      _("Run `zhike upgrade`: it puts them back."))
    else:
        yield Finding("rights_are_fresh", OK, _("changes of rights take effect at once (%(count)d tables watched)") % {"count": len(watched)})


def references(examined: Examined) -> Iterator[Finding]:
    if examined.house.engine == "sqlite":
        loose = sorted({f"{table} → {target}" for table, _row, target, _key in ask("PRAGMA foreign_key_check")})
    else:
        loose = sorted(name for (name,) in ask("""SELECT conrelid::regclass || ' ' || conname FROM pg_constraint
            WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"""))
    if loose:
        yield Finding("references", BROKEN, _("rows point to rows that are not there: %(tables)s") % {"tables": ", ".join(loose[:5])},
                      _("Restore the last good backup beside this house and compare."))
    else:
        yield Finding("references", OK, _("every row points to rows that are there"))


def whole(examined: Examined) -> Iterator[Finding]:
    """Read everything; only when asked for."""
    if not examined.deep:
        return
    wrong: list[str] = []
    if examined.house.engine == "sqlite":
        wrong = [row[0] for row in ask("PRAGMA integrity_check(5)") if row[0] != "ok"]
    else:
        for name in connection.introspection.table_names():
            # Reads every row: a damaged page is an error here, not on the day somebody needs it.
            ask(f"SELECT sum(length(t::text)) FROM {connection.ops.quote_name(name)} t")  # noqa: S608
    if wrong:
        yield Finding("whole", BROKEN, _("the database is damaged: %(what)s") % {"what": "; ".join(wrong)[:300]},
                      _("Stop web and worker, keep the damaged files, restore the last good backup."))
    else:
        yield Finding("whole", OK, _("the database was read from end to end and is whole"))
