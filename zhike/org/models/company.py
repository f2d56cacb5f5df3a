from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext_lazy as _

KEPT = "company"


class Company(models.Model):
    """The one company of this installation and its house settings."""

    name = models.CharField(_("company name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("company")

    def __str__(self) -> str:
        return self.short_name or self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        cache.delete(KEPT)

    @classmethod
    def current(cls) -> Company:
        """The company, kept for half a minute per process: its name stands on every page."""
        company = cache.get(KEPT)
        if company is None:
            company = cls.objects.order_by("pk").first()
            if company is None:
                return cls(name="知客")
            cache.set(KEPT, company, 30)
        return company

    def setting(self, key: str, default: Any = None) -> Any:
        return self.settings.get(key, default)
