"""The questions asked beside the fields of leads and campaigns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import Money
from zhike.pages.forms import LookupField
from zhike.records import options, registry


def reasons() -> list[tuple[str, str]]:
    """Why a lead may be invalid, as it is offered now."""
    return list(options.labels("lead_invalid", get_language() or "zh-hans", enabled_only=True).items())


class AssignForm(forms.Form):
    """To whom leads go."""

    reason = forms.CharField(label=_("reason"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = LookupField(registry.kind("user"), user, label=_("New owner"), query="active=1")
        field.offer(self.data.get("to") if self.is_bound else None)
        self.fields = {"to": field, **self.fields}  # type: ignore[has-type]


class QueueForm(forms.Form):
    """In whose queue leads wait."""

    reason = forms.CharField(label=_("reason"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = LookupField(registry.kind("department"), user, label=_("department"), required=False,
                            help_text=_("Its people may take them. Empty: they wait until marketing assigns them."))
        field.offer(self.data.get("department") if self.is_bound else None)
        self.fields = {"department": field, **self.fields}  # type: ignore[has-type]


class InvalidForm(forms.Form):
    """Why nothing comes of a lead."""

    reason = forms.ChoiceField(label=_("reason"), choices=reasons)
    remark = forms.CharField(label=_("remark"), max_length=200, required=False)


class SummariseForm(forms.Form):
    """What a campaign has brought and cost."""

    summary = forms.CharField(label=_("summary"), widget=forms.Textarea(attrs={"rows": 5}), max_length=5000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cost"] = Money().formfield(label=_("actual cost"))


class CancelForm(forms.Form):
    """Why a campaign does not take place."""

    reason = forms.CharField(label=_("reason"), max_length=200)
