"""One import at a time: a lock that ends with the process that holds it, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from .problems import Busy

_NUMBER = 0x7A68696B65  # any number, but always the same


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the import lock of this installation; raises `Busy` at once when another import has it."""
    busy = Busy(_("Another import is running on this database. Wait until it has finished, then run this one again; "
                  "what is there already is left as it is."))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_NUMBER])
            if not cursor.fetchone()[0]:
                raise busy
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_NUMBER])
        return
    import fcntl

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise busy from None
        yield
    finally:
        os.close(handle)
