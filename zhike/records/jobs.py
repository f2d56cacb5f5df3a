"""Work that somebody starts and that runs in the background, with progress, outcome and a result file.

An app declares a body in its room `jobs`; a page or the API starts it in the transaction of what it
belongs to. The body runs with the rights its person has while it runs. It does its work in steps:
what a step changed and how far the job is are one transaction, so that a kill between two steps
repeats nothing and loses nothing.

(What recurs by the clock is declared with `tasks.job`.)
"""

from __future__ import annotations

import json
import logging
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from zhike.base import clock
from zhike.base.events import Event
from zhike.base.refused import Refused

from . import channel, history, tasks, undo
from .job_context import Cancelled, Context, Paused, Superseded, folder_of, jobs_folder
from .models import Job, JobChunk

log = logging.getLogger("zhike.jobs")

ATTEMPTS = 5
MOST_OPEN = 5  # jobs of one person that wait or run
LARGEST_PAYLOAD = 64 * 1024  # bytes of JSON
FILE_DAYS, JOB_DAYS = 7, 30

job_ended = Event(
    "records.job_ended", args=("state",),
    doc="A background job is over; the row is the Job, `state` is done, failed or cancelled.",
)


@dataclass(slots=True)
class Declared:
    name: str
    label: Any
    body: Callable[[Context], Any]


_declared: dict[str, Declared] = {}


def job(name: str, *, label: Any) -> Callable[[Callable[[Context], Any]], Callable[[Context], Any]]:
    """Declare `body(ctx)` as the job `name`; `label` says to people what kind of work it is.

    The body may run again after a kill or a fault: what it has done in `ctx.step()` is in `ctx.kept`
    and not done twice; everything outside a step must bear repetition. A `Refused` fails the job
    with its message, anything else is tried again, five times in all.
    """

    def declare(body: Callable[[Context], Any]) -> Callable[[Context], Any]:
        if name in _declared and _declared[name].body is not body:
            raise ValueError(f"job {name} is declared twice")
        _declared[name] = Declared(name, label, body)
        return body

    return declare


def label_of(found: Job) -> str:
    """What kind of work a job is; a kind that is no longer known keeps its bare name."""
    known = _declared.get(found.name)
    return str(known.label) if known else found.name


@transaction.atomic
def start(user: Any, name: str, payload: dict[str, Any], *, title: Any, total: int = 0, back: str = "") -> Job:
    """Let the job `name` run in the background for `user`; call it in the transaction it belongs to.

    `payload` is what the body needs, as JSON, at most 64 KB; `back` the address to return to.
    Refuses more than 5 open jobs of one person.
    """
    if name not in _declared:
        raise KeyError(name)
    kept = history.plain(payload)
    if len(json.dumps(kept, ensure_ascii=False).encode()) > LARGEST_PAYLOAD:
        raise Refused(_("This is too much for one background job. Take it in parts."), code="job.large")
    if Job.objects.filter(user=user, state__in=Job.OPEN).count() >= MOST_OPEN:
        raise Refused(
            _("%(n)s of your jobs are still waiting or running. Wait for one to end, or cancel one.") % {"n": MOST_OPEN},
            code="job.many",
        )
    made = Job.objects.create(user=user, name=name, title=str(title)[:200], payload=kept, total=total, back=back[:2000],
                              created_at=clock.now())
    _enqueue(made)
    return made


def _enqueue(found: Job) -> None:
    found.task_id = str(run_job.enqueue(found.pk).id)
    found.save(update_fields=["task_id"])


def of(user: Any, *, everybodys: bool = False) -> Any:
    """The person's jobs, newest first; administrators may ask for everybody's."""
    found = Job.objects.order_by("-pk").select_related("user")
    return found if everybodys and user.is_admin else found.filter(user=user)


@transaction.atomic
def cancel(found: Job, *, by: Any) -> None:
    """Stop a job: at once while it waits, else at its next step. What it has done stays done."""
    _mine_or_admin(found, by)
    now = clock.now()
    waiting = Job.objects.filter(pk=found.pk, state=Job.QUEUED)
    if waiting.update(state=Job.CANCELLED, ended_at=now, cancel_requested=True):
        _announce(found.pk)
    elif not Job.objects.filter(pk=found.pk, state=Job.RUNNING).update(cancel_requested=True):
        raise Refused(_("This job is over already."), code="job.over")


@transaction.atomic
def retry(found: Job, *, by: Any) -> None:
    """Let a failed or cancelled job go on from where it stopped."""
    if found.user_id != by.pk:
        raise Http404
    if Job.objects.filter(user=by, state__in=Job.OPEN).count() >= MOST_OPEN:
        raise Refused(
            _("%(n)s of your jobs are still waiting or running. Wait for one to end, or cancel one.") % {"n": MOST_OPEN},
            code="job.many",
        )
    over = Job.objects.filter(pk=found.pk, state__in=(Job.FAILED, Job.CANCELLED))
    if not over.update(state=Job.QUEUED, attempts=0, cancel_requested=False, message="", error="", ended_at=None, run=""):
        raise Refused(_("Only a failed or cancelled job can be started again."), code="job.state")
    found.refresh_from_db()
    _enqueue(found)


def may_undo(found: Job) -> bool:
    """Whether the job left something that can be taken back: for an hour after its end."""
    return bool(found.undo and found.ended_at and clock.now() - found.ended_at < timedelta(seconds=undo.SECONDS))


