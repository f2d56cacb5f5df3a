"""How often something may happen in a span of time, counted in memory that all web workers share."""

from __future__ import annotations

import hashlib
import mmap
import struct

from . import clock

_SLOT = struct.Struct("=qqq")


class Rates:
    """Counts by key. Make one where a module is loaded: before the server forks, so that its workers count together.

    A key whose place another one needs begins anew: a limit of dozens does not mind.
    """

    def __init__(self, slots: int = 4096) -> None:
        self.slots = slots
        self._counts = mmap.mmap(-1, slots * _SLOT.size)

    def take(self, key: str, limit: int, seconds: int) -> int:
        """Count one more; returns the seconds to wait, 0 where it may go on."""
        now = int(clock.now().timestamp())
        span = now // seconds
        mark = int.from_bytes(hashlib.blake2b(f"{seconds}:{key}".encode(), digest_size=8).digest(), "big", signed=True)
        at = mark % self.slots * _SLOT.size
        known, last, count = _SLOT.unpack_from(self._counts, at)
        count = count + 1 if (known, last) == (mark, span) else 1
        _SLOT.pack_into(self._counts, at, mark, span, count)
        return 0 if count <= limit else seconds - now % seconds

    def forget(self) -> None:
        """Begin to count anew."""
        self._counts[:] = bytes(len(self._counts))
