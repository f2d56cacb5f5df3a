"""The trash: records taken out of their tables, whole, until they are brought back or a month is over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TrashedRow(models.Model):
    """A deleted record. It has left its table, so no list, sum or search can meet it by mistake; `data` is all of it."""

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    owner_dept = models.ForeignKey("org.Department", models.PROTECT, null=True, related_name="+")
    # The row's fields, links to it that were emptied, and its keys in other systems.
    data = models.JSONField()
    deleted_at = models.DateTimeField()
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("deleted record")
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="collab_trash_once")]
        indexes = [models.Index(fields=["deleted_at"], name="collab_trash_age_ix"), models.Index(fields=["owner"], name="collab_trash_owner_ix")]

    def __str__(self) -> str:
        return self.title
