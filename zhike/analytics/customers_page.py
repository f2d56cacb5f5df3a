"""The page of the customer master in figures: the table, what came and went, and the lists behind the numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import cells
from zhike.pages.parts import Cell, Column, Row, Table
from zhike.records import guard

from .customers import Figures, Line, Report, months_back
from .files import as_csv, head_of
from .report_page import CustomerReportPage


class CustomersPage(CustomerReportPage):
    template = "analytics/customers.html"
    place = "customers"

    def get(self, request: HttpRequest) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        report = Report(self.user, params)
        found = report.figures()
        self.chosen = request.GET.get("drill", "")
        groups = {"lifecycle": _("Life cycle"), "level": _("Level"), "province": _("Province"), "industry": _("Industry"), "source": _("Source"),
                  "category": _("Category"), "owner_dept": _("Department")}
        if request.GET.get("file") == "csv":
            guard.require(self.user, self.kind, "export")
            lines = [(line.label, line.n, line.new, line.deal, line.lost, line.score, line.alone, line.silent) for line in found.lines]
            return as_csv("customers", head_of(self.table(report, found, groups[report.group])), lines, kind="customer", by=self.user,
                          args={"group": report.group, "first": report.first, "last": report.last})
        page: dict[str, Any] = {
            "title": _("Customers in figures"), **self.frame(report, groups),
            "table": self.table(report, found, groups[report.group]), "months": self.months(found), "bars": self.bars(found),
            "gaps": self.gaps(report),
            "export": self.link(file="csv") if self.access.may("customer", "export") else "",
            **(self.behind(report.behind(self.chosen[:40])) if self.chosen else {"drill": None}),
        }
        return self.answer(page)

    def listed(self, n: int, **conditions: Any) -> Cell:
        """A number that opens exactly these customers in their list."""
        if not n:
            return Cell("0", num=True)
        scope = {key: self.request.GET[key] for key in ("owner", "owner_dept") if key in self.request.GET}
        url = f"{self.kind.list_url()}?{urlencode({'enabled': 1, **scope, **{key: value for key, value in conditions.items() if value is not None}}, doseq=True)}"
        return Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, f"{n:,}"), num=True)

    def table(self, report: Report, found: Figures, label: str) -> Table:
        span = {"created_at__from": report.first.isoformat(), "created_at__to": report.last.isoformat()}
        rows = []
        for i, line in enumerate(found.lines):
            here = {report.group: line.key}
            rows.append(Row(i, "", [
                Cell(capfirst(line.label)), self.listed(line.n, **here), self.listed(line.new, **here, **span), self.stage(report, line, ("deal", "service"), line.deal),
                self.stage(report, line, ("lost",), line.lost), Cell(f"{line.score}%", num=True), self.listed(line.alone, **here, gap="contact"),
                self.listed(line.silent, **here, last_contact="none")]))
        columns = [Column("key", label, primary=True), Column("n", _("Customers"), num=True), Column("new", _("new"), num=True),
                   Column("deal", _("deal customers"), num=True), Column("lost", _("lost customers"), num=True), Column("score", _("completeness"), num=True, priority=2),
                   Column("alone", _("without contact"), num=True), Column("silent", _("without activity"), num=True)]
        total = [sum(getattr(line, name) for line in found.lines) for name in ("n", "new", "deal", "lost", "alone", "silent")]
        foot = [Cell(_("Total")), *(Cell(f"{n:,}", num=True) for n in total[:4]), Cell(""), *(Cell(f"{n:,}", num=True) for n in total[4:])]
        return Table(columns, rows, foot=foot if rows else [], label=label)

    def gaps(self, report: Report) -> Table:
        """What is missing or wrong, each number leading to the customers that want repair."""
        rows = []
        for i, (gap, n) in enumerate(report.gaps()):
            name = Markup("{} {}").format(capfirst(str(gap.label)), cells.badge(_("wrong"), "bad") if gap.wrong else "")
            rows.append(Row(i, "", [Cell(name), self.listed(n, gap=gap.code)]))
        columns = [Column("gap", _("What is missing or wrong"), primary=True), Column("n", _("Customers"), num=True)]
        return Table(columns, rows, label=_("Data quality"))

    def stage(self, report: Report, line: Line, stages: tuple[str, ...], n: int) -> Cell:
        """Stages of one group; grouped by stage the row's own stage is the answer already."""
        if report.group == "lifecycle":
            return self.listed(n, lifecycle=line.key)
        return self.listed(n, **{report.group: line.key}, lifecycle=stages)

    def months(self, found: Figures) -> Table:
        rows = []
        for i, month in enumerate(found.months):
            key, last = f"{month.first:%Y-%m}", months_back(month.first, -1) - timedelta(days=1)
            rows.append(Row(i, "", [
                Cell(key), self.listed(month.new, created_at__from=month.first.isoformat(), created_at__to=last.isoformat()),
                self.figure(month.won, f"won:{key}"), self.figure(month.lost, f"lost:{key}"), Cell(f"{month.new - month.lost:+,}" if month.new != month.lost else "0", num=True)]))
        columns = [Column("month", _("month"), primary=True), Column("new", _("new"), num=True), Column("won", _("became deal customers"), num=True),
                   Column("lost", _("lost customers"), num=True), Column("net", _("growth"), num=True)]
        return Table(columns, rows, label=_("Growth and loss"))

    def bars(self, found: Figures) -> list[dict[str, Any]]:
        """New and lost of each month as pairs of bars, 100 high at most."""
        top = max((max(month.new, month.lost) for month in found.months), default=0) or 1
        return [{"name": f"{month.first:%m}", "new": month.new, "lost": month.lost, "up": month.new * 100 // top, "down": month.lost * 100 // top, "x": i * 46}
                for i, month in enumerate(found.months)]
