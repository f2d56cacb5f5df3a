from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A key for programs. Only its digest is stored; the token itself is shown once."""

    READ, WRITE = "read", "write"
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=60, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=[(READ, _("read")), (WRITE, _("read and write"))], default=READ)
    kinds = models.JSONField(_("records"), default=list, blank=True)  # names of kinds; none means all
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
