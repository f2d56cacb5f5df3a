from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberRule(models.Model):
    """How the numbers of a kind look: prefix, date part, width, and when the count restarts."""

    kind = models.CharField(max_length=40, unique=True)
    prefix = models.CharField(_("prefix"), max_length=10)
    date_part = models.CharField(_("date part"), max_length=6, blank=True, default="%Y%m")
    width = models.PositiveSmallIntegerField(_("width"), default=4)
    start = models.PositiveIntegerField(_("first number"), default=1)
    step = models.PositiveSmallIntegerField(_("step"), default=1)
    reset = models.CharField(
        _("restart"),
        max_length=5,
        default="month",
        choices=[("never", _("never")), ("year", _("yearly")), ("month", _("monthly")), ("day", _("daily"))],
    )


class NumberCounter(models.Model):
    """The last number issued in one series; the row is locked while a number is taken."""

    series = models.CharField(max_length=60, unique=True)
    last = models.IntegerField(default=0)
