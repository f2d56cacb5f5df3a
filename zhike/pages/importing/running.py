"""The dry run, the run, and what came of them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import jobs, registry
from zhike.records.imports.readers import QUOTED, RESULT_COLUMNS, RESULT_COLUMNS_ZH
from zhike.records.imports.uploads import store, work
from zhike.records.imports.uploads.run import RESULT
from zhike.records.imports.uploads.settings import Settings
from zhike.records.imports.uploads.tally import Tally
from zhike.records.imports.uploads.targets import ID
from zhike.records.models import ImportUpload, Job

from .. import exports
from ..job_pages import progress, taken_away
from ..parts import Button, Notice
from ..views import PostView, go_to
from .files import write_texts
from .steps import StepPage, StepParts, address, place_of

MOST_XLSX = 20_000  # rows of a result made into a workbook while the person waits


def outcomes() -> dict[str, tuple[str, str]]:
    """Outcome → (label, tone)."""
    return {"created": (_("added"), "good"), "updated": (_("updated"), "info"), "unchanged": (_("unchanged"), "neutral"),
            "skipped": (_("left out"), "wait"), "failed": (_("not taken in"), "bad")}


def told(tally: Tally) -> dict[str, Any]:
    """What the templates draw of a tally."""
    words = outcomes()
    return {
        "counts": [(words[name][0], f"{tally.counts.get(name, 0):,}", words[name][1]) for name in words],
        "doubtful": f"{tally.doubtful:,}" if tally.doubtful else "",
        "reasons": sorted(((f"{n:,}", text) for text, n in tally.reasons.items()), key=lambda pair: -int(pair[0].replace(",", "")))[:20],
        # Tallies of files that were taken in before know no names.
        "problems": [(number, words[result][0], words[result][1], (name or [""])[0], reason.split("; "))
                     for number, result, _record, reason, *name in tally.problems],
        "changes": tally.changes, "fields": [(name, f"{n:,}") for name, n in tally.fields.items()],
        "rows": f"{tally.rows:,}",
    }


class CheckPage(StepPage, PostView):
    """What would happen; posting lets it happen."""

    template = "pages/importing/check.html"
    fragment = "pages/importing/check_body.html"
    step = "check"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        job = self.upload.check_job
        if self.upload.state != ImportUpload.OPEN or self.shape is None or (job is None and not self.upload.check_done):
            return go_to(request, place_of(self.upload))
        return self.answer(self.parts())

    def perform(self) -> str:
        url = address(self.upload, "result")
        work.start_run(self.upload, by=self.user, back_url=url)
        return url

    def refused(self, no: Refused) -> HttpResponse:
        return go_to(self.request, place_of(store.own(self.user, self.upload.pk)), toast={"text": str(no.message), "tone": "bad"})

    def parts(self) -> StepParts:
        page = self.frame(post_url=self.request.path)
        page.buttons = [Button(_("Change columns"), address(self.upload, "columns"), "arrow-back-up", "g")]
        job = self.upload.check_job
        if not self.upload.check_done and job is not None:
            page.body = _running(page, job, self.request.path, _("Checking; nothing is written yet"))
            page.body["cancel"] = reverse("import-cancel", args=[self.upload.pk]) if job.open and not job.cancel_requested else None
            return page
        tally = Tally.from_json(self.upload.check_tally)
        page.body = told(tally)
        settings = Settings.from_json(self.upload.settings)
        page.body["diff"] = settings.by == ID
        todo = tally.counts.get("created", 0) + tally.counts.get("updated", 0)
        page.body["todo"] = todo
        page.body["go"] = _("Take in %(n)s rows") % {"n": f"{todo:,}"} if settings.by != ID else (
            _("Apply the changes of %(n)s rows") % {"n": f"{todo:,}"})
        page.body["file"] = _files(self.upload, tally, "check")
        if not todo:
            page.notices.append(Notice(_("Nothing would be added or changed."), "wait", "alert-triangle"))
        return page


def _running(page: StepParts, job: Job, url: str, text: str) -> dict[str, Any]:
    """The bar of a job, polled while it is open."""
    if job.open:
        page.poll_url = url
    elif job.message:
        page.notices.append(Notice(job.message, "bad", "alert-circle"))
    percent = min(100, job.done * 100 // job.total) if job.total else None
    return {"job": job, "text": text if job.open else job.get_state_display(), "percent": percent, "progress": progress(job)}


def _files(upload: ImportUpload, tally: Tally, which: str) -> list[Button]:
    """The same file with a reason column: all rows, or those that were not taken in."""
    base = reverse("import-rows", args=[upload.pk])
    ending = "xlsx" if tally.rows <= MOST_XLSX else "csv"
    found = [Button(_("All rows with their outcome"), f"{base}?which={which}&format={ending}", "file", "d")]
    if tally.counts.get("failed", 0) + tally.counts.get("skipped", 0):
        found.insert(0, Button(_("Rows not taken in, with reasons"), f"{base}?which={which}&only=left&format={ending}", "file", "d"))
    return found


class ResultPage(StepPage):
    """Progress while it runs, then what became of the rows, the file with reasons, and the way back."""

    template = "pages/importing/result.html"
    fragment = "pages/importing/result_body.html"
    step = "result"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.upload.state == ImportUpload.OPEN:
            return go_to(request, place_of(self.upload))
        return self.answer(self.parts())

    def parts(self) -> StepParts:
        upload, page = self.upload, self.frame()
        kind = registry.kind(upload.kind)
        page.buttons = [Button(_("To the list"), kind.list_url(), "arrow-right", "g"),
                        Button(_("Import another file"), reverse("import-new", args=[upload.kind]), "upload", "d")]
        job = upload.undo_job if upload.undo_job is not None and upload.undo_job.open else upload.run_job
        if job is not None and job.open:
            undoing = job.pk == upload.undo_job_id
            page.body = _running(page, job, self.request.path, _("Being taken back") if undoing else _("Being taken in"))
            page.body["cancel"] = None if job.cancel_requested else reverse("import-cancel", args=[upload.pk])
            return page
        tally = Tally.from_json(upload.outcome)
        page.body = told(tally)
        page.body["file"] = _files(upload, tally, "run") if tally.rows else []
        if upload.state == ImportUpload.UNDONE and upload.undo_job is not None:
            stayed = upload.undo_job.refused
            page.notices.append(Notice(
                _("Taken back. %(n)s records stayed because somebody has used them since; they are named in the job.") % {"n": stayed}
                if stayed else _("Taken back."), "info", "arrow-back-up",
                button=Button(_("See the job"), reverse("job", args=[upload.undo_job_id]), style="g") if stayed else None))
        elif upload.state == ImportUpload.STOPPED:
            text = upload.run_job.message if upload.run_job is not None else ""
            page.notices.append(Notice(" ".join([_("Stopped after %(n)s rows.") % {"n": f"{tally.rows:,}"}, text]), "wait",
                                       "alert-triangle"))
            if upload.run_job is not None:
                page.body["retry"] = reverse("import-retry", args=[upload.pk])
        if upload.state in (ImportUpload.DONE, ImportUpload.STOPPED) and tally.counts.get("created", 0) + tally.counts.get("updated", 0):
            page.body["undo"] = reverse("import-undo", args=[upload.pk])
        page.body["delete"] = reverse("import-delete", args=[upload.pk])
        return page


class ImportPlace(StepPage):
    """Leads to the step where the file stands."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return go_to(request, place_of(self.upload))


