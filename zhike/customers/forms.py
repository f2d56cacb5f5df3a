"""The questions asked beside a customer's own fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.pages.forms import LookupField
from zhike.records import registry

from .models import Address, Contact, InvoiceTitle

LOST_CAUSES = [
    ("service", _("service")),
    ("product", _("product")),
    ("price", _("price")),
    ("competitor", _("competitor")),
    ("closed", _("closed down")),
    ("other", _("other")),
]


class LoseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Cause"), choices=LOST_CAUSES)


class AddressForm(forms.Form):
    """One further address of a customer."""

    FIELDS = ("kind", "region", "text", "postcode", "person", "phone")

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.FIELDS:
            if name == "region":
                self.fields[name] = LookupField(registry.kind("region"), user, label=Address._meta.get_field(name).verbose_name,
                                                required=False)
            else:
                self.fields[name] = Address._meta.get_field(name).formfield()
        region = self.data.get("region") if self.is_bound else self.initial.get("region")
        self.fields["region"].offer(region)  # type: ignore[attr-defined]


class InvoiceTitleForm(forms.Form):
    """One set of invoicing details; being the default is asked only where there is a choice."""

    FIELDS = ("title_kind", "title", "tax_no", "bank", "account", "address", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.FIELDS:
            self.fields[name] = InvoiceTitle._meta.get_field(name).formfield()


class MoveForm(forms.Form):
    """Where a person works now."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = LookupField(registry.kind("customer"), user, label=_("new customer"))
        for name in ("job_title", "department", "phone", "email"):
            self.fields[name] = Contact._meta.get_field(name).formfield()
        self.fields["to"].offer(self.data.get("to") if self.is_bound else None)  # type: ignore[attr-defined]
