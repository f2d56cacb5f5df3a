"""What reports share: conditions in the address, periods to page through, and the customers behind a figure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.pages import cells, formats
from zhike.pages.parts import Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import listing

from .funnel import period

SHOWN = 50


class ReportPage(PageView):
    """A report whose conditions stand in its address."""

    def link(self, **changes: Any) -> str:
        """The same report with other conditions; None takes one away."""
        query = self.request.GET.copy()
        for key, value in changes.items():
            query.pop(key, None)
            if value is not None:
                query[key] = str(value)
        return f"?{query.urlencode()}" if query else "?"

    def scopes(self) -> list[Link]:
        """Everybody's that one may see, those of one's department, one's own."""
        owners, departments = self.request.GET.getlist("owner"), self.request.GET.getlist("owner_dept")
        return [Link(_("all"), self.link(owner=None, owner_dept=None), active=not owners and not departments),
                Link(_("My department"), self.link(owner=None, owner_dept="mine"), active=departments == ["mine"]),
                Link(_("Mine"), self.link(owner="me", owner_dept=None), active=owners == ["me"])]


class CustomerReportPage(ReportPage):
    """Customers of a period, within a scope and by a group; a figure may open the customers behind it."""

    kind_name = "customer"
    menu = "analysis"
    chosen: str

    def frame(self, report: Any, groups: dict[str, Any]) -> dict[str, Any]:
        """The choices above the figures: period, scope and group."""
        names = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
        after = report.last + timedelta(days=1)
        return {
            "as_of": _("as of %(time)s") % {"time": formats.full(clock.now())},
            "periods": [Link(label, self.link(by=key, of=None, drill=None), active=key == report.by) for key, label in names.items()],
            "period": report.key, "before": self.link(of=period(report.first - timedelta(days=1), report.by), drill=None),
            "after": self.link(of=period(after, report.by), drill=None) if after <= clock.today() else "",
            "scopes": self.scopes(),
            "groups": [Link(label, self.link(group=key, drill=None), active=key == report.group) for key, label in groups.items()],
        }

    def figure(self, n: int, drill: str) -> Cell:
        """A number that opens the customers behind it."""
        if not n:
            return Cell("0", num=True)
        mark = ' aria-current="true"' if drill == self.chosen else ""
        return Cell(Markup('<a class="lk" href="{}#drill"{}>{}</a>').format(self.link(drill=drill), Markup(mark), f"{n:,}"), num=True)

    def behind(self, rows: QuerySet[Any] | None) -> dict[str, Any]:
        """The customers behind the chosen figure, the newest fifty; an unknown figure answers 404."""
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
