"""Copying a PostgreSQL database with its own tools, and loading a copy into another."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from zhike.base.refused import Refused

from .sqlite import Facts

# Options of Django's, which the PostgreSQL library does not know.
_NOT_LIBPQ = {"pool", "isolation_level", "server_side_binding", "assume_role", "cursor_factory", "context"}


def program(name: str) -> str:
    """The path of pg_dump or pg_restore: the newest of Debian's, else the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise Refused(f"{name} is not on this machine; install the client programs of PostgreSQL: apt-get install postgresql-client")
    return path


def address(database: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The connection string without the password, and the environment that holds it: `ps` shows commands to everybody."""
    options = {name: value for name, value in database.get("OPTIONS", {}).items() if name not in _NOT_LIBPQ}
    known = {"host": database["HOST"], "port": database["PORT"], "user": database["USER"], "dbname": database["NAME"]}
    text = psycopg.conninfo.make_conninfo(**{name: value for name, value in {**options, **known}.items() if value})
    secret = {"PGPASSWORD": database["PASSWORD"]} if database.get("PASSWORD") else {}
    return text, {**os.environ, **secret, "LC_ALL": "C"}


@contextmanager
def connected(database: dict[str, Any]) -> Iterator[psycopg.Connection]:
    text, _environment = address(database)
    try:
        with psycopg.connect(text, password=database.get("PASSWORD") or None) as link:
            yield link
    except psycopg.OperationalError as wrong:
        raise Refused(f"the database does not answer: {str(wrong).strip().splitlines()[0]}") from None


def schema(link: psycopg.Connection) -> str:
    return _one(link, "SELECT current_schema()") or "public"


def tables(link: psycopg.Connection) -> list[str]:
    """The tables of the house's schema."""
    found = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    return [name for (name,) in found]


def rows(link: psycopg.Connection) -> dict[str, int]:
    return {name: _one(link, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))) for name in tables(link)}


def size(link: psycopg.Connection) -> int:
    """Bytes of all tables: a packed dump takes less."""
    return int(_one(link, """SELECT coalesce(sum(pg_table_size(c.oid)), 0) FROM pg_class c
                             WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"""))


def migrations(link: psycopg.Connection) -> list[list[str]]:
    if "django_migrations" not in tables(link):
        raise Refused("the database is empty: there is nothing to back up")
    return sorted([app, name] for app, name in link.execute("SELECT app, name FROM django_migrations"))


def _one(link: psycopg.Connection, query: Any) -> Any:
    row = link.execute(query).fetchone()
    return row[0] if row else None


def dump(database: dict[str, Any], store: Callable[[IO[bytes]], Any]) -> tuple[Facts, str]:
    """Hand the dump to `store`, and count rows in the very snapshot that was dumped; returns both and the schema."""
    text, environment = address(database)
    command = program("pg_dump")
    with connected(database) as link:
        link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        link.read_only = True
        snapshot = _one(link, "SELECT pg_export_snapshot()")
        home = schema(link)
        applied = migrations(link)
        quoted = home.replace('"', '""')
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                # Only our schema: what an earlier restore put aside is not part of the house.
                [command, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f'--table="{quoted}".*', f"--dbname={text}"],
                stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, env=environment,
            )
            try:
                assert process.stdout is not None
                store(process.stdout)
                process.stdout.close()
                code = process.wait()
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            if code:
                raise Refused(f"pg_dump failed: {_last_line(said)}")
        version = str(_one(link, "SHOW server_version"))
        return Facts(rows(link), applied, version), home


def load(database: dict[str, Any], blocks: Iterable[bytes]) -> None:
    """Load a dump in one transaction: all of it, or nothing."""
    text, environment = address(database)
    command = [program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={text}"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=environment)
        assert process.stdin is not None
        try:
            for block in blocks:
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says below why it stopped reading
        except BaseException:
            # Stopped before the end it commits nothing; closing the pipe instead would look like the end.
            process.kill()
            raise
        finally:
            code = process.wait()
        if code:
            raise Refused(f"pg_restore failed, nothing was changed: {_last_line(said)}")


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = [line for line in said.read(20_000).decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[-1] if lines else "it does not say why")[:300]


def others(link: psycopg.Connection) -> int:
    """How many other clients are connected to this database."""
    return int(_one(link, """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                             AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""))


def move(link: psycopg.Connection, names: Iterable[str], source: str, target: str) -> None:
    """Move tables, with their indexes and sequences, to another schema (made when it is not there); commits."""
    with link.transaction():
        link.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(target)))
        for name in names:
            link.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(source, name), sql.Identifier(target)))
