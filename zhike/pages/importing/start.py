"""The first step: choosing a file; and the list of files one has taken in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.records import registry, routes
from zhike.records.imports.uploads import limits, presets, store
from zhike.records.imports.uploads.sandbox import Shape
from zhike.records.models import ImportUpload

from .. import cells, formats
from ..parts import Button, Cell, Column, Empty, Link, Notice, Row, Table
from ..views import PageView, PostView
from .steps import StepParts, place_of

ENDINGS = ".xlsx,.xls,.xlsm,.xlsb,.ods,.csv,.tsv,.txt,.vcf"
TONES = {ImportUpload.OPEN: "neutral", ImportUpload.RUNNING: "info", ImportUpload.DONE: "good", ImportUpload.STOPPED: "wait",
         ImportUpload.UNDONE: "neutral"}


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("File"), widget=forms.FileInput(attrs={"accept": ENDINGS}))


class NewImportPage(PostView):
    """Upload a file for a kind; it is read at once and leads to the step it needs."""

    template = "pages/importing/new.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            kind = kwargs["kind"]
            if not registry.has(kind) or not registry.kind(kind).pages or not store.may(request.user, kind):
                raise Http404
            self.found = registry.kind(kind)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.form = FileForm()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = FileForm(request.POST, request.FILES)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        file = self.form.cleaned_data["file"]
        try:
            folder = store.receive(file.chunks(), file.name, file.size)
        except Refused as no:
            return self.refused(no)
        try:
            # The child reads the file before the transaction begins: nobody waits for it with the database.
            self.folder, self.looked = folder, store.look(folder, store.file_name(file.name))
            return super().post(request)
        finally:
            store.discard(folder)

    folder: Path
    looked: tuple[Shape | None, str]

    def perform(self) -> str:
        name = self.form.cleaned_data["file"].name
        return place_of(store.keep(self.user, self.found.name, name, self.folder, self.looked))

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        self.form.add_error("file" if no.field == "file" else None, str(no.message))
        return self.answer(self.parts(), status=422)

    def crumbs(self) -> list[Link]:
        return [Link(self.found.plural, self.found.list_url()), Link(_("Import"))]

    def parts(self) -> StepParts:
        errors = [("id_file" if name == "file" else "", text) for name, texts in self.form.errors.items() for text in texts]
        page = StepParts(_("Import: %(kind)s") % {"kind": self.found.plural}, "", [], form=self.form, errors=errors,
                         post_url=self.request.path)
        known = [preset.title for preset in presets.PRESETS if preset.kind == self.found.name]
        page.body = {
            "limits": _("xlsx, xls, ods, csv, txt or vcf; at most %(mb)s MB and %(rows)s rows") % {
                "mb": limits.MAX_BYTES >> 20, "rows": f"{limits.MAX_ROWS:,}"},
            "presets": _("Exports of other systems are recognised: %(list)s") % {"list": formats.listed(known)} if known else "",
        }
        name = f"{self.found.name}-template"
        if routes.known(name):
            page.buttons = [Button(_("Download an empty template"), f"{routes.address(name)}?rows=0", "file", "d")]
        page.buttons.append(Button(_("My imports"), reverse("imports"), "history", "g"))
        return page


@dataclass(slots=True)
class ImportsParts:
    title: Any
    table: Table
    notices: list[Notice] = field(default_factory=list)
    kinds: list[Link] = field(default_factory=list)  # what this person may take in


class ImportsPage(PageView):
    """The files one has uploaded, newest first; nobody else's."""

    template = "pages/importing/list.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        lang = get_language() or "zh-hans"
        rows = []
        found = ImportUpload.objects.select_related("check_job", "run_job").filter(user=self.user).order_by("-pk")
        for upload in found[: store.MOST]:
            store.settled(upload)
            url = reverse("import", args=[upload.pk])
            counts = upload.outcome.get("counts", {})
            told = _("%(created)s added, %(updated)s changed, %(failed)s not taken in") % counts if counts else ""
            kind = registry.kind(upload.kind).plural if registry.has(upload.kind) else upload.kind
            rows.append(Row(upload.pk, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, upload.name)), Cell(str(kind)),
                Cell(cells.badge(upload.get_state_display(), TONES[upload.state])),
                Cell(told), Cell(formats.near(upload.created_at, lang)),
            ]))
        head = [Column("name", _("File"), primary=True), Column("kind", _("Kind of record")), Column("state", _("State")),
                Column("outcome", _("Outcome"), priority=2), Column("at", _("Uploaded"), priority=2)]
        table = Table(head, rows, label=str(_("My imports")))
        kinds = [Link(kind.plural, reverse("import-new", args=[kind.name]), icon=kind.icon) for kind in registry.kinds()
                 if kind.pages and store.may(self.user, kind.name)]
        if not rows:
            text = _("Choose above what the file holds.") if kinds else _("Open a list and choose “Import from a file” there.")
            table.empty = Empty(_("No imports yet"), text, "file", why="first")
        return self.answer(ImportsParts(_("My imports"), table,
                                        [Notice(_("Files are deleted after %(n)s days.") % {"n": store.DAYS})], kinds))
