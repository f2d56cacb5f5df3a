"""What goes on behind the pages: clock, worker, recurring jobs, tasks, the sealed history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhike.base import clock as house_clock
from zhike.config.working import ATTEMPTS
from zhike.org.models import Company
from zhike.records import history as kept
from zhike.records.models import ScheduledJob

from ..doctor import ATTENTION, BROKEN, OK, Examined, Finding
from .database import ask

PATIENCE = timedelta(minutes=15)
SKEW = 5.0  # seconds
RECENT_SEALS = 3  # of 2,000 lines each; --deep reads all


def _said(at: object) -> str:
    return house_clock.local(at).strftime("%Y-%m-%d %H:%M") if at else "—"  # type: ignore[arg-type]


def clock(examined: Examined) -> Iterator[Finding]:
    name = Company.current().time_zone
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield Finding("clock", BROKEN, _("the time zone %(name)s of the company is not known here") % {"name": name},
                      _("Install the package tzdata, or correct the company's time zone."))
        return
    now = house_clock.now()
    apart = abs((ask("SELECT now()")[0][0].astimezone(UTC) - now).total_seconds()) if connection.vendor == "postgresql" else 0.0
    told = {"now": _said(now), "zone": name, "seconds": f"{apart:.0f}"}
    if apart > SKEW:
        yield Finding("clock", ATTENTION, _("the clocks of this machine and of the database are %(seconds)s seconds apart") % told,
                      _("Let both machines set their clocks by NTP."))
    else:
        yield Finding("clock", OK, _("it is %(now)s, days are counted in %(zone)s") % told)


def worker(examined: Examined) -> Iterator[Finding]:
    now = house_clock.now()
    last = ScheduledJob.objects.exclude(last_run_at=None).order_by("-last_run_at").values_list("last_run_at", flat=True).first()
    due = ScheduledJob.objects.order_by("next_run_at").values_list("next_run_at", flat=True).first()
    remedy = _("Start `zhike worker` and let the system start it again after a fault.")
    if last is None:
        yield Finding("worker", ATTENTION, _("no worker has run yet: reminders and follow-ups wait"), remedy)
    elif due is not None and now - due > PATIENCE:
        yield Finding("worker", BROKEN, _("the worker stands still since %(time)s: reminders and follow-ups wait") % {"time": _said(last)}, remedy)
    else:
        yield Finding("worker", OK, _("the worker ran last at %(time)s") % {"time": _said(last)})


def jobs(examined: Examined) -> Iterator[Finding]:
    for job in ScheduledJob.objects.filter(failures__gt=0).order_by("name")[:20]:
        yield Finding("jobs", ATTENTION, _("the recurring job %(name)s failed %(count)d times: %(why)s") % {
            "name": job.name, "count": job.failures, "why": job.last_error.split("\n")[0][:160]}, _("It is tried again; the worker's log has the details."))


def tasks(examined: Examined) -> Iterator[Finding]:
    """Tasks that will not be tried again, and tasks that wait too long."""
    dead: Counter[str] = Counter()
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).order_by("-finished_at")
    for path, tries in failed.values_list("task_path", "worker_ids")[:10_000]:
        if len(tries) >= ATTEMPTS:
            dead[path.rsplit(".", 1)[-1]] += 1
    if dead:
        names = ", ".join(f"{name} × {count}" for name, count in dead.most_common(5))
        yield Finding("tasks", ATTENTION, _("tasks failed %(times)d times and were given up: %(names)s") % {"times": ATTEMPTS, "names": names},
                      _("The worker's log has the reasons; what they should have done has not been done."))
    now = house_clock.now()
    late = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - PATIENCE).exclude(run_after__gt=now - PATIENCE).count()
    if late:
        yield Finding("tasks", ATTENTION, _("%(count)d tasks wait for more than a quarter of an hour") % {"count": late},
                      _("Start `zhike worker` and let the system start it again after a fault."))
    if not dead and not late:
        yield Finding("tasks", OK, _("no task was given up, none waits too long"))


def history(examined: Examined) -> Iterator[Finding]:
    broken = kept.broken_seals(examined.head, newest=0 if examined.deep or examined.head else RECENT_SEALS)
    if broken:
        first = broken[0]
        yield Finding("history", BROKEN, _("the history was changed from outside: lines %(first)d to %(last)d, sealed %(time)s") % {
            "first": first.first_id, "last": first.last_id, "time": _said(first.sealed_at)},
            _("Keep a copy of the database, and compare with a backup from before that time."))
    elif examined.deep or examined.head:
        yield Finding("history", OK, _("the whole sealed history is as it was written"))
    else:
        yield Finding("history", OK, _("the newest sealed history is as it was written (--deep reads all of it)"))
