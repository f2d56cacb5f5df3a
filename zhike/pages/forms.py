"""Forms made from a kind's fields, within the person's field rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.records import guard, options, registry
from zhike.records.attrs import Attr
from zhike.records.customs import CustomAttr
from zhike.records.kinds import Kind

from .file_field import FileOfField


def searched(kind_name: str, query: str = "") -> dict[str, str]:
    """What makes a select one whose options the server searches."""
    url = reverse("lookup", args=[kind_name])
    return {"data-search-url": f"{url}?{query}" if query else url}


def row_of(rows: Any, value: Any) -> Any:
    """The record that a form names, itself or by its number; None for no such one."""
    pk = number(str(getattr(value, "pk", value) or ""))
    return None if pk is None else rows.filter(pk=pk).first()


class LookupWidget(forms.Select):
    """A select whose options the server searches; the page holds only the chosen one."""

    def __init__(self, kind_name: str, *, query: str = "") -> None:
        super().__init__(attrs=searched(kind_name, query))


class LookupField(forms.ModelChoiceField):
    """A link to a record the person may see; any other id is "not found", seen or not."""

    def __init__(self, kind: Kind, user: Any, *, query: str = "", **more: Any) -> None:
        self.lookup_kind, self.user = kind, user
        self._offered: Any = None  # the record that was read for the select, which need not be read again
        super().__init__(queryset=kind.model.objects.visible_to(user), widget=LookupWidget(kind.name, query=query), **more)
        self.error_messages["invalid_choice"] = _("Choose one from the list.")

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        pk = number(str(getattr(value, "pk", value)))
        if pk is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        found = self._offered if self._offered is not None and self._offered.pk == pk else super().to_python(value)
        guard.note_seen(self.user, found)
        return found

    def offer(self, value: Any) -> None:
        """Put the chosen record, and only it, into the select."""
        self._offered = row = row_of(self.queryset, value)
        self.widget.choices = [("", "")] + ([(row.pk, str(row))] if row else [])


class LookupManyField(forms.MultipleChoiceField):
    """Links to several records the person may see, in the order chosen; the page holds only those chosen."""

    def __init__(self, kind: Kind, user: Any, *, query: str = "", most: int = 50, **more: Any) -> None:
        self.rows = kind.model.objects.visible_to(user)
        self.most = most
        super().__init__(widget=forms.SelectMultiple(attrs=searched(kind.name, query)), **more)
        self.error_messages["invalid_choice"] = _("Choose one from the list.")

    def clean(self, value: Any) -> list[Any]:
        """The chosen records; an unknown one is "not found", seen or not."""
        texts = list(dict.fromkeys(super().to_python(value)))
        if self.required and not texts:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(texts) > self.most:
            raise ValidationError(_("At most %(n)s can be chosen.") % {"n": self.most}, code="many")
        found = self.read(texts)
        if len(found) != len(texts):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found

    def read(self, texts: Sequence[Any]) -> list[Any]:
        """Those of the records that there are, in the order given."""
        ids = [pk for text in texts[: self.most] if (pk := number(str(text))) is not None]
        known = self.rows.in_bulk(ids) if ids else {}
        return [known[pk] for pk in dict.fromkeys(ids) if pk in known]

    def offer(self, values: Sequence[Any]) -> None:
        """Put the chosen records, and only them, into the select."""
        self.choices = [(str(row.pk), str(row)) for row in self.read(values)]


class _OfOurTime(forms.Field):
    """A day that lies where a company's days lie; a slip of the keyboard does not."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is not None and not 1900 <= found.year <= 2999:
            raise ValidationError(_("Give a date between 1900 and 2999."), code="invalid")
        return found


