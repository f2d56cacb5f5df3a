"""Dialogs for the invoicing details of a customer, and their card on its page."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages.actions import ActionPage
from zhike.pages.parts import Badge, Button, Card, Mini
from zhike.records import guard

from .. import actions, quality
from ..forms import InvoiceTitleForm
from ..models import InvoiceTitle


class InvoiceTitlePage(ActionPage):
    """Add or change one set of invoicing details."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    title_text = gettext_lazy("Invoicing details")
    submit_text = gettext_lazy("Save invoicing details")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        wanted = self.kwargs.get("title")
        self.found = self.row.invoice_titles.select_related("customer").filter(pk=wanted).first() if wanted else None
        if wanted and self.found is None:
            raise Http404

    def make_form(self, data: Any = None) -> Any:
        start = {name: getattr(self.found, name) for name in InvoiceTitleForm.FIELDS} if self.found else {
            "title": self.row.name, "tax_no": self.row.uscc, "address": self.row.address, "title_kind": InvoiceTitle.UNIT}
        if not self.found and self.access.field_mode("customer", "phone") in ("", "read"):
            start["phone"] = self.row.phone.split(" / ")[0]
        return InvoiceTitleForm(data, initial=start)

    def parts(self, **more: Any) -> Any:
        parts = super().parts(**more)
        parts.version = self.found.version if self.found else None
        return parts

    def run(self, values: dict[str, Any]) -> str | None:
        if self.found is None:
            actions.create_invoice_titles([InvoiceTitle(customer=self.row, **values)], by=self.user)
        else:
            actions.change_invoice_title(self.found, values, by=self.user, version=self.version())
        return None


class DefaultTitlePage(InvoiceTitlePage):
    title_text = gettext_lazy("Make default")
    submit_text = gettext_lazy("Make default")

    def make_form(self, data: Any = None) -> Any:
        return django_forms.Form(data)

    def text(self) -> Any:
        return str(self.found)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.make_default_title(self.found, by=self.user)
        return None


class RemoveTitlePage(DefaultTitlePage):
    title_text = gettext_lazy("Remove invoicing details")
    submit_text = gettext_lazy("Remove invoicing details")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.remove_invoice_title(self.row, self.found, by=self.user)
        return None


def card(page: Any) -> Card:
    """The invoicing details on the customer's page; where the facts know of none nothing is asked."""
    row, facts = page.row, getattr(page.row, "facts", None)
    can = guard.can_edit(page.user, row)
    masked = page.access.field_mode("customer", "phone") not in ("", "read")
    none = facts is not None and bool(facts.gaps & quality.BITS["invoicing"])
    minis = []
    for found in [] if none else row.invoice_titles.order_by("-default", "pk"):
        parts = (found.tax_no, found.bank, found.account, found.address, "" if masked else found.phone)
        here = [row.pk, found.pk]
        buttons = []
        if can:
            buttons = [
                Button(_("Edit invoicing details"), reverse("customer-invoicing", args=here), "pencil", "g", dialog=True),
                Button(_("Remove invoicing details"), reverse("customer-invoicing-remove", args=here), "x", "g", dialog=True),
            ]
            if not found.default:
                buttons.insert(0, Button(_("Make default"), reverse("customer-invoicing-default", args=here), "star", "g", dialog=True))
        minis.append(Mini(found.title, sub=" · ".join(part for part in parts if part), buttons=buttons,
                          badge=Badge(_("default"), "info", dot=False) if found.default else None))
    add = [Button(_("Add"), reverse("customer-invoicing-new", args=[row.pk]), "plus", "g", dialog=True)] if can else []
    return Card(_("Invoicing details"), key="invoicing", minis=minis, buttons=add, empty=_("No invoicing details."))
