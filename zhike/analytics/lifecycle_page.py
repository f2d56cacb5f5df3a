"""The page of the life cycle: chart and table twin, flow between stages, conversion, and the customers behind a figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.customers.lifecycle import LIFECYCLE, ORDER
from zhike.pages import cells, formats
from zhike.pages.parts import Band, Cell, Column, Row, Table

from .lifecycle import Lifecycle, Report
from .report_page import CustomerReportPage


class LifecyclePage(CustomerReportPage):
    template = "analytics/lifecycle.html"
    place = "lifecycle"

    def get(self, request: HttpRequest) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        report = Report(self.user, params)
        found = report.figures()
        self.chosen = request.GET.get("drill", "")
        groups = {"source": _("By source"), "owner": _("By owner")}
        return self.answer({
            "title": _("Customer life cycle"), **self.frame(report, groups),
            "bands": self.bands(found), "stock": self.stock(found), "flow": self.flow(found), "lines": self.lines(found, groups[report.group]),
            **(self.drilled(report) if self.chosen else {"drill": None}),
        })

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

    def drilled(self, report: Report) -> dict[str, Any]:
        """The customers behind the chosen figure; the stock opens its list whole."""
        what, _sep, stage = self.chosen.partition(":")
        return {**self.behind(report.behind(self.chosen[:80])),
                "open_url": f"{self.kind.list_url()}?lifecycle={stage}" + self._scope() if what == "stock" else ""}

    def _scope(self) -> str:
        return "".join(f"&{key}={quote(self.request.GET[key])}" for key in ("owner", "owner_dept") if key in self.request.GET)