class DateField(_OfOurTime, forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"})
    input_formats = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日")


class DateTimeField(_OfOurTime, forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S")


def form_field(attr: Attr, user: Any, *, required: bool = False) -> forms.Field:
    """The input of one field; what it accepts is what the model field accepts."""
    made = _form_field(attr, user, required)
    if attr.when:
        made.widget.attrs["data-when"] = attr.when  # the browser folds it away; what is sent is judged as ever
    return made


def _form_field(attr: Attr, user: Any, required: bool) -> forms.Field:
    common: dict[str, Any] = {"label": attr.label, "required": required, "help_text": attr.help}
    match attr.type:
        case "option":
            named = options.labels(attr.dictionary, get_language() or "zh-hans", enabled_only=True)
            return forms.ChoiceField(choices=[("", "—"), *named.items()], **common)
        case "choice":
            blank = attr.model_field is None or attr.model_field.blank
            if attr.offered is not None:
                named = [(code, label) for code, label in attr.choices if code in attr.offered]
                return forms.ChoiceField(choices=[("", "—"), *named], **common)
            return forms.ChoiceField(choices=[("", "—"), *attr.choices] if blank and not required else list(attr.choices), **common)
        case "multi":
            several = [(code, label) for code, label in attr.choices if attr.offered is None or code in attr.offered]
            return forms.MultipleChoiceField(choices=several, widget=forms.CheckboxSelectMultiple, **common)
        case "user" | "ref" | "department":
            return LookupField(registry.kind(attr.to), user, **common)
        case "date":
            return DateField(**common)
        case "datetime":
            return DateTimeField(**common)
        case "file":
            assert isinstance(attr, CustomAttr)
            return FileOfField(attr.on, attr.name, user, **common)
        case "bool":
            return forms.BooleanField(**{**common, "required": False})
    if attr.model_field is None:
        return forms.CharField(max_length=300, **common)
    if attr.type == "url":
        common["assume_scheme"] = "https"
    made = attr.model_field.formfield(**common)
    if attr.type == "long":
        made.widget = forms.Textarea(attrs={"rows": 3})
    if attr.num:
        made.widget.attrs["inputmode"] = "decimal"
    return made


class KindForm(forms.Form):
    """A form over some fields of a kind; `values()` gives what an action takes."""

    def __init__(
        self, kind: Kind, attrs: Sequence[Attr], user: Any, *args: Any, required: Sequence[str] = (),
        held: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """`held` are the values of the record that is changed: a retired choice that it holds may stay."""
        super().__init__(*args, **kwargs)
        self.kind, self.user, self.attrs = kind, user, list(attrs)
        for attr in self.attrs:
            self.fields[attr.name] = form_field(attr, user, required=attr.name in required)
            if held:
                _offer_held(self.fields[attr.name], attr, held.get(attr.name))
        for name, field in self.fields.items():
            if isinstance(field, LookupField):
                chosen = self.data.get(self.add_prefix(name)) if self.is_bound else self.get_initial_for_field(field, name)
                field.offer(chosen)

    def values(self) -> dict[str, Any]:
        """The cleaned values; an empty text stays an empty text, never null."""
        found: dict[str, Any] = {}
        for attr in self.attrs:
            value = self.cleaned_data.get(attr.name)
            field = attr.model_field
            # "—" in a choice that the table cannot leave empty means what the table would take.
            empty = value is None or (value == "" and field is not None and not field.blank)
            if empty and field is not None and not field.null and field.has_default():
                value = field.get_default()
            found[attr.name] = "" if value is None and field is not None and not field.null else value
        return found


def _offer_held(field: forms.Field, attr: Attr, value: Any) -> None:
    """Offer what the record holds beside what may be chosen, else saving the form would wipe it out."""
    if attr.type not in ("option", "choice", "multi") or not isinstance(field, forms.ChoiceField):
        return
    known = dict(options.labels(attr.dictionary, get_language() or "zh-hans")) if attr.type == "option" else dict(attr.choices)
    there = {str(code) for code, _label in field.choices}
    codes = value if isinstance(value, list) else [value]
    field.choices = [*field.choices, *((code, known.get(code, code)) for code in codes if code and str(code) not in there)]


def take_refusal(form: forms.Form, no: Refused) -> int:
    """Show a refusal in its form, at its field where that is one; returns the status to answer with.

    A refusal that no form can put right (a missing right, a record that is gone) goes on its way.
    """
    if no.status not in (409, 422):
        raise no
    form.add_error(no.field if no.field in form.fields else None, str(no.message))
    return no.status


def as_text(form: forms.Form, name: str) -> str:
    """What a field of the form holds, in the words a person reads."""
    field, value = form.fields[name], form[name].value()
    if isinstance(field, forms.BooleanField):
        return str(_("yes") if value else _("no"))
    if isinstance(field, forms.ModelChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField):
        return str(row_of(field.queryset, value) or "")
    if isinstance(field, forms.ChoiceField):
        known = {str(code): label for code, label in field.choices}
        codes = value if isinstance(value, list | tuple | set) else [value]
        return ", ".join(str(known.get(str(getattr(code, "pk", code)), code)) for code in codes if code not in (None, ""))
    return str(field.prepare_value(value) if value is not None else "").strip().replace("\r\n", "\n")


def both_versions(form: forms.Form, now: forms.Form) -> list[tuple[Any, str, str]]:
    """(label, what was typed, what is stored now) of the fields in which a form and its fresh copy differ."""
    texts = [(name, as_text(form, name), as_text(now, name)) for name in form.fields if name in now.fields]
    return [(now[name].label, mine, theirs) for name, mine, theirs in texts if mine != theirs]


def needed(attrs: Sequence[Attr]) -> list[str]:
    """Fields that the table cannot do without."""
    return [
        attr.name
        for attr in attrs
        if attr.model_field is not None
        and not attr.model_field.null
        and not attr.model_field.blank
        and not attr.model_field.has_default()
    ]


def initial(attrs: Sequence[Attr], row: Any) -> dict[str, Any]:
    return {attr.name: attr.value(row) for attr in attrs}


def from_query(attrs: Sequence[Attr], params: Mapping[str, str]) -> dict[str, Any]:
    """Prefill a new form: what the model starts with, then the address, e.g. `?customer=7`; only
    fields of the form count."""
    start = {
        attr.name: attr.model_field.get_default() for attr in attrs
        if attr.type in ("choice", "option", "bool") and attr.model_field is not None and attr.model_field.has_default()
    }
    return {**start, **{attr.name: params[attr.name] for attr in attrs if params.get(attr.name)}}
