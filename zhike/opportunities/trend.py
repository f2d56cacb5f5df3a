"""What a customer has bought in the last twelve months: a figure, bars, and the same as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import formats
from zhike.pages.parts import Card, Fact
from zhike.records import registry

from .models import Opportunity

MONTHS = 12
LEFT, WIDTH, TOP, HEIGHT = 46, 19, 8, 84  # of the drawing, in its own units


@dataclass(slots=True)
class Month:
    """A month with what was won in it, as its bar and as its line of the table."""

    label: str
    name: str
    n: int
    amount: str
    url: str
    x: int
    y: int
    height: int


@dataclass(slots=True)
class Trend:
    months: list[Month]
    ticks: list[tuple[int, str]]  # height and words of the lines


def may_see(page: Any) -> bool:
    """Whether sums of what was won tell this person nothing that their roles hide."""
    access = page.access
    return access.may("opportunity", "view") and all(access.field_mode("opportunity", name) in ("", "read") for name in ("won_amount", "won_at"))


def first_month() -> date:
    return clock.today().replace(day=1) - relativedelta(months=MONTHS - 1)


def won_by_month(page: Any) -> dict[date, tuple[int, Decimal]]:
    """First day of a month → how many were won and for how much, within rights; asked for once a page."""
    if not hasattr(page, "_won_by_month"):
        rows = Opportunity.objects.visible_to(page.user).filter(
            customer=page.row, status="won", won_at__gte=first_month(), won_at__lte=clock.today())
        grouped = rows.order_by().annotate(month=TruncMonth("won_at")).values("month").annotate(n=Count("pk"), total=Sum("won_amount"))
        page._won_by_month = {line["month"]: (line["n"], line["total"] or Decimal(0)) for line in grouped}
    found: dict[date, tuple[int, Decimal]] = page._won_by_month
    return found


def _url(page: Any, first: date, last: date) -> str:
    query = urlencode({"customer": page.row.pk, "status": "won", "won_at__from": first, "won_at__to": last})
    return f"{registry.kind('opportunity').list_url()}?{query}"


def figure(page: Any) -> list[Fact]:
    """The sum of twelve months, leading to the opportunities behind it."""
    if not may_see(page):
        return []
    total = sum((amount for _n, amount in won_by_month(page).values()), Decimal(0))
    value = formats.wan(total) if total else "0"
    return [Fact(_("won in 12 months"), value, url=_url(page, first_month(), clock.today()))]


def card(page: Any) -> Card | None:
    """The bars; nothing where nothing was won."""
    if not may_see(page) or not won_by_month(page):
        return None
    return Card(_("Deals over time"), key="trend", sub=_("the last 12 months"), template="opportunities/trend.html", data=_drawn(page))


def _drawn(page: Any) -> Trend:
    found, lang = won_by_month(page), get_language() or "zh-hans"
    top = _round_up(max((amount for _n, amount in found.values()), default=Decimal(0)))
    months = []
    for i in range(MONTHS):
        first = first_month() + relativedelta(months=i)
        n, amount = found.get(first, (0, Decimal(0)))
        height = max(int(HEIGHT * amount / top), 2) if amount else 0
        months.append(Month(
            str(first.month), f"{first:%Y-%m}", n, formats.wan(amount, lang) if n else "—",
            _url(page, first, first + relativedelta(months=1, days=-1)) if n else "", LEFT + i * WIDTH, TOP + HEIGHT - height, height))
    ticks = [(TOP + HEIGHT, "0"), (TOP + HEIGHT // 2, formats.wan(top / 2, lang, 1)), (TOP, formats.wan(top, lang, 1))]
    return Trend(months, ticks)


def _round_up(value: Decimal) -> Decimal:
    """The next number of the row 1, 2, 5, 10, 20 … so that the lines of the drawing are round."""
    step = Decimal(100)
    while True:
        for factor in (1, 2, 5):
            if step * factor >= value:
                return step * factor
        step *= 10
