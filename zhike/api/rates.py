"""How often one token may ask: counted a minute at a time in memory that all web workers share."""

from __future__ import annotations

import mmap
import struct

from zhike.base import clock

PER_MINUTE = 600
_SLOTS, _SLOT = 4096, struct.Struct("=qq")
# Made before the server forks, so that its workers count together. Two workers at the very same
# moment may count one request for two: a limit of hundreds does not mind.
_counts = mmap.mmap(-1, _SLOTS * _SLOT.size)


def take(token_id: int) -> int:
    """Count one request; returns the seconds to wait, 0 when the request may go on."""
    second = int(clock.now().timestamp())
    minute, at = second // 60, token_id % _SLOTS * _SLOT.size
    last, count = _SLOT.unpack_from(_counts, at)
    count = count + 1 if last == minute else 1
    _SLOT.pack_into(_counts, at, minute, count)
    return 0 if count <= PER_MINUTE else 60 - second % 60


def forget() -> None:
    """Begin to count anew."""
    _counts[:] = bytes(len(_counts))
