"""The calendar: day, week and month of one's own, of a colleague, of the team; on the phone a list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.chinese import lunar
from zhike.pages import formats
from zhike.pages.parts import Link, Option
from zhike.pages.views import PageView

from .. import agenda
from ..agenda import Entry

VIEWS = ("day", "week", "month")
HOURS = range(8, 20)  # shown always; of the other hours those in which something stands
MONTH_ROWS = 4  # entries of a day before "n more"


@dataclass(slots=True)
class DayHead:
    """A day as the head of a column or a box of a month draws it."""

    day: date
    iso: str
    label: str
    lunar: str
    note: str  # holiday or make-up workday
    off: bool  # not worked
    today: bool
    other: bool  # of another month
    url: str
    new_url: str = ""
    entries: list[Entry] = field(default_factory=list)
    more: str = ""


@dataclass(slots=True)
class Hour:
    """A row of the day and week views: what begins in that hour, a cell for each day."""

    label: str
    cells: list[tuple[str, str, list[Entry]]]  # moment, address of "new", entries


class CalendarPage(PageView):
    """Activities and tasks on their days. Only what the person may see anyway."""

    kind_name = "activity"
    template = "activities/calendar.html"
    menu = "workbench"
    place = "calendar"

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("view", "week")
        self.view = wanted if wanted in VIEWS else "week"
        self.day = _day(request.GET.get("date", ""))
        self.lang = get_language() or "zh-hans"
        self.colleagues = agenda.shared(self.user)
        people = self.people(request.GET.get("who", "me"))
        first, last = agenda.span(self.view, self.day)
        found = agenda.entries(self.user, people, *agenda.moments(first, last), several=len(people) > 1)
        by_day: dict[date, list[Entry]] = defaultdict(list)
        for entry in found:
            by_day[clock.local(entry.at).date()].append(entry)
        heads = self.heads(first, last)
        for head in heads:
            head.entries = by_day.get(head.day, [])
        page = {
            "title": _("Calendar"), "view": self.view, "heading": self.heading(first, last), "heads": heads,
            "hours": self.hours(heads) if self.view != "month" else [], "weeks": self.weeks(heads) if self.view == "month" else [],
            "views": [Link(label, self.address(view=key), active=key == self.view)
                      for key, label in (("day", _("Day")), ("week", _("Week")), ("month", _("Month")))],
            "prev_url": self.address(date=self.step(-1)), "next_url": self.address(date=self.step(1)),
            "today_url": f"{self.address(date=clock.today())}#today", "who": self.who_options(), "who_value": self.who,
            "date": self.day.isoformat(), "can_add": self.access.may("activity", "add"), "unknown_year": self.unknown_year(first, last),
            "capped": len(found) >= agenda.MOST, "feed_url": reverse("calendar-address"), "import_url": reverse("calendar-import"),
        }
        return self.answer(page)

    def crumbs(self) -> list[Link]:
        return [Link(_("Calendar"))]

    def people(self, who: str) -> list[int]:
        """Ids of those whose calendar is asked for; a stranger's is "not found"."""
        self.who = who
        if who == "me":
            return [self.user.pk]
        if who == "team":
            return [self.user.pk, *(person.pk for person in self.colleagues)]
        known = {str(person.pk): person.pk for person in self.colleagues}
        if who not in known:
            raise Http404
        return [known[who]]

    def who_options(self) -> list[Option]:
        found = [Option(_("Mine"), value="me", selected=self.who == "me")]
        if self.colleagues:
            found.append(Option(_("The team"), value="team", selected=self.who == "team"))
        return [*found, *(Option(str(person), value=str(person.pk), selected=self.who == str(person.pk)) for person in self.colleagues)]

    def address(self, **more: Any) -> str:
        values = {"view": self.view, "date": self.day, "who": self.who, **more}
        return f"{reverse('calendar')}?{urlencode({key: str(value) for key, value in values.items()})}"

    def step(self, way: int) -> date:
        if self.view == "month":
            return (self.day.replace(day=1) - timedelta(days=1)).replace(day=1) if way < 0 else (self.day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return self.day + timedelta(days=way * (1 if self.view == "day" else 7))

    def heading(self, first: date, last: date) -> str:
        if self.view == "day":
            return formats.weekday(self.day)
        if self.view == "month":
            return f"{self.day.year} 年 {self.day.month} 月" if self.lang.startswith("zh") else f"{self.day:%B %Y}"
        week = _("week %(n)s") % {"n": first.isocalendar().week}
        return f"{formats.short(first)} – {formats.short(last)} · {week}"

    def unknown_year(self, first: date, last: date) -> int:
        """A year without holidays in the table, which then counts Monday to Friday."""
        from zhike.org.calendar import known_year

        return 0 if known_year(last.year) else last.year

    def heads(self, first: date, last: date) -> list[DayHead]:
        special, today = agenda.special_days(first, last), clock.today()
        found = []
        for i in range((last - first).days + 1):
            day = first + timedelta(days=i)
            name, worked = special.get(day, ("", day.weekday() < 5))
            moon = lunar.from_solar(day) if self.lang.startswith("zh") else None
            note = ""
            if day in special:
                note = _("working day") if worked else holiday(name)
            found.append(DayHead(
                day, day.isoformat(), _head(day, self.lang, self.view), moon.text if moon else "", note, not worked, day == today,
                self.view == "month" and day.month != self.day.month, self.address(view="day", date=day), self.new_url(f"{day.isoformat()}T09:00")))
        return found

    def new_url(self, at: str) -> str:
        return f"{reverse('activity-new')}?at={at}" if self.access.may("activity", "add") and self.who in ("me", "team") else ""

    def hours(self, heads: list[DayHead]) -> list[Hour]:
        timed: dict[tuple[date, int], list[Entry]] = defaultdict(list)
        met = set(HOURS)
        for head in heads:
            for entry in head.entries:
                hour = clock.local(entry.at).hour
                timed[head.day, hour].append(entry)
                met.add(hour)
        return [Hour(f"{hour:02d}:00", [
            (f"{head.iso}T{hour:02d}", self.new_url(f"{head.iso}T{hour:02d}:00"), timed[head.day, hour]) for head in heads])
            for hour in sorted(met)]

    def weeks(self, heads: list[DayHead]) -> list[list[DayHead]]:
        for head in heads:
            if len(head.entries) > MONTH_ROWS:
                head.more = _("%(n)s more") % {"n": len(head.entries) - MONTH_ROWS}
        return [heads[i:i + 7] for i in range(0, len(heads), 7)]


def _day(text: str) -> date:
    """A day of the address; today for what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return found if 1902 <= found.year <= 2098 else clock.today()


def _head(day: date, lang: str, view: str) -> str:
    if view == "month":
        return str(day.day)
    return f"周{formats.WEEKDAYS[day.weekday()]} {day.month}/{day.day}" if lang.startswith("zh") else f"{day:%a} {day.day}"


HOLIDAYS = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明", "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午", "National Day": "国庆", "Mid-autumn Festival": "中秋",
}


def holiday(name: str) -> str:
    """The name of a holiday in the language spoken now; the table keeps the English one."""
    if (get_language() or "zh").startswith("zh"):
        return HOLIDAYS.get(name, name) or _("day off")
    return name or _("day off")
