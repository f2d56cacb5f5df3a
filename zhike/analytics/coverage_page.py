"""Contact coverage: of the open opportunities of each stage, how many have somebody to talk to and a known decider."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.base.refused import Forbidden
from zhike.opportunities.contact_roles import decider_known, has_contact
from zhike.opportunities.models import Stage
from zhike.pages import formats
from zhike.pages.parts import Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard, listing, registry

from .files import as_csv, head_of

OWN = ("file",)


@dataclass(slots=True)
class Line:
    """The open opportunities of one stage."""

    stage: Stage
    n: int
    talks: int
    known: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.known) / self.n if self.n else None


def coverage(user: Any, params: dict[str, list[str]]) -> list[Line]:
    """By stage, in the order of the processes; two queries within the person's rights."""
    kind = registry.kind("opportunity")
    asked = listing.read(kind, {**{key: values for key, values in params.items() if key not in OWN}, "status": ["open"]}, user)
    counted = asked.rows(listing.narrow(asked)).values("stage").annotate(
        n=Count("pk"), talks=Count("pk", filter=has_contact()), known=Count("pk", filter=decider_known())).order_by()
    found = {row["stage"]: row for row in counted}
    stages = Stage.objects.filter(pk__in=found).select_related("process").order_by("process__code", "process__version", "order")
    return [Line(stage, found[stage.pk]["n"], found[stage.pk]["talks"], found[stage.pk]["known"]) for stage in stages]


class CoveragePage(PageView):
    template = "analytics/coverage.html"
    kind_name = "opportunity"
    menu = "analysis"
    place = "coverage"

    def get(self, request: HttpRequest) -> HttpResponse:
        guard.require(self.user, registry.kind("contact"), "view")
        if self.access.field_mode("contact", "decision_role") not in ("", "read"):
            raise Forbidden(_("Your roles do not show the decision roles of contacts."))
        params = {key: request.GET.getlist(key) for key in request.GET}
        lines = coverage(self.user, params)
        table = self.table(lines)
        if request.GET.get("file") == "csv":
            guard.require(self.user, self.kind, "export")
            rows = [(str(line.stage.process), str(line.stage), line.n, line.talks, line.known, line.n - line.known) for line in lines]
            return as_csv("contact-coverage", head_of(table)[:6], rows, kind="opportunity", by=self.user, args={})
        return self.answer({
            "title": _("Contact coverage"), "as_of": _("as of %(time)s") % {"time": formats.full(clock.now())}, "table": table if lines else None,
            "scopes": [Link(_("all"), self.link(), active=not params.get("owner") and not params.get("owner_dept")),
                       Link(_("My department"), self.link(owner_dept="mine"), active=params.get("owner_dept") == ["mine"]),
                       Link(_("Mine"), self.link(owner="me"), active=params.get("owner") == ["me"])],
            "export": self.link(**self.scope(), file="csv") if self.access.may("opportunity", "export") else "",
            "text": _("The decider counts as known where a contact who has not left has this role at the customer or in the opportunity."),
        })

    def scope(self) -> dict[str, str]:
        return {key: self.request.GET[key] for key in ("owner", "owner_dept") if key in self.request.GET}

    def link(self, **values: str) -> str:
        return f"?{urlencode(values)}" if values else "?"

    def listed(self, n: int, **conditions: Any) -> Cell:
        if not n:
            return Cell("0", num=True)
        url = f"{self.kind.list_url()}?{urlencode({'status': 'open', **self.scope(), **conditions})}"
        return Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, f"{n:,}"), num=True)

    def table(self, lines: list[Line]) -> Table:
        rows = []
        for i, line in enumerate(lines):
            pk = line.stage.pk
            rows.append(Row(i, "", [
                Cell(str(line.stage.process)), Cell(str(line.stage)), self.listed(line.n, stage=pk), self.listed(line.talks, stage=pk, people="yes"),
                self.listed(line.known, stage=pk, decider="yes"), self.listed(line.n - line.known, stage=pk, decider="no"), Cell(formats.pct(line.share), num=True)]))
        columns = [Column("process", _("sales process"), priority=2), Column("stage", _("stage"), primary=True), Column("n", _("open opportunities"), num=True),
                   Column("talks", _("with a contact"), num=True), Column("known", _("decider known"), num=True),
                   Column("unknown", _("decider not known"), num=True), Column("share", _("coverage"), num=True)]
        n, known = (sum(getattr(line, name) for line in lines) for name in ("n", "known"))
        foot = [Cell(""), Cell(_("Total")), *(Cell(f"{value:,}", num=True) for value in (n, sum(line.talks for line in lines), known, n - known)),
                Cell(formats.pct(Decimal(known) / n if n else None), num=True)]
        return Table(columns, rows, foot=foot if rows else [], label=_("Contact coverage"))
