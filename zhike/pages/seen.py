"""Forms over what is stored but has no version of its own: of two people who save one, the second is told.

The form carries a digest of what it showed. When it is saved, it is worked out anew from what is stored
by then; another digest means that somebody saved in between, and nothing is overwritten unseen.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection

FIELD = "_seen"


def digest(form: Any) -> str:
    """What a form nobody has typed into shows."""
    parts = []
    for name in form.fields:
        value = form[name].value()
        # Of several ticks the order says nothing.
        parts.append(f"{name}={sorted(map(str, value)) if isinstance(value, list | tuple | set) else value}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def hold(path: str) -> None:
    """Wait until nobody else is saving the form of this address; call inside the transaction that saves.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8).digest(), "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
