"""Numbers, money and dates as people read them, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock

MINUS = "\u2212"
WEEKDAYS = "一二三四五六日"


def _zh(lang: str | None) -> bool:
    return (lang or get_language() or "zh").startswith("zh")


def _signed(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text


def money(value: Any, lang: str | None = None) -> str:
    """1,101,640.00; two places."""
    return "—" if value is None else _signed(f"{Decimal(value):,.2f}")


def money0(value: Any, lang: str | None = None) -> str:
    """1,101,640; whole yuan, for columns that name the unit in the head."""
    return "—" if value is None else _signed(f"{Decimal(value).quantize(Decimal(1), ROUND_HALF_UP):,}")


def price(value: Any, lang: str | None = None) -> str:
    """At least two places, at most six, without idle zeros."""
    if value is None:
        return "—"
    whole, _dot, places = f"{Decimal(value):,.6f}".partition(".")
    return _signed(f"{whole}.{places.rstrip('0').ljust(2, '0')}")


def quantity(value: Any, lang: str | None = None) -> str:
    if value is None:
        return "—"
    whole, _dot, places = f"{Decimal(value):,.4f}".partition(".")
    places = places.rstrip("0")
    return _signed(f"{whole}.{places}" if places else whole)


def labelled(label: Any, text: Any) -> str:
    """What something is called before what it says, with the colon of the language spoken now."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def aside(text: Any, more: Any) -> str:
    """A text with something in brackets behind it, in the brackets of the language spoken now."""
    return _("%(text)s (%(more)s)") % {"text": text, "more": more}


def listed(texts: Iterable[Any]) -> str:
    """Several in one line, parted as the language spoken now does it."""
    return _(", ").join(map(str, texts))


def wan(value: Any, lang: str | None = None, places: int = 2) -> str:
    """528.40 万 or 1.25 亿; in English 5.28M. `places` 1 where room is short."""
    if value is None:
        return "—"
    number = Decimal(value)
    size = abs(number)
    if _zh(lang):
        steps = ((Decimal(10) ** 8, " 亿"), (Decimal(10) ** 4, " 万"))
    else:
        steps = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
    for step, unit in steps:
        if size >= step:
            return _signed(f"{(number / step).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}{unit}")
    return money0(number)


def pct(value: Any, lang: str | None = None) -> str:
    """A fraction of one as 27.8%."""
    if value is None:
        return "—"
    number = (Decimal(value) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return _signed(f"{number:.1f}".removesuffix(".0")) + "%"


def d(value: date | None, lang: str | None = None) -> str:
    if value is None:
        return "—"
    return f"{value:%Y-%m-%d}" if _zh(lang) else f"{value:%b} {value.day}, {value.year}"


def short(value: date | None, lang: str | None = None) -> str:
    """4 月 30 日 or Apr 30; with the year when it is another one."""
    if value is None:
        return "—"
    if value.year != clock.today().year:
        return d(value, lang)
    return f"{value.month} 月 {value.day} 日" if _zh(lang) else f"{value:%b} {value.day}"


def hm(value: datetime, lang: str | None = None) -> str:
    return f"{clock.local(value):%H:%M}"


def full(value: datetime, lang: str | None = None) -> str:
    local = clock.local(value)
    return f"{d(local.date(), lang)} {local:%H:%M}"


def month(value: datetime, lang: str | None = None) -> str:
    return clock.month_key(value)


def day(value: date, lang: str | None = None) -> str:
    """A heading of a timeline: 今天, 昨天, 3 月 13 日 星期五."""
    today = clock.today()
    if _zh(lang):
        if value == today:
            return "今天"
        if value == today - timedelta(days=1):
            return "昨天"
        head = "" if value.year == today.year else f"{value.year} 年 "
        return f"{head}{value.month} 月 {value.day} 日 星期{WEEKDAYS[value.weekday()]}"
    if value == today:
        return "Today"
    if value == today - timedelta(days=1):
        return "Yesterday"
    return f"{value:%a}, {d(value, lang)}"


def weekday(value: date, lang: str | None = None) -> str:
    """3 月 18 日 星期三, Wed, Mar 18."""
    return f"{short(value, lang)} 星期{WEEKDAYS[value.weekday()]}" if _zh(lang) else f"{value:%a}, {short(value, lang)}"


def near(value: datetime | None, lang: str | None = None) -> str:
    """10 分钟前, 今天 08:00, 昨天 17:40, 3 天前; absolute after seven days. What is to come keeps its time: 3 月 18 日 09:30."""
    if value is None:
        return "—"
    close = _close(value, lang)
    if close:
        return close
    zh, days = _zh(lang), (clock.local(value).date() - clock.today()).days
    if -7 <= days < 0:
        return f"{-days} 天前" if zh else f"{-days} days ago"
    return _day_of(value, lang) + (_clock(value) if value > clock.now() else "")


def moment(value: datetime | None, lang: str | None = None) -> str:
    """A moment on the page of its record, where the time counts however long ago it was: 今天 08:00, 昨天 17:40, 3 月 18 日 09:30."""
    if value is None:
        return "—"
    return _close(value, lang) or _day_of(value, lang) + _clock(value)


def _close(value: datetime, lang: str | None) -> str:
    """Within the last hour, today, yesterday and tomorrow; else nothing."""
    zh, minutes = _zh(lang), int((clock.now() - value).total_seconds() // 60)
    if 0 <= minutes < 60:
        return (f"{minutes} 分钟前" if zh else f"{minutes} min ago") if minutes else ("刚刚" if zh else "just now")
    named = {0: ("今天", "today"), -1: ("昨天", "yesterday"), 1: ("明天", "tomorrow")}
    days = (clock.local(value).date() - clock.today()).days
    return named[days][0 if zh else 1] + _clock(value) if days in named else ""


def _day_of(value: datetime, lang: str | None) -> str:
    local = clock.local(value)
    if _zh(lang) and local.year == clock.today().year:
        return f"{local.month} 月 {local.day} 日"
    return d(local.date(), lang)


def _clock(value: datetime) -> str:
    """The time behind its day; midnight stands for the day as a whole."""
    text = hm(value)
    return "" if text == "00:00" else f" {text}"
