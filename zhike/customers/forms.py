"""The questions asked beside a customer's own fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from zhike.base import places
from zhike.pages.forms import LookupField
from zhike.records import options, registry

from .models import Address, Contact, InvoiceTitle, Pool


def choices_of(dictionary: str) -> list[tuple[str, str]]:
    """What may be chosen of an option list now, in the reader's language."""
    return list(options.labels(dictionary, get_language() or "zh-hans", enabled_only=True).items())


class PositionField(forms.CharField):
    """Latitude and longitude in one field, as maps let one copy them."""

    def __init__(self, **more: Any) -> None:
        super().__init__(label=_("position on the map"), required=False, max_length=60,
                         help_text=_("Latitude, longitude as a map shows them, such as 31.230416, 121.473701. Empty: not known."), **more)

    def prepare_value(self, value: Any) -> Any:
        return places.text(*value) if isinstance(value, tuple) else value

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if not said:
            return None
        found = places.read(said)
        if found is None:
            raise ValidationError(gettext("This is no place on earth. Write it like 31.230416, 121.473701: first the latitude, up to 90."))
        return found


class LoseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Cause"), choices=lambda: choices_of("lost_cause"))


class StageForm(forms.Form):
    """A step of the life cycle by hand."""

    move = forms.ChoiceField(label=_("step"))
    reason = forms.CharField(label=_("reason"), max_length=200, required=False, help_text=_("A step back needs one."))


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
        self.fields["position"] = PositionField()
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


class ApplyForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200, required=False)


class AssignForm(forms.Form):
    """To whom customers of a pool go."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"] = LookupField(registry.kind("user"), user, label=_("to"), query="is_active=1")
        field.offer(self.data.get("to") if self.is_bound else None)


class DecideForm(forms.Form):
    verdict = forms.ChoiceField(label=_("decision"), choices=[("approve", _("approve")), ("refuse", _("refuse"))])
    answer = forms.CharField(label=_("answer"), max_length=200, required=False, help_text=_("Needed where it is refused."))


class ReturnForm(forms.Form):
    """Which pool customers go back to, and why."""

    pool = forms.ModelChoiceField(queryset=Pool.objects.none(), label=_("pool"))
    cause = forms.ChoiceField(label=_("reason"), choices=lambda: choices_of("pool_reason"))
    remark = forms.CharField(label=_("remark"), max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pools = Pool.objects.filter(enabled=True).order_by("name")
        self.fields["pool"].queryset = pools  # type: ignore[attr-defined]
        self.fields["pool"].empty_label = None  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "cause" in found:
            label = dict(choices_of("pool_reason")).get(found["cause"], found["cause"])
            found["reason"] = "：".join(part for part in (label, found.get("remark", "")) if part)
        return found
