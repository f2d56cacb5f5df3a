"""Pages of the trash: deleting a record, and the list of what can be brought back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.pages import formats
from zhike.pages.actions import ActionPage, ActionParts
from zhike.pages.parts import Button, Mini
from zhike.pages.views import PageView, PostView
from zhike.records import registry, undo

from ..actions import trash

SHOWN = 200


class DeletePage(ActionPage):
    """Delete one record into the trash; what keeps it is shown before anybody presses the button."""

    permission = "delete"
    title_text = submit_text = gettext_lazy("Delete")
    keep_text = gettext_lazy("Keep")
    style = "x"

    def text(self) -> Any:
        return _("It goes to the trash and can be brought back for %(n)s days.") % {"n": trash.KEPT_DAYS}

    def parts(self, **more: Any) -> ActionParts:
        if self.request.method == "GET":
            more["blockers"] = trash.what_keeps(self.row, self.user)
        found = super().parts(**more)
        if found.blockers:
            found.text = _("“%(row)s” is still needed. Look at what points to it first.") % {"row": self.row}
        return found

    def run(self, values: dict[str, Any]) -> str | None:
        self.title_was = str(self.row)
        self.kept = trash.trash_row(self.row, by=self.user)
        return self.kind.list_url()

    def toast(self) -> dict[str, Any]:
        return {"text": _("“%(row)s” is in the trash") % {"row": self.title_was}, "tone": "good",
                "undo_url": undo.url(self.user, "collab.restore_row", id=self.kept.pk)}


class TrashPage(PageView):
    """What was deleted in the last 30 days and the person may bring back."""

    template = "collab/trash.html"
    menu = "workbench"
    place = "trash"

    def get(self, request: HttpRequest) -> HttpResponse:
        lang = get_language() or "zh-hans"
        rows = []
        for kept in trash.in_reach(self.user).order_by("-deleted_at", "-pk")[:SHOWN]:
            when = _("deleted by %(who)s, %(at)s") % {"who": kept.deleted_by, "at": formats.near(kept.deleted_at, lang)}
            rows.append((Mini(f"{registry.kind(kept.kind).label} · {kept.title}", sub=when),
                         Button(_("Restore"), reverse("trash-restore", args=[kept.pk]), "arrow-back-up", "d", post=True)))
        return self.answer({"title": _("Trash"), "rows": rows, "days": trash.KEPT_DAYS})


class RestorePage(PostView):
    """Bring one record back."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def perform(self) -> str:
        kept = trash.in_reach(self.user).filter(pk=self.kwargs["pk"]).first()
        if kept is None:
            raise Http404
        self.row = trash.restore_row(kept, by=self.user)
        return registry.kind_of(self.row).url(self.row)

    def toast(self) -> dict[str, Any]:
        return {"text": _("“%(row)s” is back") % {"row": self.row}, "tone": "good"}
