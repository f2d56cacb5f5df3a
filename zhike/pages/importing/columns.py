"""Which column fills which field, and what happens to the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import clean_line
from zhike.records import registry
from zhike.records.imports.importer import Importer, importer
from zhike.records.imports.uploads import mapping, presets, store, work
from zhike.records.imports.uploads.sandbox import Shape
from zhike.records.imports.uploads.settings import SYSTEM, Settings
from zhike.records.imports.uploads.targets import ID, KEY, VERSION, Fillable, marks, match_choices
from zhike.records.models import ImportUpload

from .. import formats
from ..forms import take_refusal
from ..parts import Badge, Button, Notice
from ..views import PostView, go_to
from .steps import StepPage, StepParts, address, place_of


@dataclass(slots=True)
class ColumnLine:
    """One column of the file beside its choice."""

    field: Any
    name: str
    examples: list[str]
    filled: str
    badge: Badge | None = None


class ColumnsForm(forms.Form):
    """`c<place>` for every column, then the decisions about the rows."""

    def __init__(self, shape: Shape, found: Importer, allowed: dict[str, Fillable], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape, self.found, self.allowed = shape, found, allowed
        marked = marks()
        options: list[Any] = [("", _("— leave out —"))]
        options += [(name, f"{field.label} *" if field.required else field.label) for name, field in allowed.items()]
        options.append((_("To find the record"), [(name, field.label) for name, field in marked.items()]))
        for column in shape.columns:
            self.fields[f"c{column['place']}"] = forms.ChoiceField(
                label=str(column["name"]), choices=options, required=False, widget=forms.Select(attrs={"aria-label": str(column["name"])}))
        by = [("", _("nothing: every row is new"))]
        by += [(name, allowed[name].label) for name in match_choices(found, allowed)]
        by += [(name, marked[name].label) for name in (KEY, ID)]
        self.fields["mode"] = forms.ChoiceField(label=_("What to do"), choices=[
            ("upsert", _("Add new records and change existing ones")), ("add", _("Only add new records")),
            ("update", _("Only change existing records"))])
        self.fields["by"] = forms.ChoiceField(label=_("Existing records are found by"), choices=by, required=False)
        self.fields["duplicates"] = forms.ChoiceField(label=_("New rows that look like a record here"), choices=[
            ("skip", _("leave them out and name the record")), ("warn", _("take them in and say so")),
            ("fail", _("count them as faults"))])
        self.fields["cells"] = forms.ChoiceField(label=_("Cells that do not fit"), choices=[
            ("fail", _("do not take the row in")), ("warn", _("take the row in without them"))])
        self.fields["empties"] = forms.BooleanField(label=_("Empty cells empty the fields of existing records"), required=False)
        self.fields["system"] = forms.CharField(
            label=_("Name of the other system"), max_length=60, required=False,
            help_text=_("Its ids are remembered under this name; the same name finds them again the next time."))

    def settings(self, preset: str) -> Settings:
        data = self.cleaned_data
        columns = {int(column["place"]): data[f"c{column['place']}"] for column in self.shape.columns
                   if data.get(f"c{column['place']}")}
        return Settings(columns, data["mode"], data["by"], data["duplicates"], data["empties"], data["cells"],
                        clean_line(data["system"]) or SYSTEM, preset)


class ColumnsPage(StepPage, PostView):
    """The suggested mapping to correct; posting it starts the dry run."""

    template = "pages/importing/columns.html"
    step = "columns"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.upload.state != ImportUpload.OPEN or self.shape is None:
            return go_to(request, place_of(self.upload))
        kept = Settings.from_json(self.upload.settings)
        initial: dict[str, Any] = {f"c{place}": name for place, name in kept.columns.items()}
        self.form = self.make_form(initial={**initial, **{name: getattr(kept, name) for name in (
            "mode", "by", "duplicates", "cells", "empties", "system")}})
        return self.answer(self.parts())

    def make_form(self, *args: Any, **how: Any) -> ColumnsForm:
        found, shape = importer(self.upload.kind), self.shape
        assert found is not None and shape is not None
        return ColumnsForm(shape, found, store.allowed_for(self.upload.kind, self.user), *args, **how)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.upload.state != ImportUpload.OPEN or self.shape is None:
            return go_to(request, place_of(self.upload))
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        response = super().post(request)
        if response.status_code < 400 and self.small:
            # Small enough to wait for; each batch in its own transaction, so after that of the settings.
            try:
                work.check_now(store.own(self.user, self.upload.pk), by=self.user)
            except Refused as no:
                return self.refused(no)
        return response

    small = False

    def perform(self) -> str:
        kept = Settings.from_json(self.upload.settings)
        self.upload = store.decide(self.upload, self.form.settings(kept.preset), by=self.user)
        shape = self.shape
        self.small = shape is not None and shape.rows <= work.AT_ONCE
        url = address(self.upload, "check")
        if not self.small:
            work.start_check(self.upload, by=self.user, back_url=url)
        return url

    def refused(self, no: Refused) -> HttpResponse:
        take_refusal(self.form, no)
        return self.answer(self.parts(), status=422)

    def parts(self) -> StepParts:
        shape = self.shape
        assert shape is not None
        errors = [(self.form[name].id_for_label if name in self.form.fields else "",
                   formats.labelled(self.form[name].label, text) if name in self.form.fields else text)
                  for name, found in self.form.errors.items() for text in found]
        page = self.frame(form=self.form, errors=errors, post_url=self.request.path)
        page.notices = self.notices(shape)
        page.buttons = [Button(_("Read the file otherwise"), address(self.upload, "file"), "arrow-back-up", "g")]
        why = self.upload.settings.get("why", {})
        lines = []
        for column in shape.columns:
            bound = self.form[f"c{column['place']}"]
            lines.append(ColumnLine(bound, str(column["name"]), list(column["examples"]),
                                    _("%(n)s of %(all)s rows") % {"n": f"{column['filled']:,}", "all": f"{shape.rows:,}"},
                                    _badge(why.get(str(column["place"])), bound.value())))
        page.body = {"lines": lines, "rows": f"{shape.rows:,}", "key": KEY, "id": ID, "version": VERSION,
                     "decisions": [self.form[name] for name in ("mode", "by", "duplicates", "cells")],
                     "more": [self.form[name] for name in ("empties", "system")],
                     "small": shape.rows <= work.AT_ONCE}
        return page

    def notices(self, shape: Shape) -> list[Notice]:
        found: list[Notice] = []
        kept = Settings.from_json(self.upload.settings)
        if kept.preset in presets.BY_NAME:
            found.append(Notice(_("Recognised as %(name)s: columns and values are matched accordingly.")
                                % {"name": presets.BY_NAME[kept.preset].title}, "good", "circle-check"))
        if any(pair[0] == "before" for pair in self.upload.settings.get("why", {}).values()):
            found.append(Notice(_("Mapped as the last time you took in a file with these headings."), "info", "history"))
        other = presets.elsewhere(self.upload.kind, shape.names())
        if other and registry.has(other):
            found.append(Notice(_("This looks like an export of %(kind)s. Upload it from that list.")
                                % {"kind": registry.kind(other).plural}, "wait", "alert-triangle"))
        importing = importer(self.upload.kind)
        headings = {str(column["name"]).strip().casefold() for column in shape.columns}
        lost = [label for label in importing.left_out().values() if label.casefold() in headings] if importing is not None else []
        if lost:
            found.append(Notice(_("Files do not come from a table and stay as they are: %(list)s. Attach them to the records.")
                                % {"list": formats.listed(lost)}, "info", "paperclip"))
        if shape.again:
            found.append(Notice(_("A result file that comes back: its columns of results are passed over."), "info"))
        return found


def _badge(why: list[Any] | None, chosen: Any) -> Badge | None:
    """How sure the suggestion is; nothing beside a column that was left out."""
    if not why or not chosen:
        return None
    words = {"before": _("as last time"), "preset": _("known export"), "values": _("by its values"), "similar": _("similar name")}
    if why[0] in words:
        return Badge(words[why[0]], "good" if why[1] >= mapping.SURE else "wait")
    return Badge(_("same name"), "good") if why[1] >= mapping.SURE else Badge(_("to check"), "wait")
