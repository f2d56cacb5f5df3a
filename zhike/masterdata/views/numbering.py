"""Numbering rules: all kinds with their next number, and the form of one rule with a preview."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Conflict, Refused
from zhike.pages import changes
from zhike.pages.edits import EditParts, FormPage
from zhike.pages.parts import Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard, history, numbering
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind
from zhike.records.models import NumberRule

from .. import numbering as rules


def _next(kind: Kind, rule: NumberRule, by: Any) -> dict[str, Any]:
    """What `masterdata/preview.html` draws: the next three numbers, or why there are none."""
    try:
        rules.check(kind, rule)
        return {"numbers": rules.preview(kind, rule, by=by), "why": ""}
    except Refused as no:
        return {"numbers": [], "why": no.message}


class NumberRuleList(PageView):
    """Every kind of record that has numbers, and what its next one looks like."""

    kind_name, menu, place = "number_rule", "settings", "numbering"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        columns = [Column("name", _("records"), primary=True), Column("next", _("next number"), said=True), Column("parts", _("parts")),
                   Column("reset", _("restart"), said=True), Column("changed", _("changed by"), priority=2)]
        made = []
        for i, kind in enumerate(rules.kinds()):
            rule = numbering.rule_for(kind)
            url = reverse("number_rule-edit", args=[kind.slug])
            numbers = _next(kind, rule, self.user)["numbers"]
            made.append(Row(i, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, kind.plural)),
                Cell(Markup("<code>{}</code>").format(numbers[0]) if numbers else "—"), Cell(Markup("<code>{}</code>").format(rule.pattern)),
                Cell(str(rule.get_reset_display())), Cell(str(rule.updated_by or "—")),
            ]))
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s kinds of records") % {"n": len(made)}, "actions": [],
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=""),
        })


class _RulePage(FormPage):
    """What the form and its preview have in common: the kind by its address, and its rule."""

    kind_name, menu, place = "number_rule", "settings", "numbering"
    template = "masterdata/number_rule.html"

    def prepare(self, name: str = "", **kwargs: Any) -> None:
        guard.require(self.user, self.kind, "edit")
        found = next((kind for kind in rules.kinds() if kind.slug == name), None)
        if found is None:
            raise Http404
        self.numbered, self.row = found, numbering.rule_for(found)

    def attrs(self) -> list[Attr]:
        return self.kind.writable(rules.FIELDS, self.access)


class NumberRulePage(_RulePage):
    def title(self) -> Any:
        return _("Numbers of %(records)s") % {"records": self.numbered.plural}

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("number_rule-list")), Link(str(self.numbered.plural))]

    def cancel_url(self) -> str:
        return reverse("number_rule-list")

    def parts(self) -> EditParts:
        made = super().parts()
        made.lines = Markup(render_to_string("masterdata/preview.html", {
            "preview": _next(self.numbered, self.row, self.user), "url_preview": reverse("number_rule-preview", args=[self.numbered.slug]),
        }, request=self.request))
        return made

    def answer(self, page: Any, **more: Any) -> HttpResponse:
        lines = list(history.of(self.row)[:200]) if self.row.pk else []
        return super().answer(page, days=changes.days(self.kind, lines, self.access), **more)

    def conflict(self, no: Conflict) -> HttpResponse:
        self.row = numbering.rule_for(self.numbered)
        return super().conflict(no)

    def perform(self) -> str:
        changed = set(self.form.changed_data)
        values = {name: value for name, value in self.form.values().items() if name in changed}
        rules.change_number_rule(self.numbered, values, by=self.user, version=self.posted_version())
        return reverse("number_rule-edit", args=[self.numbered.slug])

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved; it counts for new records"), "tone": "good"}


class PreviewView(_RulePage):
    """The next numbers by what the form says now; nothing is saved."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.prepare(**kwargs)
        form = self.make_form(request.GET)
        found: dict[str, Any] = {"numbers": [], "why": _("Fill in all fields first.")}
        if form.is_valid():
            values = form.values()
            found = _next(self.numbered, NumberRule(kind=self.numbered.name, **values), self.user)
        return render(request, "masterdata/preview.html", {"preview": found, "url_preview": request.path})
