"""The page of the customer master in figures: the table, what came and went, and the lists behind the numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.pages import cells, formats
from zhike.pages.parts import Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard, listing

from .customers import Figures, Line, Report, _back
from .files import as_csv, head_of
from .funnel import period

SHOWN = 50


class CustomersPage(PageView):
    template = "analytics/customers.html"
    kind_name = "customer"
    menu = "analysis"
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
        names = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
        after = report.last + timedelta(days=1)
        page: dict[str, Any] = {
            "title": _("Customers in figures"), "as_of": _("as of %(time)s") % {"time": formats.full(clock.now())},
            "periods": [Link(label, self.link(by=key, of=None, drill=None), active=key == report.by) for key, label in names.items()],
            "period": report.key, "before": self.link(of=period(report.first - timedelta(days=1), report.by), drill=None),
            "after": self.link(of=period(after, report.by), drill=None) if after <= clock.today() else "",
            "scopes": [Link(_("all"), self.link(owner=None, owner_dept=None), active=not params.get("owner") and not params.get("owner_dept")),
                       Link(_("My department"), self.link(owner=None, owner_dept="mine"), active=params.get("owner_dept") == ["mine"]),
                       Link(_("Mine"), self.link(owner="me", owner_dept=None), active=params.get("owner") == ["me"])],
            "groups": [Link(label, self.link(group=key, drill=None), active=key == report.group) for key, label in groups.items()],
            "table": self.table(report, found, groups[report.group]), "months": self.months(found), "bars": self.bars(found),
            "export": self.link(file="csv") if self.access.may("customer", "export") else "",
        }
        page.update(self.behind(report))
        return self.answer(page)

    def link(self, **changes: Any) -> str:
        query = self.request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = str(value)
        return f"?{query.urlencode()}" if query else "?"

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

    def stage(self, report: Report, line: Line, stages: tuple[str, ...], n: int) -> Cell:
        """Stages of one group; grouped by stage the row's own stage is the answer already."""
        if report.group == "lifecycle":
            return self.listed(n, lifecycle=line.key)
        return self.listed(n, **{report.group: line.key}, lifecycle=stages)

    def months(self, found: Figures) -> Table:
        rows = []
        for i, month in enumerate(found.months):
            key, last = f"{month.first:%Y-%m}", _back(month.first, -1) - timedelta(days=1)
            rows.append(Row(i, "", [
                Cell(key), self.listed(month.new, created_at__from=month.first.isoformat(), created_at__to=last.isoformat()),
                self.drill(month.won, f"won:{key}"), self.drill(month.lost, f"lost:{key}"), Cell(f"{month.new - month.lost:+,}", num=True)]))
        columns = [Column("month", _("month"), primary=True), Column("new", _("new"), num=True), Column("won", _("became deal customers"), num=True),
                   Column("lost", _("lost customers"), num=True), Column("net", _("growth"), num=True)]
        return Table(columns, rows, label=_("Growth and loss"))

    def drill(self, n: int, key: str) -> Cell:
        mark = Markup(' aria-current="true"') if key == self.chosen else ""
        return Cell(Markup('<a class="lk" href="{}#drill"{}>{}</a>').format(self.link(drill=key), mark, f"{n:,}") if n else "0", num=True)

    def bars(self, found: Figures) -> list[dict[str, Any]]:
        """New and lost of each month as pairs of bars, 100 high at most."""
        top = max((max(month.new, month.lost) for month in found.months), default=0) or 1
        return [{"name": f"{month.first:%m}", "new": month.new, "lost": month.lost, "up": month.new * 100 // top, "down": month.lost * 100 // top, "x": i * 46}
                for i, month in enumerate(found.months)]

    def behind(self, report: Report) -> dict[str, Any]:
        """The customers behind a month's figure, fifty of them."""
        if not self.chosen:
            return {"drill": None}
        rows = report.behind(self.chosen[:40])
        if rows is None:
            raise Http404
        count, capped = listing.capped_count(rows)
        attrs = self.kind.shown(["name", "lifecycle", "level", "owner", "last_contact"], self.access)
        items = list(rows.select_related(*self.kind.related).order_by("-pk")[:SHOWN])
        show = cells.renderers(self.kind, attrs, items, self.access)
        made = []
        for row in items:
            drawn = [render(row) for render in show]
            drawn[0] = Markup('<a class="lk" href="{}">{}</a>').format(self.kind.url(row), drawn[0])
            made.append(Row(row.pk, self.kind.url(row), [Cell(text) for text in drawn]))
        return {
            "drill": Table([Column(attr.name, attr.label, primary=i == 0) for i, attr in enumerate(attrs)], made, label=_("Customers behind the figure")),
            "drill_count": str(self.kind.count_text) % {"n": f"{count:,}{'+' if capped else ''}"}, "drill_clear": self.link(drill=None),
            "drill_more": _("the newest %(n)s") % {"n": SHOWN} if count > SHOWN else "",
        }
