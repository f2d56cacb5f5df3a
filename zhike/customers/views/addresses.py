"""Dialogs for the further addresses of a customer."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404
from django.utils.translation import gettext_lazy

from zhike.pages.actions import ActionPage

from .. import actions
from ..forms import AddressForm
from ..models import Address


class AddressPage(ActionPage):
    """Add, change or remove one further address of a customer."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    title_text = gettext_lazy("Address")
    submit_text = gettext_lazy("Save address")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        wanted = self.kwargs.get("address")
        self.address = self.row.addresses.select_related("region", "customer").filter(pk=wanted).first() if wanted else None
        if wanted and self.address is None:
            raise Http404

    def make_form(self, data: Any = None) -> Any:
        start = {name: getattr(self.address, name) for name in (*AddressForm.FIELDS, "position")} if self.address else {}
        return AddressForm(data, initial=start, user=self.user)

    def parts(self, **more: Any) -> Any:
        parts = super().parts(**more)
        parts.version = self.address.version if self.address else None
        return parts

    def run(self, values: dict[str, Any]) -> str | None:
        values["lat"], values["lng"] = values.pop("position") or (None, None)
        if self.address is None:
            actions.create_addresses([Address(customer=self.row, **values)], by=self.user)
        else:
            actions.change_address(self.address, values, by=self.user, version=self.version())
        return None


class RemoveAddressPage(AddressPage):
    title_text = gettext_lazy("Remove address")
    submit_text = gettext_lazy("Remove address")
    style = "x"

    def make_form(self, data: Any = None) -> Any:
        return django_forms.Form(data)

    def text(self) -> Any:
        return str(self.address)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.remove_address(self.row, self.address, by=self.user)
        return None
