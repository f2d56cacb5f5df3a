"""What a public form asks, and how it is judged: made for strangers on a phone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.chinese import phones
from zhike.masterdata.models import Region
from zhike.records import options

from .models import ASKABLE, Lead, LeadForm

LONGEST_NEED = 2_000
TRAP = "subject_line"  # nobody sees it; programs that fill in everything do
# How a phone's keyboard and memory help: (autocomplete, inputmode)
HELP = {
    "name": ("name", ""), "company": ("organization", ""), "job_title": ("organization-title", ""), "mobile": ("tel", "tel"),
    "phone": ("tel", "tel"), "email": ("email", "email"), "address": ("street-address", ""),
}


class EntryForm(forms.Form):
    """The fields of one form in the language spoken now; `values()` is what a lead takes."""

    def __init__(self, form: LeadForm, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False)
        self.asked = ["name", *(name for name in ASKABLE if name in form.asked)]
        for name in self.asked:
            self.fields[name] = self._field(name, required=name == "name" or name in form.must)
            complete, mode = HELP.get(name, ("", ""))
            self.fields[name].widget.attrs |= {key: value for key, value in (("autocomplete", complete), ("inputmode", mode)) if value}
        self.fields["consent"] = forms.BooleanField(
            label=form.said("privacy") or _("I agree that my details are used to answer my enquiry."),
            error_messages={"required": _("Please agree, so that we may answer you.")})
        self.fields[TRAP] = forms.CharField(label=_("Leave this empty"), required=False, max_length=200)

    def _field(self, name: str, *, required: bool) -> forms.Field:
        model_field = Lead._meta.get_field(name)
        if name == "region":
            provinces = Region.objects.filter(level=1).order_by("pk").values_list("pk", "name")
            return forms.TypedChoiceField(
                label=_("Province or region"), choices=[("", "—"), *provinces], coerce=int, empty_value=None, required=required)
        if name == "industry":
            known = options.labels("industry", get_language() or "zh-hans", enabled_only=True)
            return forms.ChoiceField(label=model_field.verbose_name, choices=[("", "—"), *known.items()], required=required)
        if name == "need":
            made = model_field.formfield(required=required, max_length=LONGEST_NEED, label=_("What may we do for you?"))
            made.widget = forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_NEED})
            return made
        made = model_field.formfield(required=required)
        if name == "interest":
            made.label = _("Products that interest you")
        return made  # type: ignore[no-any-return]

    def clean_mobile(self) -> str:
        return _number(self.cleaned_data["mobile"])

    def clean_phone(self) -> str:
        return _number(self.cleaned_data["phone"])

    def values(self) -> dict[str, Any]:
        """What a lead takes; empty fields left out."""
        found = {name: self.cleaned_data.get(name) for name in self.asked}
        return {"region_id" if name == "region" else name: value for name, value in found.items() if value not in (None, "")}

    @property
    def trapped(self) -> bool:
        return bool(self.data.get(TRAP, "").strip())

    def shown(self) -> list[Any]:
        """What people see, in its order."""
        return [self[name] for name in self.asked]


def _number(text: str) -> str:
    """A number as it is stored; one of abroad is welcome, one with a digit too few is told."""
    if not text:
        return ""
    number = phones.normalise(text)
    problem = phones.problem(number) if number.startswith(("0", "1")) else phones.no_number(number)
    if problem:
        raise ValidationError(problem)
    return number
