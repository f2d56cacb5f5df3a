"""The timeline of a record: people, documents and the system in one order, from sources that apps add.

A source is asked for so many of its newest events, at or before a moment; what all of them gave is put
into one order. "Older" names the last moment shown and how many events of that very moment have been
seen, so that nothing is shown twice or left out, even where five hundred rows share one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.text import number
from zhike.records import history

from . import changes, formats
from .parts import Card, Day, Event, Link

SHOWN = 50
CHIPS = {"all": gettext_lazy("All"), "talk": gettext_lazy("Talks"), "deal": gettext_lazy("Deals"),
         "service": gettext_lazy("Service"), "system": gettext_lazy("System")}
OLD_NAMES = {"people": "talk", "documents": "deal"}  # addresses that people have kept
LONG = 240  # characters of a text that are shown at once
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Found = tuple[datetime, int, Event]


@dataclass(slots=True)
class Stream:
    """One source: the chip that shows it, and function(page, reading) → (moment, number of the row, event)."""

    chip: str
    events: Callable[[Any, Reading], Sequence[Found]]


@dataclass(slots=True)
class Reading:
    """How far a timeline is read: so many events, from a moment backwards, less those of it seen already."""

    limit: int = SHOWN
    before: datetime | None = None
    skip: int = 0

    def rows(self, rows: Any, field: str) -> Any:
        """The newest rows that may be shown, by the moment in `field`."""
        if self.before is not None:
            rows = rows.filter(**{f"{field}__lte": self.before})
        return rows.order_by(f"-{field}", "-pk")[: self.limit + self.skip + 1]

    def within(self, at: datetime) -> bool:
        """Whether a moment of something read already belongs here."""
        return self.before is None or at <= self.before


def reading(text: str, limit: int = SHOWN) -> Reading:
    """What the address of "older" says; anything else is the beginning."""
    before, _dash, past = text.partition("-")
    micros, skip = number(before, 17), number(past, 5)
    if micros is None or skip is None:
        return Reading(limit)
    try:
        return Reading(limit, _EPOCH + timedelta(microseconds=micros), skip)
    except OverflowError:
        return Reading(limit)


def read(page: Any, show: str, how: Reading) -> tuple[list[Day], str]:
    """The events by day, and how "older" goes on; empty where nothing older is there."""
    found: list[tuple[datetime, int, int, Event]] = []
    for place, (_name, stream) in enumerate(page.kind.timeline.items()):
        if show in ("all", stream.chip):
            found += [(at, -place, pk, event) for at, pk, event in stream.events(page, how)]
    found.sort(key=lambda one: one[:3], reverse=True)
    found = found[how.skip :]
    shown, more = found[: how.limit], len(found) > how.limit
    lang = get_language() or "zh-hans"
    days = [Day(formats.day(day, lang), [one[3] for one in of_day]) for day, of_day in groupby(shown, key=lambda one: clock.local(one[0]).date())]
    return days, _after(shown, how) if more else ""


def _after(shown: Sequence[tuple[datetime, int, int, Event]], how: Reading) -> str:
    last = shown[-1][0]
    seen = sum(one[0] == last for one in shown) + (how.skip if how.before == last else 0)
    return f"{(last - _EPOCH) // timedelta(microseconds=1)}-{seen}"


def system(page: Any, how: Reading) -> list[Found]:
    """What happened to the record itself, apart from edits, which the change log tells field by field."""
    lang, link = get_language() or "zh-hans", Link(_("Changes"), page.tab_url("history"))
    found = []
    for entry in how.rows(history.of(page.row).exclude(action__in=changes.TOLD_ELSEWHERE), "at"):
        event = changes.sentence(page.kind, entry, page.access, lang)
        event.link = link
        found.append((entry.at, entry.pk, event))
    return found


def shortened(text: str) -> tuple[str, str]:
    """(beginning, whole) of a long text; (text, "") of one that fits."""
    lines = text.split("\n")
    if len(text) <= LONG and len(lines) <= 6:
        return text, ""
    return "\n".join(lines[:5])[:LONG].rstrip(), text


def card(page: Any, url: str, *, limit: int = SHOWN) -> Card:
    """The timeline with its chips and the way to what is older; `url` is the page it stands on."""
    asked = page.request.GET
    wanted = OLD_NAMES.get(asked.get("timeline", ""), asked.get("timeline", ""))
    known = {stream.chip for stream in page.kind.timeline}
    chips = {key: label for key, label in CHIPS.items() if key == "all" or key in known}
    show = wanted if wanted in chips else "all"
    days, older = read(page, show, reading(asked.get("older", ""), limit))
    filters = [Link(label, url if key == "all" else f"{url}?timeline={key}", active=key == show) for key, label in chips.items()]
    here = f"{url}?timeline={show}&older={older}" if older else ""
    return Card(_("Timeline"), key="timeline", template="pages/events.html", data={"days": days, "older": here},
                filters=filters, empty=_("Nothing here yet."))
