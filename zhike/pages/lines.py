"""LinesPage: the lines of a document as a grid; the server counts, the browser only types.

A post with `_recount` stores nothing and answers the amounts; the rows of the grid are numbered by
hidden `row` inputs, so a count that lies is impossible and the limit is checked before anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.base.text import number
from zhike.records import guard

from . import formats
from .forms import LookupField
from .parts import Column, Fact, Link
from .views import PostView, version_in

MAX_LINES = 200


@dataclass(slots=True)
class GridRow:
    n: int
    form: Any
    amount: str = ""


@dataclass(slots=True)
class LinesParts:
    """What `pages/lines.html` draws."""

    title: Any
    columns: list[Column]
    fields: list[str]
    rows: list[GridRow]
    totals: list[Fact]
    post_url: str
    cancel_url: str
    version: int
    extra: Any = None
    errors: list[tuple[str, Any]] = field(default_factory=list)


class LinesPage(PostView):
    """The grid of one document. Subclasses give the line form, the stored lines and the action."""

    template = "pages/lines.html"
    fragment = "pages/lines_form.html"
    line_form: ClassVar[type[django_forms.Form]]
    extra_form: ClassVar[type[django_forms.Form]] = django_forms.Form
    row: Any

    # What subclasses say

    def stored(self) -> list[tuple[int, dict[str, Any]]]:
        """The stored lines as (line number, initial values)."""
        raise NotImplementedError

    def amount_of(self, values: dict[str, Any]) -> Any:
        """The amount of one line, as it will be stored; shown while typing."""
        raise NotImplementedError

    def totals(self, lines: list[dict[str, Any]]) -> list[Fact]:
        raise NotImplementedError

    def save(self, lines: list[dict[str, Any]], extra: dict[str, Any], version: int) -> None:
        """Call the action that stores the lines."""
        raise NotImplementedError

    def shown_amount(self, value: Any) -> str:
        return formats.money(value)

    def names(self) -> dict[str, Any]:
        """The columns: field name → form field."""
        return self.line_form().fields

    # Reading the grid

    def make_form(self, n: int, data: Any = None, initial: dict[str, Any] | None = None) -> django_forms.Form:
        form = self.line_form(data, prefix=f"line-{n}", initial=initial)
        for name, found in form.fields.items():
            if isinstance(found, LookupField):
                found.offer(data.get(form.add_prefix(name)) if data is not None else (initial or {}).get(name))
        return form

    def read(self) -> tuple[list[GridRow], list[dict[str, Any]], bool]:
        """Rows as typed, the values of the filled ones, and whether all of them are right."""
        numbers = self.request.POST.getlist("row")
        if len(numbers) > MAX_LINES:
            raise Refused(_("At most %(n)s lines.") % {"n": MAX_LINES}, code="lines.many")
        if len(set(numbers)) != len(numbers) or any(number(n, 4) is None for n in numbers):
            raise Refused(_("This form is incomplete. Reload the page and try again."), code="lines.rows")
        rows: list[GridRow] = []
        lines: list[dict[str, Any]] = []
        right = True
        for text in numbers:
            form = self.make_form(int(text), self.request.POST)
            row = GridRow(int(text), form)
            rows.append(row)
            if not form.has_changed() or not any(form.data.get(form.add_prefix(name), "").strip() for name in form.fields if name != "quantity"):
                form.empty_permitted = True
                form.use_required_attribute = False
                continue
            if form.is_valid():
                values = {**form.cleaned_data, "line_no": number(self.request.POST.get(f"line-{text}-line_no", ""), 5)}
                row.amount = self.shown_amount(self.amount_of(values))
                lines.append(values)
            else:
                right = False
        return rows, lines, right

    # Answering

    def prepare(self, pk: int) -> None:
        self.row = self.visible_or_404(pk)
        guard.require_rows(self.user, [self.row], "edit")

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        wanted = number(request.GET.get("row", ""), 4)
        if wanted is not None:
            return render(request, "pages/lines_row.html", {"r": GridRow(wanted, self.make_form(wanted)), "page": self.parts([], [])})
        rows, lines = [], []
        for n, (line_no, initial) in enumerate(self.stored()):
            rows.append(GridRow(n, self.make_form(n, initial={**initial, "line_no": line_no}), self.shown_amount(self.amount_of(initial))))
            lines.append(initial)
        rows.append(GridRow(len(rows), self.make_form(len(rows))))
        return self.answer(self.parts(rows, lines))

    def parts(self, rows: list[GridRow], lines: list[dict[str, Any]]) -> LinesParts:
        blank = self.names()
        return LinesParts(
            title=self.title(), columns=[Column(name, found.label, num=name in self.numbers) for name, found in blank.items()],
            fields=list(blank), rows=rows, totals=self.totals(lines), post_url=self.request.path, cancel_url=self.back_url(),
            version=self.row.version, extra=self.extra_form(),
        )

    numbers: ClassVar[tuple[str, ...]] = ("quantity",)

    def title(self) -> Any:
        return _("Lines of “%(row)s”") % {"row": self.row}

    def back_url(self) -> str:
        return self.kind.url(self.row)

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(str(self.row), self.kind.url(self.row)), Link(_("Lines"))]

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        self.prepare(pk)
        self.rows, self.lines, right = self.read()
        if request.POST.get("_recount"):
            return render(request, "pages/lines_totals.html", {"page": self.parts(self.rows, self.lines), "oob": True})
        self.extra = self.extra_form(request.POST)
        if not right or not self.extra.is_valid():
            return self.invalid([])
        return super().post(request)

    def invalid(self, errors: list[tuple[str, Any]], status: int = 422) -> HttpResponse:
        parts = self.parts(self.rows, self.lines)
        if status != 409 and (sent := version_in(self.request)) is not None:
            parts.version = sent  # what somebody saved meanwhile must not be lost because a line is to be mended
        parts.errors = errors + [
            (row.form[name].id_for_label if name in row.form.fields else "",
             formats.labelled(" · ".join([_("Line %(n)s") % {"n": i}, *([str(row.form[name].label)] if name in row.form.fields else [])]), text))
            for i, row in enumerate(self.rows, 1) if row.form.is_bound and not row.form.empty_permitted
            for name, texts in row.form.errors.items() for text in texts
        ]
        return self.answer(parts, status=status)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        if isinstance(no, Conflict):
            self.row.refresh_from_db()
        return self.invalid([("", str(no.message))], status=no.status)

    def perform(self) -> str:
        version = version_in(self.request)
        if version is None:
            raise Refused(_("This form is incomplete. Reload the page and try again."), code="version.missing")
        self.save(self.lines, self.extra.cleaned_data, version)
        return self.back_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}
