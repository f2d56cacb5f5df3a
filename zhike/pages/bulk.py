"""Changing one field of many records: first which field, then its value, then what became of each row."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.base.slots import Slot
from zhike.org.access import Access
from zhike.records import bulk, customs, undo
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from .actions import ActionParts
from .each_row import EachRowPage
from .forms import KindForm

TYPES = ("option", "choice", "bool", "date", "datetime", "ref", "user", "int", "money", "percent", "text")


def fields_for(kind: Kind, access: Access) -> dict[str, Attr]:
    """What can be the same in many rows: of what the edit form changes, not what a record is found by.

    What is said once, when a record is made (the day of a work log), is no longer asked there.
    """
    keys = kind.search
    found_by = {*keys.names, *keys.codes, *keys.phones} if keys else set()
    names = dict.fromkeys(name for part in kind.all_sections() for name in part.fields)
    found = [attr for attr in kind.writable(list(names), access)
             if attr.type in TYPES and attr.name not in found_by and attr.path == attr.name]
    # What many rows most likely share comes first: choices, then dates, then links, texts last.
    return {attr.name: attr for attr in sorted(found, key=lambda attr: TYPES.index(attr.type))}


def value_form(kind: Kind, attr: Attr, user: Any, data: Any = None) -> KindForm:
    """The form for the value that all rows get."""
    column = attr.model_field
    asked = attr.custom and attr.name in customs.required_of(kind, user)
    must = asked or (attr.type != "bool" and column is not None and not column.blank)
    return KindForm(kind, [attr], user, data, required=[attr.name] if must else [])


# Which field the conditions of a list speak of, e.g. that it is empty: kind → function(conditions) giving its name, or nothing.
suggests: Slot[Any] = Slot("bulk.suggests")


class BulkEditPage(EachRowPage):
    """Give the chosen rows the same value in one field."""

    title_text = gettext_lazy("Change")
    submit_text = gettext_lazy("Continue")
    background = "records.bulk_edit"

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        self.attr = self.fields().get(self.request.GET.get("field", ""))

    def fields(self) -> dict[str, Attr]:
        return fields_for(self.kind, self.access)

    def make_form(self, data: Any = None) -> django_forms.Form:
        if self.attr is None:
            form = django_forms.Form(data)
            form.fields["field"] = django_forms.ChoiceField(
                label=_("Which field"), choices=[(attr.name, capfirst(attr.label_text)) for attr in self.fields().values()],
                initial=self.suggested(),
            )
            return form
        return value_form(self.kind, self.attr, self.user, data)

    def suggested(self) -> str | None:
        """The field the list was opened for; whoever comes from another one chooses."""
        ask = suggests.get(self.kind.name)
        return ask(dict(parse_qsl(urlsplit(self.list_url()).query))) if ask is not None else None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find()
        if self.attr is not None:
            return super().post(request)
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        self.attr = self.fields()[self.form.cleaned_data["field"]]
        self.form = self.make_form()
        return self.answer(self.parts())

    def post_url(self) -> str:
        return f"{self.request.path}?field={self.attr.name}" if self.attr is not None else super().post_url()

    def parts(self, **more: Any) -> ActionParts:
        found = super().parts(**more)
        if self.attr is not None:
            found.submit_label = _("Change %(n)s") % {"n": f"{self.n:,}"}
        return found

    def perform(self) -> str:
        assert isinstance(self.form, KindForm) and self.attr is not None
        if self.whole is not None:
            return self.start_job(field=self.attr.name)
        self.outcome = bulk.edit_rows(self.kind, self.rows, self.form.values(), by=self.user)
        self.failed = self.outcome.failed
        if self.failed and not self.outcome.changed:
            raise Refused(_("No row was changed."), items=self.reasons(), code="bulk.none")
        return self.back_url()

    def toast(self) -> dict[str, Any]:
        assert self.attr is not None
        done, failed = len(self.outcome.changed), len(self.failed)
        text = _("%(n)s changed") % {"n": done}
        if failed:
            text = _("%(n)s changed, %(m)s not") % {"n": done, "m": failed}
        toast: dict[str, Any] = {"text": text, "tone": "good"}
        if done:
            toast["undo_url"] = undo.url(self.user, "records.bulk_edit", batch=self.outcome.batch, kind=self.kind.name,
                                         field=self.attr.name)
        return toast
