"""The background jobs of a person: how far each is, what came of it, its file; live while one runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records import jobs, registry
from zhike.records.attrs import Attr
from zhike.records.job_context import folder_of
from zhike.records.models import Job

from . import exports, formats
from .parts import Badge, Button, Empty, Fact, Link
from .views import PageView, PostView, go_to, with_toast

MOST = 50  # jobs on the page
NAMED = 100  # rows shown with their reason; all of them are in the file
TONES = {Job.QUEUED: "neutral", Job.RUNNING: "info", Job.DONE: "good", Job.FAILED: "bad", Job.CANCELLED: "wait"}


@dataclass(slots=True)
class JobPart:
    """One job as `pages/jobs_body.html` draws it."""

    id: int
    title: str
    url: str
    badge: Badge
    facts: list[Fact]
    percent: int | None = None  # None: not known, the bar only says that it runs
    progress: str = ""
    message: str = ""
    error: str = ""
    buttons: list[Button] = field(default_factory=list)
    refusals: list[tuple[Link, str]] = field(default_factory=list)  # the record, and why it was not changed


@dataclass(slots=True)
class JobsParts:
    title: Any
    jobs: list[JobPart]
    tabs: list[Link] = field(default_factory=list)
    poll_url: str = ""  # asked again every two seconds while something waits or runs
    empty: Empty | None = None


class JobsPage(PageView):
    """My jobs, newest first; with `pk` a single one and its rows. Administrators may see everybody's."""

    template = "pages/jobs.html"
    fragment = "pages/jobs_body.html"

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        everybodys = request.GET.get("all") == "1" or pk is not None
        rows = jobs.of(self.user, everybodys=everybodys)
        found = list(rows.filter(pk=pk)) if pk is not None else list(rows[:MOST])
        if pk is not None and not found:
            raise Http404
        page = JobsParts(_("Background jobs"), [self.part(row, whole=pk is not None) for row in found])
        if self.user.is_admin and pk is None:
            page.tabs = [Link(_("My jobs"), reverse("jobs"), active=not everybodys),
                         Link(_("Everybody's jobs"), f"{reverse('jobs')}?all=1", active=everybodys)]
        waiting = [str(row.pk) for row in found if row.open]
        if waiting:
            query = {"live": ",".join(waiting), **({"all": "1"} if everybodys and pk is None else {})}
            page.poll_url = f"{request.path}?{urlencode(query)}"
        if not found:
            page.empty = Empty(_("No background jobs"), _("Exports and changes of many rows show up here."), "clock", why="first")
        answer = self.answer(page)
        ended = [row for row in found if not row.open and str(row.pk) in request.GET.get("live", "").split(",")]
        if ended and self.is_fragment:
            row = ended[0]
            answer = with_toast(answer, formats.labelled(row.title, row.get_state_display()), tone=TONES[row.state])
        return answer

    def crumbs(self) -> list[Link]:
        if "pk" not in self.kwargs:
            return []
        return [Link(_("Background jobs"), reverse("jobs")), Link(_("Job %(n)s") % {"n": self.kwargs["pk"]})]

    def part(self, row: Job, *, whole: bool) -> JobPart:
        lang = get_language() or "zh-hans"
        facts = [Fact(_("Kind of job"), jobs.label_of(row)), Fact(_("Started"), formats.near(row.created_at, lang))]
        if row.user_id != self.user.pk:
            facts.append(Fact(_("Started by"), str(row.user)))
        if row.ended_at:
            facts.append(Fact(_("Ended"), formats.near(row.ended_at, lang)))
        if row.refused:
            facts.append(Fact(_("Rows not changed"), f"{row.refused:,}"))
        if row.file:
            facts.append(Fact(_("File"), f"{row.file_name} ({size(row.file_size)})"))
        part = JobPart(row.pk, row.title, reverse("job", args=[row.pk]),
                       Badge(row.get_state_display(), TONES[row.state]), facts, message=row.message)
        if row.open:
            part.percent = min(100, row.done * 100 // row.total) if row.total else None
        part.progress = progress(row)
        if self.user.is_admin and row.state != Job.DONE:  # what went wrong on the way to a good end is in the log
            part.error = row.error
        part.buttons = self.buttons(row, whole)
        if whole and row.user_id == self.user.pk:
            part.refusals = refusals(row)
        return part

    def buttons(self, row: Job, whole: bool) -> list[Button]:
        found: list[Button] = []

        def post(name: str, label: Any, icon: str, style: str = "d") -> None:
            found.append(Button(label, reverse(name, args=[row.pk]), icon, style, post=True, id=f"{name}-{row.pk}"))

        def link(label: Any, address: str, icon: str, style: str = "d") -> None:
            found.append(Button(label, address, icon, style, id=f"{icon}-{row.pk}"))

        if row.user_id == self.user.pk:
            if row.file:
                link(_("Download"), reverse("job-file", args=[row.pk]), "file", "p")
            if row.refused and not whole:
                link(_("Rows with reasons"), reverse("job", args=[row.pk]), "list-details")
            if row.refused and whole:
                address = reverse("job-reasons", args=[row.pk])
                link(_("Reasons as xlsx"), f"{address}?format=xlsx", "file")
                link(_("Reasons as csv"), f"{address}?format=csv", "table")
            if jobs.may_undo(row):
                post("job-undo", _("Undo"), "arrow-back-up")
            if row.state in (Job.FAILED, Job.CANCELLED):
                post("job-retry", _("Go on with it"), "player-play")
            if row.back and not row.open:
                link(_("To the list"), row.back, "arrow-right", "g")
        if row.open:
            if row.cancel_requested:
                found.append(Button(_("Cancel"), reason=_("stops at the next step")))
            else:
                post("job-cancel", _("Cancel"), "ban")
        return found


def refusals(row: Job) -> list[tuple[Link, str]]:
    """The first rows that were not changed; whoever may no longer see one finds nothing behind its link."""
    name = str(row.payload.get("kind", ""))
    kind = registry.kind(name) if registry.has(name) and registry.kind(name).pages else None
    return [(Link(line.text, kind.url(line.row_id) if kind else ""), line.reason)
            for line in row.refusals.order_by("pk")[:NAMED]]


def size(n: int) -> str:
    return f"{n / 1_048_576:.1f} MB" if n >= 1_048_576 else f"{max(1, n // 1024)} KB"


def progress(row: Job) -> str:
    """How far a job is in rows, and how long it may still take."""
    if not row.total and not row.done:
        return ""
    text = _("%(n)s of %(total)s rows") % {"n": f"{row.done:,}", "total": f"{row.total:,}"} if row.total else (
        _("%(n)s rows") % {"n": f"{row.done:,}"})
    if row.state == Job.RUNNING and row.started_at and 0 < row.done < row.total:
        left = int((clock.now() - row.started_at).total_seconds() * (row.total - row.done) / row.done)
        left_text = _("about %(n)s minutes left") % {"n": left // 60 + 1} if left >= 90 else (
            _("about %(n)s seconds left") % {"n": max(1, left)})
        text = f"{text} · {left_text}"
    return text


class JobPost(PostView):
    """What cancelling, going on and undoing share: one's own job, and back to where one was."""

    job: Job

    def find(self) -> Job:
        found = jobs.of(self.user, everybodys=True).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find()
        return go_to(request, reverse("job", args=[kwargs["pk"]]))

    def perform(self) -> str:
        self.job = self.find()
        led = self.act()
        if led:
            return led
        here = self.request.headers.get("Referer", "")
        allowed = url_has_allowed_host_and_scheme(here, allowed_hosts={self.request.get_host()})
        return here if here and allowed and reverse("jobs") in here else reverse("jobs")

    def act(self) -> str | None:
        """Do it; return where it leads when that is not back to the jobs."""
        raise NotImplementedError

    def refused(self, no: Refused) -> HttpResponse:
        return go_to(self.request, reverse("jobs"), toast={"text": str(no.message), "tone": "bad"})


class CancelJob(JobPost):
    def act(self) -> None:
        jobs.cancel(self.job, by=self.user)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("The job stops; what it has done stays done"), "tone": "good"}


