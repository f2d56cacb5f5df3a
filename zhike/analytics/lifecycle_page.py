"""The page of the life cycle: chart and table twin, flow between stages, conversion, and the customers behind a figure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.customers.lifecycle import LIFECYCLE, ORDER
from zhike.pages import cells, formats
from zhike.pages.parts import Band, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import listing

from .funnel import period
from .lifecycle import Lifecycle, Report

SHOWN = 50


class LifecyclePage(PageView):
    template = "analytics/lifecycle.html"
    kind_name = "customer"
    menu = "analysis"
    place = "lifecycle"

    def get(self, request: HttpRequest) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        report = Report(self.user, params)
        found = report.figures()
        self.chosen = request.GET.get("drill", "")
        names = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
        groups = {"source": _("By source"), "owner": _("By owner")}
        before, after = self.beside(report)
        page: dict[str, Any] = {
            "title": _("Customer life cycle"), "as_of": _("as of %(time)s") % {"time": formats.full(clock.now())},
            "periods": [Link(label, self.link(by=key, of=None, drill=None), active=key == report.by) for key, label in names.items()],
            "period": report.key, "before": self.link(of=before, drill=None), "after": self.link(of=after, drill=None) if after else "",
            "scopes": [Link(_("all"), self.link(owner=None, owner_dept=None), active=not params.get("owner") and not params.get("owner_dept")),
                       Link(_("My department"), self.link(owner=None, owner_dept="mine"), active=params.get("owner_dept") == ["mine"]),
                       Link(_("Mine"), self.link(owner="me", owner_dept=None), active=params.get("owner") == ["me"])],
            "groups": [Link(label, self.link(group=key, drill=None), active=key == report.group) for key, label in groups.items()],
            "bands": self.bands(found), "stock": self.stock(found), "flow": self.flow(found), "lines": self.lines(found, groups[report.group]),
        }
        page.update(self.behind(report))
        return self.answer(page)

    def beside(self, report: Report) -> tuple[str, str]:
        """The period before, and the one after where it has begun."""
        after = report.last + timedelta(days=1)
        return period(report.first - timedelta(days=1), report.by), period(after, report.by) if after <= clock.today() else ""

    def link(self, **changes: Any) -> str:
        query = self.request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = str(value)
        return f"?{query.urlencode()}" if query else "?"

    def figure(self, n: int, drill: str) -> Cell:
        """A number that opens the customers behind it."""
        if not n:
            return Cell("0", num=True)
        mark = ' aria-current="true"' if drill == self.chosen else ""
        return Cell(Markup('<a class="lk" href="{}#drill"{}>{}</a>').format(self.link(drill=drill), Markup(mark), f"{n:,}"), num=True)

    def bands(self, found: Lifecycle) -> list[Band]:
        top = max(found.stock.values(), default=0) or 1
        made = []
        for i, stage in enumerate(ORDER):
            n, days = found.stock[stage], found.days.get(stage)
            note = _("on average %(n)s days") % {"n": days} if days is not None else ""
            made.append(Band(stage, capfirst(str(LIFECYCLE.label(stage))), f"{n:,}", note, self.link(drill=f"stock:{stage}") + "#drill",
                             n * 1000 // top, 0, min(i + 2, 8), self.chosen == f"stock:{stage}"))
        return made

    def stock(self, found: Lifecycle) -> Table:
        rows = []
        total = sum(found.stock.values())
        for i, stage in enumerate(ORDER):
            n, days = found.stock[stage], found.days.get(stage)
            came = sum(count for (_source, target), count in found.flow.items() if target == stage)
            left = sum(count for (source, _target), count in found.flow.items() if source == stage)
            rows.append(Row(i, "", [
                Cell(cells.badge(capfirst(str(LIFECYCLE.label(stage))), LIFECYCLE.tone(stage))), self.figure(n, f"stock:{stage}"),
                Cell(formats.pct(Decimal(n) / total if total else None), num=True), Cell(f"{came:,}", num=True), Cell(f"{left:,}", num=True),
                Cell("—" if days is None else str(days), num=True),
            ]))
        columns = [Column("stage", _("Stage"), primary=True), Column("n", _("Customers"), num=True), Column("share", _("part of all"), num=True, priority=2),
                   Column("came", _("came"), num=True), Column("left", _("left"), num=True), Column("days", _("Average days"), num=True)]
        return Table(columns, rows, foot=[Cell(_("Total")), Cell(f"{total:,}", num=True), *[Cell("")] * 4], label=_("Stages"))

    def flow(self, found: Lifecycle) -> Table | None:
        rows = []
        pairs = sorted(found.flow, key=lambda pair: (ORDER.index(pair[0]), ORDER.index(pair[1])))
        for i, (source, target) in enumerate(pairs):
            rows.append(Row(i, "", [
                Cell(f"{capfirst(str(LIFECYCLE.label(source)))} → {capfirst(str(LIFECYCLE.label(target)))}"),
                self.figure(found.flow[source, target], f"flow:{source}:{target}"),
            ]))
        columns = [Column("move", _("from → to"), primary=True), Column("n", _("Customers"), num=True)]
        return Table(columns, rows, label=_("Flow between stages")) if rows else None

    def lines(self, found: Lifecycle, label: str) -> Table | None:
        rows = []
        for i, line in enumerate(found.lines):
            key = quote(line.key, safe="")
            rows.append(Row(i, "", [
                Cell(capfirst(line.label)), self.figure(line.made, f"made:{key}:"), self.figure(line.opportunity, f"made:{key}:opportunity"),
                Cell(formats.pct(line.share("opportunity")), num=True), self.figure(line.deal, f"made:{key}:deal"),
                Cell(formats.pct(line.share("deal")), num=True),
            ]))
        columns = [Column("key", label, primary=True), Column("n", _("new customers"), num=True), Column("opp", _("opportunity"), num=True),
                   Column("opp_rate", _("conversion"), num=True), Column("deal", _("deal"), num=True), Column("deal_rate", _("conversion"), num=True)]
        return Table(columns, rows, label=_("Conversion")) if rows else None

    def behind(self, report: Report) -> dict[str, Any]:
        """The customers behind the chosen figure, fifty of them; the stock opens its list whole."""
        if not self.chosen:
            return {"drill": None}
        rows = report.behind(self.chosen[:80])
        if rows is None:
            raise Http404
        count, capped = listing.capped_count(rows)
        names = ["name", "lifecycle", "level", "owner", "last_contact"]
        attrs = self.kind.shown(names, self.access)
        items = list(rows.select_related(*self.kind.related).order_by("-pk")[:SHOWN])
        show = cells.renderers(self.kind, attrs, items, self.access)
        made = []
        for row in items:
            drawn = [render(row) for render in show]
            drawn[0] = Markup('<a class="lk" href="{}">{}</a>').format(self.kind.url(row), drawn[0])
            made.append(Row(row.pk, self.kind.url(row), [Cell(text) for text in drawn]))
        what, _sep, stage = self.chosen.partition(":")
        return {
            "drill": Table([Column(attr.name, attr.label, primary=i == 0) for i, attr in enumerate(attrs)], made, label=_("Customers behind the figure")),
            "drill_count": str(self.kind.count_text) % {"n": f"{count:,}{'+' if capped else ''}"}, "drill_clear": self.link(drill=None),
            "drill_more": _("the newest %(n)s") % {"n": SHOWN} if count > SHOWN else "",
            "open_url": f"{self.kind.list_url()}?lifecycle={stage}" + self._scope() if what == "stock" else "",
        }

    def _scope(self) -> str:
        return "".join(f"&{key}={quote(self.request.GET[key])}" for key in ("owner", "owner_dept") if key in self.request.GET)
