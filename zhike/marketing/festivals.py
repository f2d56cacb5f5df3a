"""The festivals greetings are sent for, and when what comes back every year falls this year."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import lunar

# code: (words, month, day, by the lunar calendar)
FESTIVALS = {
    "new_year": (_("New Year's Day"), 1, 1, False),
    "spring": (_("Spring Festival"), 1, 1, True),
    "lantern": (_("Lantern Festival"), 1, 15, True),
    "women": (_("Women's Day"), 3, 8, False),
    "labour": (_("Labour Day"), 5, 1, False),
    "dragon_boat": (_("Dragon Boat Festival"), 5, 5, True),
    "mid_autumn": (_("Mid-Autumn Festival"), 8, 15, True),
    "national": (_("National Day"), 10, 1, False),
    "double_ninth": (_("Double Ninth Festival"), 9, 9, True),
    "christmas": (_("Christmas"), 12, 25, False),
}
CHOICES = [(code, line[0]) for code, line in FESTIVALS.items()]


def solar(month: int, day: int, year: int) -> date:
    """A day of the year; 29 February is kept on the 28th where there is none."""
    if (month, day) == (2, 29) and not calendar.isleap(year):
        day = 28
    return date(year, month, day)


def next_after(start: date, month: int, day: int, *, by_moon: bool = False) -> date | None:
    """The next such day on or after `start`; None beyond the lunar table."""
    if not by_moon:
        found = solar(month, day, start.year)
        return found if found >= start else solar(month, day, start.year + 1)
    for year in (start.year - 1, start.year, start.year + 1):
        at = lunar.to_solar(year, month, day)
        if at is not None and at >= start:
            return at
    return None


def festival(code: str, start: date) -> date | None:
    """When the festival comes next, on or after `start`."""
    _label, month, day, by_moon = FESTIVALS[code]
    return next_after(start, month, day, by_moon=by_moon)


def anniversary(first: date, start: date, *, by_moon: bool = False) -> date | None:
    """When a birthday or other day that was first on `first` comes next, on or after `start`.

    By the moon it is kept in the regular month, also by those born in a doubled one; the 30th of a
    month with 29 days is its last day.
    """
    if not by_moon:
        return next_after(max(start, first), first.month, first.day)
    born = lunar.from_solar(first)
    return next_after(max(start, first), born.month, born.day, by_moon=True) if born else None


def month_days(start: date, days: int) -> set[tuple[int, int]]:
    """(month, day) of all solar days kept from `start` on for so many days, 29 February with the 28th."""
    found = set()
    for i in range(days + 1):
        at = start + timedelta(days=i)
        found.add((at.month, at.day))
        if (at.month, at.day) == (2, 28) and not calendar.isleap(at.year):
            found.add((2, 29))
    return found
