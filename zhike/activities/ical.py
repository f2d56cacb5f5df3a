"""iCalendar: one's own calendar written out for phones and mail programs, and files of theirs read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import vobject
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused

from . import agenda

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
MAX_SIZE = 1024 * 1024
MAX_EVENTS = 500
HALF_HOUR = timedelta(minutes=30)
_CONTROLS = {code: None for code in range(32) if code not in (9, 10)} | {127: None}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def _utc(at: datetime) -> datetime:
    """The moment with the zone object that the library writes as "Z" without explaining it."""
    return at.astimezone(vobject.icalendar.utc).replace(microsecond=0)


def written(user: Any) -> bytes:
    """The person's own activities and tasks of the last three and the next thirteen months.

    Moments are in UTC, so that no time zone has to be explained; texts only hold what the person sees
    openly. Lines are folded and escaped as RFC 5545 asks.
    """
    now = clock.now()
    made = vobject.iCalendar()
    made.add("prodid").value = "-//Zhike//CRM//ZH"
    made.add("method").value = "PUBLISH"
    made.add("x-wr-calname").value = f"知客 {user}"
    for entry in agenda.entries(user, [user.pk], now - BACK, now + AHEAD):
        event = made.add("vevent")
        event.add("uid").value = f"{entry.kind}-{entry.id}@zhike"
        event.add("dtstamp").value = _utc(now)
        event.add("dtstart").value = _utc(entry.at)
        end = entry.ends_at if entry.ends_at and entry.ends_at > entry.at else entry.at + HALF_HOUR
        event.add("dtend").value = _utc(end)
        mark = "✓ " if entry.done else "☐ " if entry.kind == "task" else ""
        event.add("summary").value = _plain(mark + entry.title)
        if entry.place:
            event.add("location").value = _plain(entry.place)
        if entry.sub:
            event.add("description").value = _plain(entry.sub)
        event.add("transp").value = "OPAQUE" if entry.kind == "activity" else "TRANSPARENT"
    text: str = made.serialize(validate=False, lineLength=10**9)
    return b"\r\n".join(_folded(line) for line in text.split("\r\n"))


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets; the library counts a Chinese character too short."""
    pieces, piece, room = [], b"", 75
    for char in line:
        octets = char.encode()
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", 74
        piece += octets
    return b"\r\n ".join([*pieces, piece])


@dataclass(slots=True)
class Found:
    """An event of a file: what it would become, or why it is left out."""

    title: str
    at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    text: str = ""
    uid: str = ""
    reason: str = ""


def read(data: bytes) -> list[Found]:
    """The events of an .ics file. Raises `Refused` for what is no calendar, is too large or holds too many."""
    if len(data) > MAX_SIZE:
        raise Refused(_("The file is larger than %(n)s MB. Send a shorter span of the calendar.") % {"n": MAX_SIZE // 2**20}, field="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused(_("This is not a calendar file that can be read."), field="file")
    if "\0" in text or "BEGIN:VCALENDAR" not in text.upper():
        raise Refused(_("This is not a calendar file that can be read."), field="file")
    if text.upper().count("BEGIN:VEVENT") > MAX_EVENTS:
        raise Refused(_("The file holds more than %(n)s events. Send a shorter span of the calendar.") % {"n": MAX_EVENTS}, field="file")
    try:
        calendars = list(vobject.readComponents(text, ignoreUnreadable=True, allowQP=False))
    except Exception:  # the reader raises whatever it trips over; the file stays unread either way
        raise Refused(_("This is not a calendar file that can be read."), field="file") from None
    found = [_event(event) for calendar in calendars for event in getattr(calendar, "contents", {}).get("vevent", ())]
    if not found:
        raise Refused(_("The file holds no event. Tasks, free times and journals are not read."), field="file")
    return found


def _text(event: Any, name: str, most: int) -> str:
    lines: Sequence[Any] = event.contents.get(name, ())
    value = lines[0].value if lines else ""
    return _plain(str(value)).strip()[:most]


def _event(event: Any) -> Found:
    made = Found(_text(event, "summary", 100) or _("Without a title"), place=_text(event, "location", 120),
                 text=_text(event, "description", 2000), uid=_text(event, "uid", 150))
    try:
        start, end = _moment(event, "dtstart"), _moment(event, "dtend")
        if start is not None and end is None and "duration" in event.contents:
            length = event.duration.value
            end = start + length if isinstance(length, timedelta) else None
    except Exception:  # a broken date is one event's own
        made.reason = _("Its time cannot be read.")
        return made
    if start is None:
        made.reason = _("It has no time.")
    elif "rrule" in event.contents or "rdate" in event.contents:
        made.reason = _("It repeats. Make the coming ones one by one.")
    elif _text(event, "status", 20).upper() == "CANCELLED":
        made.reason = _("It was called off.")
    elif start <= clock.now():
        made.reason = _("It is over. Record what has happened as a follow-up.")
    elif start > clock.now() + timedelta(days=730):
        made.reason = _("Plan at most two years ahead.")
    made.at = start
    made.ends_at = end if start and end and end > start else None
    return made


def _moment(event: Any, name: str) -> datetime | None:
    lines = event.contents.get(name, ())
    if not lines:
        return None
    value = lines[0].value
    if isinstance(value, datetime):
        found = value if value.tzinfo else value.replace(tzinfo=clock.zone())
        return found.astimezone(UTC)
    if isinstance(value, date):  # a whole day begins with the working day
        return datetime.combine(value, time(9 if name == "dtstart" else 18), tzinfo=clock.zone()).astimezone(UTC)
    raise ValueError(name)
