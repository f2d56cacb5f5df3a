"""On the pages of contacts and customers: who wants to be left alone, the lunar birthday, days to remember."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.models import Contact
from zhike.pages.actions import ActionPage
from zhike.pages.forms import DateField
from zhike.pages.views import PostView
from zhike.records import registry

from .. import actions
from ..models import CareDay, ContactWish, CustomerWish


class ContactWishForm(django_forms.Form):
    lunar = django_forms.BooleanField(label=gettext_lazy("keeps the birthday by the lunar calendar"), required=False)
    opt_out = django_forms.BooleanField(label=gettext_lazy("wants no attention"), required=False)
    reason = django_forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=200)


class CustomerWishForm(django_forms.Form):
    opt_out = django_forms.BooleanField(label=gettext_lazy("wants no attention"), required=False)
    reason = django_forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=200)


def care_tab(customer: int) -> str:
    """Where wishes and days of a customer stand."""
    return f"{registry.kind('customer').url(customer)}care/"


class _WishPage(ActionPage):
    stored = True
    title_text = gettext_lazy("Customer care")
    submit_text = gettext_lazy("Save")
    wish: Any

    def initial(self) -> dict[str, Any]:
        found = self.wish.objects.filter(pk=self.row.pk).first()
        return {name: getattr(found, name) for name in self.form_class.base_fields} if found else {}

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class ContactWishPage(_WishPage):
    kind_name, form_class, wish = "contact", ContactWishForm, ContactWish

    def text(self) -> Any:
        return _("The birthday itself is entered as its date in the ordinary calendar; the lunar day is worked out from it, unless the contact has a lunar birthday of its own.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.set_contact_wish(self.row, by=self.user, **values)
        return None


class CustomerWishPage(_WishPage):
    kind_name, form_class, wish = "customer", CustomerWishForm, CustomerWish

    def run(self, values: dict[str, Any]) -> str | None:
        actions.set_customer_wish(self.row, by=self.user, **values)
        return care_tab(self.row.pk)


class DayForm(django_forms.Form):
    name = django_forms.CharField(label=gettext_lazy("name of the day"), max_length=60)
    first_on = DateField(label=gettext_lazy("first time"))
    lunar = django_forms.BooleanField(label=gettext_lazy("by the lunar calendar"), required=False)

    def __init__(self, contacts: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"] = django_forms.ModelChoiceField(queryset=contacts, label=_("contact"), required=False, empty_label="—")


class NewDayPage(ActionPage):
    kind_name = "customer"
    title_text = gettext_lazy("Day to remember")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> Any:
        return DayForm(Contact.objects.visible_to(self.user).filter(customer=self.row, left=False).order_by("sort_name"), data)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.add_care_day(self.row, by=self.user, **values)
        return care_tab(self.row.pk)


class RemoveDayPage(PostView):
    """Forget a day to remember."""

    kind_name = "customer"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        customers = registry.kind("customer").model.objects.visible_to(self.user)
        self.day = CareDay.objects.select_related("customer").filter(pk=self.kwargs["pk"], customer__in=customers.values("pk")).first()
        if self.day is None:
            raise Http404
        return super().post(request)

    def perform(self) -> str:
        customer = self.day.customer_id
        actions.remove_care_day(self.day, by=self.user)
        return care_tab(customer)


