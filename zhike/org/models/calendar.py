"""The work calendar: which days are worked, and between which minutes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkCalendarDay(models.Model):
    """A day that differs from the weekly pattern."""

    WORKDAY, HOLIDAY, MAKEUP, OFF = "workday", "holiday", "makeup", "company_off"
    calendar = models.CharField(max_length=20, default="default")
    date = models.DateField(_("date"))
    kind = models.CharField(
        max_length=12,
        choices=[
            (WORKDAY, _("workday")),
            (HOLIDAY, _("statutory holiday")),
            (MAKEUP, _("make-up workday")),
            (OFF, _("company day off")),
        ],
    )
    name = models.CharField(_("name"), max_length=40, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="org_calendar_day_once")]


class WorkHours(models.Model):
    """One interval of the working day, minutes after local midnight; a lunch break makes two rows."""

    calendar = models.CharField(max_length=20, default="default")
    weekday = models.PositiveSmallIntegerField(_("weekday"))  # 0 = Monday
    start = models.PositiveSmallIntegerField()
    end = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["calendar", "weekday", "start"]
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="org_hours_forward"),
            models.CheckConstraint(condition=models.Q(end__lte=1440), name="org_hours_within_day"),
        ]
