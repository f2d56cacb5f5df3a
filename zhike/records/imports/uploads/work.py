"""The background jobs of an upload: the dry run, the run, the way back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import history, jobs
from zhike.records.job_context import Cancelled, Context

from ...models import ImportUpload, Job
from ..importer import importer
from ..problems import SourceError
from . import back, store
from .run import take
from .settings import Settings
from .tally import Tally
from .targets import fillable

AT_ONCE = 300  # rows that are checked while the person waits


def check_now(upload: ImportUpload, *, by: Any) -> None:
    """The dry run of a small file. Writes nothing but the upload's own row."""
    tally = _take(upload, by=by, dry_run=True)
    ImportUpload.objects.filter(pk=upload.pk).update(check_done=True, check_tally=tally.as_json())


@transaction.atomic
def start_check(upload: ImportUpload, *, by: Any, back_url: str) -> Job:
    """The dry run of a larger file, in the background."""
    held = store.held_open(upload)
    _not_busy(held.check_job)
    held.check_job = jobs.start(by, "records.import_check", {"upload": held.pk}, total=_rows(held), back=back_url,
                                title=_("Check %(file)s") % {"file": held.name})
    held.save(update_fields=["check_job"])
    return held.check_job


@transaction.atomic
def start_run(upload: ImportUpload, *, by: Any, back_url: str) -> Job:
    """Take the file in for good; refuses without a finished dry run of these very settings."""
    held = store.held_open(upload)
    if not held.check_done:
        raise Refused(_("Check the file first: what would happen is shown before it happens."), code="upload.check")
    held.batch = uuid.uuid4().hex
    held.state = ImportUpload.RUNNING
    held.run_job = jobs.start(by, "records.import", {"upload": held.pk}, total=_rows(held), back=back_url,
                              title=_("Import %(file)s") % {"file": held.name})
    held.save(update_fields=["batch", "state", "run_job"])
    return held.run_job


@transaction.atomic
def start_undo(upload: ImportUpload, *, by: Any, back_url: str) -> Job:
    """Take back what a file brought, row by row; what somebody has changed since stays."""
    held = ImportUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if held.state not in (ImportUpload.DONE, ImportUpload.STOPPED) or not held.batch:
        raise Refused(_("There is nothing to take back."), code="upload.state")
    _not_busy(held.run_job)
    _not_busy(held.undo_job)
    held.undo_job = jobs.start(by, "records.import_undo", {"upload": held.pk}, back=back_url,
                               title=_("Take back %(file)s") % {"file": held.name})
    held.save(update_fields=["undo_job"])
    return held.undo_job


def _not_busy(job: Job | None) -> None:
    if job is not None and job.open:
        raise Refused(_("This is running already."), code="upload.busy")


def _rows(upload: ImportUpload) -> int:
    return int(upload.shape.get("rows", 0))


def _take(upload: ImportUpload, **how: Any) -> Tally:
    shape = store.shape_of(upload)
    if shape is None:
        raise Refused(_("This file cannot be read."), code="upload.shape")
    try:
        return take(upload.kind, store.folder_of(upload), shape, Settings.from_json(upload.settings), **how)
    except SourceError as wrong:
        raise Refused(str(wrong), code="upload.file") from None


def _upload(ctx: Context) -> ImportUpload:
    found = ImportUpload.objects.filter(pk=ctx.payload.get("upload"), user=ctx.user).first()
    if found is None:
        raise Http404
    return found


@jobs.job("records.import_check", label=gettext_lazy("check of a file"))
def check(ctx: Context) -> None:
    upload = _upload(ctx)
    tally = _take(upload, by=ctx.user, dry_run=True, progress=lambda found: ctx.progress(found.rows))
    # Not in a step: the job might make room for others there, and would have to begin again.
    ImportUpload.objects.filter(pk=upload.pk, check_job=ctx.job).update(check_done=True, check_tally=tally.as_json())
    ctx.done = tally.rows


@jobs.job("records.import", label=gettext_lazy("import of a file"))
def run(ctx: Context) -> None:
    upload = _upload(ctx)
    settings = Settings.from_json(upload.settings)

    @contextmanager
    def step() -> Iterator[Any]:
        """A batch with its tally; the person's rights are those of this very moment."""
        with ctx.step():
            found = importer(upload.kind)
            assert found is not None
            found.check_right(ctx.user)
            settings.check(found, fillable(found, access_of(ctx.user)))
            yield ctx.user

    def note(tally: Tally) -> None:
        ctx.kept["tally"] = tally.as_json()
        ctx.progress(tally.rows)

    ImportUpload.objects.filter(pk=upload.pk, run_job=ctx.job).update(state=ImportUpload.RUNNING)
    try:
        tally = _take(upload, by=ctx.user, dry_run=False, batch=upload.batch, around=step, progress=note,
                      tally=Tally.from_json(ctx.kept.get("tally", {})))
    except (Refused, Cancelled):
        # What came in until then is told, and can be taken back.
        ImportUpload.objects.filter(pk=upload.pk, run_job=ctx.job).update(
            outcome=Job.objects.get(pk=ctx.job.pk).kept.get("tally", {}), state=ImportUpload.STOPPED)
        raise
    # Not in a step: the job might make room for others there, and would have to pass over every row again.
    with transaction.atomic():
        running = ImportUpload.objects.filter(pk=upload.pk, run_job=ctx.job, state=ImportUpload.RUNNING)
        if running.update(outcome=tally.as_json(), state=ImportUpload.DONE):
            history.log_list(upload.kind, "import", by=ctx.user, args={"file": upload.name, "batch": upload.batch, **tally.counts})
    ctx.say(_("%(created)s added, %(updated)s changed, %(failed)s not taken in") % tally.counts)


@jobs.job("records.import_undo", label=gettext_lazy("taking back an import"))
def undo(ctx: Context) -> None:
    upload = _upload(ctx)
    found = importer(upload.kind)
    if found is None or not upload.batch or upload.state == ImportUpload.UNDONE:
        raise Refused(_("There is nothing to take back."), code="upload.state")
    found.check_right(ctx.user)
    ctx.store(back.entries(upload.kind, upload.batch, by=ctx.user), size=100)
    ctx.each_chunk(lambda ids: back.take_back(found, ids, by=ctx.user, refuse=ctx.refused))
    with ctx.step():
        ImportUpload.objects.filter(pk=upload.pk).update(state=ImportUpload.UNDONE)
