"""The Chinese lunar calendar, worked out from sun and moon (GB/T 33661): months begin on the day of the
new moon in Beijing, the eleventh holds the winter solstice, and a year of thirteen months has its leap month
where the first one without a principal term is.

The series of sun and moon are shortened ones: they are good to some minutes, far more than a day's border
needs in nearly every month. Years 1901 to 2099.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST, LAST = 1901, 2099
_BEIJING = 8 / 24
_J2000 = 2451545.0
_ORDINAL = 1721424.5  # Julian day of date.fromordinal(0)
_DAYS = ("初", "十", "廿")
_FIGURES = "一二三四五六七八九十"
_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar. `year` is the one its spring festival lies in; months are 1 to 12."""

    year: int
    month: int
    day: int
    leap: bool = False

    @property
    def day_text(self) -> str:
        """初一, 十五, 廿九, 三十."""
        if self.day in (10, 20, 30):
            return {10: "初十", 20: "二十", 30: "三十"}[self.day]
        return _DAYS[self.day // 10] + _FIGURES[self.day % 10 - 1]

    @property
    def text(self) -> str:
        """正月 on the first of a month, else the day."""
        return f"{'闰' if self.leap else ''}{_MONTHS[self.month - 1]}月" if self.day == 1 else self.day_text


def _delta_t(year: float) -> float:
    """Seconds that the earth's clock lags behind the even one, near enough for this and the last century."""
    t = year - 2000
    return 63.86 + 0.3345 * t - 0.0603 * t * t + 0.0017275 * t**3 if -14 < t < 5 else max(0.0, 62.92 + 0.32217 * t + 0.005589 * t * t) if t >= 5 else 45.0


def _beijing_day(jde: float) -> int:
    """The ordinal of the day in Beijing that holds an ephemeris moment."""
    year = 2000 + (jde - _J2000) / 365.25
    return math.floor(jde - _delta_t(year) / 86400 + _BEIJING - _ORDINAL)


def _new_moon(k: int) -> float:
    """The moment of the k-th new moon since January 2000."""
    t = k / 1236.85
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = math.radians(2.5534 + 29.1053567 * k - 0.0000014 * t * t)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    omega = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    s = math.sin
    jde += (
        -0.40720 * s(moon) + 0.17241 * e * s(sun) + 0.01608 * s(2 * moon) + 0.01039 * s(2 * node) + 0.00739 * e * s(moon - sun)
        - 0.00514 * e * s(moon + sun) + 0.00208 * e * e * s(2 * sun) - 0.00111 * s(moon - 2 * node) - 0.00057 * s(moon + 2 * node)
        + 0.00056 * e * s(2 * moon + sun) - 0.00042 * s(3 * moon) + 0.00042 * e * s(sun + 2 * node) + 0.00038 * e * s(sun - 2 * node)
        - 0.00024 * e * s(2 * moon - sun) - 0.00017 * s(omega)
    )
    return jde + 0.000325 * s(math.radians(299.77 + 0.107408 * k - 0.009173 * t * t))


def _sun(jde: float) -> float:
    """The sun's apparent longitude in degrees."""
    t = (jde - _J2000) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    m = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = ((1.914602 - 0.004817 * t) * math.sin(m) + (0.019993 - 0.000101 * t) * math.sin(2 * m) + 0.000289 * math.sin(3 * m))
    # What Venus, Jupiter and the moon add; the leading terms.
    more = (0.00134 * math.cos(math.radians(153.23 + 22518.7541 * t)) + 0.00154 * math.cos(math.radians(216.57 + 45037.5082 * t))
            + 0.002 * math.cos(math.radians(312.69 + 32964.3577 * t)) + 0.00179 * math.sin(math.radians(350.74 + 445267.1142 * t))
            + 0.00178 * math.sin(math.radians(251.39 + 20.2 * t)))
    return (mean + centre + more - 0.00569 - 0.00478 * math.sin(math.radians(125.04 - 1934.136 * t))) % 360


def _term_at(ordinal: int) -> int:
    """Which twelfth of its way the sun is in when the day begins in Beijing."""
    year = date.fromordinal(ordinal).year
    return int(_sun(ordinal + _ORDINAL - _BEIJING + _delta_t(year) / 86400) // 30)


def _solstice_month(year: int) -> int:
    """The number of the new moon that opens the month of the winter solstice of a year."""
    day = date(year, 12, 20).toordinal()
    while _term_at(day + 1) < 9:  # 270 degrees are passed within the day
        day += 1
    k = round((day + _ORDINAL - 2451550.1) / 29.530588861) + 1
    while _beijing_day(_new_moon(k)) > day:
        k -= 1
    return k


@lru_cache(maxsize=256)
def _months(year: int) -> tuple[tuple[int, int, bool], ...]:
    """(first day, month, leap) from the solstice month of the year before to that of `year`."""
    begin, end = _solstice_month(year - 1), _solstice_month(year)
    starts = [_beijing_day(_new_moon(k)) for k in range(begin, end + 1)]
    found, month, spent = [], 11, end - begin == 12
    for i in range(len(starts) - 1):
        leap = not spent and i > 0 and _term_at(starts[i]) == _term_at(starts[i + 1])
        spent = spent or leap
        if i and not leap:
            month = month % 12 + 1
        found.append((starts[i], month, leap))
    return (*found, (starts[-1], 11, False))


def lunar(day: date) -> LunarDay | None:
    """The lunar day of a date; None outside the years it is worked out for."""
    if not FIRST <= day.year < LAST:
        return None
    ordinal = day.toordinal()
    months = _months(day.year)
    if ordinal >= months[-1][0]:
        months = _months(day.year + 1)
    start, month, leap = max(found for found in months if found[0] <= ordinal)
    # The months before the first one belong to the year that began in the spring before.
    first = next(found[0] for found in _months(day.year) if found[1] == 1)
    return LunarDay(day.year if ordinal >= first else day.year - 1, month, ordinal - start + 1, leap)


def festival(year: int, month: int, day: int) -> date | None:
    """The date of a lunar day in the regular month of a lunar year; the last day where the month is shorter."""
    if not FIRST <= year < LAST - 1:
        return None
    months = [*_months(year), *_months(year + 1)[1:]]
    begin = next(i for i, found in enumerate(months) if found[1] == 1)
    for i in range(begin, len(months) - 1):
        if months[i][1] == month and not months[i][2]:
            length = months[i + 1][0] - months[i][0]
            return date.fromordinal(months[i][0]) + timedelta(days=min(day, length) - 1)
    return None
