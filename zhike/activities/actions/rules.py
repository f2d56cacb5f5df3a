"""What the company asks of an activity; the numbers are kept among its settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.models import Company

from ..models import Activity

BACKDATE_DAYS = 30  # unless the company's setting `activity_backdate_days` says otherwise
CONTENT_MIN = 0  # `activity_content_min`: no least length unless the company wants one
SETTLED = timedelta(hours=24)
SLACK = timedelta(minutes=5)


def _number(key: str, default: int) -> int:
    found = Company.current().setting(key, default)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else default


def backdate_days() -> int:
    """How many days back a contact may still be recorded."""
    return _number("activity_backdate_days", BACKDATE_DAYS)


def content_min() -> int:
    """How many characters a done activity has to say."""
    return _number("activity_content_min", CONTENT_MIN)


def check_took_place(at: datetime) -> None:
    """Refuse a moment in the future, or one so long ago that it can no longer be recorded."""
    now, days = clock.now(), backdate_days()
    if at > now + SLACK:
        raise Refused(_("What lies in the future is planned, not recorded."), field="at")
    if at < clock.start_of(clock.local(now).date() - timedelta(days=days)):
        raise Refused(_("Contacts can be recorded up to %(n)s days back. Ask your administrator to import older ones.") % {"n": days}, field="at")


def check_content(content: str) -> None:
    """Refuse a record shorter than the company wants; nothing is asked by default."""
    least = content_min()
    if len(content.strip()) < least:
        raise Refused(_("Write at least %(n)s characters about what came of it.") % {"n": least}, field="content")


def settled(row: Activity) -> bool:
    """Whether the activity was recorded more than a day ago: what is changed then is marked."""
    return row.status == "done" and clock.now() - (row.done_at or row.created_at) > SETTLED


def reaches_beyond(user: Any, row: Any) -> bool:
    """Whether the person's roles let them change this record of somebody they lead, not only their own."""
    reach = access_of(user).reach(row.KIND, edit=True)
    return reach.everything or row.owner_dept_id in reach.departments or row.owner_id in reach.owners - {user.pk}


def check_deletable(rows: Iterable[Any], by: Any) -> None:
    """What took place is deleted by its author within a day, later by somebody who leads them."""
    for row in rows:
        if row.status == "done" and settled(row) and not reaches_beyond(by, row):
            raise Refused(_("What took place can be deleted within 24 hours of being recorded. Ask your manager to delete it."), code="activity.settled")
