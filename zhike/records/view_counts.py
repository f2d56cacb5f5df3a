"""How many records a view holds: beside the tabs of a list and the pinned views of the menu.

No page waits for these numbers. They are asked for once it stands, kept for some seconds, counted no
further than 999, and left out where the database would be long about them.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from django.core.cache import cache

from zhike.base.refused import Refused

from . import listing, patience
from .kinds import Kind

CAP = 999
KEPT = 30  # seconds that a number is good for, unless the person writes something
SLOW_KEPT = 600  # seconds until a view that took too long is tried again
PATIENCE = 0.4  # seconds that one view may take


def shortened(n: int, capped: bool = False) -> str:
    """A count as a tab shows it: "999+" past that."""
    return f"{min(n, CAP):,}{'+' if capped or n > CAP else ''}"


def forget(user: Any) -> None:
    """The person has written something: their numbers are counted anew."""
    cache.set(f"view-counts-of:{user.pk}", time.time_ns(), SLOW_KEPT)


def _key(user: Any, kind: Kind, query: str) -> str:
    since = cache.get(f"view-counts-of:{user.pk}", 0)
    return f"view-count:{user.pk}:{since}:{kind.name}:{zlib.crc32(query.encode())}"


def known(user: Any, kind: Kind, queries: Iterable[str]) -> dict[str, str]:
    """The numbers that are kept, by the query string of their view; asks the database nothing."""
    keys = {query: _key(user, kind, query) for query in queries}
    kept = cache.get_many(keys.values())
    return {query: kept[key] for query, key in keys.items() if key in kept}


def count(user: Any, kind: Kind, query: str) -> str:
    """The number of a view, "" where it takes too long or the list no longer takes the view's conditions."""
    key = _key(user, kind, query)
    text = cache.get(key)
    if text is None:
        try:
            text, kept = _counted(user, kind, query), KEPT
        except patience.TookTooLong:
            text, kept = "", SLOW_KEPT
        cache.set(key, text, kept)
    return str(text)


def _counted(user: Any, kind: Kind, query: str) -> str:
    try:
        asked = listing.read(kind, parse_qs(query), user, ignore=listing.SHAPE)
    except Refused:
        return ""
    with patience.at_most(PATIENCE):
        return shortened(*listing.capped_count(asked.rows(listing.narrow(asked)), CAP))
