"""Spans of days counted from today, as conditions name them: this month, last quarter, the last 30 days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock

_COUNTED = re.compile(r"([+-])(\d{1,5})d")
_STEPS = {"last": -1, "this": 0, "next": 1}

# What a person chooses from, in this order; a program may also give any number of days (`-45d`, `+14d`).
CHOICES: dict[str, Any] = {
    "today": gettext_lazy("today"), "yesterday": gettext_lazy("yesterday"), "tomorrow": gettext_lazy("tomorrow"),
    "week": gettext_lazy("this week"), "last_week": gettext_lazy("last week"), "next_week": gettext_lazy("next week"),
    "month": gettext_lazy("this month"), "last_month": gettext_lazy("last month"), "next_month": gettext_lazy("next month"),
    "quarter": gettext_lazy("this quarter"), "last_quarter": gettext_lazy("last quarter"), "next_quarter": gettext_lazy("next quarter"),
    "year": gettext_lazy("this year"), "last_year": gettext_lazy("last year"), "next_year": gettext_lazy("next year"),
}
COUNTED = ("-7d", "-30d", "-90d", "-365d", "+7d", "+30d", "+90d")


def read(value: str) -> tuple[date, date] | None:
    """The first and the last day of a span; None for what is none."""
    today = clock.today()
    counted = _COUNTED.fullmatch(value)
    if counted:  # today is one of these days
        days = int(counted[2])
        there = _away(today, (days - 1) * (-1 if counted[1] == "-" else 1)) if days else None
        return None if there is None else (min(there, today), max(there, today))
    if value not in CHOICES:
        return None
    if value in _DAYS:
        day = today + timedelta(days=_DAYS[value])
        return day, day
    step, _sep, unit = value.rpartition("_")
    return _UNITS[unit](today, _STEPS[step or "this"])


def says(value: str) -> str:
    """A span in words; what is none comes back as it is."""
    counted = _COUNTED.fullmatch(value)
    if counted:
        text = _("last %(n)s days") if counted[1] == "-" else _("next %(n)s days")
        return text % {"n": int(counted[2])}
    return str(CHOICES.get(value, value))


def day_says(value: str) -> str:
    """A day counted from today in words ("60 days ago"); a date comes back as it is."""
    counted = _COUNTED.fullmatch(value)
    if counted:
        text = _("%(n)s days ago") if counted[1] == "-" else _("in %(n)s days")
        return text % {"n": int(counted[2])}
    return str(_FIRST_DAYS.get(value, value))


def choices() -> list[tuple[str, str]]:
    """All that is offered: (value, words)."""
    return [(value, says(value)) for value in (*CHOICES, *COUNTED)]


def _away(today: date, days: int) -> date | None:
    try:
        found = today + timedelta(days=days)
    except OverflowError:
        return None
    return found if 1900 <= found.year <= 2999 else None


def _week(today: date, step: int) -> tuple[date, date]:
    first = today - timedelta(days=today.weekday()) + timedelta(days=7 * step)
    return first, first + timedelta(days=6)


def _months(size: int) -> Callable[[date, int], tuple[date, date]]:
    """Spans of one, three or twelve months that begin where the calendar begins them."""

    def span(today: date, step: int) -> tuple[date, date]:
        start = today.year * 12 + (today.month - 1) // size * size + size * step
        first, after = (date(n // 12, n % 12 + 1, 1) for n in (start, start + size))
        return first, after - timedelta(days=1)

    return span


_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS: dict[str, Callable[[date, int], tuple[date, date]]] = {"week": _week, "month": _months(1), "quarter": _months(3), "year": _months(12)}
_FIRST_DAYS = {
    "today": gettext_lazy("today"), "month": gettext_lazy("first day of this month"),
    "quarter": gettext_lazy("first day of this quarter"), "year": gettext_lazy("first day of this year"),
}
