"""Copying a SQLite database that is in use, and putting a copy in its place."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from zhike.base.refused import Refused

SUFFIXES = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Facts:
    """What a copy holds: rows of each table, applied migrations, version of the database program."""

    rows: dict[str, int]
    migrations: list[list[str]]
    version: str


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at `path`, which must be there; nothing is written on opening."""
    link = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=60, isolation_level=None)
    try:
        yield link
    finally:
        link.close()


def size(path: Path) -> int:
    """Bytes a copy will take, with what still waits in the write-ahead log."""
    return sum(found.stat().st_size for suffix in SUFFIXES if (found := path.with_name(path.name + suffix)).exists())


def copy(source: Path, target: Path) -> None:
    """Copy the database at one moment while others go on writing (the backup interface of SQLite).

    All pages in one step: a copy in small steps begins anew with every commit of somebody else.
    """
    try:
        with opened(source) as link, contextlib.closing(sqlite3.connect(target)) as made:
            link.execute("BEGIN")
            link.execute("SELECT count(*) FROM sqlite_master").fetchone()
            link.backup(made, pages=-1)
            link.execute("ROLLBACK")
            made.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself
    except sqlite3.Error as wrong:
        raise Refused(f"the database {source} cannot be copied: {wrong}") from None


def facts(path: Path) -> Facts:
    """Count and prove a copy; refuses one that is not whole."""
    try:
        with opened(path) as link:
            whole = [row[0] for row in link.execute("PRAGMA integrity_check(5)")]
            if whole != ["ok"]:
                raise Refused(f"the database is not whole: {'; '.join(whole)[:300]}")
            loose = link.execute("PRAGMA foreign_key_check").fetchone()
            if loose:
                raise Refused(f"the database is not whole: a row of {loose[0]} points to nothing in {loose[2]}")
            return Facts(rows(link), migrations(link), sqlite3.sqlite_version)
    except sqlite3.Error as wrong:
        raise Refused(f"the database is not whole: {wrong}") from None


def rows(link: sqlite3.Connection) -> dict[str, int]:
    """Rows of each table of ours; the inner tables of the search index are not ours to count."""
    names = [name for _s, name, kind, *_rest in link.execute("PRAGMA table_list") if kind == "table" and not name.startswith("sqlite_")]
    # Names from the schema itself, quoted.
    return {name: link.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608


def migrations(link: sqlite3.Connection) -> list[list[str]]:
    if not link.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'").fetchone():
        raise Refused("the database is empty: there is nothing to back up")
    return [list(row) for row in link.execute("SELECT app, name FROM django_migrations ORDER BY app, name")]


def in_use(path: Path) -> bool:
    """Whether another process has the database open. What waits in the log is written into the file."""
    if not path.exists():
        return False
    try:
        with opened(path) as link:
            link.execute("PRAGMA busy_timeout=500")
            link.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as wrong:
        return "locked" in str(wrong)
    return False
