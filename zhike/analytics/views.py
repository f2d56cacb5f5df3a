"""Report pages: the funnel with its table twin and the list behind a band; won deals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.opportunities.processes import enabled_processes
from zhike.pages import formats
from zhike.pages.parts import Band, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import listing

from .funnel import MEASURES, OWN, Funnel, days_of, funnel, may_measure, won
from .report_page import ReportPage


class FunnelPage(ReportPage):
    """How the open opportunities stand, stage by stage; every band opens its list."""

    template = "analytics/funnel.html"
    kind_name = "opportunity"
    menu = "analysis"
    place = "funnel"

    def get(self, request: HttpRequest) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        measures = [name for name in MEASURES if may_measure(self.user, name)]
        measure = request.GET.get("measure") or measures[0]
        drill = request.GET.get("stage_drill", "")
        found = funnel(self.user, measure, params)
        labels = {"amount": _("Expected income"), "weighted": _("Weighted income"), "count": _("Opportunity count")}
        page: dict[str, Any] = {
            "title": _("Sales funnel"),
            "as_of": _("as of %(time)s") % {"time": formats.full(clock.now())},
            "measures": [Link(labels[name], self.link(measure=name), active=name == measure) for name in measures],
            "processes": [Link(str(p), self.link(process=p.pk, stage_drill=None), active=p == found.process)
                          for p in enabled_processes(by=self.user)],
            "scopes": self.scopes(),
            "bands": self.bands(found, drill, "amount" in measures),
            "table": self.table(found, measures, drill),
            "measure_label": labels[measure],
        }
        page.update(self.drill(params, found, drill))
        return self.answer(page)

    def bands(self, found: Funnel, drill: str, money: bool) -> list[Band]:
        values = [found.value(layer) for layer in found.layers]
        top = max(values, default=Decimal(0)) or Decimal(1)
        widths = [max(40, int(value * 1000 / top)) for value in values]
        bands = []
        for i, layer in enumerate(found.layers):
            value = f"{layer.count}" if found.measure == "count" else formats.wan(values[i])
            note = _("%(n)s opportunities") % {"n": layer.count}
            if layer.onward is not None:
                note += " · " + _("onward %(rate)s") % {"rate": formats.pct(layer.onward)}
            bands.append(Band(str(layer.stage.pk), str(layer.stage), value, note, self.link(stage_drill=layer.stage.pk) + "#drill",
                              widths[i], min(widths[i], widths[i + 1]) if i + 1 < len(widths) else max(30, widths[i] * 6 // 10),
                              min(i + 1, 8), str(layer.stage.pk) == drill))
        return bands

    def table(self, found: Funnel, measures: list[str], drill: str) -> Table:
        columns = [Column("stage", _("Stage"), primary=True), Column("n", _("Opportunities"), num=True)]
        if "amount" in measures:
            columns.append(Column("amount", _("Expected income"), num=True))
        if "weighted" in measures:
            columns.append(Column("weighted", _("Weighted income"), num=True))
        columns += [Column("onward", _("Onward"), num=True), Column("days", _("Average days"), num=True)]

        def cells(layer: Any, name: Any) -> list[Cell]:
            made = [Cell(name), Cell(f"{layer.count:,}", num=True)]
            if "amount" in measures:
                made.append(Cell(formats.wan(layer.amount), num=True))
            if "weighted" in measures:
                made.append(Cell(formats.wan(layer.weighted), num=True))
            return [*made, Cell(formats.pct(layer.onward), num=True), Cell("—" if layer.days is None else str(layer.days), num=True)]

        rows = [
            Row(layer.stage.pk, "", cells(layer, Markup('<a href="{}#drill">{}</a>').format(self.link(stage_drill=layer.stage.pk), layer.stage)),
                selected=str(layer.stage.pk) == drill)
            for layer in found.layers
        ]
        return Table(columns, rows, foot=cells(found.total, _("Total")), label=_("Stages"))

    def drill(self, params: dict[str, list[str]], found: Funnel, drill: str) -> dict[str, Any]:
        """The opportunities behind the chosen band, or behind all of them."""
        if found.process is None:
            return {"drill": None}
        layer = next((layer for layer in found.layers if str(layer.stage.pk) == drill), None)
        if drill and layer is None:
            raise Http404
        query: dict[str, list[str]] = {key: values for key, values in params.items() if key not in OWN}
        query["status"] = query.get("status") or ["open"]
        query["process"] = [str(found.process.pk)]
        if layer is not None:
            query["stage"] = [drill]
        query["order"] = ["-amount"] if may_measure(self.user, "amount") else ["-created_at"]
        listed = listing.page(listing.read(self.kind, query, self.user), limit=20)
        money = may_measure(self.user, "amount")
        columns = [Column("name", _("opportunity name"), primary=True), Column("customer", _("customer")), Column("owner", _("owner"))]
        if money:
            columns.append(Column("amount", _("expected amount"), num=True))
        columns.append(Column("sign", _("expected sign date")))
        rows = []
        for row in listed.items:
            made = [Cell(Markup('<a class="lk" href="{}">{}</a>').format(self.kind.url(row), row.name)), Cell(str(row.customer)), Cell(str(row.owner))]
            if money:
                made.append(Cell(formats.money(row.amount), num=True))
            rows.append(Row(row.pk, self.kind.url(row), [*made, Cell(formats.d(row.expected_sign_date))]))
        return {
            "drill": Table(columns, rows, label=_("Opportunities behind the band")),
            "drill_title": _("Opportunities at %(stage)s") % {"stage": layer.stage} if layer else _("All open opportunities"),
            "drill_count": str(self.kind.count_text) % {"n": f"{listed.count:,}"},
            "drill_clear": self.link(stage_drill=None) if layer else "",
            "open_url": f"{self.kind.list_url()}?{urlencode(query, doseq=True)}",
        }


class WonPage(PageView):
    """Won opportunities per quarter, month or year."""

    template = "analytics/won.html"
    kind_name = "opportunity"
    menu = "analysis"
    place = "won"

    def behind(self, key: str) -> str:
        """The list of the opportunities won in a period, under the same conditions."""
        first, last = days_of(key)
        same = {name: self.request.GET.getlist(name) for name in self.request.GET if name != "by"}
        query = urlencode({**same, "status": "won", "won_at__from": first, "won_at__to": last}, doseq=True)
        return f"{self.kind.list_url()}?{query}"

    def get(self, request: HttpRequest) -> HttpResponse:
        by = request.GET.get("by", "quarter")
        params = {key: request.GET.getlist(key) for key in request.GET}
        found = won(self.user, by=by, params=params)
        top = max((row["amount"] for row in found), default=Decimal(0)) or Decimal(1)
        table = Table(
            [Column("period", _("Period"), primary=True), Column("n", _("Won"), num=True), Column("amount", _("Won amount"), num=True),
             Column("bar", _("Compared"))],
            [Row(i, "", [
                Cell(Markup('<a href="{}">{}</a>').format(self.behind(row["period"]), row["period"])),
                Cell(f"{row['count']:,}", num=True), Cell(formats.money(row["amount"]), num=True),
                Cell(Markup('<svg class="hb" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="{}" height="10"/></svg>')
                     .format(int(row["amount"] * 100 / top)))])
             for i, row in enumerate(reversed(found))],
            foot=[Cell(_("Total")), Cell(f"{sum(row['count'] for row in found):,}", num=True),
                  Cell(formats.money(sum((row["amount"] for row in found), Decimal(0))), num=True), Cell("")],
            label=_("Won opportunities"),
        )
        names = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
        return self.answer({"title": _("Won opportunities"), "table": table,
                            "measures": [Link(label, f"?by={key}", active=key == by) for key, label in names.items()]})
