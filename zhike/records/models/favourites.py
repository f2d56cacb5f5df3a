from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Favourite(models.Model):
    """A record somebody keeps at hand. It gives no rights: what they no longer see is passed over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "row_id"], name="records_favourite_once")]
        indexes = [models.Index(fields=["kind", "row_id"], name="records_favourite_row_ix")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
