from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.kept import Kept


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
        kept.changed()

    @classmethod
    def current(cls) -> Company:
        """The company, kept by every web worker until it is changed: its name stands on every page."""
        found = kept.get()
        return found[0] if found else cls(name="知客")

    def setting(self, key: str, default: Any = None) -> Any:
        return self.settings.get(key, default)


def _read() -> list[Company]:
    return list(Company.objects.order_by("pk")[:1])


# Settings decide what people see: what one worker has changed counts in all of them at once.
kept = Kept(_read)
