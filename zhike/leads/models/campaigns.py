"""What marketing does to be found: fairs, seminars, mailings, with their plan, their cost and what came of them."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import pinyin
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, Money
from zhike.records.models import OwnedModel

from ..status import CAMPAIGN


class Campaign(OwnedModel):
    """A campaign: what is done where and when, what it may cost, and what it shall bring."""

    code = CodeField(_("campaign number"), max_length=40, unique=True, blank=True)
    name = CleanCharField(_("campaign name"), max_length=120)
    type = models.CharField(_("type of campaign"), max_length=20, default="exhibition")
    status = models.CharField(_("status"), max_length=12, choices=CAMPAIGN.choices, default="draft", editable=False)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    start_key = models.DateField(default=clock.NEVER.date(), editable=False)
    place = CleanCharField(_("place"), max_length=120, blank=True, default="")
    audience = CleanCharField(_("for whom"), max_length=200, blank=True, default="")
    description = CleanTextField(_("description"), blank=True, default="")
    budget = Money(_("planned budget"), null=True, blank=True)
    cost = Money(_("actual cost"), null=True, blank=True)
    goal_leads = models.PositiveIntegerField(_("goal: leads"), null=True, blank=True)
    goal_opportunities = models.PositiveIntegerField(_("goal: opportunities"), null=True, blank=True)
    goal_amount = Money(_("goal: amount"), null=True, blank=True)
    summary = CleanTextField(_("summary"), blank=True, default="")
    cancel_reason = CleanCharField(_("why cancelled"), max_length=200, blank=True, default="", editable=False)
    approved_at = models.DateTimeField(_("approved on"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        "org.User", models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("approved by"), db_index=False,
    )
    remark = CleanTextField(_("remark"), blank=True, default="")
    sort_name = models.CharField(max_length=300, default="", editable=False)

    KIND = "campaign"

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            models.Index(fields=["created_at", "id"], name="leads_campaign_created_ix"),
            models.Index(fields=["start_key", "id"], name="leads_campaign_start_ix"),
            models.Index(fields=["sort_name", "id"], name="leads_campaign_name_ix"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(starts_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="leads_campaign_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        return self.code

    def derive(self) -> None:
        self.sort_name = pinyin.sort_key(self.name)[:300]
        self.start_key = self.starts_on or clock.NEVER.date()

    def clean(self) -> None:
        wrong = {}
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            wrong["ends_on"] = _("The last day lies before the first.")
        for name in ("budget", "cost", "goal_amount"):
            value: Decimal | None = getattr(self, name)
            if value is not None and value < 0:
                wrong[name] = _("An amount is not below nought.")
        if wrong:
            raise ValidationError(wrong)
