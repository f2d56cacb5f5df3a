"""Pools and customer limits as administrators keep them."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.org.models import Department, User
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Fact, Link, Mini, Row, Table
from zhike.pages.views import PageView
from zhike.people.views.keeping import Keeping
from zhike.records import registry

from .. import actions, pool_scan
from ..actions.pool_rules import SHOWABLE
from ..forms import choices_of
from ..models import Customer, HoldingLimit, Pool, PoolMember, PoolRule


class PoolList(Keeping, PageView):
    kind_name, place = "pool", "pools"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        waiting = dict(Customer.objects.filter(pool__isnull=False).order_by().values_list("pool").annotate(n=Count("pk")))
        rows = []
        for pool in Pool.objects.annotate(n_rules=Count("rules")).order_by("name", "pk")[:200]:
            url = self.kind.url(pool)
            state = cells.badge(_("in use"), "good") if pool.enabled else cells.badge(_("disabled"), "neutral")
            rows.append(Row(pool.pk, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, pool.name)), Cell(str(pool.get_pick_mode_display())),
                Cell(str(pool.n_rules), num=True), Cell(f"{waiting.get(pool.pk, 0):,}", num=True), Cell(state),
            ]))
        columns = [Column("name", _("pool name"), primary=True), Column("mode", _("way out")), Column("rules", _("return rules"), num=True),
                   Column("n", _("customers"), num=True), Column("state", _("state"), priority=2)]
        buttons = [Button(_("Customer limits"), reverse("pool-limits"), "adjustments")]
        if self.access.may("pool", "add"):
            buttons.append(Button(_("New customer pool"), self.kind.action_url("new"), "plus", "p", key="c", phone=True))
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s pools") % {"n": len(rows)}, "actions": buttons,
            "card": Card("", table=Table(columns, rows, label=str(self.kind.plural)), empty=_("There is no pool yet.")),
        })


class PoolSettingsPage(Keeping, DetailPage):
    """A pool: who belongs to it, its rules and whom they would take today."""

    kind_name, place = "pool", "pools"

    def badges(self) -> list[Badge]:
        return [Badge(_("in use"), "good") if self.row.enabled else Badge(_("disabled"), "neutral")]

    def actions(self) -> list[Button]:
        label, icon = (_("Disable"), "ban") if self.row.enabled else (_("Enable"), "circle-check")
        return [
            Button(label, reverse("pool-switch", args=[self.row.pk]), icon, dialog=True),
            Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", "p", key="e", phone=True),
        ]

    def fill_summary(self, parts: DetailParts) -> None:
        parts.main.append(self.rules_card())
        parts.main.extend(self.fact_cards())
        customer = registry.kind("customer")
        shown = [customer.attr(name).label_text for name in ("name", *SHOWABLE) if name == "name" or name in self.row.visible_fields]
        parts.main.append(Card(_("Members see"), facts=[Fact(_("fields"), "、".join(shown))],
                               buttons=[Button(_("Choose fields"), reverse("pool-fields", args=[self.row.pk]), "pencil", "g", dialog=True)]))
        members: dict[str, list[PoolMember]] = {}
        for member in self.row.members.select_related("user", "department"):
            members.setdefault(member.part, []).append(member)
        titles = {PoolMember.ADMIN: _("Administrators of the pool"), PoolMember.MEMBER: _("Members"),
                  PoolMember.SPARED: _("Spared by the rules")}
        for part, title in titles.items():
            parts.rail.append(Card(title, minis=[
                Mini(str(member), sub=_("with all departments below") if member.department_id else "", avatar=str(member)[:1])
                for member in members.get(part, [])
            ], empty=_("Nobody."), buttons=[Button(_("Change"), reverse("pool-members", args=[self.row.pk, part]), "pencil", "g", dialog=True)]))

    def rules_card(self) -> Card:
        labels = dict(choices_of("customer_level"))
        rows = [
            Row(rule.pk, "", [Cell(str(rule)), Cell("、".join(labels.get(code, code) for code in rule.levels) or _("all")), Cell(f"{n:,}", num=True)])
            for rule, n in pool_scan.preview(self.row)
        ]
        total = sum(n for _rule, n in pool_scan.preview(self.row)) if rows else 0
        columns = [Column("rule", _("return rule"), primary=True), Column("levels", _("customer level")),
                   Column("n", _("would fall now"), num=True)]
        return Card(_("Return rules"), sub=_("would fall into the pool: %(n)s") % {"n": f"{total:,}"},
                    table=Table(columns, rows, label=_("Return rules")) if rows else None, empty=_("No rule yet: nothing returns by itself."),
                    buttons=[Button(_("Change"), reverse("pool-rules", args=[self.row.pk]), "pencil", "g", dialog=True)])


class NewPoolPage(Keeping, NewPage):
    kind_name, place, right = "pool", "pools", "add"


class EditPoolPage(Keeping, EditPage):
    kind_name, place = "pool", "pools"


class PoolAction(Keeping, ActionPage):
    """A dialog about one pool."""

    kind_name, place = "pool", "pools"
    submit_text = gettext_lazy("Save")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class SwitchPoolPage(PoolAction):
    def title(self) -> Any:
        return formats.labelled(_("Disable") if self.row.enabled else _("Enable"), self.row)

    def text(self) -> Any:
        if self.row.enabled:
            return _("Nothing returns and nobody takes from it any more; what waits there stays.")
        n = sum(n for _rule, n in pool_scan.preview(self.row))
        return _("would fall into the pool: %(n)s") % {"n": f"{n:,}"}

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = _("Disable") if self.row.enabled else _("Enable")
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        actions.switch_pool(self.row, enabled=not self.row.enabled, by=self.user)
        return None


class FieldsPage(PoolAction):
    """Which fields members see before a customer is theirs."""

    title_text = gettext_lazy("Members see")

    def make_form(self, data: Any = None) -> Any:
        customer = registry.kind("customer")
        form = django_forms.Form(data, initial={"fields": self.row.visible_fields})
        form.fields["fields"] = django_forms.MultipleChoiceField(
            label=_("Fields beside the name"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(name, customer.attr(name).label_text) for name in SHOWABLE])
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.change_pool(self.row, {"visible_fields": values["fields"]}, by=self.user, version=self.version())
        return None


class MembersPage(PoolAction):
    """Who keeps the pool, who belongs to it, or whom its rules spare."""

    stored = True

    def get(self, request: HttpRequest, pk: int | None = None, part: str = "", **kwargs: Any) -> HttpResponse:
        self.part = self._part(part)
        return super().get(request, pk=pk, **kwargs)

    def post(self, request: HttpRequest, pk: int | None = None, part: str = "", **kwargs: Any) -> HttpResponse:
        self.part = self._part(part)
        return super().post(request, pk, **kwargs)

    def _part(self, part: str) -> str:
        if part not in dict(PoolMember.PARTS):
            raise Http404
        return part

    def title(self) -> Any:
        return formats.labelled(dict(PoolMember.PARTS)[self.part], self.row)

    def make_form(self, data: Any = None) -> Any:
        now = self.row.members.filter(part=self.part)
        form = django_forms.Form(data, initial={
            "users": [member.user_id for member in now if member.user_id],
            "departments": [member.department_id for member in now if member.department_id],
        })
        people = User.objects.filter(is_active=True).select_related("department").order_by("department__path", "pk")
        form.fields["departments"] = django_forms.ModelMultipleChoiceField(
            Department.objects.filter(enabled=True), label=_("Departments with all below"), required=False,
            widget=django_forms.CheckboxSelectMultiple)
        form.fields["users"] = django_forms.ModelMultipleChoiceField(
            people, label=_("People"), required=False, widget=django_forms.SelectMultiple(attrs={"size": "10", "class": "in"}),
            help_text=_("Hold Ctrl to choose several."))
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.set_members(self.row, self.part, users=list(values["users"]), departments=list(values["departments"]), by=self.user)
        return None


class RulesPage(PoolAction):
    """The return rules of a pool, in their order."""

    stored = True
    title_text = gettext_lazy("Return rules")
    EMPTY = 3

    def text(self) -> Any:
        return _("For each condition the first rule that names a customer's level decides. A rule without levels is for all. "
                 "Leave the days empty to drop a rule.")

    def make_form(self, data: Any = None) -> Any:
        rules = list(self.row.rules.all())
        form, n = django_forms.Form(data), min(len(rules) + self.EMPTY, actions.pool_rules.MOST_RULES)
        levels = choices_of("customer_level")
        for i in range(n):
            rule = rules[i] if i < len(rules) else None
            form.fields[f"criterion_{i}"] = django_forms.ChoiceField(
                label=_("Rule %(n)s") % {"n": i + 1}, choices=PoolRule.CRITERIA, required=False,
                initial=rule.criterion if rule else PoolRule.FOLLOW_UP)
            form.fields[f"days_{i}"] = django_forms.IntegerField(
                label=_("days"), min_value=1, max_value=3650, required=False, initial=rule.days if rule else None)
            form.fields[f"levels_{i}"] = django_forms.MultipleChoiceField(
                label=_("customer level"), choices=levels, required=False, widget=django_forms.CheckboxSelectMultiple,
                initial=rule.levels if rule else [])
        return form

    def lines(self) -> list[list[str]]:
        return [[f"{name}_{i}" for name in ("criterion", "days", "levels")]
                for i in range(actions.pool_rules.MOST_RULES) if f"days_{i}" in self.form.fields]

    def run(self, values: dict[str, Any]) -> str | None:
        rules = []
        for i in range(actions.pool_rules.MOST_RULES):
            if values.get(f"days_{i}"):
                rules.append(PoolRule(criterion=values[f"criterion_{i}"] or PoolRule.FOLLOW_UP, days=values[f"days_{i}"],
                                      levels=values[f"levels_{i}"]))
        actions.set_rules(self.row, rules, by=self.user)
        return None


class LimitsPage(Keeping, ActionPage):
    """How many customers people may own and lock."""

    stored = True
    kind_name, place = "pool", "limits"
    title_text = gettext_lazy("Customer limits")
    submit_text = gettext_lazy("Save")
    EMPTY = 3

    def prepare(self, pk: int | None = None) -> None:
        self.rows = []

    def title(self) -> Any:
        return self.title_text

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(self.title_text)]

    def back_url(self) -> str:
        return reverse("pool-limits") if self.request.method == "POST" else self.kind.list_url()

    def text(self) -> Any:
        return _("The nearest counts: a person's own, else that of the nearest department above, else the house's. "
                 "Who is above a new limit keeps what they have and gets no more.")

    def make_form(self, data: Any = None) -> Any:
        known = list(HoldingLimit.objects.select_related("user", "department").order_by("department__path", "pk"))
        known.sort(key=lambda limit: (limit.user_id is not None, limit.department_id is not None))
        house = next((limit for limit in known if not limit.user_id and not limit.department_id), HoldingLimit())
        rest = [limit for limit in known if limit.user_id or limit.department_id]
        lines: list[HoldingLimit | None] = [house, *rest, *[None] * self.EMPTY]
        whom = [("", "—"), (_("Departments"), [(f"d{row.pk}", row.name) for row in Department.objects.filter(enabled=True)]),
                (_("People"), [(f"u{row.pk}", str(row)) for row in User.objects.filter(is_active=True).order_by("pk")[:2_000]])]
        form = django_forms.Form(data)
        for i, limit in enumerate(lines[: actions.pool_rules.MOST_LIMITS]):
            if i:
                chosen = "" if limit is None else f"u{limit.user_id}" if limit.user_id else f"d{limit.department_id}"
                form.fields[f"whom_{i}"] = django_forms.ChoiceField(label=_("Limit %(n)s for") % {"n": i}, choices=whom, required=False, initial=chosen)
            label = _("The whole house: owns at most") if not i else _("owns at most")
            form.fields[f"owned_{i}"] = django_forms.IntegerField(
                label=label, min_value=0, max_value=10_000_000, required=False, initial=limit.most_owned if limit else None)
            form.fields[f"locked_{i}"] = django_forms.IntegerField(
                label=_("locks at most"), min_value=0, max_value=10_000_000, required=False, initial=limit.most_locked if limit else None)
            form.fields[f"deals_{i}"] = django_forms.BooleanField(
                label=_("deal customers count"), required=False, initial=limit.count_deals if limit else False)
        return form

    def lines(self) -> list[list[str]]:
        names = ("whom", "owned", "locked", "deals")
        return [[f"{name}_{i}" for name in names if f"{name}_{i}" in self.form.fields]
                for i in range(actions.pool_rules.MOST_LIMITS) if f"owned_{i}" in self.form.fields]

    def run(self, values: dict[str, Any]) -> str | None:
        rows = []
        for i in range(actions.pool_rules.MOST_LIMITS):
            if f"owned_{i}" not in values:
                break
            owned, locked, whom = values[f"owned_{i}"], values[f"locked_{i}"], values.get(f"whom_{i}", "")
            if (i and not whom) or (owned is None and locked is None):
                continue
            rows.append(HoldingLimit(
                user_id=int(whom[1:]) if whom.startswith("u") else None, department_id=int(whom[1:]) if whom.startswith("d") else None,
                most_owned=owned, most_locked=locked, count_deals=values[f"deals_{i}"]))
        actions.set_limits(rows, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}
