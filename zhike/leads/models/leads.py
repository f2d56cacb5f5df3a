"""Leads: somebody who may need what we make, before it is known whether anything comes of it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import names, phones, pinyin
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, Money, PhoneField
from zhike.records.models import OwnedModel

from ..status import LEAD
from .campaigns import Campaign


class Lead(OwnedModel):
    """A lead. Nobody owns it while it is new and waits in the queue of a department, or of the whole house."""

    HEAT = [("hot", _("hot")), ("warm", _("warm")), ("cold", _("cold"))]

    code = CodeField(_("lead number"), max_length=40, unique=True, blank=True)
    name = CleanCharField(_("name"), max_length=50)
    company = CleanCharField(_("company name"), max_length=200, blank=True, default="")
    job_title = CleanCharField(_("job title"), max_length=80, blank=True, default="")
    mobile = PhoneField(_("mobile"), max_length=40, blank=True, default="")
    phone = PhoneField(_("phone"), max_length=120, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    wechat = CleanCharField(_("WeChat"), max_length=60, blank=True, default="")
    website = models.URLField(_("website"), max_length=300, blank=True, default="")
    region = models.ForeignKey(
        "masterdata.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    address = CleanCharField(_("address"), max_length=200, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=20, blank=True, default="")
    source = models.CharField(_("lead source"), max_length=20, blank=True, default="")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign"), db_index=False,
    )
    product = models.ForeignKey(
        "products.Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product"), db_index=False,
    )
    interest = CleanCharField(_("product of interest"), max_length=200, blank=True, default="")
    need = CleanTextField(_("need"), blank=True, default="")
    amount = Money(_("estimated amount"), null=True, blank=True)
    expected_on = models.DateField(_("wanted by"), null=True, blank=True)
    heat = models.CharField(_("interest level"), max_length=8, choices=HEAT, blank=True, default="")
    remark = CleanTextField(_("remark"), blank=True, default="")
    status = models.CharField(_("status"), max_length=10, choices=LEAD.choices, default="new", editable=False)
    # Nobody's while it waits to be assigned: `owner_dept` says whose queue it stands in, empty is the whole house's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    # Since when it is in these hands; response times count from here.
    assigned_at = models.DateTimeField(_("assigned on"), null=True, blank=True, editable=False)
    # Worked out from follow-ups, without touching the version.
    first_contact_at = models.DateTimeField(_("first contact"), null=True, blank=True, editable=False)
    last_contact_at = models.DateTimeField(_("last contact"), default=clock.NEVER, editable=False)
    last_contact_text = models.CharField(max_length=200, blank=True, default="", editable=False)
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True, editable=False)
    next_contact_text = models.CharField(max_length=200, blank=True, default="", editable=False)
    invalid_reason = models.CharField(_("why invalid"), max_length=20, blank=True, default="", editable=False)
    invalid_remark = CleanCharField(_("remark on why invalid"), max_length=200, blank=True, default="", editable=False)
    invalid_at = models.DateTimeField(_("marked invalid on"), null=True, blank=True, editable=False)
    # What it became; the opportunity is named by the conversion, one floor up.
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"), editable=False,
    )
    contact = models.ForeignKey(
        "customers.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact"), editable=False,
    )
    converted_at = models.DateTimeField(_("converted on"), null=True, blank=True, editable=False)
    converted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("converted by"), editable=False,
        db_index=False,
    )
    sort_name = models.CharField(max_length=300, default="", editable=False)

    KIND = "lead"
    PARENTS = ("customer",)
    TEAM_REACH = {"customer": "read"}  # a converted lead is part of its customer's past

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            models.Index(fields=["created_at", "id"], name="leads_created_ix"),
            models.Index(fields=["sort_name", "id"], name="leads_sort_name_ix"),
            models.Index(fields=["status", "id"], name="leads_status_ix"),
            models.Index(fields=["last_contact_at", "id"], name="leads_last_contact_ix"),
            models.Index(fields=["owner", "next_contact_at"], name="leads_my_day_ix"),
            # SQLite uses a partial index only where it can prove the condition.
            models.Index(fields=["campaign", "status"], name="leads_campaign_ix", condition=models.Q(campaign__isnull=False)),
            models.Index(fields=["owner_dept", "id"], name="leads_queue_ix", condition=models.Q(owner__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(status__in=("new", "invalid")), name="leads_owner_or_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.company}" if self.company else self.name

    @property
    def hint(self) -> str:
        return self.code

    @property
    def match_name(self) -> str:
        """The company as it is compared with others."""
        return names.core(self.company)[:200] if self.company else ""

    def derive(self) -> None:
        self.sort_name = (pinyin.sort_key(self.company) if self.company else pinyin.sort_key(self.name, person=True))[:300]

    def clean(self) -> None:
        wrong = {}
        if self.mobile and self.mobile.startswith("1") and (problem := phones.problem(self.mobile)):
            wrong["mobile"] = problem
        if self.phone and (problem := phones.no_number(self.phone)):
            wrong["phone"] = problem
        if self.amount is not None and self.amount < 0:
            wrong["amount"] = _("An amount is not below nought.")
        if wrong:
            raise ValidationError(wrong)


class LeadKey(models.Model):
    """A name, number, address or domain by which a lead is found again. Kept by the system, made anew at any time.

    The lead is named by its number, not by a foreign key: being findable keeps nothing from the trash.
    """

    NAME, PHONE, EMAIL, DOMAIN = "name", "phone", "email", "domain"

    lead_number = models.BigIntegerField()
    what = models.CharField(max_length=6)
    value = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("lead key")
        indexes = [
            models.Index(fields=["what", "value", "lead_number"], name="leads_key_value_ix"),
            models.Index(fields=["lead_number"], name="leads_key_lead_ix"),
        ]

    def __str__(self) -> str:
        return self.value
