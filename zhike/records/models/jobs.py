from __future__ import annotations

from django.db import models


class ScheduledJob(models.Model):
    """A job that recurs. Whoever holds the lease runs it; a dead holder's lease runs out."""

    name = models.CharField(max_length=80, unique=True)
    every_minutes = models.PositiveIntegerField()
    next_run_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")
