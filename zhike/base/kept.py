"""What every web worker keeps in memory for a while, and reads anew at once when somebody changes it."""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import transaction

SECONDS = 30
T = TypeVar("T")


class Kept(Generic[T]):
    """The answer of `read`, kept half a minute in each process.

    Make one where a module is loaded: the server loads everything before it forks, so that the mark
    of the last change lies in memory that all its workers share. The background worker is a process
    of its own and sees a change within the half minute.
    """

    def __init__(self, read: Callable[[], T], seconds: float = SECONDS) -> None:
        self.read, self.seconds = read, seconds
        self._shared = mmap.mmap(-1, 8)
        self._mark = 0
        self._until = 0.0
        self._value: T | None = None

    def get(self) -> T:
        """The kept answer, read again when it is old or has been changed."""
        mark, now = self._last_change(), time.monotonic()
        if self._value is None or now >= self._until or mark != self._mark:
            self._keep(self.read(), mark, self.seconds)
        assert self._value is not None
        return self._value

    def suppose(self, value: T, seconds: float | None = None) -> None:
        """Go on with this answer without reading."""
        self._keep(value, self._last_change(), self.seconds if seconds is None else seconds)

    def forget(self) -> None:
        """Have it read anew the next time, in every web worker."""
        struct.pack_into("=q", self._shared, 0, time.monotonic_ns())

    def changed(self) -> None:
        """Say that it changed in this transaction: here at once, for everybody when it is there to be read."""
        self.forget()
        transaction.on_commit(self.forget)

    def _last_change(self) -> int:
        return int(struct.unpack_from("=q", self._shared)[0])

    def _keep(self, value: T, mark: int, seconds: float) -> None:
        # The mark is the one from before reading: a change that came meanwhile is seen the next time.
        self._value, self._mark, self._until = value, mark, time.monotonic() + seconds
