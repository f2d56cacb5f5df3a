"""How the file is read: sheet, heading, encoding, separator; found by itself, chosen here when that went wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.records.imports.uploads import headings, store, texts
from zhike.records.imports.uploads.sandbox import Shape
from zhike.records.models import ImportUpload

from ..parts import Button, Notice
from ..views import PostView, go_to
from .steps import StepPage, StepParts, place_of

MARKS = [(",", gettext_lazy("comma")), (";", gettext_lazy("semicolon")), ("\t", gettext_lazy("tab")), ("|", gettext_lazy("vertical bar"))]
NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030 / GBK", "big5": "Big5", "utf-16": "UTF-16", "cp1252": "Windows 1252"}
FROM_FILE = ("sheet", "encoding", "delimiter", "header", "header_lines")


class ReadingForm(forms.Form):
    """What of the reading can be chosen for this file."""

    def __init__(self, upload: ImportUpload, shape: Shape | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sheets = [sheet["name"] for sheet in (shape.sheets if shape else [])]
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=[(name, name) for name in sheets])
        if not sheets:
            found = [("", _("found by itself")), *((code, NAMES[code]) for code in texts.ENCODINGS)]
            self.fields["encoding"] = forms.ChoiceField(label=_("Encoding"), choices=found, required=False)
            self.fields["delimiter"] = forms.ChoiceField(
                label=_("Separator"), choices=[("", _("found by itself")), *MARKS], required=False)
        self.fields["header"] = forms.IntegerField(
            label=_("Line of the heading"), min_value=0, max_value=10_000, required=False,
            help_text=_("0: the file has no heading. Empty: found by itself."))
        self.fields["header_lines"] = forms.IntegerField(
            label=_("Lines of the heading"), min_value=1, max_value=headings.TALLEST, required=False)


class FilePage(StepPage, PostView):
    """The file as it was read, its first rows, and the choices to read it otherwise."""

    template = "pages/importing/file.html"
    step = "file"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.upload.state != ImportUpload.OPEN:
            return go_to(request, place_of(self.upload))
        self.form = ReadingForm(self.upload, self.shape, initial=self.initial())
        return self.answer(self.parts())

    def initial(self) -> dict[str, Any]:
        found = {name: value for name, value in self.upload.choices.items() if value not in ("", None)}
        if self.shape is not None:
            found.setdefault("sheet", self.shape.sheet)
            found.setdefault("header", self.shape.header)
            found.setdefault("header_lines", self.shape.header_lines or 1)
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = ReadingForm(self.upload, self.shape, request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        if self.upload.state != ImportUpload.OPEN:
            return go_to(request, place_of(self.upload))
        self.chosen = {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None)}
        shape = self.shape
        if shape is not None and self.chosen.get("header") == shape.header and (
            self.chosen.get("sheet", shape.sheet) != shape.sheet
        ):  # another sheet has its heading elsewhere
            self.chosen.pop("header")
            self.chosen.pop("header_lines", None)
        # The child works before the transaction begins.
        self.looked = store.look(store.folder_of(self.upload), self.upload.name, **self.chosen)
        return super().post(request)

    chosen: dict[str, Any]
    looked: tuple[Shape | None, str]

    def perform(self) -> str:
        store.read_as(self.upload, self.chosen, self.looked, by=self.user)
        self.upload = store.own(self.user, self.upload.pk)
        return place_of(self.upload)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        self.form.add_error(None, str(no.message))
        return self.answer(self.parts(), status=422)

    def parts(self) -> StepParts:
        errors = [(self.form[name].id_for_label if name in self.form.fields else "", text)
                  for name, found in self.form.errors.items() for text in found]
        page = self.frame(form=self.form, errors=errors, post_url=self.request.path)
        page.buttons = [Button(_("Delete the file"), reverse("import-delete", args=[self.upload.pk]), "x", "g", post=True)]
        if self.upload.refusal:
            page.notices.append(Notice(self.upload.refusal, "bad", "alert-circle"))
        if self.shape is not None:
            page.body = {"preview": self.shape.preview, "header": self.shape.header,
                         "last": self.shape.header + max(self.shape.header_lines, 1) - 1}
        return page
