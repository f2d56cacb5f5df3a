"""Pages of files: attaching, looking, taking away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages.actions import ActionPage
from zhike.pages.details import detail_class
from zhike.pages.parts import Notice
from zhike.pages.views import PageView, PostView
from zhike.records import registry, undo

from .. import serving
from ..actions import files
from ..models import Attachment


class AttachPage(ActionPage):
    """Attach files to a record: those that pass are kept, the others are named with their reasons."""

    template = "collab/attach_page.html"
    fragment = "collab/attach.html"
    title_text = gettext_lazy("Attach files")
    submit_text = gettext_lazy("Upload")

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        self.form = self.make_form(request.POST)
        self.taken: list[files.Taken] = []
        self.reasons = [str(files.too_large(name).message) for name in getattr(request, "too_large", [])]
        try:
            # Before the transaction: hashing and drawing take seconds, and nobody shall wait for them.
            self._take_in(request)
            return PostView.post(self, request)
        finally:
            for found in self.taken:
                found.received.discard()

    def _take_in(self, request: HttpRequest) -> None:
        sent = request.FILES.getlist("files")
        for upload in sent[: files.MAX_AT_ONCE]:
            try:
                self.taken.append(files.take_in(upload.name or "", upload.chunks(), upload.size or 0))
            except Refused as no:
                self.reasons.append(str(no.message))
        if len(sent) > files.MAX_AT_ONCE:
            self.reasons.append(_("At most %(n)s files at a time; the others were left out.") % {"n": files.MAX_AT_ONCE})

    def perform(self) -> str:
        self.made: list[Attachment] = []
        if not self.taken and not self.reasons:
            raise Refused(_("Choose at least one file."), code="file.none")
        for found in self.taken:
            try:
                self.made += files.attach_files(self.row, [found], by=self.user)
            except Refused as no:
                if no.status != 422:
                    raise
                self.reasons.append(str(no.message))
        if not self.made:
            raise Refused(_("No file was attached."), code="file.none", items=self.reasons)
        return files_url(self.row)

    def done(self, url: str) -> HttpResponse:
        if self.reasons and self.is_fragment and self.request.headers.get("HX-Target") == "tab":
            return self.panel([Notice(text, "bad", "alert-triangle") for text in self.reasons])
        return super().done(url)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status == 422 and self.is_fragment and self.request.headers.get("HX-Target") == "tab":
            texts = no.items or [str(no.message)]
            return self.panel([Notice(text, "bad", "alert-triangle") for text in texts], status=422)
        return super().refused(no)

    def panel(self, notices: list[Notice], status: int = 200) -> HttpResponse:
        """The files of the record as they are now, with what went wrong above them."""
        page = detail_class(self.kind)
        if page is None:
            raise Http404
        return page.for_row(self.request, self.row).show("files", notices=notices, status=status)

    def toast(self) -> dict[str, Any]:
        text = _("Files attached: %(n)s") % {"n": len(self.made)}
        return {"text": " ".join([text, *self.reasons]), "tone": "bad" if self.reasons else "good"}


def files_url(row: Any) -> str:
    """The tab with the record's files."""
    return f"{registry.kind_of(row).url(row)}files/"


class FileView(PageView):
    """A file as a download; `?inline=1` shows pictures and PDF, `?thumb=1` sends the small picture."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, _row = files.visible_file(pk, self.user)
        thumb = request.GET.get("thumb") == "1"
        if thumb and not found.thumb:
            raise Http404
        return serving.answer(request, found, inline=request.GET.get("inline") == "1", thumb=thumb)


class RemoveFilePage(PostView):
    """Take a file off its record, with a way back."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def perform(self) -> str:
        self.found, self.row = files.visible_file(self.kwargs["pk"], self.user)
        files.trash_file(self.found, self.row, by=self.user)
        return files_url(self.row)

    def toast(self) -> dict[str, Any]:
        return {"text": _("“%(name)s” removed") % {"name": self.found.name}, "tone": "good",
                "undo_url": undo.url(self.user, "collab.restore_file", id=self.found.pk)}


@dataclass(slots=True)
class Shown:
    """A file as the list of files draws it."""

    id: int
    name: str
    size: str
    by: str
    at: str
    at_full: str
    group: str
    url: str
    thumb_url: str = ""
    open_url: str = ""  # the list with this file beside it; empty for what cannot be shown
    inline_url: str = ""
    remove_url: str = ""
    active: bool = False
