"""Signs of life of workers: whoever holds work gives one, so that a dead worker's work goes on within minutes.

By the clock of the database, for two machines need not agree on the time.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from .models import WorkerSign

EVERY = 20.0  # seconds between two signs
SILENT = timedelta(minutes=2)  # six signs missed: dead, or cut off from the database, where it can do no more harm
KEPT = timedelta(days=1)


def give(worker_id: str) -> None:
    """The worker lives."""
    if not WorkerSign.objects.filter(worker_id=worker_id).update(seen_at=Now()):
        WorkerSign.objects.bulk_create([WorkerSign(worker_id=worker_id, seen_at=Now())], ignore_conflicts=True)


def end(worker_id: str) -> None:
    """The worker stops, having finished what it held."""
    WorkerSign.objects.filter(worker_id=worker_id).delete()
    WorkerSign.objects.filter(seen_at__lt=Now() - KEPT).delete()


def lives(worker_id: str) -> bool | None:
    """Whether the worker gave a sign of late; None where it never gives any (an older program)."""
    given = WorkerSign.objects.filter(worker_id=worker_id)
    if given.filter(seen_at__gt=Now() - SILENT).exists():
        return True
    return False if given.exists() else None
