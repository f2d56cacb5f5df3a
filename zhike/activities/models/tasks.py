"""Duties given to colleagues."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField
from zhike.records.models import OwnedModel

from ..status import TASK

OPEN = ("open", "accepted")
DEPTH = 5


class Task(OwnedModel):
    """A duty given to a colleague. The owner is who must do it; `giver` asked for it."""

    PRIORITIES = [("low", _("low")), ("normal", _("normal")), ("high", _("high")), ("urgent", _("urgent"))]

    REPEATS = [("daily", _("every day")), ("workdays", _("every working day")), ("weekly", _("every week")),
               ("monthly", _("every month")), ("quarterly", _("every quarter")), ("yearly", _("every year"))]

    title = CleanCharField(_("task"), max_length=100)
    detail = CleanTextField(_("details"), blank=True, default="")
    giver = models.ForeignKey("org.User", models.PROTECT, related_name="+", verbose_name=_("given by"))
    priority = models.CharField(_("priority"), max_length=8, choices=PRIORITIES, default="normal")
    due_at = models.DateTimeField(_("due"))
    status = models.CharField(_("status"), max_length=10, choices=TASK.choices, default="open", editable=False)
    customer = models.ForeignKey(
        "customers.Customer", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("opportunity"),
    )
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    remind_before = models.PositiveIntegerField(_("remind me (minutes before)"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("part of the task")
    )
    checklist = models.JSONField(_("checklist"), default=list, blank=True, editable=False)  # [text, done]
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    recurrence = models.CharField(_("repeats"), max_length=10, choices=REPEATS, blank=True, default="")
    repeat_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    # The record of any kind that it is about, besides customer and opportunity.
    about_kind = models.CharField(max_length=40, blank=True, default="", editable=False)
    about_id = models.BigIntegerField(null=True, blank=True, editable=False)
    result = CleanTextField(_("result"), blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    KIND = "task"
    PARENTS = ("customer", "opportunity")

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["due_at", "id"], name="tasks_due_ix"),
            models.Index(fields=["owner", "status", "due_at"], name="tasks_my_day_ix"),
            models.Index(fields=["giver", "status"], name="tasks_given_ix"),
            models.Index(fields=["customer", "id"], name="tasks_customer_ix"),
            models.Index(fields=["about_kind", "about_id"], name="tasks_about_ix", condition=models.Q(about_id__isnull=False)),
            models.Index(fields=["remind_at"], name="tasks_remind_ix", condition=models.Q(remind_at__isnull=False)),
        ]
        constraints = [models.CheckConstraint(name="tasks_progress_whole", condition=models.Q(progress__lte=100))]

    def __str__(self) -> str:
        return self.title

    @property
    def overdue(self) -> bool:
        """Whether it still waits to be done although its time is over."""
        return self.status in OPEN and self.due_at < clock.now()

    def derive(self) -> None:
        """The moment of the reminder, in minutes before it is due."""
        asked = self.remind_before is not None and self.status in OPEN
        self.remind_at = self.due_at - timedelta(minutes=self.remind_before or 0) if asked else None

    def clean(self) -> None:
        if self.starts_at and self.starts_at > self.due_at:
            raise ValidationError({"starts_at": _("The task would begin after it is due.")})
        if self.progress > 100:
            raise ValidationError({"progress": _("Progress goes from 0 to 100.")})
        if self.remind_before is not None and self.remind_before > 60 * 24 * 30:
            raise ValidationError({"remind_before": _("A reminder comes at most 30 days before.")})
        above, steps = self.parent, 1
        while above is not None:
            if above.pk == self.pk or steps > DEPTH:
                raise ValidationError({"parent": _("A task is part of at most five others, never of itself.")})
            above, steps = above.parent, steps + 1
