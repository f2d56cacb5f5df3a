from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TeamGrant(models.Model):
    """A colleague's place in a record's team. After `expires_at` it counts no more."""

    READ, WRITE = "read", "write"
    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants")
    level = models.CharField(_("right"), max_length=5, choices=[(READ, _("read only")), (WRITE, _("read and write"))])
    role = models.CharField(_("role in team"), max_length=40, blank=True, default="")
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id", "user"], name="records_grant_once")]
        indexes = [
            models.Index(fields=["user", "kind", "row_id", "expires_at"], name="records_grant_user_ix"),
            models.Index(fields=["kind", "row_id", "user"], name="records_grant_row_ix"),
        ]
