"""ActionPage: a dialog that asks for what an action needs, shows what stands in the way, and does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.base.text import number
from zhike.records import guard, jobs
from zhike.records.models import Job

from . import formats, seen, whole
from .forms import both_versions, take_refusal
from .parts import Link, Notice, Option
from .views import PostView, go_to, version_in


def started(job: Job) -> dict[str, Any]:
    """The toast of a page that handed its work over to a job."""
    return {"text": _("Started in the background"), "tone": "good", "link_url": reverse("job", args=[job.pk]),
            "link_text": _("See the job")}


@dataclass(slots=True)
class ActionParts:
    """What `pages/confirm.html` draws."""

    title: Any
    form: Any
    submit_label: Any
    post_url: str
    cancel_url: str
    text: Any = ""
    style: str = "p"
    keep_label: Any = ""
    errors: list[tuple[str, Any]] = field(default_factory=list)
    blockers: list[Any] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    version: int | None = None
    ids: list[int] = field(default_factory=list)
    whole: str | None = None
    seen: str = ""
    conflict: list[tuple[Any, Any, Any]] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)  # names of fields that belong together, where a form repeats itself
    also: list[Option] = field(default_factory=list)  # what else the form can be sent for, as `do`
    outcome: list[Notice] = field(default_factory=list)  # what that came to, beside its button


class DialogPage(PostView):
    """A form in the dialog, or a page of its own: what it asks, what stands in the way, a refusal in place.

    Subclasses say what they are about in `find`, give the form and the texts, and do it in `perform`.
    """

    template = "pages/action.html"
    fragment = "pages/confirm.html"
    form_class: ClassVar[type[django_forms.Form]] = django_forms.Form
    title_text: ClassVar[Any] = ""
    submit_text: ClassVar[Any] = ""
    style: ClassVar[str] = "p"
    keep_text: ClassVar[Any] = ""
    stored: ClassVar[bool] = False  # the form shows what is stored, which has no version of its own: see `seen`
    told: bool = False  # somebody else was faster, and this answer shows what they saved
    form: django_forms.Form

    def find(self, **kwargs: Any) -> None:
        """Find what it is about and check the right; runs for GET and POST alike."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find(**kwargs)
        self.form = self.make_form()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find(**kwargs)
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request)

    def make_form(self, data: Any = None) -> django_forms.Form:
        return self.form_class(data, initial=self.initial())

    def initial(self) -> dict[str, Any]:
        return {}

    def parts(self, **more: Any) -> ActionParts:
        errors = [
            (self.form[name].id_for_label if name in self.form.fields else "",
             formats.labelled(self.form[name].label, text) if name in self.form.fields else text)
            for name, texts in self.form.errors.items()
            for text in texts
        ]
        return ActionParts(
            title=self.title(), form=self.form, submit_label=self.submit_text, post_url=self.post_url(),
            cancel_url=self.back_url(), text=self.text(), style=self.style, keep_label=self.keep_text,
            errors=errors, notices=self.notices(), lines=self.lines(), **{"seen": self.was_seen() if self.stored else "", **more},
        )

    def opened_now(self) -> Any:
        if not self.stored:
            return None
        self.find(**self.kwargs)
        return self.make_form()

    def was_seen(self) -> str:
        """What the person has before their eyes: what was sent along, until a conflict has shown them more."""
        sent = "" if self.told else self.request.POST.get(seen.FIELD, "")
        return sent or seen.digest(self.make_form() if self.form.is_bound else self.form)

    def title(self) -> Any:
        return self.title_text

    def text(self) -> Any:
        return ""

    def notices(self) -> list[Notice]:
        return []

    def lines(self) -> list[list[str]]:
        """Fields that stand in one line, e.g. those of each rule; without any each has a line of its own."""
        return []

    def post_url(self) -> str:
        return self.request.path

    def back_url(self) -> str:
        raise NotImplementedError

    def refused(self, no: Refused) -> HttpResponse:
        status = take_refusal(self.form, no)
        self.told = isinstance(no, Conflict)
        both = self.both_versions() if self.told else []
        return self.answer(self.parts(blockers=no.items, conflict=both), status=status)

    def both_versions(self) -> list[tuple[Any, Any, Any]]:
        """(field, one's own, what is stored now) of each field that somebody else has saved otherwise meanwhile."""
        try:
            self.find(**self.kwargs)
        except (Refused, Http404):  # gone altogether: the message says so
            return []
        return both_versions(self.form, self.make_form())


