"""Opening a formal customer: what the rep asks for and finance checks."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones, uscc
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, Money, PhoneField
from zhike.records.models import VersionedModel

from ..status import OPEN, OPENING
from .customers import Customer

MOST_DAYS = 730  # of credit


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: Any, mode: str = "plain") -> OpeningQuerySet:
        """Whoever sees the customer sees its applications."""
        return self.filter(customer__in=Customer.objects.visible_to(user).values("pk"))


class Opening(VersionedModel):
    """An application to open a customer formally, with what invoices, orders and the ERP need of it."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="openings", verbose_name=_("customer"))
    status = models.CharField(_("status"), max_length=12, choices=OPENING.choices, default="waiting", editable=False)
    category = models.CharField(_("customer category"), max_length=20, blank=True, default="")
    uscc = CodeField(_("unified social credit code"), max_length=18, blank=True, default="")
    title = CleanCharField(_("invoice title"), max_length=200)
    tax_no = CodeField(_("tax number"), max_length=20, blank=True, default="")
    bank = CleanCharField(_("bank"), max_length=120, blank=True, default="")
    account = CodeField(_("bank account"), max_length=40, blank=True, default="")
    address = CleanCharField(_("registered address"), max_length=200, blank=True, default="")
    phone = PhoneField(_("phone"), max_length=60, blank=True, default="")
    payment_term = models.CharField(_("payment terms"), max_length=20, blank=True, default="")
    currency = models.CharField(_("currency"), max_length=20, blank=True, default="")
    credit_limit = Money(_("credit limit asked for"), null=True, blank=True)
    credit_days = models.PositiveSmallIntegerField(_("credit period asked for (days)"), null=True, blank=True)
    remark = CleanTextField(_("remark"), blank=True, default="")
    applied_at = models.DateTimeField(_("applied on"), editable=False)
    applicant = models.ForeignKey("org.User", models.PROTECT, related_name="+", editable=False, verbose_name=_("applicant"))
    checked_at = models.DateTimeField(_("checked on"), null=True, blank=True, editable=False)
    checker = models.ForeignKey("org.User", models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("checked by"))
    answer = CleanCharField(_("answer of finance"), max_length=500, blank=True, default="", editable=False)

    KIND = "opening"
    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening of a customer")
        verbose_name_plural = _("openings of customers")
        indexes = [models.Index(fields=["status", "id"], name="customers_opening_status_ix")]
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=models.Q(status__in=OPEN), name="customers_one_open_opening"),
        ]

    def __str__(self) -> str:
        return str(self.customer)

    def clean(self) -> None:
        self.uscc, self.tax_no = uscc.normalise(self.uscc), uscc.normalise(self.tax_no)
        company = self.customer.kind in (Customer.COMPANY, Customer.GOVERNMENT)
        if company and not self.tax_no:
            self.tax_no = self.uscc  # one and the same number for companies
        abroad, wrong = self.customer.kind == Customer.OVERSEAS, {}
        for name in ("category", "title", "bank", "account", "payment_term", *(["uscc", "tax_no"] if company else [])):
            if not getattr(self, name):
                wrong[name] = _("Finance needs this to open the customer.")
        for name in ("uscc", "tax_no"):
            problem = uscc.problem(getattr(self, name), person=not company) if getattr(self, name) and not abroad else None
            if problem:
                wrong[name] = problem
        bare = self.account.replace(" ", "").replace("-", "")
        if bare and not (bare.isascii() and bare.isalnum()):
            wrong["account"] = _("A bank account has digits, letters, blanks and hyphens only.")
        if self.phone and (problem := phones.problem(self.phone)):
            wrong["phone"] = problem
        if self.credit_limit is not None and self.credit_limit < 0:
            wrong["credit_limit"] = _("A credit limit is not below zero.")
        if self.credit_days is not None and self.credit_days > MOST_DAYS:
            wrong["credit_days"] = _("At most %(n)s days.") % {"n": MOST_DAYS}
        if wrong:
            raise ValidationError(wrong)