class ImportPost(StepPage, PostView):
    """What the buttons beside a file share: back to where it stands, refusals as a toast there."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return go_to(request, place_of(self.upload))

    def perform(self) -> str:
        self.act()
        return place_of(store.own(self.user, self.upload.pk))

    def act(self) -> None:
        raise NotImplementedError

    def refused(self, no: Refused) -> HttpResponse:
        return go_to(self.request, place_of(self.upload), toast={"text": str(no.message), "tone": "bad"})


class UndoImport(ImportPost):
    """Take back what a file brought."""

    def act(self) -> None:
        work.start_undo(self.upload, by=self.user, back_url=address(self.upload, "result"))


class CancelImport(ImportPost):
    """Stop what is running for this file: check, run or way back."""

    def act(self) -> None:
        for job in (self.upload.undo_job, self.upload.run_job, self.upload.check_job):
            if job is not None and job.open:
                jobs.cancel(job, by=self.user)
                return
        raise Refused(_("This job is over already."), code="job.over")


class RetryImport(ImportPost):
    """Go on with a run that was stopped."""

    def act(self) -> None:
        job = self.upload.run_job
        if job is None or self.upload.state != ImportUpload.STOPPED:
            raise Refused(_("Only a failed or cancelled job can be started again."), code="job.state")
        jobs.retry(job, by=self.user)
        ImportUpload.objects.filter(pk=self.upload.pk).update(state=ImportUpload.RUNNING)


class DeleteImport(ImportPost):
    """Delete an uploaded file and what was noted about it; records stay."""

    def perform(self) -> str:
        store.forget(self.upload)
        return reverse("imports")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("The uploaded file was deleted"), "tone": "good"}


class RowsFile(StepPage):
    """The uploaded rows with what became of each: the same columns, then row number, outcome, record and reason."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        which, wanted = request.GET.get("which", "run"), request.GET.get("format", "csv")
        if which not in ("run", "check") or wanted not in ("csv", "xlsx"):
            raise Refused(_("Choose xlsx or csv."), field="format", code="format")
        path = store.folder_of(self.upload) / (RESULT if which == "run" else f"check-{RESULT}")
        if not path.is_file():
            raise Http404
        left = request.GET.get("only") == "left"
        stem = self.upload.name.rsplit(".", 1)[0][:100]
        what = _("reasons") if left else _("outcome")
        name = f"{stem}-{what}.{wanted}"
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        lines = self.lines(path, left)
        head = next(lines, [])
        if wanted == "xlsx":
            write_texts(file, head, lines, name=what)
        else:
            exports.write_csv(file, head, [], iter(lines), "")
        file.seek(0)
        return taken_away(file, name)

    def lines(self, path: Any, left: bool) -> Iterator[list[str]]:
        """The heading, then the rows; our own quotes taken off, our own columns in the reader's language."""
        zh, words = (get_language() or "zh").startswith("zh"), outcomes()
        with path.open(encoding="utf-8-sig", newline="") as file:
            at = -1
            for i, cells in enumerate(csv.reader(file)):
                cells = [cell[1:] if cell[:1] == "'" and cell[1:2] in QUOTED else cell for cell in cells]
                if i == 0:
                    at = cells.index("_result")
                    yield [dict(zip(RESULT_COLUMNS, RESULT_COLUMNS_ZH, strict=True)).get(cell, cell) if zh else cell for cell in cells]
                elif not left or cells[at] in ("skipped", "failed"):
                    yield [*cells[:at], words[cells[at]][0] if cells[at] in words else cells[at], *cells[at + 1:]]
