"""What a campaign's leads became in money: opportunities, won amount and return, against the campaign's goals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base.fields import round_half_up
from zhike.leads.models import Campaign
from zhike.opportunities.models import Opportunity
from zhike.pages import cells, formats
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Card, Cell, Column, Fact, Row, Table
from zhike.records import registry

from .models import LeadConversion

SHOWN = 200
STILL = ("open", "suspended")


def deals_of(campaign: Campaign, user: Any) -> Any:
    """The opportunities that the campaign's leads became, as far as the person sees them."""
    made = LeadConversion.objects.filter(opportunity=OuterRef("pk"), undone_at=None, lead__campaign=campaign)
    return Opportunity.objects.visible_to(user).filter(Exists(made))


def _counted(page: Any) -> dict[str, Any]:
    """Number and sums, asked for once a page."""
    if not hasattr(page, "_deals_counted"):
        still, won = Q(status__in=STILL), Q(status="won")
        page._deals_counted = deals_of(page.row, page.user).order_by().aggregate(
            all=Count("pk"), open=Count("pk", filter=still), hoped=Sum("amount", filter=still),
            won=Count("pk", filter=won), amount=Sum("won_amount", filter=won))
    found: dict[str, Any] = page._deals_counted
    return found


def _of_goal(value: Any, goal: Any) -> str:
    """How much of a goal is there: "goal 20 · 35%"; nothing without a goal."""
    if not goal:
        return ""
    named = formats.wan(goal) if isinstance(goal, Decimal) else str(goal)
    return _("goal %(goal)s · %(rate)s") % {"goal": named, "rate": formats.pct(round_half_up(Decimal(value) / goal, 4))}


def _effect(page: DetailPage, parts: DetailParts) -> None:
    """The card on the campaign's page; each number leads to the opportunities behind it."""
    if not page.access.may("opportunity", "view"):
        return
    found, row, url = _counted(page), page.row, page.tab_url("deals")

    def told(kind: str, *names: str) -> bool:
        return all(page.access.field_mode(kind, name) in ("", "read") for name in names)

    goals = {name: getattr(row, name) if told("campaign", name) else None for name in ("goal_opportunities", "goal_amount")}
    if not found["all"] and not any(goals.values()):
        return
    facts = [Fact(_("opportunities"), str(found["all"]), url=url, hint=_of_goal(found["all"], goals["goal_opportunities"])),
             Fact(_("won"), str(found["won"]), url=url)]
    if told("opportunity", "amount"):
        facts.insert(1, Fact(_("expected amount of open ones"), formats.wan(found["hoped"] or 0), url=url))
    if told("opportunity", "won_amount"):
        amount = found["amount"] or Decimal(0)
        facts.append(Fact(_("won amount"), formats.wan(amount), url=url, hint=_of_goal(amount, goals["goal_amount"])))
        if row.cost and told("campaign", "cost"):
            facts.append(Fact(_("return on investment"), f"{round_half_up(amount / row.cost, 1)} : 1", hint=_("won amount to actual cost")))
    # A number within rights says so, lest nought is taken for the whole truth.
    sub = "" if page.access.reach("opportunity").everything else _("only those you may see")
    parts.main.append(Card(_("Opportunities from its leads"), key="deals", sub=sub, facts=facts))


def _fill(page: DetailPage, parts: DetailParts) -> None:
    """The newest opportunities of the campaign's leads."""
    kind = registry.kind("opportunity")
    attrs = kind.shown(["name", "customer", "stage", "status", "amount", "won_amount", "owner"], page.access)
    rows = list(deals_of(page.row, page.user).select_related(*kind.related, "stage", "owner", "customer").order_by("-created_at", "-pk")[:SHOWN])
    show = cells.renderers(kind, attrs, rows, page.access)
    parts.layout = "c1"
    parts.main.append(Card(_("Opportunities from its leads"), empty=_("No lead of this campaign has become an opportunity yet."), table=Table(
        [Column(attr.name, attr.label, num=attr.num, primary=i == 0, priority=attr.priority) for i, attr in enumerate(attrs)],
        [Row(row.pk, kind.url(row), [
            Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(row), render(row)) if i == 0 else render(row), num=attr.num)
            for i, (attr, render) in enumerate(zip(attrs, show, strict=True))]) for row in rows],
        label=_("Opportunities"))))


def add() -> None:
    """Fill the slots of the campaign's page."""
    kind = registry.kind("campaign")
    kind.cards.add("deals", _effect, order=10)
    kind.tabs.add("deals", TabSpec("deals", gettext_lazy("Opportunities"), _fill, count=lambda page: _counted(page)["all"], kind="opportunity"), order=10)
