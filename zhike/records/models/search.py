from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """What one record is found by."""

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    names = models.TextField(default="", blank=True)
    grams = models.TextField(default="", blank=True)
    codes = models.TextField(default="", blank=True)
    phones = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="records_search_once")]
