"""Two people who save the same firm at the same moment do it one after the other, so that the second is told.

SQLite has one writer at a time anyway. PostgreSQL holds advisory locks until the transaction ends: one for each key
of a few records; a large set (an import) has the master to itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import connection

MANY = 40
_HOUSE = 0x7A686B64  # any number, but always the same


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def hold(keys: Iterable[str]) -> None:
    """Wait until nobody else is saving something under one of these keys; call inside the transaction that saves."""
    if connection.vendor != "postgresql" or not connection.in_atomic_block:
        return
    wanted: set[int] = set()
    for key in keys:  # of a large set not even the keys are worked out
        if key:
            wanted.add(_number(key))
        if len(wanted) > MANY:
            break
    if not wanted:
        return
    with connection.cursor() as cursor:
        if len(wanted) > MANY:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_HOUSE])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_HOUSE])
        for number in sorted(wanted):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
