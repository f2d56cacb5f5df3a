"""The one clock of the house: stored in UTC, shown and counted in the company's own time.

Business code asks here and nowhere else, so that tests can stop the clock and every list, month
key and deadline agrees about which day it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("zhike_frozen_clock", default=None)


# "Never" in columns that lists are sorted by: they are NOT NULL, so that a sort index can be walked
# the same way on both databases. Shown as "—".
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def zone() -> ZoneInfo:
    """The time zone days and months are counted in: the request's, else the house's (Asia/Shanghai)."""
    found = timezone.get_current_timezone()
    return found if isinstance(found, ZoneInfo) else ZoneInfo(str(found))


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The same moment as the clock on the wall shows it; a naive value is refused."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone means nothing here")
    return at.astimezone(zone())


def today() -> date:
    """The local date, which is not the UTC date before eight in the morning in China."""
    return local(now()).date()


def day_named(text: str, default: date) -> date:
    """The day that an address names as 2026-01-31; the default for what is none, or lies outside 2000 to 2999."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return default
    return found if 2000 <= found.year <= 2999 else default


def month_key(at: datetime | date) -> str:
    """The local month as "2026-11"; a plain date is taken as it stands."""
    day = local(at) if isinstance(at, datetime) else at
    return f"{day.year:04d}-{day.month:02d}"


def start_of(day: date) -> datetime:
    """The first moment of a local day, aware; also right where summer time once moved midnight."""
    return datetime.combine(day, time.min, tzinfo=zone()).astimezone(UTC)


def day_range(day: date) -> tuple[datetime, datetime]:
    """A local day as the half-open interval of moments [start, next start)."""
    return start_of(day), start_of(day + timedelta(days=1))


@contextmanager
def freeze(at: datetime | date | str) -> Iterator[datetime]:
    """Stop the clock (tests): an aware moment, or a local date or time such as "2026-11-24 09:30"."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(12))
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone())
    at = at.astimezone(UTC)
    token = _frozen.set(at)
    try:
        yield at
    finally:
        _frozen.reset(token)
