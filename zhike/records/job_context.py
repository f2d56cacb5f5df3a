"""What the body of a background job is handed: its person, its steps, its progress, its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.models import User

from . import customs
from .models import Job, JobChunk, JobRefusal

CHUNK = 200  # rows of one transaction: with the slowest actions about a second
MOST_REASONS = 10_000  # rows of one job kept with their reason
LARGEST_FILE = 500 * 1024 * 1024
EVERY = 1.0  # seconds between two notes of progress outside steps
SLICE = 10.0  # seconds after which a job makes room for tasks that wait, e.g. messages
FRESH = 5.0  # seconds for which the person's rights are taken as known


class Cancelled(Exception):
    """The person asked the job to stop."""


class Paused(Exception):
    """Others wait for the worker, or it is about to stop: the job goes on later from its last step."""


class Superseded(Exception):
    """Another attempt of the same job runs: this one was taken for dead."""


class Turn:
    """What the worker says about itself; a job asks between two steps whether it should make room."""

    stopping: Callable[[], bool] = staticmethod(lambda: False)
    others_wait: Callable[[], bool] = staticmethod(lambda: False)


def jobs_folder() -> Path:
    return Path(settings.DATA_DIR) / "jobs"


def folder_of(found: Job) -> Path:
    """Where a job's files lie; only the server's own user can read them."""
    return jobs_folder() / str(found.pk)


class Context:
    """Handed to a job's body. `payload` is what it was started with, `kept` what it remembers."""

    def __init__(self, found: Job, mark: str) -> None:
        self.job, self.mark = found, mark
        self.payload: dict[str, Any] = found.payload
        self.kept: dict[str, Any] = found.kept
        self.done, self.total = found.done, found.total
        self.text = ""
        self._refused: list[JobRefusal] = []
        self.n_refused = found.refused
        self._user: Any = None
        self._read_at = self._noted_at = 0.0
        self._began_at = time.monotonic()
        self._inside = False

    # Whom it works for

    @property
    def user(self) -> Any:
        """The person, with the rights they have now; read anew every five seconds."""
        if self._user is None or (not self._inside and time.monotonic() - self._read_at > FRESH):
            self._user = User.objects.select_related("department").get(pk=self.job.user_id)
            self._read_at = time.monotonic()
            if not self._user.is_active:
                raise Refused(_("%(user)s is disabled: the job was stopped.") % {"user": self._user}, code="job.user")
        return self._user

    # How far it is

    def cancelled(self) -> bool:
        """Whether the person has asked to stop."""
        return bool(Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists())

    def check(self) -> None:
        """Stop here when the person has asked to, has been disabled, or another attempt runs."""
        held = Job.objects.filter(pk=self.job.pk, run=self.mark, state=Job.RUNNING)
        asked = held.values_list("cancel_requested", flat=True).first()
        if asked is None:
            raise Superseded
        if asked:
            raise Cancelled
        _person = self.user

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the job is. Inside a step it is stored with it; outside at most once a second."""
        self.done, self.total = done, self.total if total is None else total
        if not self._inside and time.monotonic() - self._noted_at > EVERY:
            self.check()
            if Turn.stopping():
                raise Paused
            self._save()

    def refused(self, row: Any, reason: Any) -> None:
        """Note a row that was not changed, and why; call inside a step."""
        self.n_refused += 1
        if self.n_refused <= MOST_REASONS:
            self._refused.append(
                JobRefusal(job=self.job, row_id=getattr(row, "pk", row), text=str(row)[:200], reason=str(reason)[:500])
            )

    def say(self, text: Any) -> None:
        """What the person reads when the job is done."""
        self.text = str(text)

    def undoable(self, name: str, **payload: Any) -> None:
        """Offer the job `name` as the way back, for an hour after the end of this one."""
        self.job.undo = {"name": name, "payload": payload}

    @contextmanager
    def step(self) -> Iterator[None]:
        """A piece of work: what it changes and how far the job is are stored together or not at all."""
        if self._inside:  # part of a greater step
            yield
            return
        self.check()
        if Turn.stopping() or (time.monotonic() - self._began_at > SLICE and Turn.others_wait()):
            raise Paused
        customs.definitions.forget()  # the mark of a change does not reach this process, and the half minute is too long here
        with transaction.atomic():
            self._inside = True
            try:
                yield
                self._save()
            finally:
                self._inside = False

    def _save(self) -> None:
        self._noted_at = time.monotonic()
        held = Job.objects.filter(pk=self.job.pk, run=self.mark, state=Job.RUNNING)
        if not held.update(done=self.done, total=self.total, refused=self.n_refused, kept=self.kept,
                           undo=self.job.undo, heartbeat_at=clock.now()):
            raise Superseded
        if self._refused:
            JobRefusal.objects.bulk_create(self._refused, batch_size=500)
            self._refused = []

    def finish(self) -> None:
        with transaction.atomic():
            self._save()

    # Rows

    def store(self, ids: Iterable[int], *, size: int = CHUNK) -> None:
        """Settle which rows the job is about, once; a resumed job keeps those of its first run."""
        if self.kept.get("stored"):
            return
        with self.step():
            source, place, total = iter(ids), 0, 0
            JobChunk.objects.filter(job=self.job).delete()
            while part := list(islice(source, size * 200)):
                chunks = [part[i : i + size] for i in range(0, len(part), size)]
                JobChunk.objects.bulk_create(
                    [JobChunk(job=self.job, place=place + i, ids=chunk) for i, chunk in enumerate(chunks)]
                )
                place, total = place + len(chunks), total + len(part)
            self.kept["stored"] = True
            self.progress(0, total)

    def each_chunk(self, work: Callable[[list[int]], Any]) -> None:
        """Call `work(ids)` for each stored chunk that is not done yet, each in a step of its own."""
        places = JobChunk.objects.filter(job=self.job, done=False).order_by("place").values_list("pk", flat=True)
        for pk in list(places):
            with self.step():
                chunk = JobChunk.objects.get(pk=pk)
                work(chunk.ids)
                self.done += len(chunk.ids)
                JobChunk.objects.filter(pk=pk).update(done=True)

    # Files

    def path(self, ending: str) -> Path:
        """Where to write a new file of this job; name it with `result` when it is whole.

        What earlier attempts left half done is deleted.
        """
        folder = folder_of(self.job)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.iterdir():
            if not left.name.startswith(self.mark) and left.name != self.job.file and left.is_file():
                left.unlink(missing_ok=True)
        path = folder / f"{self.mark}.{ending}"
        path.touch(mode=0o600)
        return path

    def result(self, path: Path, name: str) -> None:
        """Make a file from `path` the job's result, under the name that people see."""
        size = path.stat().st_size
        if size > LARGEST_FILE:
            path.unlink()
            raise Refused(
                _("The file would be larger than %(n)s MB. Narrow the list and take it in parts.") % {"n": LARGEST_FILE >> 20}
            )
        with self.step():
            Job.objects.filter(pk=self.job.pk, run=self.mark).update(file=path.name, file_name=name[:200], file_size=size)
