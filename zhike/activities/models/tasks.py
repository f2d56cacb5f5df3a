"""Duties given to colleagues."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField
from zhike.records.models import OwnedModel

from ..status import TASK

OPEN = ("open", "accepted")


class Task(OwnedModel):
    """A duty given to a colleague. The owner is who must do it; `giver` asked for it."""

    PRIORITIES = [("low", _("low")), ("normal", _("normal")), ("high", _("high")), ("urgent", _("urgent"))]

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
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def overdue(self) -> bool:
        """Whether it still waits to be done although its time is over."""
        return self.status in OPEN and self.due_at < clock.now()
