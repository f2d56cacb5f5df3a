"""Merges: what was joined into what, how to take it back, and where an old number leads."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Merge(models.Model):
    """Records of one kind joined into one. `journal` holds exactly what was moved, for the way back."""

    kind = models.CharField(max_length=40)
    kept_id = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    journal = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge")
        indexes = [models.Index(fields=["kind", "kept_id", "id"], name="customers_merge_kept_ix")]

    def __str__(self) -> str:
        return f"{self.kind} {self.kept_id}"


class MergedRow(models.Model):
    """A record that lives on in another: its number leads there. `data` is all of it, for the way back.

    It is here in the transaction in which it leaves its table; an undone merge takes it out again.
    """

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    kept_id = models.BigIntegerField()
    merge = models.ForeignKey(Merge, models.CASCADE, related_name="rows")
    code = models.CharField(max_length=40, default="", blank=True)
    title = models.CharField(max_length=200)
    data = models.JSONField()

    class Meta:
        verbose_name = _("merged record")
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="customers_merged_once")]
        indexes = [models.Index(fields=["kind", "kept_id"], name="customers_merged_into_ix")]

    def __str__(self) -> str:
        return self.title
