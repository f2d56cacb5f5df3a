"""Forms that everybody may fill in, and the rules by which leads find their owner."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField, Money
from zhike.records.models import VersionedModel

from .campaigns import Campaign

# What a form may ask beside the name, in the order in which it does.
ASKABLE = ("company", "job_title", "mobile", "phone", "email", "wechat", "region", "address", "industry", "interest", "need")
REACH = ("mobile", "phone", "email", "wechat")
_LETTERS = "23456789abcdefghjkmnpqrstuvwyz"  # none that are read for one another, and no × between digits


def new_slug() -> str:
    """An address nobody guesses and everybody can type."""
    return "".join(secrets.choice(_LETTERS) for _place in range(10))


class OpenQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> OpenQuerySet:
        """Forms and rules have no owner: who may see the kind sees all of them."""
        return self if user.is_authenticated else self.none()


class LeadForm(VersionedModel):
    """A form at a short address without sign-in: what it asks, from when until when, and whose its leads are."""

    title_zh = CleanCharField(_("Chinese title"), max_length=80)
    title_en = CleanCharField(_("English title"), max_length=80, blank=True, default="")
    slug = models.CharField(_("address"), max_length=20, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign"), db_index=False
    )
    source = models.CharField(_("source"), max_length=20, blank=True, default="exhibition")
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner of its leads"),
        help_text=_("Empty: the assignment rules decide."), db_index=False,
    )
    department = models.ForeignKey(
        "org.Department", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("queue of its leads"),
        help_text=_("Where leads wait that no rule gives to anybody."), db_index=False,
    )
    asked = models.JSONField(_("asks for"), default=list, blank=True)
    must = models.JSONField(_("needs an answer"), default=list, blank=True)
    greeting_zh = CleanTextField(_("Chinese greeting"), blank=True, default="", max_length=500)
    greeting_en = CleanTextField(_("English greeting"), blank=True, default="", max_length=500)
    thanks_zh = CleanTextField(_("Chinese thanks"), blank=True, default="", max_length=500)
    thanks_en = CleanTextField(_("English thanks"), blank=True, default="", max_length=500)
    privacy_zh = CleanTextField(_("Chinese consent"), blank=True, default="", max_length=500,
                                help_text=_("What the person agrees to; empty for the text of the house."))
    privacy_en = CleanTextField(_("English consent"), blank=True, default="", max_length=500)
    opens_at = models.DateTimeField(_("open from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("open until"), null=True, blank=True)
    most = models.PositiveIntegerField(_("at most (entries)"), null=True, blank=True)
    again_days = models.PositiveSmallIntegerField(
        _("one entry a number in (days)"), default=30, help_text=_("Who sends it again meanwhile adds to the first lead.")
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    KIND = "lead_form"
    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead form")
        verbose_name_plural = _("lead forms")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(again_days__lte=365), name="leads_form_again_days"),
            models.CheckConstraint(condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=models.F("opens_at")), name="leads_form_span"),
        ]

    def __str__(self) -> str:
        return self.said("title")

    def said(self, name: str, language: str | None = None) -> str:
        """One of its texts in the language spoken now; the other one where that is missing."""
        english = (language or get_language() or "").startswith("en")
        zh, en = getattr(self, f"{name}_zh"), getattr(self, f"{name}_en")
        return (en or zh) if english else (zh or en)

    def open_at(self, at: datetime) -> bool:
        """Whether it takes entries at this moment, as far as its own dates and switch say."""
        return self.enabled and (self.opens_at is None or self.opens_at <= at) and (self.closes_at is None or at < self.closes_at)

    def derive(self) -> None:
        """Every form has an address of its own."""
        self.slug = self.slug or new_slug()

    def clean(self) -> None:
        wrong: dict[str, Any] = {}
        for name in ("asked", "must"):
            given = getattr(self, name)
            if not isinstance(given, list) or any(code not in ASKABLE for code in given):
                wrong[name] = _("Choose from the list.")
        if not wrong and not set(self.must) <= set(self.asked):
            wrong["must"] = _("What needs an answer has to be asked for as well.")
        if not wrong and not set(self.must) & set(REACH):
            wrong["must"] = _("Without a number or an address that has to be given nobody can answer: tick mobile or e-mail.")
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            wrong["closes_at"] = _("The end lies before the start.")
        if self.most == 0:
            wrong["most"] = _("At least one entry.")
        if self.again_days > 365:
            wrong["again_days"] = _("At most %(n)s days.") % {"n": 365}
        if wrong:
            raise ValidationError(wrong)


class FormDay(models.Model):
    """How often a form was looked at, sent, sent again and turned away on one day."""

    form = models.ForeignKey(LeadForm, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    shown = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    again = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("day of a form")
        constraints = [models.UniqueConstraint(fields=["form", "day"], name="leads_form_day_once")]

    def __str__(self) -> str:
        return f"{self.form_id} {self.day}"


class FormEntry(models.Model):
    """One form that was sent. The lead is named by its number: it may lie in the trash.

    `reach` is the digest of the number or address that was given: enough to find it again, and nothing to read.
    """

    form = models.ForeignKey(LeadForm, models.CASCADE, related_name="entries", db_index=False)
    lead_number = models.BigIntegerField(db_index=True)
    reach = models.CharField(max_length=40, blank=True, default="")
    token = models.CharField(max_length=40)
    again = models.BooleanField(default=False)
    consent = models.CharField(max_length=500, blank=True, default="")  # the words the person has agreed to
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("entry of a form")
        constraints = [models.UniqueConstraint(fields=["form", "token"], name="leads_entry_once")]
        indexes = [
            models.Index(fields=["form", "reach", "at"], name="leads_entry_reach_ix"),
            models.Index(fields=["form", "at"], name="leads_entry_at_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}: {self.lead_number}"


class AssignRule(VersionedModel):
    """Which leads go to whom. The rules are asked in their order, and the first one that fits and has somebody decides."""

    USER, ROUND, QUEUE = "user", "round", "queue"
    WAYS = [(USER, _("one colleague")), (ROUND, _("in turn among colleagues")), (QUEUE, _("queue of a department"))]

    name = CleanCharField(_("rule name"), max_length=80)
    order = models.PositiveIntegerField(_("order"), default=0, editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    # Conditions: each one that is given must hold.
    sources = models.JSONField(_("source"), default=list, blank=True)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign"), db_index=False
    )
    form = models.ForeignKey(LeadForm, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead form"), db_index=False)
    provinces = models.JSONField(_("provinces"), default=list, blank=True)
    industries = models.JSONField(_("industry"), default=list, blank=True)
    words = CleanCharField(_("product words"), max_length=200, blank=True, default="",
                           help_text=_("Separated by commas; one of them stands in product, interest or need."))
    amount_from = Money(_("estimated amount from"), null=True, blank=True)
    amount_to = Money(_("estimated amount up to"), null=True, blank=True)
    # Whose they are
    way = models.CharField(_("goes to"), max_length=8, choices=WAYS, default=USER)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("colleague"), db_index=False
    )
    department = models.ForeignKey(
        "org.Department", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department"),
        help_text=_("In turn: everybody there and below who works with leads. Queue: whoever there takes them."), db_index=False,
    )
    people = models.JSONField(_("in turn among"), default=list, blank=True)
    most_open = models.PositiveIntegerField(
        _("at most (open leads each)"), null=True, blank=True, help_text=_("Who has as many is passed over.")
    )
    last_given = models.BigIntegerField(null=True, blank=True, editable=False)  # who had the last one in turn

    KIND = "assign_rule"
    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name

    def word_list(self) -> list[str]:
        """The product words, folded."""
        parts = self.words.replace("，", ",").replace("、", ",").split(",")
        return [part.strip().casefold() for part in parts if part.strip()]

    def clean(self) -> None:
        wrong: dict[str, Any] = {}
        if self.way == self.USER and not self.user_id:
            wrong["user"] = _("Choose the colleague.")
        if self.way == self.QUEUE and not self.department_id:
            wrong["department"] = _("Choose the department.")
        if self.way == self.ROUND and not self.department_id and not self.people:
            wrong["people"] = _("Choose colleagues, or a department.")
        if self.amount_from is not None and self.amount_from < 0:
            wrong["amount_from"] = _("An amount is not below nought.")
        if self.amount_to is not None and self.amount_to < (self.amount_from or 0):
            wrong["amount_to"] = _("The upper amount lies below the lower.")
        if self.most_open == 0:
            wrong["most_open"] = _("At least one lead.")
        if wrong:
            raise ValidationError(wrong)


class LeadPause(models.Model):
    """A colleague who gets no leads by rules for some days: on leave, at a fair, ill."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"))
    reason = CleanCharField(_("reason"), max_length=100, blank=True, default="")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("pause from leads")
        verbose_name_plural = _("pauses from leads")

    def __str__(self) -> str:
        return str(self.user)
