"""Work that is done later: follow-ups of events, and jobs that recur.

A task row is inserted in the transaction of the change that causes it, so it can neither be lost
nor run for something that was rolled back.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django_tasks import task

from zhike.base import clock, events

from . import channel, history
from .models import ScheduledJob

log = logging.getLogger("zhike.jobs")
_jobs: dict[str, tuple[int, Callable[[], Any]]] = {}


def defer_follow_up(key: str, payload: dict[str, Any]) -> None:
    follow_up.enqueue(key, history.plain(payload))


@task()
def follow_up(key: str, payload: dict[str, Any]) -> None:
    """Run one listener of one event."""
    with channel.through("job"):
        events.run_follow_up(key, payload)


def job(name: str, *, every: int) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declare a job that recurs every so many minutes."""

    def declare(function: Callable[[], Any]) -> Callable[[], Any]:
        _jobs[name] = (every, function)
        return function

    return declare


def run_due_jobs() -> int:
    """Run what is due. A lease makes sure that two workers never run the same job at once."""
    now, done = clock.now(), 0
    ScheduledJob.objects.bulk_create(
        [ScheduledJob(name=name, every_minutes=every, next_run_at=now) for name, (every, _f) in _jobs.items()],
        ignore_conflicts=True,
    )
    for found in ScheduledJob.objects.filter(name__in=_jobs, next_run_at__lte=now).order_by("next_run_at"):
        lease = uuid.uuid4().hex
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        taken = ScheduledJob.objects.filter(free, pk=found.pk, next_run_at=found.next_run_at).update(
            lease=lease, leased_until=now + timedelta(minutes=30)
        )
        if taken:
            _run(found, lease)
            done += 1
    return done


def _run(found: ScheduledJob, lease: str) -> None:
    failures, error = 0, ""
    try:
        with channel.through("job"):
            _jobs[found.name][1]()
    except Exception as wrong:  # a broken job must not stop the others
        failures, error = found.failures + 1, f"{type(wrong).__name__}: {wrong}"[:2000]
        log.exception("job %s failed", found.name)
    now = clock.now()
    wait = found.every_minutes * min(2**failures, 32) if failures else found.every_minutes
    ScheduledJob.objects.filter(pk=found.pk, lease=lease).update(
        lease="", leased_until=None, last_run_at=now, failures=failures, last_error=error,
        next_run_at=now + timedelta(minutes=wait),
    )


@job("records.seal_history", every=60)
def _seal() -> None:
    head = history.seal_history()
    if head:
        log.info("history sealed, head %s", head)


@job("records.prune", every=24 * 60)
def _prune() -> None:
    from . import once

    with transaction.atomic():
        once.prune()
