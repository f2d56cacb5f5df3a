"""Pages of campaigns: the record with what came of it, and its moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Button, Card, Cell, Column, Fact, Link, Notice, Row, Step, Table
from zhike.records import guard, options, registry

from .. import actions, figures
from ..forms import CancelForm, SummariseForm
from ..models import Campaign, Lead
from ..status import CAMPAIGN, LEAD

PATH = ("draft", "approved", "in_progress", "done", "summarised")
SHOWN = 50
ICONS = {"approve": "circle-check", "withdraw": "arrow-back-up", "start": "player-play", "finish": "check", "resume": "arrow-back-up",
         "summarise": "file-invoice", "cancel": "ban", "revive": "arrow-back-up"}
ONWARD = ("approve", "start", "finish", "summarise")
MOVES: dict[str, Callable[..., Any]] = {
    "approve": actions.approve_campaign, "withdraw": actions.withdraw_campaign, "start": actions.start_campaign, "finish": actions.finish_campaign,
    "resume": actions.resume_campaign, "summarise": actions.summarise_campaign, "cancel": actions.cancel_campaign,
    "revive": actions.revive_campaign,
}


class CampaignPage(DetailPage):
    """Everything about one campaign, with what came of it."""

    kind_name = "campaign"
    menu = "marketing"
    place = "campaigns"
    row: Campaign

    def subtitle(self) -> Any:
        row, types = self.row, options.labels("campaign_type", get_language() or "zh-hans")
        told = {attr.name for attr in self.kind.open(("type", "starts_on", "ends_on", "place"), self.access)}
        days = "–".join(formats.d(day) for day, name in ((row.starts_on, "starts_on"), (row.ends_on, "ends_on")) if day and name in told)
        return " · ".join(part for part in (row.code, types.get(row.type, row.type) if "type" in told else "", days, row.place if "place" in told else "") if part)

    def facts(self) -> list[Fact]:
        row, told = self.row, self.told()
        shown = {attr.name for attr in self.kind.open(("budget", "cost", "goal_leads", "owner"), self.access)}
        facts = []
        if "budget" in shown:
            facts.append(Fact(_("planned budget"), f"¥ {formats.money(row.budget)}" if row.budget is not None else "—"))
        if "cost" in shown:
            facts.append(Fact(_("actual cost"), f"¥ {formats.money(row.cost)}" if row.cost is not None else "—"))
        if self.access.may("lead", "view"):
            goal = _("goal %(n)s") % {"n": row.goal_leads} if row.goal_leads and "goal_leads" in shown else ""
            facts.append(Fact(_("leads"), str(told.all), hint=goal, url=self.leads_url()))
            facts.append(Fact(_("converted"), f"{told.converted} · {formats.pct(told.rate)}" if told.all else "—", url=self.leads_url("converted")))
        if "owner" in shown:
            facts.append(Fact(_("owner"), cells.person(row.owner)))
        return [*facts, *super().facts()]

    def told(self) -> figures.Figures:
        """What came of it, as far as the person sees; asked for once a page."""
        if not hasattr(self, "_told"):
            self._told = figures.of_campaign(self.row, self.user)
        return self._told

    def leads_url(self, status: str = "") -> str:
        """The list of its leads."""
        return f"{registry.kind('lead').list_url()}?campaign={self.row.pk}" + (f"&status={status}" if status else "")

    def path(self) -> list[Step]:
        if self.row.status == "cancelled":
            return [Step(CAMPAIGN.label("cancelled"), "cur")]
        here = PATH.index(self.row.status)
        return [Step(CAMPAIGN.label(code), "done" if i < here else "cur" if i == here else "todo") for i, code in enumerate(PATH)]

    def path_label(self) -> Any:
        return _("State of the campaign")

    def actions(self) -> list[Button]:
        buttons = super().actions()
        for move in CAMPAIGN.allowed(self.row):
            if guard.can_edit(self.user, self.row, move.permission) and not (move.name == "approve" and self.own()):
                onward = move.name in ONWARD
                buttons.append(Button(move.label, reverse("campaign-step", args=[self.row.pk, move.name]), ICONS[move.name],
                                      "p" if onward else "x" if move.name == "cancel" else "d", dialog=True, menu=not onward, phone=onward))
        return buttons

    def notices(self) -> list[Notice]:
        """What a draft waits for, for its owner, who cannot approve it."""
        if self.row.status != "draft" or not self.own():
            return []
        return [Notice(_("Waits for approval: a colleague with the right to approve campaigns looks at budget and goals. Nobody approves what is their own."), "info", "clock")]

    def own(self) -> bool:
        """Nobody approves what is their own."""
        return self.row.owner_id == self.user.pk and not self.user.is_admin

    def own_tabs(self) -> list[TabSpec]:
        return [
            TabSpec("summary", _("Summary"), type(self).fill_summary),
            TabSpec("leads", _("Leads"), fill_leads, count=lambda page: page.told().all, kind="lead"),
        ]

    def fill_summary(self, parts: DetailParts) -> None:
        cards = {str(card.title): card for card in self.fact_cards()}
        basic, money, described, result = (cards.pop(str(section.title), None) for section in self.kind.sections)
        parts.rail.extend(card for card in (basic, money) if card is not None)
        if self.access.may("lead", "view"):
            parts.main.append(self.effect())
        if self.row.status not in ("summarised", "cancelled"):
            result = None
        parts.main.extend(card for card in (result, described, *cards.values()) if card is not None)
        for contribution in self.kind.cards:
            contribution(self, parts)

    def effect(self) -> Card:
        """Leads by state, rates and cost, against the goals."""
        told, row = self.told(), self.row
        facts = [Fact(LEAD.label(code), str(told.by_status.get(code, 0)), url=self.leads_url(code)) for code in LEAD.states]
        facts.append(Fact(_("conversion rate"), formats.pct(told.rate) if told.all else "—"))
        if self.access.field_mode("campaign", "cost") in ("", "read"):
            facts.append(Fact(_("cost per lead"), f"¥ {formats.money(told.per_lead)}" if told.per_lead is not None else "—"))
        if row.goal_leads and self.access.field_mode("campaign", "goal_leads") in ("", "read"):
            facts.append(Fact(_("goal reached"), formats.pct(told.reached(row.goal_leads))))
        return Card(_("Effect and goals"), key="effect", facts=facts)


def fill_leads(page: CampaignPage, parts: DetailParts) -> None:
    """The newest leads of the campaign that the person may see."""
    kind = registry.kind("lead")
    attrs = kind.shown(["name", "company", "mobile", "heat", "status", "owner", "created_at"], page.access)
    rows = list(Lead.objects.visible_to(page.user).filter(campaign=page.row).select_related(*kind.related).order_by("-created_at", "-pk")[:SHOWN])
    show = cells.renderers(kind, attrs, rows, page.access)
    table = Table(
        [Column(attr.name, attr.label, primary=i == 0, priority=attr.priority) for i, attr in enumerate(attrs)],
        [Row(row.pk, kind.url(row), [
            Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(row), render(row)) if i == 0 else render(row))
            for i, render in enumerate(show)]) for row in rows],
        label=_("Leads"),
    )
    buttons = []
    if page.access.may("lead", "add") and page.row.status not in ("summarised", "cancelled"):
        buttons = [Button(_("New lead"), f"{kind.action_url('new')}?campaign={page.row.pk}&source=campaign", "plus", "d")]
    parts.layout = "c1"
    parts.main.append(Card(_("Leads"), table=table, buttons=buttons, more=Link(_("All"), page.leads_url()), empty=_("No lead yet.")))


class StepPage(ActionPage):
    """One move of a campaign."""

    kind_name, menu, place = "campaign", "marketing", "campaigns"

    def find(self, **kwargs: Any) -> None:
        self.move = CAMPAIGN.moves.get(kwargs["move"]) or _missing()
        self.permission = self.move.permission  # type: ignore[misc]
        super().find(**kwargs)

    def make_form(self, data: Any = None) -> django_forms.Form:
        if self.move.name == "summarise":
            return SummariseForm(data, initial={"cost": self.row.cost, "summary": self.row.summary})
        return CancelForm(data) if self.move.name == "cancel" else django_forms.Form(data)

    def title(self) -> Any:
        return formats.labelled(self.move.label, self.row)

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = self.move.label
        made.style = "x" if self.move.name == "cancel" else "p"
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        MOVES[self.move.name](self.row, **values, by=self.user, version=self.version())
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” is %(state)s now") % {"row": self.row, "state": CAMPAIGN.label(self.move.target)}, "tone": "good"}


def _missing() -> Any:
    raise Http404
