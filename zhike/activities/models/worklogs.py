"""What somebody did in a day, a week or a month, told to those who lead them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import CleanTextField
from zhike.records.models import OwnedModel

from ..status import WORKLOG

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"


def first_of(period: str, day: date) -> date:
    """The first day of the period that holds a day; weeks begin on Monday."""
    if period == WEEKLY:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == MONTHLY else day


def last_of(period: str, first: date) -> date:
    """The last day of the period that begins on `first`."""
    if period == WEEKLY:
        return first + timedelta(days=6)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1]) if period == MONTHLY else first


class WorkLog(OwnedModel):
    """A work log. Its owner is its author; `first_day` is the day its period begins with."""

    PERIODS = [(DAILY, _("daily log")), (WEEKLY, _("weekly log")), (MONTHLY, _("monthly log"))]

    period = models.CharField(_("period"), max_length=8, choices=PERIODS, default=WEEKLY)
    first_day = models.DateField(_("first day"))
    status = models.CharField(_("status"), max_length=10, choices=WORKLOG.choices, default="draft", editable=False)
    done = CleanTextField(_("what was done"), blank=True, default="", max_length=20_000)
    plan_next = CleanTextField(_("what comes next"), blank=True, default="", max_length=20_000)
    problem = CleanTextField(_("problems"), blank=True, default="", max_length=20_000)
    need_help = models.BooleanField(_("help is needed"), default=False)
    figures = models.JSONField(default=dict, blank=True, editable=False)  # counted when it was submitted
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True, editable=False)
    read_by = models.ForeignKey(
        "org.User", models.SET_NULL, null=True, blank=True, related_name="+", editable=False, db_index=False, verbose_name=_("read by")
    )

    KIND = "worklog"
    PARENTS = ()
    STAYS_WITH_OWNER = True

    class Meta:
        verbose_name = _("work log")
        verbose_name_plural = _("work logs")
        constraints = [models.UniqueConstraint(fields=["owner", "period", "first_day"], name="worklogs_once")]
        indexes = [
            models.Index(fields=["first_day", "id"], name="worklogs_day_ix"),
            models.Index(fields=["owner", "first_day"], name="worklogs_owner_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()} {self.first_day:%Y-%m-%d}"

    @property
    def last_day(self) -> date:
        return last_of(self.period, self.first_day)
