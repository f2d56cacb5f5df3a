from __future__ import annotations

from django.conf import settings
from django.db import models


class OnceToken(models.Model):
    """A form post that has been done, and where its answer was; the same post again goes there."""

    token = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, default="")
    answer = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "user"], name="records_once")]
