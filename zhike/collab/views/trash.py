"""Pages of the trash: deleting a record, and the list of what can be brought back."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.pages import formats
from zhike.pages.actions import ActionPage, ActionParts
from zhike.pages.each_row import first_of
from zhike.pages.parts import Link
from zhike.pages.views import PostView
from zhike.records import registry, undo

from ..actions import trash, trash_many
from ..models import TrashedRow

PAGE = 50
MOST = 200  # brought back together from the list


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


class TrashPage(PostView):
    """What was deleted in the last 30 days and the person may bring back; a post brings back what is ticked."""

    template = "collab/trash.html"
    menu = "workbench"
    place = "trash"
    error: Any = ""
    reasons: tuple[str, ...] = ()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def asked(self) -> dict[str, str]:
        given = self.request.GET
        kind, before = given.get("kind", ""), given.get("before", "")
        if kind and not (registry.has(kind) and registry.kind(kind).deletable):
            raise Http404
        if before and (not before.isascii() or not before.isdigit() or len(before) > 18):
            raise Http404
        return {"kind": kind, "q": given.get("q", "").replace("\0", "").strip()[:100], "before": before}

    def link(self, asked: dict[str, str], **changes: str) -> str:
        merged = {name: value for name, value in {**asked, "before": "", **changes}.items() if value}
        return f"{reverse('trash')}?{urlencode(merged)}" if merged else reverse("trash")

    def show(self, status: int = 200) -> HttpResponse:
        asked, reach = self.asked(), trash.in_reach(self.user)
        rows = reach.filter(kind=asked["kind"]) if asked["kind"] else reach
        if asked["q"]:
            rows = rows.filter(title__icontains=asked["q"])
        if asked["before"]:
            rows = rows.filter(pk__lt=int(asked["before"]))
        found = list(rows.order_by("-pk")[: PAGE + 1])
        more, found = (found[PAGE - 1].pk if len(found) > PAGE else None), found[:PAGE]
        kinds = [kind for kind in registry.kinds() if kind.deletable and self.access.may(kind.name, "delete")]
        chips = [Link(_("All"), self.link(asked, kind=""), active=not asked["kind"]),
                 *(Link(kind.plural, self.link(asked, kind=kind.name), active=asked["kind"] == kind.name) for kind in kinds)]
        places = self.places(found)
        return self.answer({
            "title": _("Trash"), "rows": [self.line(kept, places) for kept in found], "days": trash.KEPT_DAYS, "kinds": chips if len(kinds) > 1 else [],
            "kind": asked["kind"], "q": asked["q"], "clear": self.link(asked, q=""), "filtered": bool(asked["kind"] or asked["q"]),
            "next": self.link(asked, before=str(more)) if more else "", "first": self.link(asked) if asked["before"] else "",
            "error": self.error, "reasons": self.reasons,
        }, status=status)

    def places(self, rows: list[TrashedRow]) -> dict[tuple[str, int], str]:
        """Names of the records that the deleted ones belonged to, as far as the person may see them; a query for each kind."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for kept in rows:
            for name, pk in parents(kept):
                wanted[name].add(pk)
        return {(name, row.pk): str(row) for name, ids in wanted.items() for row in registry.kind(name).model.objects.visible_to(self.user).filter(pk__in=ids)}

    def line(self, kept: TrashedRow, places: dict[tuple[str, int], str]) -> dict[str, Any]:
        lang = get_language() or "zh-hans"
        return {
            "of": formats.listed(places[key] for key in parents(kept) if key in places),
            "id": kept.pk, "kind": registry.kind(kept.kind).label, "title": kept.title, "url": reverse("trash-restore", args=[kept.pk]),
            "when": _("deleted by %(who)s, %(at)s") % {"who": kept.deleted_by, "at": formats.near(kept.deleted_at, lang)},
            "full": formats.full(kept.deleted_at, lang),
            "until": formats.d(clock.local(kept.deleted_at + timedelta(days=trash.KEPT_DAYS)).date()),
        }

    def refused(self, no: Refused) -> HttpResponse:
        if no.status != 422:
            raise no
        self.error, self.reasons = no.message, tuple(str(item) for item in no.items)
        return self.show(status=422)

    def perform(self) -> str:
        texts = self.request.POST.getlist("ids")
        if not texts:
            raise Refused(_("Select at least one row first."), code="rows.none")
        if len(texts) > MOST or any(not text.isascii() or not text.isdigit() or len(text) > 18 for text in texts):
            raise Refused(_("At most %(n)s rows at a time.") % {"n": MOST}, code="rows.many")
        chosen = list(trash.in_reach(self.user).filter(pk__in={int(text) for text in texts}))
        self.back, self.left = 0, list[str]()
        for kind in registry.kinds():  # from the lower floors up: what others belong to comes first
            ids = [kept.row_id for kept in chosen if kept.kind == kind.name]
            if ids:
                done, refused = trash_many.restore_rows(kind, ids, by=self.user)
                self.back += done
                self.left += [formats.labelled(row, text) for row, text in refused]
        if not self.back:
            raise Refused(_("Nothing was brought back."), items=first_of(self.left), code="bulk.none")
        return self.link(self.asked())

    def done(self, url: str) -> HttpResponse:
        """Records that stay are told with their reasons; else back to the list."""
        if not self.left:
            return super().done(url)
        self.error, self.reasons = self.told(), tuple(first_of(self.left))
        return self.show(status=422)

    def told(self) -> str:
        if self.left:
            return _("%(n)s are back, %(m)s not") % {"n": f"{self.back:,}", "m": f"{len(self.left):,}"}
        return _("%(n)s are back") % {"n": f"{self.back:,}"}

    def toast(self) -> dict[str, Any]:
        return {"text": self.told(), "tone": "good"}


def parents(kept: TrashedRow) -> list[tuple[str, int]]:
    """What a deleted record belonged to, as (kind, number)."""
    fields = kept.data.get("row", {}).get("fields", {})
    return [(name, fields[name]) for name in registry.kind(kept.kind).model.PARENTS if registry.has(name) and isinstance(fields.get(name), int)]


class RestorePage(PostView):
    """Bring one record back."""

    menu = "workbench"
    place = "trash"

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
