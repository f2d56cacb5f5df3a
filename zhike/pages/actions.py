"""ActionPage: a dialog that asks for what an action needs, shows what stands in the way, and does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.records import guard, listing, saved_views

from .parts import Link, Notice
from .views import PostView

MAX_ROWS = 500


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


class ActionPage(PostView):
    """One action on one row (`pk` in the address) or on the rows named by `ids`.

    Subclasses give the form class, the texts, and `run()`. Right, visibility, once-token, version
    and refusals are handled here.
    """

    template = "pages/action.html"
    fragment = "pages/confirm.html"
    permission: ClassVar[str] = "edit"
    form_class: ClassVar[type[django_forms.Form]] = django_forms.Form
    title_text: ClassVar[Any] = ""
    submit_text: ClassVar[Any] = ""
    style: ClassVar[str] = "p"
    keep_text: ClassVar[Any] = ""
    many: ClassVar[bool] = False
    rows: list[Any]

    @property
    def row(self) -> Any:
        return self.rows[0]

    def prepare(self, pk: int | None = None) -> None:
        if pk is not None:
            self.rows = [self.visible_or_404(pk)]
        else:
            self.rows = self._chosen()
        guard.require_rows(self.user, self.rows, self.permission)

    def _chosen(self) -> list[Any]:
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        if self.request.method == "GET" and source.get("all") == "1":
            return self._all_matches()
        texts = [part for value in source.getlist("ids") for part in value.split(",") if part]
        if not texts or any(not t.isascii() or not t.isdigit() or len(t) > 18 for t in texts):
            raise Refused(_("Select at least one row first."), code="rows.none")
        ids = sorted({int(text) for text in texts})
        if len(ids) > MAX_ROWS:
            raise Refused(_("At most %(n)s rows at a time.") % {"n": MAX_ROWS}, code="rows.many")
        rows = list(self.kind.visible(self.user).filter(pk__in=ids))
        if len(rows) != len(ids):
            raise Http404
        return rows

    def _all_matches(self) -> list[Any]:
        """Every row that the list of the address shows, not just the page of it before one's eyes."""
        params = {key: values for key, values in self.request.GET.lists() if key not in ("all", *saved_views.PASSING)}
        asked = listing.read(self.kind, params, self.user, ignore=("columns",))
        ids = list(asked.rows().values_list("pk", flat=True)[: MAX_ROWS + 1])
        if len(ids) > MAX_ROWS:
            raise Refused(
                _("The list has more than %(n)s rows. Narrow it with conditions and take it in parts.") % {"n": MAX_ROWS},
                code="rows.many",
            )
        if not ids:
            raise Refused(_("Select at least one row first."), code="rows.none")
        return list(self.kind.visible(self.user).filter(pk__in=ids))

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        self.form = self.make_form()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
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
             f"{self.form[name].label}: {text}" if name in self.form.fields else text)
            for name, texts in self.form.errors.items()
            for text in texts
        ]
        return ActionParts(
            title=self.title(), form=self.form, submit_label=self.submit_text, post_url=self.request.path,
            cancel_url=self.back_url(), text=self.text(), style=self.style, keep_label=self.keep_text,
            errors=errors, notices=self.notices(), version=self.row.version if len(self.rows) == 1 else None,
            ids=[row.pk for row in self.rows] if self.many else [], **more,
        )

    def title(self) -> Any:
        if len(self.rows) == 1:
            return f"{self.title_text}: {self.row}"
        return f"{self.title_text} ({len(self.rows)})"

    def text(self) -> Any:
        return ""

    def notices(self) -> list[Notice]:
        return []

    def back_url(self) -> str:
        return self.kind.url(self.row) if len(self.rows) == 1 else self.list_url()

    def list_url(self) -> str:
        """The list as the person left it, with its view and conditions; else its beginning."""
        here = self.request.headers.get("HX-Current-URL", "")
        if url_has_allowed_host_and_scheme(here, allowed_hosts={self.request.get_host()}):
            found = urlsplit(here)
            if found.path == self.kind.list_url():
                return found._replace(scheme="", netloc="", fragment="").geturl()
        return self.kind.list_url()

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(self.title())]

    def run(self, values: dict[str, Any]) -> str | None:
        """Call the action; return the address to go to, or None for the record."""
        raise NotImplementedError

    def perform(self) -> str:
        return self.run(self.form.cleaned_data) or self.back_url()

    def version(self) -> int | None:
        """The version the person had before their eyes, where the form carried one."""
        text = self.request.POST.get("_version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        if no.field in self.form.fields:
            self.form.add_error(no.field, str(no.message))
        else:
            self.form.add_error(None, str(no.message))
        status = 409 if isinstance(no, Conflict) else 422
        return self.answer(self.parts(blockers=no.items), status=status)