class ActionPage(DialogPage):
    """One action on one row (`pk` in the address) or on the rows named by `ids`.

    Subclasses give the form class, the texts, and `run()`. Right, visibility, once-token, version
    and refusals are handled here.
    """

    permission: ClassVar[str] = "edit"
    many: ClassVar[bool] = False
    background: ClassVar[str] = ""  # the job that takes over where the rows are too many to wait for
    rows: list[Any]
    whole: str | None = None  # then the rows are all matches of these conditions, and `rows` is empty
    many_ids: list[int] = []
    job: Job | None = None

    @property
    def row(self) -> Any:
        return self.rows[0]

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        return super().get(request, pk=pk, **kwargs)

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        return super().post(request, pk=pk, **kwargs)

    def find(self, **kwargs: Any) -> None:
        self.prepare(kwargs.get("pk"))

    def prepare(self, pk: int | None = None) -> None:
        if pk is not None:
            self.rows = [self.visible_or_404(pk)]
        else:
            self.rows = self._chosen()
        guard.require_rows(self.user, self.rows, self.permission)

    def _chosen(self) -> list[Any]:
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        if source.get("all") == "1":
            return self._all_matches(source)
        texts = [part for value in source.getlist("ids") for part in value.split(",") if part]
        found = {number(text) for text in texts}
        ids = sorted(pk for pk in found if pk is not None)
        if not ids or None in found:
            raise Refused(_("Select at least one row first."), code="rows.none")
        if len(ids) > whole.AT_ONCE:
            raise Refused(_("At most %(n)s rows at a time.") % {"n": whole.AT_ONCE}, code="rows.many")
        rows = list(self.kind.visible(self.user).filter(pk__in=ids))
        if len(rows) != len(ids):
            raise Http404
        return rows

    def _all_matches(self, source: Any) -> list[Any]:
        """Every row that the list of the address shows, not just the page of it before one's eyes.

        Up to 500 are taken along as rows; more stay the list's conditions, for a background job.
        """
        posted = self.request.method == "POST"
        query = source.get("query", "") if posted else whole.conditions(dict(source.lists()))
        guard.require(self.user, self.kind, self.permission)
        ids = whole.ids(self.kind, query, self.user, most=None if self.background else whole.AT_ONCE)
        if not posted and len(ids) <= whole.AT_ONCE:
            return list(self.kind.visible(self.user).filter(pk__in=ids))
        self.whole, self.many_ids = query, ids
        return []

    @property
    def n(self) -> int:
        """How many rows the action is about."""
        return len(self.many_ids) if self.whole is not None else len(self.rows)

    def parts(self, **more: Any) -> ActionParts:
        return super().parts(**{
            "version": self.version_seen() if len(self.rows) == 1 else None,
            "ids": [row.pk for row in self.rows] if self.many else [], "whole": self.whole, **more,
        })

    def title(self) -> Any:
        if len(self.rows) == 1:
            return formats.labelled(self.title_text, self.row)
        return formats.aside(self.title_text, f"{self.n:,}")

    def notices(self) -> list[Notice]:
        if self.whole is None:
            return []
        return [Notice(_("So many rows are changed in the background. Progress, outcome and the way back are under "
                         "“Background jobs”."), icon="clock")]

    def back_url(self) -> str:
        return self.kind.url(self.row) if len(self.rows) == 1 else self.list_url()

    def list_url(self) -> str:
        """The list as the person left it, with its view and conditions; else its beginning."""
        return self.left_at(self.kind.list_url()) or self.kind.list_url()

    def left_at(self, *paths: str) -> str:
        """Where the person was when the dialog opened, conditions included, if it is one of these pages; else nothing.

        What is done from the workbench or the calendar leads back there, not to the record.
        """
        here = self.request.headers.get("HX-Current-URL", "")
        if url_has_allowed_host_and_scheme(here, allowed_hosts={self.request.get_host()}):
            found = urlsplit(here)
            if found.path in paths:
                return found._replace(scheme="", netloc="", fragment="").geturl()
        return ""

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(self.title())]

    def run(self, values: dict[str, Any]) -> str | None:
        """Call the action; return the address to go to, or None for the record."""
        raise NotImplementedError

    def perform(self) -> str:
        if self.whole is not None:
            return self.start_job()
        return self.run(self.form.cleaned_data) or self.back_url()

    def start_job(self, **more: Any) -> str:
        """Hand the work over: the conditions and what the person typed; rights are asked again there."""
        data = {name: self.request.POST.getlist(name)[:50] for name in self.form.fields if name in self.request.POST}
        self.job = jobs.start(
            self.user, self.background, {"kind": self.kind.name, "query": self.whole, "data": data, **more},
            title=formats.labelled(self.kind.plural, self.title()), total=self.n, back=self.list_url(),
        )
        return self.list_url()

    def done(self, url: str) -> HttpResponse:
        if self.job is not None:
            return go_to(self.request, url, toast=started(self.job))
        return super().done(url)

    def version(self) -> int | None:
        """The version the person had before their eyes, where the form carried one."""
        return version_in(self.request)

    def version_seen(self) -> int:
        """What the form carries on: the version that was sent along until a conflict has shown the newer one, else the record's own."""
        sent = self.version() if self.form.is_bound and not self.told else None
        return self.row.version if sent is None else sent
