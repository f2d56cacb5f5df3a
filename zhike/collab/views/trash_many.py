"""Deleting the chosen rows of a list: a dialog, and the job where one does not wait for so many."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages import jobs as lists
from zhike.pages.actions import ActionParts
from zhike.pages.each_row import EachRowPage, named
from zhike.pages.parts import Notice
from zhike.records import guard, jobs, registry, undo
from zhike.records.job_context import Context
from zhike.records.models import HistoryEntry

from ..actions import trash, trash_many


class DeleteManyPage(EachRowPage):
    """Delete the chosen rows into the trash; each answers for itself."""

    title_text = submit_text = gettext_lazy("Delete")
    keep_text = gettext_lazy("Keep")
    style = "x"
    permission = "delete"
    background = "collab.trash"

    def text(self) -> Any:
        return _("They go to the trash and can be brought back for %(n)s days.") % {"n": trash.KEPT_DAYS}

    def parts(self, **more: Any) -> ActionParts:
        found = super().parts(**more)
        found.submit_label = _("Delete %(n)s") % {"n": f"{self.n:,}"}
        if self.request.method == "GET" and self.rows:
            keeping = trash_many.what_keeps(self.kind, self.rows, self.user)
            if keeping:
                found.notices.append(Notice(_("%(n)s of them are still needed and stay.") % {"n": len(keeping)}, "wait", "alert-triangle"))
                found.blockers = named([(row, "; ".join(keeping[row.pk])) for row in self.rows if row.pk in keeping])
        return found

    def perform(self) -> str:
        if self.whole is not None:
            return self.start_job()
        self.batch = uuid.uuid4().hex
        self.gone, self.failed = trash_many.trash_rows(self.kind, self.rows, by=self.user, batch=self.batch)
        if not self.gone:
            raise Refused(_("No row was deleted."), items=self.reasons(), code="bulk.none")
        return self.list_url()

    def toast(self) -> dict[str, Any]:
        text = _("%(n)s in the trash") % {"n": f"{len(self.gone):,}"}
        if self.failed:
            text = _("%(n)s in the trash, %(m)s not") % {"n": f"{len(self.gone):,}", "m": f"{len(self.failed):,}"}
        return {"text": text, "tone": "good",
                "undo_url": undo.url(self.user, "collab.restore_rows", batch=self.batch, kind=self.kind.name)}


@jobs.job("collab.trash", label=gettext_lazy("Deletion of many records"))
def trash_many_rows(ctx: Context) -> None:
    """Delete every match of a list into the trash; each row answers for itself."""
    kind = registry.kind(ctx.payload["kind"])
    guard.require(ctx.user, kind, "delete")

    def work(rows: list[Any], batch: str) -> lists.Came:
        return trash_many.trash_rows(kind, rows, by=ctx.user, batch=batch)

    lists.each_row(ctx, kind, work, undo="collab.trash.undo", kind=kind.name)
    ctx.say(_("%(n)s in the trash, %(m)s not.") % lists.figures(ctx))


@jobs.job("collab.trash.undo", label=gettext_lazy("Undo of a deletion"))
def bring_back(ctx: Context) -> None:
    """Bring back what a deletion took, where nothing stands in its place."""
    kind = registry.kind(ctx.payload["kind"])

    def restore(lines: list[HistoryEntry], by: Any) -> tuple[int, list[tuple[Any, str]]]:
        ids = [line.row_id for line in lines if line.kind == kind.name and line.action == "trash"]
        return trash_many.restore_rows(kind, ids, by=by)

    lists.take_back(ctx, restore)
