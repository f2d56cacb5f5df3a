"""Which database: SQLite in the data directory, or what DATABASE_URL names."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# WAL alone lets readers and one writer live together, but a transaction that
# reads first and writes later then fails at once under load; IMMEDIATE takes
# the write lock at the start and waits its turn instead. FULL keeps every
# acknowledged commit through a power cut. cache_size is in KiB when negative.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; "
    "PRAGMA synchronous=FULL; "
    "PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-40960; "
    "PRAGMA temp_store=MEMORY; "
    "PRAGMA journal_size_limit=67108864"
)


def sqlite(path: Path | str) -> dict[str, Any]:
    """Settings for the SQLite database file at `path`."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def postgres(url: str) -> dict[str, Any]:
    """Settings for a PostgreSQL address, postgres://user:password@host:port/name?sslmode=require.

    A socket directory is given as ?host=/path. Unknown schemes are refused by name, never guessed.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with '{parts.scheme}': it must begin with postgres:// or sqlite:///"
        )
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user@host/NAME")
    try:
        number = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL: the port is not a number from 1 to 65535") from None
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", None) or number or ""),
        # One connection for each process, tested before it is used again:
        # a new one for every request costs half of the throughput.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def database(url: str, data: Path) -> dict[str, Any]:
    """The default database from DATABASE_URL, or the file in the data directory when it is empty."""
    if not url:
        return sqlite(data / "db.sqlite3")
    if url.startswith("sqlite:///"):
        return sqlite(unquote(url.removeprefix("sqlite:///")))
    return postgres(url)
