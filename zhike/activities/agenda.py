"""What stands in a calendar: activities and tasks of a person or a team, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.org.access import access_of
from zhike.org.models import User, WorkCalendarDay
from zhike.records import registry
from zhike.records.models import TeamGrant

from .actions.people import ROLE
from .models import Activity, Task
from .status import ACTIVITY

MOST = 600
PEOPLE = 300


@dataclass(slots=True)
class Entry:
    """One line of a calendar. `who` is filled where several people's are shown together."""

    kind: str
    id: int
    at: datetime
    ends_at: datetime | None
    title: str
    sub: str
    url: str
    tone: str
    type: str = ""
    who: str = ""
    done: bool = False
    move_url: str = ""  # empty for what the person may not move
    place: str = ""
    note: str = ""  # what is going on with it: under way, checked in at
    going: bool = False


def shared(user: Any, kind: str = "activity") -> list[Any]:
    """The colleagues whose calendar the person may open: those whose activities their roles show them."""
    reach = access_of(user).reach(kind)
    people = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if not reach.everything:
        people = people.filter(Q(pk__in=reach.owners) | Q(department__in=reach.departments))
    return list(people.order_by("department__path", "pk")[:PEOPLE])


def _owned_or_joined(model: Any, people: Sequence[int]) -> Q:
    found = Q(owner__in=people)
    if model is Activity:
        found |= Q(pk__in=TeamGrant.objects.filter(kind="activity", role=ROLE, user__in=people).values("row_id"))
    return found


def entries(user: Any, people: Sequence[int], start: datetime, end: datetime, *, several: bool = False) -> list[Entry]:
    """What these people have between two moments and `user` may see, in order; at most `MOST` of each kind."""
    found: list[Entry] = []
    if access_of(user).may("activity", "view"):
        rows = Activity.objects.visible_to(user).filter(_owned_or_joined(Activity, people), at__gte=start, at__lt=end)
        rows = rows.exclude(status="cancelled").select_related("owner").order_by("at", "pk")[:MOST]
        items = list(rows)
        movable = set(Activity.objects.editable_by(user).filter(pk__in=[row.pk for row in items]).values_list("pk", flat=True)) if items else set()
        customers, leads = _seen_customers(user, items), _seen_leads(user, items)
        kind = registry.kind("activity")
        for row in items:
            tone = "good" if row.status == "done" else "bad" if row.overdue else "info"
            found.append(Entry(
                "activity", row.pk, row.at, row.ends_at, row.subject, customers.get(row.customer_id, "") or leads.get(row.lead_id, ""), kind.url(row), tone, row.type,
                str(row.owner) if several else "", row.status == "done",
                kind.action_url("move", row) if row.status == "planned" and row.pk in movable else "", row.place, _note(row), row.status == "in_progress"))
    if access_of(user).may("task", "view"):
        tasks = Task.objects.visible_to(user).filter(owner__in=people, due_at__gte=start, due_at__lt=end).exclude(status__in=("cancelled", "refused"))
        task = registry.kind("task")
        for row in tasks.select_related("owner").order_by("due_at", "pk")[:MOST]:
            done = row.status in ("done", "confirmed")
            found.append(Entry("task", row.pk, row.due_at, None, row.title, "", task.url(row), "good" if done else "bad" if row.overdue else "wait",
                               "task", str(row.owner) if several else "", done,
                               task.action_url("due", row) if not done and row.giver_id == user.pk else ""))
    return sorted(found, key=lambda entry: (entry.at, entry.kind, entry.id))


def _note(row: Activity) -> str:
    """When somebody checked in, or that it is under way."""
    if row.checked_in_at is not None:
        return _("checked in %(at)s") % {"at": clock.local(row.checked_in_at).strftime("%H:%M")}
    return str(ACTIVITY.label(row.status)) if row.status == "in_progress" else ""


def _seen_customers(user: Any, rows: Sequence[Any]) -> dict[int, str]:
    """Names of the customers among these that the person may see by name."""
    if not rows or access_of(user).field_mode("customer", "name") not in ("", "read"):
        return {}
    model = registry.kind("customer").model
    return dict(model.objects.visible_to(user).filter(pk__in={row.customer_id for row in rows} - {None}).values_list("pk", "name"))


def _seen_leads(user: Any, rows: Sequence[Any]) -> dict[int, str]:
    """Names of the leads among these that the person may see by name."""
    ids = {row.lead_id for row in rows if row.lead_id and not row.customer_id}
    if not ids or access_of(user).field_mode("lead", "name") not in ("", "read"):
        return {}
    return {row.pk: str(row) for row in registry.kind("lead").model.objects.visible_to(user).filter(pk__in=ids)}


def special_days(first: date, last: date) -> dict[date, tuple[str, bool]]:
    """Days that differ from the weekly pattern: (name, whether it is worked)."""
    found = WorkCalendarDay.objects.filter(calendar="default", date__gte=first, date__lte=last)
    return {day.date: (day.name, day.kind in (WorkCalendarDay.WORKDAY, WorkCalendarDay.MAKEUP)) for day in found}


def span(view: str, day: date) -> tuple[date, date]:
    """First and last day that a view shows: the day, its week from Monday, or its month in whole weeks."""
    if view == "day":
        return day, day
    if view == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    first -= timedelta(days=first.weekday())
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first, last + timedelta(days=6 - last.weekday())


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """The same in moments, half-open."""
    return clock.start_of(first), clock.start_of(last + timedelta(days=1))
