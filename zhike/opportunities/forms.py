"""What is asked when an opportunity moves, is won, lost or put aside."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import Money
from zhike.pages.forms import DateField
from zhike.records import options


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
                       **self.fields}


class SuspendForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    resume_on = DateField(label=_("Resume on"))
