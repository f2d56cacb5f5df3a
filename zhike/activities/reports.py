"""Duty statistics: what was done by whom on which day, and which work logs are missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.calendar import workdays
from zhike.org.models import Company, User

from . import agenda
from .models import Activity, Task, WorkLog
from .models.worklogs import DAILY, first_of, last_of

MOST_DAYS = 92
GOOD = ("effective", "has_demand")


@dataclass(slots=True)
class Line:
    """The figures of one person, or of one day of a person."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    customers: int = 0
    judged: int = 0  # contacts with a result
    good: int = 0  # of these, effective or with a need
    tasks: int = 0
    on_time: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def check_span(first: date, last: date) -> None:
    """Refuse a span that runs backwards or is longer than a quarter."""
    if last < first:
        raise Refused(_("The end lies before the start."), field="last")
    if (last - first).days >= MOST_DAYS:
        raise Refused(_("Choose at most %(n)s days.") % {"n": MOST_DAYS}, field="last")


def duty(user: Any, first: date, last: date, *, owner: int | None = None) -> dict[Any, Line]:
    """Done contacts and tasks between two days as far as `user` may see them.

    By person (user id), or with `owner` by day (date) of that one person. Four grouped queries, whatever the size.
    """
    check_span(first, last)
    start, end = agenda.moments(first, last)
    rows = Activity.objects.visible_to(user).filter(status="done", at__gte=start, at__lt=end)
    tasks = Task.objects.visible_to(user).filter(finished_at__gte=start, finished_at__lt=end, status__in=("done", "confirmed"))
    found: dict[Any, Line] = defaultdict(Line)
    if owner is None:
        key, done_key = "owner_id", "owner_id"
    else:
        rows = rows.filter(owner=owner).annotate(day=TruncDate("at", tzinfo=clock.zone()))
        tasks = tasks.filter(owner=owner).annotate(day=TruncDate("finished_at", tzinfo=clock.zone()))
        key = done_key = "day"
    if access_of(user).may("activity", "view"):
        for group, code, n in rows.values_list(key, "type").annotate(n=Count("pk")).order_by():
            found[group].counts[code] += n
        counted = rows.values_list(key).annotate(
            customers=Count("customer", distinct=True), judged=Count("pk", filter=~Q(result="")), good=Count("pk", filter=Q(result__in=GOOD)))
        for group, customers, judged, good in counted.order_by():
            found[group].customers, found[group].judged, found[group].good = customers, judged, good
    if access_of(user).may("task", "view"):
        in_time = Count("pk", filter=Q(finished_at__lte=F("due_at")))
        for group, n, on_time in tasks.values_list(done_key).annotate(n=Count("pk"), on_time=in_time).order_by():
            found[group].tasks, found[group].on_time = n, on_time
    return dict(found)


# Work logs that are owed


@dataclass(slots=True)
class Rule:
    """Who owes which log: `departments` none means everybody who may write one."""

    period: str = "weekly"
    workdays_only: bool = True
    grace_hours: int = 24
    departments: list[int] = field(default_factory=list)


def rule() -> Rule:
    """The company's duty rule."""
    kept = Company.current().setting("worklog_duty", {})
    kept = kept if isinstance(kept, dict) else {}
    return Rule(**{name: kept[name] for name in ("period", "workdays_only", "grace_hours", "departments") if name in kept})


@dataclass(slots=True)
class Owed:
    """One person's logs in a span."""

    person: Any
    due: int = 0
    handed_in: int = 0
    late: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.due - self.handed_in)


def periods(found: Rule, first: date, last: date) -> list[date]:
    """First days of the periods that ended within a span and were owed; none while a log may still be written in time."""
    days: list[date] = []
    day = first_of(found.period, first)
    while (ends := last_of(found.period, day)) <= last:
        over = clock.now() >= clock.start_of(ends + timedelta(days=1)) + timedelta(hours=found.grace_hours)
        worked = found.period != DAILY or not found.workdays_only or workdays(day, day) == 1
        if ends >= first and over and worked:
            days.append(day)
        day = ends + timedelta(days=1)
    return days


def writers(found: Rule) -> Any:
    """Everybody who owes logs by the rule."""
    rows = User.objects.filter(is_active=True, pk__in=User.objects.filter(
        roles__permissions__kind="worklog", roles__permissions__action="add").values("pk"))
    return rows.filter(department__in=found.departments) if found.departments else rows


def owed(user: Any, first: date, last: date) -> list[Owed]:
    """Who handed in how many logs, how many late and how many are missing; people whose logs `user` may see."""
    check_span(first, last)
    found = rule()
    if not found.period:
        return []
    people = [user, *agenda.shared(user, "worklog")]
    writers = set(User.objects.filter(pk__in=[one.pk for one in people], roles__permissions__kind="worklog", roles__permissions__action="add").values_list("pk", flat=True))
    wanted = [one for one in people if one.pk in writers and (not found.departments or one.department_id in found.departments)]
    due = periods(found, first, last)
    logs: dict[int, list[Any]] = defaultdict(list)
    rows = WorkLog.objects.visible_to(user).filter(owner__in=[one.pk for one in wanted], period=found.period, first_day__in=due).exclude(status="draft")
    for owner, day, at in rows.values_list("owner_id", "first_day", "submitted_at"):
        ends = clock.start_of(last_of(found.period, day) + timedelta(days=1)) + timedelta(hours=found.grace_hours)
        logs[owner].append(bool(at and at > ends))
    return [Owed(one, len(due), len(logs[one.pk]), sum(logs[one.pk])) for one in wanted]
