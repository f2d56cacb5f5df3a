"""Working time from our own calendar table; a year without data counts Monday to Friday."""

from __future__ import annotations

import calendar as months
from datetime import date, timedelta

from .models import WorkCalendarDay, WorkHours

DEFAULT = "default"
# 08:30–12:00 and 13:30–17:30, minutes after midnight
HOURS = ((510, 720), (810, 1050))


def seed_calendar() -> None:
    """Working hours, and statutory holidays with make-up days of the years the package knows."""
    import chinese_calendar

    if not WorkHours.objects.filter(calendar=DEFAULT).exists():
        WorkHours.objects.bulk_create(
            WorkHours(calendar=DEFAULT, weekday=day, start=start, end=end) for day in range(5) for start, end in HOURS
        )
    known = set(WorkCalendarDay.objects.filter(calendar=DEFAULT).values_list("date", flat=True))
    names = {**chinese_calendar.holidays}
    rows = [
        WorkCalendarDay(calendar=DEFAULT, date=day, kind=WorkCalendarDay.HOLIDAY, name=str(name)[:40])
        for day, name in names.items()
        if day.year >= 2024 and day not in known
    ]
    rows += [
        WorkCalendarDay(calendar=DEFAULT, date=day, kind=WorkCalendarDay.MAKEUP, name=str(name)[:40])
        for day, name in chinese_calendar.workdays.items()
        if day.year >= 2024 and day not in known
    ]
    WorkCalendarDay.objects.bulk_create(rows)


def _special(first: date, last: date, calendar: str) -> dict[date, str]:
    found = WorkCalendarDay.objects.filter(calendar=calendar, date__gte=first, date__lte=last)
    return dict(found.values_list("date", "kind"))


def _worked(day: date, special: dict[date, str]) -> bool:
    kind = special.get(day)
    if kind is None:
        return day.weekday() < 5
    return kind in (WorkCalendarDay.WORKDAY, WorkCalendarDay.MAKEUP)


def is_workday(day: date, calendar: str = DEFAULT) -> bool:
    return _worked(day, _special(day, day, calendar))


def workdays(first: date, last: date, calendar: str = DEFAULT) -> int:
    """How many days are worked from `first` to `last`, both counted."""
    special = _special(first, last, calendar)
    return sum(_worked(first + timedelta(days=i), special) for i in range((last - first).days + 1))


def workdays_left_in_month(day: date, calendar: str = DEFAULT) -> int:
    return workdays(day, day.replace(day=months.monthrange(day.year, day.month)[1]), calendar)


def add_workdays(day: date, count: int, calendar: str = DEFAULT) -> date:
    """The day that lies `count` worked days after `day` (before it, when negative)."""
    step = 1 if count >= 0 else -1
    left, reach = abs(count), abs(count) * 2 + 30
    first, last = sorted((day, day + timedelta(days=step * reach)))
    special = _special(first, last, calendar)
    while left:
        day += timedelta(days=step)
        left -= _worked(day, special)
    return day


def known_year(year: int, calendar: str = DEFAULT) -> bool:
    """Whether the statutory holidays of a year are in the table."""
    return WorkCalendarDay.objects.filter(calendar=calendar, date__year=year, kind=WorkCalendarDay.HOLIDAY).exists()
