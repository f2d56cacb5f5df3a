"""Ways into a pool by hand, the lock against it, and what falls into one soon."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base import clock
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.parts import Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView

from .. import actions, jobs
from ..forms import ReturnForm


class ReturnPage(ActionPage):
    """Give customers back to a pool, with the reason."""

    kind_name, menu, place = "customer", "customers", "customers"
    permission = "transfer"
    many = True
    title_text = gettext_lazy("Give back to a pool")
    submit_text = gettext_lazy("Give back")
    style = "x"

    def make_form(self, data: Any = None) -> Any:
        return ReturnForm(data)

    def text(self) -> Any:
        return _("Nobody owns them until a member of the pool takes them. Open tasks and plans of the owner are cancelled; "
                 "opportunities and other documents keep their owners.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.return_to_pool(self.rows, values["pool"], reason=values["reason"], by=self.user)
        return self.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s customers are in the pool now") % {"n": len(self.rows)}, "tone": "good"}


class LockPage(ActionPage):
    """Protect a customer from the rules of pools, or take the protection off."""

    kind_name, menu, place = "customer", "customers", "customers"

    def title(self) -> Any:
        return (_("Unlock “%(row)s”?") if self.row.locked else _("Lock “%(row)s”?")) % {"row": self.row}

    def text(self) -> Any:
        return _("The rules of pools may take it again.") if self.row.locked else _("No rule takes a locked customer into a pool.")

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = _("Unlock") if self.row.locked else _("Lock")
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        actions.lock_customers([self.row], lock=not self.row.locked, by=self.user)
        return None


class DuePage(PageView):
    """One's own customers that fall into a pool within thirty days, and why."""

    kind_name, menu, place = "customer", "customers", "pools"
    template = "pages/table.html"
    AHEAD = 30

    def crumbs(self) -> list[Link]:
        return [Link(_("Customer pools"), reverse("pool-home")), Link(_("About to fall into a pool"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = jobs.due_soon(self.user, ahead=self.AHEAD)[:500]
        today = clock.today()
        rows = []
        for pool, rule, row, at in found:
            left = (clock.local(at).date() - today).days
            tone = "bad" if left <= 1 else "wait" if left <= 7 else "neutral"
            text = _("in %(n)s days") % {"n": left} if left > 0 else _("tonight")
            rows.append(Row(row.pk, self.kind.url(row), [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(self.kind.url(row), row.name)), Cell(cells.badge(text, tone)),
                Cell(formats.d(clock.local(at).date())), Cell(str(rule)), Cell(pool.name),
            ]))
        columns = [Column("name", _("customer name"), primary=True), Column("left", _("falls")), Column("day", _("day"), priority=2),
                   Column("rule", _("return rule")), Column("pool", _("pool"))]
        return self.answer({
            "title": _("About to fall into a pool"), "count_text": _("%(n)s customers within %(days)s days") % {"n": len(rows), "days": self.AHEAD},
            "actions": [], "card": Card("", table=Table(columns, rows, label=_("About to fall into a pool")),
                                        empty=_("None of your customers falls into a pool soon.")),
        })
