"""Pages of customers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.columns import heading
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.lists import ListPage
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Row, Step, Table
from zhike.pages.views import PageView
from zhike.records import guard, listing, options, registry

from .. import actions, decisions, duplicates, pool_rights, quality
from ..forms import LoseForm
from ..lifecycle import LIFECYCLE
from ..models import CustomerFacts
from . import groups as group_views
from . import opening, summary
from .duplicates import DespiteMixin, hit_notice

GAPS_NAMED = 4  # of what is missing or wrong, in a row of the list
PATH = ("target", "potential", "opportunity", "deal", "service")


class CustomerPage(DetailPage):
    """The 360° page: everything about one customer that the person may see."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    layout = "c3"

    def get(self, request: HttpRequest, pk: int, tab: str = "", **kwargs: Any) -> HttpResponse:
        # Links of old documents still lead somewhere: to what the pool shows of the customer.
        try:
            return super().get(request, pk, tab, **kwargs)
        except Http404:
            address = pool_rights.page_instead(self.user, pk)
            if not address:
                raise
            return redirect(address)

    def mark(self) -> str:
        return str(self.row)[:1]

    def badges(self) -> list[Badge]:
        row = self.row
        badges = [Badge(LIFECYCLE.label(row.lifecycle), LIFECYCLE.tone(row.lifecycle))]
        lang = get_language() or "zh-hans"
        if row.level:
            badges.append(Badge(options.labels("customer_level", lang).get(row.level, row.level), dot=False, outline=True))
        if row.locked:
            badges.append(Badge(_("locked"), "neutral"))
        if row.pool_id:
            badges.append(Badge(_("in the pool “%(pool)s”") % {"pool": row.pool}, "wait"))
        if not row.enabled:
            badges.append(Badge(_("disabled"), "neutral"))
        return badges

    def subtitle(self) -> Any:
        lang = get_language() or "zh-hans"
        former = self.row.former_names.split("\n")[-1] if self.row.former_names else ""
        parts = [self.row.code, options.labels("industry", lang).get(self.row.industry, ""),
                 str(self.row.region or ""), self.row.erp_code and f"ERP {self.row.erp_code}",
                 former and _("formerly %(name)s") % {"name": former}]
        return " · ".join(part for part in parts if part)

    def path(self) -> list[Step]:
        reached = {change.target: change.at for change in summary.steps(self)}
        if self.row.lifecycle == "lost":
            return [Step(LIFECYCLE.label("lost"), "cur")]
        here = PATH.index(self.row.lifecycle)
        return [
            Step(
                LIFECYCLE.label(code),
                "done" if i < here else "cur" if i == here else "todo",
                _("now") if i == here else formats.month(reached[code], get_language()) if i < here and code in reached else "",
            )
            for i, code in enumerate(PATH)
        ]

    def path_label(self) -> Any:
        return _("Life cycle of the customer")

    def actions(self) -> list[Button]:
        buttons = super().actions()
        if self.row.phone and self.access.field_mode("customer", "phone") in ("", "read"):
            buttons.insert(0, Button(_("Call"), f"tel:{self.row.phone.split(' / ')[0]}", "phone", "d", phone=True))
        buttons += opening.button(self)
        if guard.can_edit(self.user, self.row, "lose") and self.row.lifecycle != "lost":
            buttons.append(Button(_("Mark as lost"), self.kind.action_url("lose", self.row), "user-x", "x", dialog=True, menu=True))
        if guard.can_edit(self.user, self.row, "disable"):
            name, icon = (_("Disable"), "ban") if self.row.enabled else (_("Enable"), "circle-check")
            buttons.append(Button(name, self.kind.action_url("switch", self.row), icon, "x", dialog=True, menu=True))
        return buttons

    def own_tabs(self) -> list[TabSpec]:
        return [
            TabSpec("summary", _("Summary"), type(self).fill_summary),
            TabSpec("contacts", _("Contacts"), fill_contacts, count=summary.contacts_count, kind="contact"),
            TabSpec("map", _("Decision map"), fill_map, kind="contact"),
            *([TabSpec("group", _("Group of companies"), group_views.fill)] if self.shows_group() else []),
        ]

    def shows_group(self) -> bool:
        return group_views.is_grouped(self.row) or getattr(self, "kwargs", {}).get("tab") == "group"

    def fill_summary(self, parts: DetailParts) -> None:
        summary.fill(self, parts)

