"""Customer care: rules, what they have planned, and what each person and customer wishes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField, Money
from zhike.records.models import OwnedModel, VersionedModel

from .. import festivals, texts
from ..status import CARE

CHANNELS = [
    ("phone", _("phone call")), ("visit", _("visit")), ("wechat", _("WeChat")), ("sms", _("SMS")), ("email", pgettext_lazy("channel", "e-mail")), ("gift", _("gift")),
]


class OpenQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> OpenQuerySet:
        """Rules have no owner: who may see the kind sees all of them."""
        return self if user.is_authenticated else self.none()


class CareRule(VersionedModel):
    """When which customers get attention, how, and with which words."""

    BIRTHDAY, FESTIVAL, ANNIVERSARY, SILENCE, LEVEL = "birthday", "festival", "anniversary", "silence", "level"
    OCCASIONS = [
        (BIRTHDAY, _("birthday")), (FESTIVAL, _("festival")), (ANNIVERSARY, _("day to remember")), (SILENCE, _("days without contact")),
        (LEVEL, _("level changed")),
    ]
    name = CleanCharField(_("rule name"), max_length=80)
    occasion = models.CharField(_("occasion"), max_length=12, choices=OCCASIONS, default=BIRTHDAY)
    festival = models.CharField(_("festival"), max_length=20, blank=True, default="", choices=festivals.CHOICES)
    days = models.PositiveSmallIntegerField(
        _("days"), default=0, help_text=_("Days before the occasion; with “days without contact” and “level changed” how many days after.")
    )
    levels = CleanCharField(_("customer levels"), max_length=80, blank=True, default="",
                            help_text=_("Codes such as A, B; empty for all."))
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNELS, default="phone")
    gap_days = models.PositiveSmallIntegerField(_("at most once in (days)"), default=7)
    text_zh = CleanTextField(_("Chinese text"), blank=True, default="", help_text=texts.HELP)
    text_en = CleanTextField(_("English text"), blank=True, default="")
    enabled = models.BooleanField(_("enabled"), default=True)

    KIND = "care_rule"
    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("care rule")
        verbose_name_plural = _("care rules")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(days__lte=3650), name="marketing_care_days"),
            models.CheckConstraint(condition=Q(gap_days__lte=365), name="marketing_care_gap"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if (self.occasion == self.FESTIVAL) != bool(self.festival):
            raise ValidationError({"festival": _("A festival belongs to a rule for festivals, and only to one.")})
        if self.occasion == self.SILENCE and not self.days:
            raise ValidationError({"days": _("After how many days without contact?")})
        if self.occasion == self.LEVEL and self.days > 60:
            raise ValidationError({"days": _("At most %(n)s days after the level was changed.") % {"n": 60}})
        if self.occasion not in (self.SILENCE, self.LEVEL) and self.days > 60:
            raise ValidationError({"days": _("At most %(n)s days before the occasion.") % {"n": 60}})
        for name in ("text_zh", "text_en"):
            problem = texts.problem(getattr(self, name))
            if problem:
                raise ValidationError({name: problem})

    def level_codes(self) -> list[str]:
        """The customer levels the rule is for; none stands for all."""
        return [code.strip() for code in self.levels.replace("，", ",").split(",") if code.strip()]


class CareItem(OwnedModel):
    """One planned attention: to whom, for which occasion, by which channel, and what came of it."""

    rule = models.ForeignKey(CareRule, models.PROTECT, related_name="items", verbose_name=_("care rule"))
    title = CleanCharField(_("care"), max_length=120)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer"))
    contact = models.ForeignKey(
        "customers.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    occasion = models.CharField(_("occasion"), max_length=20)  # birthday, silence, level, a festival's code, day:<id>
    occasion_on = models.DateField(_("day of the occasion"))
    due_on = models.DateField(_("due"))
    channel = models.CharField(_("channel"), max_length=10, choices=CHANNELS)
    text = CleanTextField(_("text"), blank=True, default="")
    status = models.CharField(_("status"), max_length=10, choices=CARE.choices, default="planned", editable=False)
    result = CleanTextField(_("result"), blank=True, default="")
    cost = Money(_("cost"), default=0)
    reason = CleanCharField(_("reason"), max_length=200, blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    KIND = "care_item"
    PARENTS = ("customer",)

    class Meta:
        verbose_name = _("care item")
        verbose_name_plural = _("care items")
        constraints = [
            models.UniqueConstraint(fields=["rule", "customer", "contact", "occasion", "occasion_on"], name="marketing_care_once"),
            models.UniqueConstraint(fields=["rule", "customer", "occasion", "occasion_on"], condition=Q(contact=None), name="marketing_care_once_whole"),
        ]
        indexes = [
            models.Index(fields=["owner", "status", "due_on"], name="marketing_care_day_ix"),
            models.Index(fields=["status", "occasion_on"], name="marketing_care_near_ix"),
            models.Index(fields=["due_on", "id"], name="marketing_care_due_ix"),
        ]

    def __str__(self) -> str:
        return self.title


class ContactWish(models.Model):
    """How a contact keeps the birthday, and whether they want to be left alone."""

    contact = models.OneToOneField("customers.Contact", models.CASCADE, primary_key=True, related_name="+")
    lunar = models.BooleanField(_("keeps the birthday by the lunar calendar"), default=False)
    opt_out = models.BooleanField(_("wants no attention"), default=False)
    reason = CleanCharField(_("reason"), max_length=200, blank=True, default="")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("contact's wishes")

    def __str__(self) -> str:
        return str(self.contact)


class CustomerWish(models.Model):
    """A customer who wants to be left alone altogether."""

    customer = models.OneToOneField("customers.Customer", models.CASCADE, primary_key=True, related_name="+")
    opt_out = models.BooleanField(_("wants no attention"), default=False)
    reason = CleanCharField(_("reason"), max_length=200, blank=True, default="")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("customer's wishes")

    def __str__(self) -> str:
        return str(self.customer)


class CareDay(models.Model):
    """A day of a customer or contact that comes back every year: founding, opening, wedding."""

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", verbose_name=_("customer"))
    contact = models.ForeignKey("customers.Contact", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("contact"))
    name = CleanCharField(_("name of the day"), max_length=60)
    first_on = models.DateField(_("first time"))
    lunar = models.BooleanField(_("by the lunar calendar"), default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("day to remember")
        verbose_name_plural = _("days to remember")
        indexes = [models.Index(fields=["customer", "id"], name="marketing_day_customer_ix")]

    def __str__(self) -> str:
        return self.name
