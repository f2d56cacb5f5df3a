"""What came of leads, by source or campaign: how many in which state, how many became customers, and what each cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base import clock
from zhike.leads import figures
from zhike.leads.models import Campaign, Lead
from zhike.leads.status import LEAD
from zhike.pages import formats
from zhike.pages.parts import Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import options, registry

MOST = 200  # lines of a table
BY = {"source": "source", "campaign": "campaign_id", "owner": "owner_id"}


class LeadsReport(PageView):
    """Leads made in a span of days, by where they come from; every figure opens its list."""

    kind_name = "lead"
    template = "analytics/leads.html"
    menu = "analysis"
    place = "leads"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        self.first = clock.day_named(request.GET.get("first", ""), today.replace(month=1, day=1))
        self.last = clock.day_named(request.GET.get("last", ""), today)
        asked = request.GET.get("by", "source")
        self.by = asked if asked in self.offered() else next(iter(self.offered()), "")
        backwards = self.last < self.first
        card = Card(
            _("Leads"), key="leads", table=None if backwards or not self.by else self.table(), empty=_("No lead was made in this span."),
            filters=[Link(label, self.address(by=key), active=key == self.by) for key, label in self.offered().items()],
        )
        return self.answer({
            "title": _("What came of leads"), "card": card, "first": self.first.isoformat(), "last": self.last.isoformat(), "by": self.by,
            "error": _("The end lies before the start.") if backwards else "",
        }, status=422 if backwards else 200)

    def offered(self) -> dict[str, Any]:
        """By what one may look: what one's roles show in the open."""
        named = {"source": _("by source"), "campaign": _("by campaign"), "owner": _("by owner")}
        return {key: label for key, label in named.items() if self.access.field_mode("lead", key) in ("", "read")
                and (key != "campaign" or self.access.may("campaign", "view"))}

    def address(self, **more: Any) -> str:
        return f"{reverse('report-leads')}?{urlencode({'first': self.first, 'last': self.last, 'by': self.by, **more})}"

    def found(self) -> dict[Any, figures.Figures]:
        """The figures of each origin, in one grouped query."""
        start, end = clock.start_of(self.first), clock.start_of(self.last + timedelta(days=1))
        return figures.by_origin(Lead.objects.visible_to(self.user).filter(created_at__gte=start, created_at__lt=end), BY[self.by])

    def names(self, keys: list[Any]) -> dict[Any, str]:
        """What the origins are called, and for campaigns what they cost."""
        self.costs: dict[Any, Decimal | None] = {}
        if self.by == "source":
            return options.labels("customer_source", get_language() or "zh-hans")
        kind = registry.kind("campaign" if self.by == "campaign" else "user")
        rows = list(kind.model.objects.visible_to(self.user).filter(pk__in=[key for key in keys if key]))
        if self.by == "campaign" and self.access.field_mode("campaign", "cost") in ("", "read"):
            self.costs = {row.pk: row.cost if row.cost is not None else row.budget for row in rows if isinstance(row, Campaign)}
        return {row.pk: str(row) for row in rows}

    def table(self) -> Table | None:
        found = self.found()
        if not found:
            return None
        names = self.names(list(found))
        costs = self.by == "campaign" and bool(self.costs)
        head = {"source": _("lead source"), "campaign": _("campaign"), "owner": _("owner")}[self.by]
        columns = [Column("origin", head, primary=True), Column("all", _("leads"), num=True),
                   *(Column(code, state.label, num=True) for code, state in LEAD.states.items()), Column("rate", _("conversion rate"), num=True)]
        if costs:
            columns += [Column("cost", _("cost"), num=True), Column("per_lead", _("cost per lead"), num=True),
                        Column("per_conversion", _("cost per conversion"), num=True)]
        order = sorted(found, key=lambda key: (-found[key].all, str(key)))[:MOST]
        rows = []
        total = figures.Figures()
        for i, key in enumerate(order):
            line = found[key]
            line.cost = self.costs.get(key)
            for status, n in line.by_status.items():
                total.by_status[status] = total.by_status.get(status, 0) + n
            rows.append(Row(i, "", self.cells(escape(names.get(key) or _("(none)")), line, key, costs)))
        foot = self.cells(_("Total"), total, None, costs, foot=True)
        if costs:
            foot[-3:] = self.prices(_sum([line for line in found.values() if line.cost is not None]))
        return Table(columns, rows, foot=foot, label=_("What came of leads"))

    def cells(self, head: Any, line: figures.Figures, key: Any, costs: bool, *, foot: bool = False) -> list[Cell]:
        def figure(n: int, **more: Any) -> Cell:
            if not n:
                return Cell("—", num=True)
            # What has no origin cannot be asked for by one.
            return Cell(Markup('<a href="{}">{}</a>').format(self.list_url(key, **more), f"{n:,}") if foot or key else f"{n:,}", num=True)

        found = [Cell(head), figure(line.all), *(figure(line.by_status.get(code, 0), status=code) for code in LEAD.states),
                 Cell(formats.pct(line.rate) if line.all else "—", num=True)]
        return [*found, *self.prices(line)] if costs else found

    def prices(self, line: figures.Figures) -> list[Cell]:
        """Cost, cost per lead and cost per converted lead."""
        return [Cell(formats.money(value) if value is not None else "—", num=True) for value in (line.cost, line.per_lead, line.per_conversion)]

    def list_url(self, key: Any, **more: Any) -> str:
        origin = {self.by: key} if key else {}
        return f"{registry.kind('lead').list_url()}?{urlencode({**origin, **more, 'created_at__from': self.first, 'created_at__to': self.last})}"


def _sum(lines: list[figures.Figures]) -> figures.Figures:
    """Lines with a cost added up: what cost nothing to find does not make the others cheaper."""
    found = figures.Figures(cost=sum((line.cost for line in lines if line.cost is not None), Decimal(0)))
    for line in lines:
        for status, n in line.by_status.items():
            found.by_status[status] = found.by_status.get(status, 0) + n
    return found
