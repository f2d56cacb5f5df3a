"""Every contact with a customer, planned and done in one object; and tasks among colleagues."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField
from zhike.records.models import OwnedModel

from .status import ACTIVITY, TASK


class Activity(OwnedModel):
    """A visit, call, meeting or message with a customer. `at` is when it took, or shall take, place."""

    type = models.CharField(_("type of activity"), max_length=20, default="phone")
    subject = CleanCharField(_("subject"), max_length=100)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer"))
    contact = models.ForeignKey(
        "customers.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("opportunity"), db_index=False,
    )
    status = models.CharField(_("status"), max_length=12, choices=ACTIVITY.choices, default="planned", editable=False)
    at = models.DateTimeField(_("time"), default=clock.now)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    place = CleanCharField(_("place"), max_length=120, blank=True, default="")
    content = CleanTextField(_("content"), blank=True, default="")
    result = models.CharField(_("result"), max_length=20, blank=True, default="")
    next_action = CleanCharField(_("next step"), max_length=200, blank=True, default="")
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True)
    planned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True, editable=False)
    check_in_place = CleanCharField(max_length=200, blank=True, default="", editable=False)

    KIND = "activity"
    PARENTS = ("customer", "opportunity")

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["at", "id"], name="activities_at_ix"),
            models.Index(fields=["customer", "at", "id"], name="activities_customer_ix"),
            models.Index(fields=["owner", "status", "at"], name="activities_my_day_ix"),
            models.Index(
                fields=["opportunity", "at"], name="activities_of_opportunity_ix",
                condition=models.Q(opportunity__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def clean(self) -> None:
        if self.ends_at and self.ends_at < self.at:
            raise ValidationError({"ends_at": _("The end lies before the start.")})
        if self.contact_id and self.contact and self.contact.customer_id != self.customer_id:
            raise ValidationError({"contact": _("This contact belongs to another customer.")})
        if self.opportunity_id and self.opportunity and self.opportunity.customer_id != self.customer_id:
            raise ValidationError({"opportunity": _("This opportunity belongs to another customer.")})


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
