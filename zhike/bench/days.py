"""The calendar of the made-up data: three years up to one fixed day, and plans for two months after it."""

from __future__ import annotations

from datetime import date, timedelta

# The same data on whatever day they are made.
TODAY = date(2026, 11, 24)
DAYS = 3 * 365
DAY = [str(TODAY - timedelta(days=DAYS - i)) for i in range(DAYS + 61)]


def moment(day: int, minute: int) -> str:
    """A time (UTC) as both databases take it: `day` counts from three years ago, `minute` from midnight."""
    return f"{DAY[day]} {minute // 60:02d}:{minute % 60:02d}:00"
