"""What stands on the invoices a customer gets."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones, uscc
from zhike.base.fields import CleanCharField, CodeField, PhoneField
from zhike.records.models import VersionedModel

from .customers import Customer


class InvoiceTitle(VersionedModel):
    """One set of invoicing details of a customer; the account number is a text, its noughts count."""

    UNIT, PERSON = "unit", "person"
    KINDS = [(UNIT, _("company or body")), (PERSON, _("private person"))]

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="invoice_titles", verbose_name=_("customer"))
    title_kind = models.CharField(_("invoice goes to"), max_length=8, choices=KINDS, default=UNIT)
    title = CleanCharField(_("invoice title"), max_length=200)
    tax_no = CodeField(_("tax number"), max_length=20, blank=True, default="")
    bank = CleanCharField(_("bank"), max_length=120, blank=True, default="")
    account = CodeField(_("bank account"), max_length=40, blank=True, default="")
    address = CleanCharField(_("registered address"), max_length=200, blank=True, default="")
    phone = PhoneField(_("phone"), max_length=60, blank=True, default="")
    default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("invoicing details")
        verbose_name_plural = _("invoicing details")
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=models.Q(default=True), name="customers_one_default_title"),
        ]

    def __str__(self) -> str:
        parts = [self.title, self.tax_no, self.bank, self.account, self.address, self.phone]
        return " · ".join(part for part in parts if part)

    def clean(self) -> None:
        self.tax_no = uscc.normalise(self.tax_no)
        wrong: dict[str, Any] = {}
        if len(self.title) < 2:
            wrong["title"] = _("An invoice title has at least two characters.")
        problem = uscc.problem(self.tax_no, person=self.title_kind == self.PERSON) if self.tax_no else None
        # Customers abroad have tax numbers of their own making.
        if problem and self.customer.kind != Customer.OVERSEAS:
            wrong["tax_no"] = problem
        bare = self.account.replace(" ", "").replace("-", "")
        if bare and not (bare.isascii() and bare.isalnum()):
            wrong["account"] = _("A bank account has digits, letters, blanks and hyphens only.")
        problem = phones.problem(self.phone) if self.phone else None
        if problem:
            wrong["phone"] = problem
        if wrong:
            raise ValidationError(wrong)
