"""The lunar calendar (农历) of 1900 to 2100: for birthdays and festivals, not for astronomy.

The first days of the months are those of the new moons in Beijing (Meeus' series, good to a minute).
Which months are doubled comes from the Chinese calendar of ICU, compared with the sun's place and put
right where published calendars say otherwise (1917, 1922, 1987). Where a new moon of the far future falls
within two minutes of midnight (2057, 2089, 2097) a calendar may yet be published with a day's difference.

One word a year: the month that is doubled (0: none), then the lengths of its twelve or thirteen months,
lowest bit first, 1 for 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST, LAST = 1900, 2100
_TENS = ("初", "十", "廿")
_FIGURES = "一二三四五六七八九十"
_MONTH_NAMES = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NEW_YEAR = date(1900, 1, 31)
_TABLE = """
    816d2 00752 00ea5 5164a 0064b 00a9b 4155a 0056a 00b59 21752 00752 61b25 00b25 00a4b 514ab
    002ad 0056b 20b69 00da9 71d92 00e92 00d25 51a4d 00a56 002b6 415b5 006d4 00ea9 21e92 00e92
    60d26 0052b 00a57 512b6 00b5a 006d4 30ec9 00749 71693 00a93 0052b 60a5b 00aad 0056a 41b55
    00ba4 00b49 21a93 00a95 7152d 00536 00aad 515aa 005b2 00da5 31d4a 00d4a 80a95 00a97 00556
    60ab5 00ad5 006d2 40ea5 00ea5 0064a 30c97 00a9b 7155a 0056a 00b69 51752 00b52 00b25 4164b
    00a4b 814ab 002ad 0056d 60b69 00da9 00d92 41d25 00d25 a1a4d 00a56 002b6 605b5 006d5 00ea9
    51e92 00e92 00d26 30a56 00a57 814d6 0035a 006d5 516c9 00749 00693 4152b 0052b 00a5b 2155a
    0056a 71b55 00ba4 00b49 51a93 00a95 0052d 40aad 00ab5 915aa 005d2 00da5 61d4a 00d4a 00c95
    4152e 00556 00ab5 215b2 006d2 60ea5 00725 0064b 50c97 00cab 0055a 30ad6 00b69 b1752 00b52
    00b25 61a4b 00a4b 004ab 5055b 005ad 00b6a 21b52 00d92 71d25 00d25 00a55 514ad 004b6 005b5
    30daa 00ec9 81e92 00e92 00d26 60a56 00a57 004d6 406d5 00755 00749 30e93 00693 7152b 0052b
    00a5b 5155a 0056a 00b65 4174a 00b4a 81a95 00a95 0052d 60aad 00ab5 005aa 40ba5 00da5 00d4a
    31c95 00c96 7194e 00556 00ab5 515b2 006d2 00ea5 40e4a 0068b 80c97 004ab 0055b 60ad6 00b6a
    00752 41725 00b25 00a8b 2149b 004ab
""".split()


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A lunar day; `leap` marks the second of two months with the same number."""

    year: int
    month: int
    day: int
    leap: bool = False

    @property
    def day_text(self) -> str:
        """初一, 十五, 廿九, 三十."""
        if self.day in (10, 20, 30):
            return {10: "初十", 20: "二十", 30: "三十"}[self.day]
        return _TENS[self.day // 10] + _FIGURES[self.day % 10 - 1]

    @property
    def text(self) -> str:
        """正月 on the first of a month, else the day."""
        return f"{'闰' if self.leap else ''}{_MONTH_NAMES[self.month - 1]}月" if self.day == 1 else self.day_text


def _months(year: int) -> list[tuple[int, bool, int]]:
    """(month, whether it is the doubled one, days) of a lunar year in order."""
    word = _TABLE[year - FIRST]
    leap, bits = int(word[0], 16), int(word[1:], 16)
    order = [(month, False) for month in range(1, 13)]
    if leap:
        order.insert(leap, (leap, True))
    return [(month, doubled, 29 + (bits >> place & 1)) for place, (month, doubled) in enumerate(order)]


@lru_cache(maxsize=1)
def _new_years() -> tuple[date, ...]:
    """The first day of each lunar year, and the day after the last one."""
    days = [_NEW_YEAR]
    for year in range(FIRST, LAST + 1):
        days.append(days[-1] + timedelta(days=sum(length for _month, _leap, length in _months(year))))
    return tuple(days)


@lru_cache(maxsize=50_000)
def from_solar(day: date) -> LunarDate | None:
    """The lunar day of a date, or None outside 1900-01-31 to 2101-01-28."""
    starts = _new_years()
    if not starts[0] <= day < starts[-1]:
        return None
    year = day.year if day.year <= LAST and day >= starts[day.year - FIRST] else day.year - 1
    left = (day - starts[year - FIRST]).days
    for month, leap, length in _months(year):
        if left < length:
            return LunarDate(year, month, left + 1, leap)
        left -= length
    raise AssertionError("a lunar year ends where the next begins")


def to_solar(year: int, month: int, day: int) -> date | None:
    """The date of a day of the regular month; the 30th of a month of 29 days is its last day.

    None outside the table and for a day that no month has.
    """
    if not FIRST <= year <= LAST or not 1 <= month <= 12 or not 1 <= day <= 30:
        return None
    at = _new_years()[year - FIRST]
    for number, leap, length in _months(year):
        if number == month and not leap:
            return at + timedelta(days=min(day, length) - 1)
        at += timedelta(days=length)
    return None


def yearly(first: date, year: int) -> date | None:
    """When a lunar anniversary of `first` falls in the lunar year `year`: in the regular month, doubled or not."""
    born = from_solar(first)
    return to_solar(year, born.month, born.day) if born else None
