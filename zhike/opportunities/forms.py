"""What is asked when an opportunity moves, is won, lost or put aside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import Money
from zhike.pages.forms import DateField, LookupField
from zhike.records import options, registry

from .models import OpportunityLine


class MoveForm(forms.Form):
    reason = forms.CharField(label=_("Note"), max_length=300, required=False)


class WinForm(forms.Form):
    on = DateField(label=_("Won on"), initial=clock.today)
    reason = forms.CharField(label=_("Why we won"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = Money().formfield(label=_("Won amount"))


class LoseForm(forms.Form):
    lost_to = forms.CharField(label=_("Lost to (competitor, or “none”)"), max_length=120)
    remark = forms.CharField(label=_("What we learned"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = options.labels("lose_reason", get_language() or "zh-hans", enabled_only=True)
        self.fields = {"reason": forms.ChoiceField(label=_("Reason of the loss"), choices=[("", "—"), *found.items()]),
                       **self.fields}  # type: ignore[has-type]


class SuspendForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    resume_on = DateField(label=_("Resume on"))


class LineForm(forms.Form):
    """One line of what the customer needs; links are checked against what the person may see."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

        def own(name: str, **more: Any) -> forms.Field:
            return OpportunityLine._meta.get_field(name).formfield(**more)

        self.fields["product"] = LookupField(registry.kind("product"), user, label=_("product"), required=False)
        self.fields["quantity"] = own("quantity", initial=Decimal(1))
        self.fields["unit"] = own("unit", required=False)
        self.fields["target_price"] = own("target_price", required=False)
        self.fields["text"] = own("text", required=False)
        self.fields["remark"] = own("remark", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("product") and not values.get("text") and not self.errors:
            self.add_error("product", _("Choose a product or describe what is wanted."))
        if values.get("quantity") is not None and values["quantity"] <= 0:
            self.add_error("quantity", _("The quantity must be greater than zero."))
        return values


class LinesForm(forms.Form):
    take_sum = forms.BooleanField(label=_("Take the sum over as the expected amount"), required=False)
