"""Customer care in figures; every number opens its list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.models import User
from zhike.pages import formats
from zhike.pages.parts import Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import options

from .. import reports
from ..models import CareRule


class CareReport(PageView):
    """How much attention was paid, what came of it and what it cost."""

    kind_name, menu, place = "care_item", "analysis", "care-report"
    template = "marketing/figures.html"

    def crumbs(self) -> list[Link]:
        return [Link(_("Customer care in figures"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        today = clock.today()
        self.first = clock.day_named(request.GET.get("first", ""), today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1))
        self.last = clock.day_named(request.GET.get("last", ""), today)
        kinds = [("rule", _("By rule")), ("owner", _("By colleague"))]
        if self.access.field_mode("customer", "level") in ("", "read"):
            kinds.append(("level", _("By customer level")))
        self.by = request.GET.get("by", "rule")
        if self.by not in dict(kinds):
            raise Http404
        error = ""
        try:
            found = reports.care(self.user, self.first, self.last, self.by)
        except Refused as no:
            error, found = str(no.message), {}
        card = Card(_("Care that was due in this span"), key="care", table=self.table(found), empty=_("Nothing was due in this span."),
                    filters=[], more=None)
        return self.answer({
            "title": _("Customer care in figures"), "card": card, "first": self.first.isoformat(), "last": self.last.isoformat(), "by": self.by,
            "error": error, "views": [Link(label, self.address(by=key), active=key == self.by) for key, label in kinds],
        }, status=422 if error else 200)

    def address(self, **more: Any) -> str:
        return f"{reverse('report-care')}?{urlencode({'first': self.first, 'last': self.last, 'by': self.by, **more})}"

    def names(self, found: dict[Any, reports.Line]) -> dict[Any, str]:
        if self.by == "rule":
            return {row.pk: str(row) for row in CareRule.objects.filter(pk__in=found)}
        if self.by == "owner":
            return {row.pk: str(row) for row in User.objects.filter(pk__in=found)}
        return {code: str(label) for code, label in options.labels("customer_level", get_language() or "zh-hans").items()}

    def table(self, found: dict[Any, reports.Line]) -> Table:
        names, paid = self.names(found), self.access.field_mode("care_item", "cost") in ("", "read")
        heads = {"rule": _("care rule"), "owner": _("colleague"), "level": _("customer level")}
        columns = [Column("who", heads[self.by], primary=True), *(Column(key, label, num=True) for key, label in (
            ("total", _("due in all")), ("done", _("done")), ("planned", _("to do")), ("skipped", _("skipped")), ("rate", _("done rate")),
            ("answered", _("with an answer")), ("answer_rate", _("answer rate"))))]
        if paid:
            columns += [Column("cost", _("cost (CNY)"), num=True), Column("each", _("cost of one (CNY)"), num=True)]
        order = sorted(found, key=lambda group: (-found[group].total, str(group)))[: reports.MOST_GROUPS]
        return Table(columns, [self.row(i, group, names, found[group], paid) for i, group in enumerate(order)], label=_("Customer care in figures"))

    def row(self, i: int, group: Any, names: dict[Any, str], line: reports.Line, paid: bool) -> Row:
        def figure(n: int, **more: str) -> Cell:
            query = urlencode({"whose": "all", "from": self.first, "to": self.last, self.by: "-" if group in (None, "") else group, **more})
            return Cell(Markup('<a href="{}?{}">{}</a>').format(reverse("care_item-list"), query, f"{n:,}") if n else "—", num=True)

        def share(n: int | None) -> Cell:
            return Cell(f"{n}%" if n is not None else "—", num=True)

        cells = [Cell(escape(names.get(group, "") or _("none"))), figure(line.total, state="every"), figure(line.done, state="done"),
                 figure(line.planned, state="planned"), figure(line.skipped, state="skipped"), share(line.rate),
                 figure(line.answered, state="done", answered="1"), share(line.answer_rate)]
        if paid:
            each = formats.money(line.cost / line.done) if line.done else "—"
            cells += [Cell(formats.money(line.cost), num=True), Cell(each, num=True)]
        return Row(i, "", cells)