class RetryJob(JobPost):
    def act(self) -> None:
        jobs.retry(self.job, by=self.user)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("The job goes on in the background"), "tone": "good"}


class UndoJob(JobPost):
    """Take back what a job has done: as a job of its own, for it is as many rows."""

    def act(self) -> str | None:
        if self.job.user_id != self.user.pk:
            raise Http404
        return reverse("job", args=[jobs.take_back(self.job, by=self.user).pk])

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Taken back in the background"), "tone": "good"}


class JobFile(PageView):
    """The result file, for the person who started the job and nobody else."""

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        found = Job.objects.filter(user=self.user, pk=pk).exclude(file="").first()
        if found is None:
            raise Http404
        try:
            file = (folder_of(found) / found.file).open("rb")
        except FileNotFoundError:
            raise Http404 from None
        return taken_away(file, found.file_name)


class JobReasons(PageView):
    """The rows that were not changed and why, as a file."""

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        found = Job.objects.filter(user=self.user, pk=pk).first()
        if found is None:
            raise Http404
        wanted = request.GET.get("format", "xlsx")
        if wanted not in exports.WRITERS:
            raise Refused(_("Choose xlsx or csv."), field="format", code="format")

        def rows() -> Iterator[list[Any]]:
            for line in found.refusals.order_by("pk").iterator(1_000):
                yield [line.text, line.row_id, line.reason]

        head = [_("Record"), _("Record id"), _("Reason")]
        columns = [Attr("text", type="long"), Attr("row_id", type="int"), Attr("reason", type="long")]
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        name = _("reasons")
        exports.WRITERS[wanted](file, head, columns, rows(), request.GET.get("encoding", ""), name=name)
        file.seek(0)
        return taken_away(file, f"{name}-{found.pk}.{wanted}")


def taken_away(file: Any, name: str) -> FileResponse:
    """A file to keep, never one to open inside the page or to leave in a cache."""
    response = FileResponse(file, as_attachment=True, filename=name)
    response["Content-Type"] = exports.TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response

