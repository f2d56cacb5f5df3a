"""A limit of time for what may be left out: whoever asks for an ornament does not keep the database busy for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

STEPS = 20_000  # of SQLite's machine between two looks at the clock: about a millisecond


class TookTooLong(Exception):
    """The database was stopped: the answer is not worth the wait."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stop what is read in here once it has taken `seconds`, on both databases; raises `TookTooLong`."""
    began = time.monotonic()
    try:
        if connection.vendor == "sqlite":
            with _watched(began + seconds):
                yield
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
                yield
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if time.monotonic() - began < seconds:
            raise
        raise TookTooLong from error


@contextmanager
def _watched(until: float) -> Iterator[None]:
    connection.ensure_connection()
    raw = connection.connection
    raw.set_progress_handler(lambda: int(time.monotonic() > until), STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