def fill_contacts(page: CustomerPage, parts: DetailParts) -> None:
    kind = registry.kind("contact")
    attrs = kind.shown(["name", "job_title", "decision_role", "attitude", "mobile", "email"], page.access)
    rows = list(summary.contacts(page).select_related(*kind.related).order_by("-primary", "left", "sort_name")[:200])
    show = cells.renderers(kind, attrs, rows, page.access)
    table = Table(
        [Column(attr.name, attr.label, primary=i == 0) for i, attr in enumerate(attrs)],
        [
            Row(row.pk, kind.url(row), [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(row), render(row)) if i == 0 else render(row))
                for i, render in enumerate(show)
            ])
            for row in rows
        ],
        label=_("Contacts"),
    )
    buttons = []
    if page.access.may("contact", "add") and guard.can_edit(page.user, page.row):
        buttons = [Button(_("New contact"), f"{kind.action_url('new')}?customer={page.row.pk}", "plus", "d")]
    parts.layout = "c1"
    parts.main.append(Card(_("Contacts"), table=table, buttons=buttons, empty=_("No contact yet.")))


def fill_map(page: CustomerPage, parts: DetailParts) -> None:
    """Who reports to whom at the customer, and where they stand."""
    parts.layout = "c1"
    parts.main.append(decisions.card(page, page.row))


class CustomerListPage(ListPage):
    """The list of customers; where it is about the quality of their data it names what is missing or wrong."""

    kind_name = "customer"

    def table(self, params: dict[str, list[str]], found: listing.Page) -> Table:
        made = super().table(params, found)
        merged = self.with_view(params)
        if not (merged.get("gap") or any(key.startswith("completeness__") for key in merged)):
            return made
        bits = dict(CustomerFacts.objects.filter(customer__in=[row.pk for row in found.items]).values_list("customer_id", "gaps"))
        if all(column.key != "completeness" for column in made.columns):
            attr = self.kind.attr("completeness")
            show = cells.renderer(self.kind, attr, self.access)
            made.columns.insert(1, Column("completeness", heading(attr), num=True, said=True))
            for drawn, row in zip(made.rows, found.items, strict=True):
                drawn.cells.insert(1, Cell(show(row), num=True))
        made.columns.insert(2, Column("gaps", _("missing or wrong"), said=True))
        for drawn, row in zip(made.rows, found.items, strict=True):
            gaps = sorted((gap for gap in quality.gaps_of(bits.get(row.pk, 0)) if quality.may_know(gap, self.access)), key=lambda gap: (not gap.wrong, -gap.weight))
            text = formats.listed(str(gap.label) for gap in gaps[:GAPS_NAMED])
            more = f" +{len(gaps) - GAPS_NAMED}" if len(gaps) > GAPS_NAMED else ""
            drawn.cells.insert(2, Cell(Markup('<span class="wrapt">{}</span>').format(f"{text}{more}") if gaps else cells.DASH))
        return made


class NewCustomerPage(DespiteMixin, NewPage):
    """Create a customer; one that may exist already is shown before a second is made."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    despite_text = gettext_lazy("Create all the same: it is another customer")

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields["name"].widget.attrs["data-check-url"] = self.kind.action_url("check")
        return form

    def said(self) -> dict[str, bool]:
        return {"despite_duplicates": self.despite()}


class CheckCustomerPage(PageView):
    """The duplicate check while the name is typed."""

    kind_name = "customer"

    def get(self, request: HttpRequest) -> HttpResponse:
        guard.require(self.user, self.kind, "add")
        name = request.GET.get("name", "").strip()[:200]
        hits = duplicates.matches(self.user, name=name) if len(name) >= 2 else []
        return render(request, "customers/check.html", {"notices": [hit_notice(hit) for hit in hits]})


class EditCustomerPage(DespiteMixin, EditPage):
    """Change a customer; a name, number or domain that another one has is shown before it is stored."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    despite_text = gettext_lazy("Save all the same: it is another customer")

    def change(self, values: dict[str, Any], version: int) -> None:
        actions.change_customer(self.row, values, by=self.user, version=version, despite_duplicates=self.despite())


class LoseCustomerPage(ActionPage):
    kind_name = "customer"
    permission = "lose"
    form_class = LoseForm
    title_text = gettext_lazy("Mark as lost")
    submit_text = gettext_lazy("Mark as lost")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.lose_customer(self.row, reason=values["reason"], by=self.user)
        return None


class SwitchCustomerPage(ActionPage):
    """Disable a customer without open business, or enable it again."""

    kind_name = "customer"
    permission = "disable"
    style = "x"

    def title(self) -> Any:
        return (_("Disable “%(row)s”?") if self.row.enabled else _("Enable “%(row)s”?")) % {"row": self.row}

    def parts(self, **more: Any) -> Any:
        parts = super().parts(**more)
        parts.submit_label = _("Disable customer") if self.row.enabled else _("Enable customer")
        parts.keep_label = _("Leave as it is")
        return parts

    def run(self, values: dict[str, Any]) -> str | None:
        (actions.disable_customer if self.row.enabled else actions.enable_customer)(self.row, by=self.user)
        return None
