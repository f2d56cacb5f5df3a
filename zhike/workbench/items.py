"""How a line of pending work is told: when it is due, and how many there are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import formats
from zhike.pages.parts import Badge

SHOWN = 20


def due_badge(at: Any) -> Badge:
    """Late by days, today, or the day itself."""
    days = (clock.local(at).date() - clock.today()).days
    if days < 0:
        return Badge(_("late by %(n)s days") % {"n": -days}, "bad", dot=False)
    if days == 0:
        return Badge(_("today"), "wait", dot=False)
    return Badge(formats.near(at), "neutral", dot=False)


def count(groups: list[list[Any]]) -> str:
    """How many there are, as far as they were fetched: “20+” where a kind has more."""
    more = any(len(found) > SHOWN for found in groups)
    return f"{sum(min(len(found), SHOWN) for found in groups)}{'+' if more else ''}"
