"""Where the parts of a running house lie: data directory, database, key."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class House:
    """One installation. `database` is the settings dictionary of Django for its default database."""

    data: Path
    database: dict[str, Any]
    key: str  # the signing key in force; "" when there is none yet
    key_from: str  # "file", "environment" or "none"

    @property
    def engine(self) -> str:
        return "sqlite" if self.database["ENGINE"].endswith("sqlite3") else "postgresql"

    @property
    def file(self) -> Path:
        """The database file (SQLite)."""
        return Path(self.database["NAME"]).absolute()

    @property
    def key_file(self) -> Path:
        return self.data / "secret.key"


def key_in_force(data: Path) -> tuple[str, str]:
    """The signing key and where it comes from, without making one."""
    if given := os.environ.get("ZHIKE_SECRET_KEY"):
        return given, "environment"
    key = key_on_file(data)
    return (key, "file") if key else ("", "none")


def key_on_file(data: Path) -> str:
    """The key in the data directory; empty when there is none."""
    try:
        return (data / "secret.key").read_text().strip()
    except OSError:
        return ""


def lend_key() -> None:
    """Let settings be imported without making a key: a throw-away one signs nothing."""
    os.environ["ZHIKE_SECRET_KEY"] = secrets.token_urlsafe(50)


def key_mark(key: str) -> str:
    """Tells two keys apart without telling either."""
    return hmac.new(key.encode(), b"zhike: which key", hashlib.sha256).hexdigest()[:16] if key else ""


def here(data: Path, key: tuple[str, str]) -> House:
    """The house the settings speak of; `key` as `key_in_force` told before they were imported."""
    from django.db import connection

    return House(data.absolute(), connection.settings_dict, *key)
