"""Every contact with a customer, planned and done in one object."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField
from zhike.records.models import OwnedModel

from ..status import ACTIVITY

OPEN = ("planned", "in_progress")


def overdue() -> models.Q:
    """Plans whose time is over: by their end where they have one."""
    now = clock.now()
    return models.Q(status="planned") & (models.Q(ends_at__lt=now) | models.Q(ends_at=None, at__lt=now))


class Activity(OwnedModel):
    """A visit, call, meeting or message with a customer, or with a lead that is no customer yet.

    `at` is when it took, or shall take, place. A lead that becomes a customer takes its activities along:
    they name both from then on.
    """

    type = models.CharField(_("type of activity"), max_length=20, default="phone")
    subject = CleanCharField(_("subject"), max_length=100)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    lead = models.ForeignKey(
        "leads.Lead", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead"), db_index=False,
    )
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
    purpose = CleanCharField(_("purpose"), max_length=200, blank=True, default="")
    content = CleanTextField(_("content"), blank=True, default="")
    result = models.CharField(_("result"), max_length=20, blank=True, default="")
    next_action = CleanCharField(_("next step"), max_length=200, blank=True, default="")
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True)
    planned_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    planned_at = models.DateTimeField(_("planned for"), null=True, blank=True, editable=False)
    done_at = models.DateTimeField(_("recorded as done"), null=True, blank=True, editable=False)
    amended_at = models.DateTimeField(_("changed later"), null=True, blank=True, editable=False)
    remind_before = models.PositiveIntegerField(_("remind me (minutes before)"), null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True, editable=False)
    checked_in_by = models.ForeignKey(
        "org.User", models.SET_NULL, null=True, blank=True, related_name="+", editable=False, db_index=False,
        verbose_name=_("checked in by"),
    )
    check_in_place = CleanCharField(max_length=200, blank=True, default="", editable=False)
    # Millionths of a degree: whole numbers are the same on every machine.
    check_in_lat = models.IntegerField(_("latitude"), null=True, blank=True, editable=False)
    check_in_lng = models.IntegerField(_("longitude"), null=True, blank=True, editable=False)
    check_in_accuracy = models.PositiveIntegerField(_("accuracy in metres"), null=True, blank=True, editable=False)
    check_in_photo = models.ForeignKey(
        "collab.Attachment", models.SET_NULL, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("photo"),
    )

    KIND = "activity"
    PARENTS = ("lead", "customer", "opportunity")

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
            models.Index(fields=["lead", "at"], name="activities_of_lead_ix", condition=models.Q(lead__isnull=False)),
            models.Index(fields=["remind_at"], name="activities_remind_ix", condition=models.Q(remind_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="activities_with_somebody", condition=models.Q(customer__isnull=False) | models.Q(lead__isnull=False),
            ),
            models.CheckConstraint(
                name="activities_position_on_earth",
                condition=models.Q(check_in_lat=None, check_in_lng=None)
                | models.Q(check_in_lat__range=(-90_000_000, 90_000_000), check_in_lng__range=(-180_000_000, 180_000_000)),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def partner(self) -> Any:
        """With whom it is: the customer, or the lead that is none yet."""
        return self.customer if self.customer_id else self.lead

    @property
    def overdue(self) -> bool:
        """Whether it is still a plan although its time is over."""
        return self.status == "planned" and (self.ends_at or self.at) < clock.now()

    def derive(self) -> None:
        """The moment of the reminder, in minutes before it begins."""
        asked = self.remind_before is not None and self.status == "planned"
        self.remind_at = self.at - timedelta(minutes=self.remind_before or 0) if asked else None

    def clean(self) -> None:
        if self.ends_at and self.ends_at < self.at:
            raise ValidationError({"ends_at": _("The end lies before the start.")})
        if self.remind_before is not None and self.remind_before > 60 * 24 * 30:
            raise ValidationError({"remind_before": _("A reminder comes at most 30 days before.")})
        if not self.customer_id and not self.lead_id:
            raise ValidationError({"customer": _("Choose the customer this is about.")})
        if self.lead_id and self.customer_id and self.lead and self.affects("lead", "customer") and self.lead.customer_id != self.customer_id:
            raise ValidationError({"lead": _("This lead has not become this customer.")})
        if self.contact_id and self.contact and self.contact.customer_id != self.customer_id:
            raise ValidationError({"contact": _("This contact belongs to another customer.")})
        if self.opportunity_id and self.opportunity and self.opportunity.customer_id != self.customer_id:
            raise ValidationError({"opportunity": _("This opportunity belongs to another customer.")})


class Attendee(models.Model):
    """Somebody of the customer's who takes part, besides the contact the activity is with.

    Both are named by their numbers, not by foreign keys: who was there stays known while the activity
    or the contact lies in the trash, and keeps neither from being deleted.
    """

    activity_number = models.BigIntegerField()
    contact_number = models.BigIntegerField()

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        indexes = [
            models.Index(fields=["activity_number"], name="activities_attendee_ix"),
            models.Index(fields=["contact_number"], name="activities_attended_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_number}: {self.contact_number}"
