from __future__ import annotations

from django.conf import settings
from django.db import models


class HistoryEntry(models.Model):
    """One thing that happened to one record: who, when, from where, what, and the change.

    Never edited. `diff` maps a field to [before, after]; `args` holds what the action was given.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10)  # page, api, import, job, system
    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    action = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    diff = models.JSONField(default=dict)
    batch = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "row_id", "id"], name="records_history_row_ix")]


class HistorySeal(models.Model):
    """A digest over a run of history, chained to the one before; makes tampering show."""

    first_id = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