@transaction.atomic
def take_back(found: Job, *, by: Any) -> Job:
    """Undo what a job did, as a job: the body `<name>.undo` with what the first one left for it."""
    held = Job.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if held.user_id != by.pk or not may_undo(held):
        raise Refused(_("This can no longer be undone."), code="undo.expired")
    way = held.undo
    Job.objects.filter(pk=held.pk).update(undo={})
    return start(by, way["name"], way["payload"], title=_("Undo: %(title)s") % {"title": held.title}, total=held.done,
                 back=held.back)


def _mine_or_admin(found: Job, by: Any) -> None:
    if found.user_id != by.pk and not by.is_admin:
        raise Http404


@task()
def run_job(job_id: int) -> None:
    """Run or resume one job; see `run`."""
    with channel.through("job"):
        run(job_id)


def run(job_id: int) -> None:
    """Run a job, or go on with it after its worker died. Raises what should be tried again."""
    mark, now = uuid.uuid4().hex, clock.now()
    taken = Job.objects.filter(pk=job_id, state__in=Job.OPEN).update(
        run=mark, state=Job.RUNNING, attempts=F("attempts") + 1, heartbeat_at=now,
        started_at=Coalesce("started_at", now), message="",
    )
    if not taken:
        return
    found = Job.objects.select_related("user").get(pk=job_id)
    with translation.override(found.user.language or "zh-hans"):
        _run(found, mark)


def _run(found: Job, mark: str) -> None:
    try:
        if found.attempts > ATTEMPTS:
            raise Refused(_given_up(), code="job.attempts")
        known = _declared.get(found.name)
        if known is None:
            raise Refused(_("The program no longer knows this kind of job."), code="job.unknown")
        ctx = Context(found, mark)
        ctx.check()
        known.body(ctx)
        ctx.finish()
        _end(found.pk, mark, Job.DONE, message=ctx.text)
    except Superseded:
        log.warning("job %s went on elsewhere: this attempt stops", found.pk)
    except Paused:
        _later(found.pk, mark)
    except Cancelled:
        _end(found.pk, mark, Job.CANCELLED, message=_("Stopped. What was done until then stays done."))
    except Refused as no:
        _end(found.pk, mark, Job.FAILED, message=" ".join([str(no.message), *map(_line, no.items)])[:2000])
    except Http404:
        _end(found.pk, mark, Job.FAILED, message=_("There is nothing here, or you may not see it."))
    except Exception as wrong:
        log.exception("job %s (%s) failed in attempt %s", found.pk, found.name, found.attempts)
        error = f"{type(wrong).__name__}: {wrong}"[:2000]
        if found.attempts >= ATTEMPTS:
            _end(found.pk, mark, Job.FAILED, message=_given_up(), error=error)
            return
        Job.objects.filter(pk=found.pk, run=mark, state=Job.RUNNING).update(
            state=Job.QUEUED, error=error,
            message=_("Attempt %(n)s of %(most)s failed. It will be tried again in a few minutes.")
            % {"n": found.attempts, "most": ATTEMPTS},
        )
        raise


@transaction.atomic
def _later(job_id: int, mark: str) -> None:
    """Put a job behind what waits; a pause is no failed attempt."""
    paused = Job.objects.filter(pk=job_id, run=mark, state=Job.RUNNING)
    if paused.update(state=Job.QUEUED, attempts=F("attempts") - 1, run=""):
        _enqueue(Job.objects.get(pk=job_id))


def _given_up() -> str:
    return str(_("It failed %(n)s times and is not tried again by itself. Tell an administrator, or start it again.") % {"n": ATTEMPTS})


def _line(item: Any) -> str:
    return str(item if isinstance(item, str) else item[0])


@transaction.atomic
def _end(job_id: int, mark: str, state: str, *, message: str = "", error: str = "") -> None:
    """Close a job, unless another attempt holds it by now."""
    more = {"error": error} if error else {}
    if Job.objects.filter(pk=job_id, run=mark, state=Job.RUNNING).update(
        state=state, ended_at=clock.now(), message=message, **more
    ):
        if state == Job.DONE:
            JobChunk.objects.filter(job_id=job_id).delete()
        _announce(job_id)


def _announce(job_id: int) -> None:
    found = Job.objects.get(pk=job_id)
    job_ended.announce([found], by=None, state=found.state)


def abandon(task_id: Any) -> None:
    """The worker died with the job each time: say so instead of leaving it "running" for ever."""
    found = Job.objects.filter(task_id=str(task_id), state__in=Job.OPEN).select_related("user").first()
    if found is not None:
        with transaction.atomic(), translation.override(found.user.language or "zh-hans"):
            Job.objects.filter(pk=found.pk, state__in=Job.OPEN).update(
                state=Job.FAILED, ended_at=clock.now(), message=_given_up(), error="The worker died each time.", run="",
            )
            _announce(found.pk)


@tasks.job("records.sweep_jobs", every=24 * 60)
def sweep() -> int:
    """Delete result files after 7 days, jobs after 30, and folders that belong to no job."""
    now, gone = clock.now(), 0
    old = Job.objects.filter(ended_at__lt=now - timedelta(days=FILE_DAYS)).exclude(file="")
    for found in old.iterator():
        shutil.rmtree(folder_of(found), ignore_errors=True)
        gone += 1
    old.update(file="", file_size=0)
    for found in Job.objects.filter(ended_at__lt=now - timedelta(days=JOB_DAYS)).iterator():
        shutil.rmtree(folder_of(found), ignore_errors=True)
        found.delete()
    folders = {path.name: path for path in jobs_folder().glob("*") if path.is_dir()}
    numbers = [int(name) for name in folders if name.isascii() and name.isdigit()]
    known = {str(pk) for pk in Job.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
    for name in folders.keys() - known:
        shutil.rmtree(folders[name], ignore_errors=True)
    return gone
