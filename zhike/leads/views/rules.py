"""Assignment rules: their order, their forms, what they would do, and who is away."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.masterdata.models import Region
from zhike.org.models import User
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage, DialogPage
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.forms import DateField, LookupField
from zhike.pages.parts import Button, Card, Cell, Column, Link, Mini, Row, Table
from zhike.pages.views import PageView
from zhike.people.views.keeping import Keeping
from zhike.records import guard, options, registry

from .. import actions
from ..assigning import would_go
from ..models import AssignRule, Lead, LeadPause
from ..status import OPEN

TRIED = 50


def provinces() -> dict[str, str]:
    """Provinces by the first two digits of their number."""
    return {str(pk // 10_000): name for pk, name in Region.objects.filter(level=1).order_by("pk").values_list("pk", "name")}


def said(rule: AssignRule, names: dict[str, dict[str, str]]) -> str:
    """The conditions of a rule in one line."""
    parts: list[str] = [
        "、".join(names["source"].get(code, code) for code in rule.sources), str(rule.campaign or ""), str(rule.form or ""),
        "、".join(names["province"].get(code, code) for code in rule.provinces),
        "、".join(names["industry"].get(code, code) for code in rule.industries), rule.words,
    ]
    if rule.amount_from is not None or rule.amount_to is not None:
        low = formats.money(rule.amount_from) if rule.amount_from is not None else ""
        high = formats.money(rule.amount_to) if rule.amount_to is not None else ""
        parts.append(f"{low} – {high}")
    return " · ".join(part for part in parts if part) or str(_("all leads"))


def target(rule: AssignRule, people: dict[int, str]) -> str:
    """To whom a rule gives."""
    if rule.way == AssignRule.USER:
        return str(rule.user)
    if rule.way == AssignRule.QUEUE:
        return _("queue of %(department)s") % {"department": rule.department}
    among = "、".join(people.get(int(pk), "?") for pk in rule.people) if rule.people else str(rule.department)
    return _("in turn: %(people)s") % {"people": among}


class RuleList(Keeping, PageView):
    """The rules in their order, who is away, and the way to try them."""

    kind_name, place, right = "assign_rule", "assign-rules", "view"
    menu = "marketing"  # type: ignore[misc]
    template = "leads/rules.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        lang = get_language() or "zh-hans"
        rules = list(AssignRule.objects.select_related("campaign", "form", "user", "department"))
        names = {"source": options.labels("customer_source", lang), "industry": options.labels("industry", lang), "province": provinces()}
        people = {user.pk: str(user) for user in User.objects.filter(pk__in=[int(pk) for rule in rules for pk in rule.people])}
        may = self.access.may("assign_rule", "edit")
        made = []
        for i, rule in enumerate(rules):
            url = reverse("assign_rule-edit", args=[rule.pk]) if may else ""
            name = Markup('<a class="lk" href="{}">{}. {}</a>').format(url, i + 1, rule.name) if may else f"{i + 1}. {rule.name}"
            moves = Markup("")
            if may:
                moves = Markup(self._step(rule, "up", "chevron-up", _("Ask earlier")) if i else "") + Markup(
                    self._step(rule, "down", "chevron-down", _("Ask later")) if i + 1 < len(rules) else "")
            made.append(Row(rule.pk, url, [
                Cell(name), Cell(cells.badge(_("on"), "good") if rule.enabled else cells.badge(_("off"), "neutral")),
                Cell(Markup('<span class="wrapt">{}</span>').format(said(rule, names))), Cell(target(rule, people)),
                Cell(str(rule.most_open or "—"), num=True), Cell(moves),
            ]))
        columns = [Column("name", _("rule name"), primary=True), Column("state", _("state")), Column("when", _("conditions")), Column("to", _("goes to")),
                   Column("most", _("at most"), num=True, priority=2), Column("moves", _("Move"))]
        today = clock.today()
        pauses = LeadPause.objects.filter(until__gte=today).select_related("user").order_by("starts_on", "pk")
        away = Card(_("Away"), minis=[
            Mini(str(pause.user), sub=pause.reason, avatar=str(pause.user)[:1], value=f"{formats.d(pause.starts_on)} – {formats.d(pause.until)}",
                 buttons=[Button(_("Ends now"), reverse("lead-pause-end", args=[pause.user_id]), "x", "g", dialog=True)]
                 if may or pause.user_id == self.user.pk else [])
            for pause in pauses
        ], buttons=[Button(_("Enter days away"), reverse("lead-pause"), "plus", "g", dialog=True)], empty=_("Everybody gets leads."))
        buttons = [Button(_("Try the rules"), reverse("assign_rule-try"), "player-play")]
        if self.access.may("assign_rule", "add"):
            buttons.append(Button(_("New rule"), reverse("assign_rule-new"), "plus", "p", key="c", phone=True))
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s rules") % {"n": len(made)}, "actions": buttons, "away": away,
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)),
                         empty=_("No rule yet: leads without an owner wait until somebody takes or assigns them.")),
        })

    def _step(self, rule: AssignRule, way: str, icon: str, label: Any) -> Markup:
        from zhike.pages.jinja import icon as draw

        return Markup('<a class="ibtn s" data-dialog href="{}" aria-label="{}">{}</a>').format(
            reverse("assign_rule-move", args=[rule.pk, way]), label, draw(icon, "s"))


class _RuleForm(Keeping):
    kind_name, menu, place = "assign_rule", "marketing", "assign-rules"

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("assign_rule-list")), Link(self.title())]  # type: ignore[attr-defined]

    def cancel_url(self) -> str:
        return reverse("assign_rule-list")


class NewRulePage(_RuleForm, NewPage):
    right = "add"

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [(section.title, list(section.fields)) for section in self.kind.sections]

    def more(self) -> list[str]:
        return []

    def perform(self) -> str:
        self.row_made = self.create(self.build(self.form.values()))
        return reverse("assign_rule-list")


class EditRulePage(_RuleForm, EditPage):
    def perform(self) -> str:
        changed = set(self.form.changed_data)
        self.change({name: value for name, value in self.form.values().items() if name in changed}, self.posted_version())
        return reverse("assign_rule-list")

    def parts(self) -> Any:
        made = super().parts()
        made.lines = Markup('<p><a class="btn btn-x s" data-dialog href="{}">{}</a></p>').format(
            reverse("assign_rule-remove", args=[self.row.pk]), _("Drop this rule"))
        return made


class _RuleAction(Keeping, ActionPage):
    kind_name, place = "assign_rule", "assign-rules"
    menu = "marketing"  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("assign_rule-list")


class MoveRulePage(_RuleAction):
    """One place earlier or later."""

    title_text = gettext_lazy("Order of the rules")
    submit_text = gettext_lazy("Move")

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        self.up = self.kwargs.get("way") == "up"

    def text(self) -> Any:
        return _("The rule is asked one place earlier.") if self.up else _("The rule is asked one place later.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.move_rule(self.row, up=self.up, by=self.user)
        return reverse("assign_rule-list")


class RemoveRulePage(_RuleAction):
    title_text = gettext_lazy("Drop this rule")
    submit_text = gettext_lazy("Drop")
    style = "x"

    def text(self) -> Any:
        return _("Leads that it has given stay where they are.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.remove_rule(self.row, by=self.user)
        return reverse("assign_rule-list")


class TryPage(Keeping, PageView):
    """Where leads would go: those that wait, else the newest open ones. Nothing is changed."""

    kind_name, place, right = "assign_rule", "assign-rules", "view"
    menu = "marketing"  # type: ignore[misc]
    template = "pages/table.html"

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("assign_rule-list")), Link(_("Try the rules"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        kind = registry.kind("lead")
        seen = Lead.objects.visible_to(self.user).select_related("owner", "owner_dept", "product", "region")
        leads = list(seen.filter(owner=None, status="new").order_by("pk")[:TRIED]) or list(seen.filter(status__in=OPEN).order_by("-pk")[:TRIED])
        lang = get_language() or "zh-hans"
        sources = options.labels("customer_source", lang)
        rows = []
        for lead, place in would_go(leads):
            passed = " · ".join(_("“%(rule)s” has nobody") % {"rule": rule} for rule in place.passed)
            to = cells.person(place.user) if place.user else str(place.department) if place.department else Markup('<span class="mut">{}</span>').format(_("stays as it is"))
            rows.append(Row(lead.pk, kind.url(lead), [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(lead), lead)), Cell(sources.get(lead.source, lead.source or "—")),
                Cell(str(lead.region or "—")), Cell(cells.person(lead.owner)), Cell(to), Cell(" · ".join(part for part in (str(place.rule or ""), passed) if part)),
            ]))
        columns = [Column("lead", _("lead"), primary=True), Column("source", _("source"), priority=2), Column("region", _("region"), priority=2),
                   Column("owner", _("owner")), Column("to", _("would go to")), Column("why", _("by the rule"))]
        return self.answer({
            "title": _("Try the rules"), "count_text": _("%(n)s leads") % {"n": len(rows)},
            "actions": [Button(_("Back to the rules"), reverse("assign_rule-list"), "chevron-left")],
            "card": Card("", table=Table(columns, rows, label=_("Try the rules")), empty=_("There is no lead that you may see.")),
        })


class ByRulesPage(ActionPage):
    """Chosen leads that wait go to whom the rules say."""

    kind_name, menu, place = "lead", "marketing", "leads"
    permission = "assign"
    many = True
    title_text = gettext_lazy("Assign by rules")
    submit_text = gettext_lazy("Assign")

    def text(self) -> Any:
        waiting = [row for row in self.rows if row.owner_id is None and row.status == "new"]
        named = [formats.labelled(lead, place.user or place.department) for lead, place in would_go(waiting) if place.rule is not None]
        if not waiting:
            return _("None of these leads waits for an owner.")
        if not named:
            return _("No rule names anybody for these leads. Assign them yourself, or add a rule.")
        return "；".join(named[:10]) + ("…" if len(named) > 10 else "")

    def run(self, values: dict[str, Any]) -> str | None:
        self.given = actions.assign_waiting(self.rows, by=self.user)
        return self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads assigned by the rules") % {"n": len(self.given)}, "tone": "good"}


class PausePage(DialogPage):
    """Days on which somebody gets no leads by rules: for oneself, or for others by who keeps the rules."""

    kind_name, menu, place = "lead", "marketing", "leads"
    title_text = gettext_lazy("Days away")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data, initial={"user": self.user.pk, "starts_on": clock.today()})
        if self.access.may("assign_rule", "edit"):
            form.fields["user"] = LookupField(registry.kind("user"), self.user, label=_("Colleague"), query="active=1")
            form.fields["user"].offer(data.get("user") if data else self.user.pk)  # type: ignore[attr-defined]
        form.fields["starts_on"] = DateField(label=_("From"))
        form.fields["until"] = DateField(label=_("Last day away"))
        form.fields["reason"] = django_forms.CharField(label=_("Reason"), required=False, max_length=100)
        return form

    def text(self) -> Any:
        return _("The assignment rules pass over who is away. Leads that they have already stay theirs.")

    def back_url(self) -> str:
        return reverse("assign_rule-list") if self.access.may("assign_rule", "view") else self.kind.list_url()

    def perform(self) -> str:
        values = self.form.cleaned_data
        actions.pause_leads(values.get("user") or self.user, starts_on=values["starts_on"], until=values["until"], reason=values["reason"], by=self.user)
        return self.back_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class EndPausePage(PausePage):
    """Somebody is back."""

    title_text = gettext_lazy("Back again")
    submit_text = gettext_lazy("Gets leads again")

    def find(self, **kwargs: Any) -> None:
        self.whose = self.visible_or_404(int(self.kwargs["pk"]), registry.kind("user"))
        if self.whose.pk != self.user.pk:
            guard.require(self.user, registry.kind("assign_rule"), "edit")

    def make_form(self, data: Any = None) -> django_forms.Form:
        return django_forms.Form(data)

    def title(self) -> Any:
        return formats.labelled(self.title_text, self.whose)

    def text(self) -> Any:
        return _("The rules give leads to them again from now on.")

    def perform(self) -> str:
        actions.end_pause(self.whose, by=self.user)
        return self.back_url()


