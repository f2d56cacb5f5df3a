"""The rules of the alerts, for administrators: all of them, one with what it finds now, its form, and a trial."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.org.models import Department, Role, User
from zhike.pages import changes, formats
from zhike.pages.actions import ActionPage, ActionParts
from zhike.pages.forms import LookupManyField
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Fact, Link, Mini, Notice, Option, Row, Table
from zhike.pages.views import PageView, PostView
from zhike.records import guard, history, options, registry

from .. import rules
from ..alerting import Alert, declared
from ..models import AlertHit, AlertRule
from ..scanning import firing, scan_rule
from .messages import HOURS

SHOWN = 50
TRIED = 20_000  # records a trial looks at
NAMED = 5  # of which it names so many


class _Keeping(PageView):
    """For those who may change rules; who may only see them is told so."""

    kind_name, menu, place = "alert_rule", "settings", "alerts"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        kind = registry.kind("alert_rule")
        if request.user.is_authenticated:
            from zhike.org.access import access_of

            if access_of(request.user).may(kind.name, "view"):
                guard.require(request.user, kind, "edit")
        return super().dispatch(request, *args, **kwargs)

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("alert_rule-list")), Link(str(self.row))] if hasattr(self, "row") else []


def who(rule: AlertRule, alert: Alert, names: dict[str, str]) -> str:
    """The recipients of a rule in words."""
    words = {code: str(label) for code, label in alert.named().items()} | {"admins": _("administrators")}
    return "、".join(words.get(code) or names.get(code, code) for code in rule.recipients) if _comma() else ", ".join(
        words.get(code) or names.get(code, code) for code in rule.recipients)


def _comma() -> bool:
    return (get_language() or "zh").startswith("zh")


def people_names(codes: set[str]) -> dict[str, str]:
    """user:5 and role:SM with what they are called; two queries for all."""
    ids = [int(code[5:]) for code in codes if code.startswith("user:")]
    found = {f"user:{user.pk}": str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}
    roles = [code[5:] for code in codes if code.startswith("role:")]
    return found | ({f"role:{role.code}": str(role) for role in Role.objects.filter(code__in=roles)} if roles else {})


def _count(rule: AlertRule, alert: Alert) -> str:
    """How many records fire now, "10,000+" where counting stopped, "—" where the rule cannot be read any more."""
    try:
        _rows, n, capped = firing(rule, alert)
    except Refused:
        return "—"
    return f"{n:,}{'+' if capped else ''}"


class RuleList(_Keeping):
    """Every alert with whether it is on, whom it tells, what it would find now and what is open."""

    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = [(rule, alert) for rule in AlertRule.objects.order_by("code") if (alert := declared(rule.code)) is not None]
        left = dict(AlertHit.objects.filter(closed_at=None).values("rule_id").annotate(n=Count("pk")).order_by().values_list("rule_id", "n"))
        names = people_names({code for rule, _alert in found for code in rule.recipients})
        columns = [Column("name", _("alert"), primary=True), Column("state", _("state")), Column("now", _("would fire now"), num=True, priority=2),
                   Column("open", _("open alerts"), num=True, priority=2), Column("to", _("recipients"), priority=2), Column("how", _("way of telling"), priority=2),
                   Column("code", _("code"), priority=3)]
        made = []
        for rule, alert in found:
            url = reverse("alert_rule-detail", args=[rule.pk])
            made.append(Row(rule.pk, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, str(alert.label)[:1].upper() + str(alert.label)[1:])),
                Cell(_state(rule)), Cell(_count(rule, alert), num=True), Cell(f"{left.get(rule.pk, 0):,}", num=True),
                Cell(who(rule, alert, names) or "—"), Cell(_("daily digest") if rule.digest else _("one by one")),
                Cell(Markup("<code>{}</code>").format(rule.code)),
            ]))
        on = sum(rule.enabled for rule, _alert in found)
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(on)s of %(n)s on") % {"on": on, "n": len(found)}, "actions": [],
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=_("The first scan adds the rules; it runs every hour.")),
        })


def _state(rule: AlertRule) -> Markup:
    tone, text = ("bad", _("failed")) if rule.scan_error and rule.enabled else ("good", _("on")) if rule.enabled else ("neutral", _("off"))
    return Markup('<span class="bg {}"><i></i>{}</span>').format(tone, text)


class RulePage(_Keeping):
    """One rule: what it says, what it finds now, what has changed in it."""

    template = "notices/rule.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(pk)
        alert = declared(self.row.code)
        lang = get_language() or "zh-hans"
        notices = [Notice(self.row.scan_error, "bad", "alert-triangle")] if self.row.scan_error else []
        cards = [Card(_("Rule"), facts=self.facts(alert, lang), notices=notices)]
        if alert is not None:
            cards.append(self.found(alert))
        days = changes.days(self.kind, list(history.of(self.row)[:100]), self.access)
        cards.append(Card(_("Changes"), template="pages/timeline.html", data=days, empty=_("Nothing has changed yet.")))
        return self.answer({"title": str(self.row)[:1].upper() + str(self.row)[1:], "actions": self.actions(alert), "cards": cards,
                            "badge": Badge(_("on"), "good") if self.row.enabled else Badge(_("off"), "neutral")})

    def actions(self, alert: Alert | None) -> list[Button]:
        if alert is None:
            return []
        switch = Button(_("Turn off") if self.row.enabled else _("Turn on"), reverse("alert_rule-switch", args=[self.row.pk]), post=True,
                        fields={"enabled": "0" if self.row.enabled else "1"})
        return [switch, Button(_("Trial run"), reverse("alert_rule-try", args=[self.row.pk]), "player-play", dialog=True),
                Button(_("Edit"), reverse("alert_rule-edit", args=[self.row.pk]), "pencil", "p", key="e", dialog=True)]

    def facts(self, alert: Alert | None, lang: str) -> list[Fact]:
        rule = self.row
        made = [Fact(_("code"), Markup("<code>{}</code>").format(rule.code))]
        if alert is not None:
            made += [Fact(label, str(rule.params.get(key, default))) for key, label, default, _param in figures(alert, lang)]
            made.append(Fact(_("recipients"), who(rule, alert, people_names(set(rule.recipients))) or "—"))
        names = list(Department.objects.filter(pk__in=rule.departments).values_list("name", flat=True))
        made.append(Fact(_("departments"), ", ".join(names) or _("all")))
        if rule.conditions and alert is not None and alert.kind:
            made.append(Fact(_("only records with"), Markup('<a href="{}">{}</a>').format(
                f"{registry.kind(alert.kind).list_url()}?{rule.conditions}", _("the conditions of this list"))))
        made += [
            Fact(_("days are"), _("workdays") if rule.working else _("calendar days")),
            Fact(_("way of telling"), _("daily digest") if rule.digest else _("one by one")),
            Fact(_("to the manager after (days)"), str(rule.escalate_days or "—")), Fact(_("again after (days)"), str(rule.repeat_days or "—")),
            Fact(_("quiet hours"), f"{rule.quiet_from:02d}:00–{rule.quiet_to:02d}:00" if rule.quiet_from is not None else "—"),
            Fact(_("last scan"), formats.full(rule.scanned_at, lang) if rule.scanned_at else "—"),
        ]
        return made

    def found(self, alert: Alert) -> Card:
        """The records for which the rule holds at this moment."""
        try:
            rows, n, capped = firing(self.row, alert)
        except Refused as no:
            return Card(_("Would fire now"), notices=[Notice(no.message, "bad")])
        kind = alert.declared_kind
        minis: list[Mini] = []
        if kind is not None:
            mine = rows.visible_to(self.user).select_related(*(["owner"] if kind.owned else [])).order_by("pk")[:SHOWN]
            minis = [Mini(str(row), kind.url(row) if kind.pages else "", value=str(row.owner or "—") if kind.owned else "") for row in mine]
        count = f"{n:,}{'+' if capped else ''}"
        sub = _("the first %(n)s") % {"n": SHOWN} if n > SHOWN else ""
        return Card(_("Would fire for %(n)s records now") % {"n": count}, key="now", sub=sub, minis=minis,
                    empty=_("At this moment no record fulfils the rule."))


def figures(alert: Alert, lang: str) -> list[tuple[str, Any, int, Any]]:
    """(key, words, default, the parameter) of each figure that the rule asks for."""
    made = []
    for param in alert.params:
        dictionary = getattr(param, "dictionary", "")
        names = options.labels(dictionary, lang) if dictionary else {}
        rest = _("others")
        for key, choice in param.slots():
            label = param.label
            if dictionary:
                label = formats.labelled(param.label, names.get(choice, choice) if choice else rest)
            made.append((key, label, param.default_of(choice), param))
    return made


class EditRulePage(_Keeping, ActionPage):
    """What counts, whom it tells, and when."""

    permission = "edit"

    def title(self) -> Any:
        return _("Rule “%(rule)s”") % {"rule": self.row}

    def back_url(self) -> str:
        return reverse("alert_rule-detail", args=[self.row.pk])

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("alert_rule-list")), Link(str(self.row), self.back_url()), Link(_("Edit"))]

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        self.alert = declared(self.row.code)
        if self.alert is None:
            raise Refused(_("The part of the program that made this alert is not there any more."), code="alert.gone")

    def make_form(self, data: Any = None) -> django_forms.Form:
        assert self.alert is not None
        return RuleForm(self.alert, self.row, self.user, data)

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        return self.trial(pk) if request.POST.get("do") == "try" else super().post(request, pk, **kwargs)

    def trial(self, pk: int | None) -> HttpResponse:
        """What the rule would find if it were saved as it stands in the form; the form stays as it is."""
        self.find(pk=pk)
        self.form = self.make_form(self.request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        assert isinstance(self.form, RuleForm)
        try:
            self.tried = [*trial_of(rules.tried_with(self.row, self.form.values(), by=self.user), self.user),
                          Notice(_("Tried with what stands in the form. Nothing has been saved, nobody was told."), "wait")]
        except Refused as no:
            return self.refused(no)
        return self.answer(self.parts())

    tried: list[Notice] = []

    def parts(self, **more: Any) -> ActionParts:
        return super().parts(also=[Option(_("Trial run"), value="try")], outcome=self.tried, **more)

    submit_text = property(lambda self: _("Save"))  # type: ignore[assignment]

    def run(self, values: dict[str, Any]) -> str | None:
        assert isinstance(self.form, RuleForm)
        rules.change_rule(self.row, self.form.values(), by=self.user, version=self.version())
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class RuleForm(django_forms.Form):
    """The figures an alert has, and what every rule has."""

    def __init__(self, alert: Alert, rule: AlertRule, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self.alert, self.rule = alert, rule
        lang = get_language() or "zh-hans"
        add = self.fields.__setitem__
        self.keys = []
        for key, label, default, param in figures(alert, lang):
            self.keys.append(key)
            add(f"p_{key}", django_forms.IntegerField(label=label, min_value=param.least, max_value=param.most,
                                                      initial=rule.params.get(key, default)))
        add("working", django_forms.BooleanField(label=_("count workdays only"), required=False, initial=rule.working))
        people = [code for code in rule.recipients if code.startswith("user:")]
        choices = [*alert.named().items(), ("admins", _("administrators")),
                   *((f"role:{role.code}", _("everybody with the role %(role)s") % {"role": role}) for role in Role.objects.all())]
        add("recipients", django_forms.MultipleChoiceField(label=_("recipients"), choices=choices, required=False,
            widget=django_forms.CheckboxSelectMultiple, initial=[code for code in rule.recipients if code not in people]))
        picked = LookupManyField(registry.kind("user"), user, label=_("and these people"), required=False, query="active=1",
                                 help_text=_("They are told of records they may see."), initial=[code[5:] for code in people])
        add("users", picked)
        picked.offer(self.data.getlist("users") if self.is_bound else picked.initial)  # type: ignore[attr-defined]
        if alert.declared_kind is not None and alert.declared_kind.owned:
            tree = [(str(row.pk), row.name) for row in Department.objects.filter(enabled=True)]
            add("departments", django_forms.MultipleChoiceField(label=_("only these departments and those below"), choices=tree,
                required=False, widget=django_forms.CheckboxSelectMultiple, initial=[str(pk) for pk in rule.departments]))
        if alert.kind:
            add("conditions", django_forms.CharField(label=_("only records with"), required=False, max_length=4000, initial=rule.conditions,
                help_text=_("Choose conditions in the list of these records and paste the address of that page here.")))
        add("digest", django_forms.ChoiceField(label=_("way of telling"), choices=[("1", _("daily digest")), ("0", _("one by one"))],
                                               initial="1" if rule.digest else "0"))
        add("escalate_days", django_forms.IntegerField(label=_("to the manager after (days)"), required=False, min_value=1, max_value=365,
                                                       initial=rule.escalate_days))
        add("repeat_days", django_forms.IntegerField(label=_("again after (days)"), required=False, min_value=1, max_value=365,
                                                     initial=rule.repeat_days))
        for name, label in (("quiet_from", _("quiet from")), ("quiet_to", _("quiet until"))):
            held = getattr(rule, name)
            add(name, django_forms.ChoiceField(label=label, choices=[("", "—"), *HOURS], required=False, initial="" if held is None else str(held)))

    def clean_users(self) -> list[str]:
        codes = []
        for user in self.cleaned_data["users"]:
            codes.append(f"user:{user.pk}")
            if not user.is_active and codes[-1] not in self.rule.recipients:
                raise django_forms.ValidationError(_("%(user)s is disabled. Choose somebody who works here.") % {"user": user})
        return codes

    def values(self) -> dict[str, Any]:
        """What `rules.change_rule` takes."""
        given = self.cleaned_data
        hours = {name: int(given[name]) if given[name] else None for name in ("quiet_from", "quiet_to")}
        more = {name: given[name] for name in ("departments", "conditions") if name in self.fields}
        return {
            "params": {key: given[f"p_{key}"] for key in self.keys}, "working": given["working"],
            "recipients": [*given["recipients"], *given["users"]], "digest": given["digest"] == "1",
            "escalate_days": given["escalate_days"], "repeat_days": given["repeat_days"], **hours, **more,
        }


class SwitchRuleView(_Keeping, PostView):
    """Turn a rule on or off."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        from django.http import Http404

        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(self.kwargs["pk"])
        return super().post(request)

    def perform(self) -> str:
        self.on = self.request.POST.get("enabled") == "1"
        rules.switch_rule(self.row, enabled=self.on, by=self.user)
        return reverse("alert_rule-detail", args=[self.row.pk])

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Turned on; the next scan tells people") if self.on else _("Turned off"), "tone": "good"}


def trial_of(rule: AlertRule, user: Any) -> list[Notice]:
    """What the next scan of a rule would find, the first of it by name, and whom it would tell; nothing is written."""
    tally = scan_rule(rule, dry=True, most=TRIED)
    text = _("%(records)s records fulfil the rule now. The next scan would open %(opened)s alerts and close %(closed)s.") % {
        "records": f"{tally.records:,}", "opened": f"{tally.opened:,}", "closed": f"{tally.closed:,}"}
    made = [Notice(text, "info")]
    names = _first_names(rule, user)
    if names:
        made.append(Notice(_("Among them: %(list)s") % {"list": formats.listed(names)}, "info", "list-details"))
    if tally.cut:
        made.append(Notice(_("The trial looked at the first %(n)s records only.") % {"n": f"{TRIED:,}"}, "wait"))
    people = {user.pk: str(user) for user in User.objects.filter(pk__in=[pk for pk, _n in tally.people.most_common(20)])}
    lines = [f"{people.get(pk, '?')} {n:,}" for pk, n in tally.people.most_common(20)]
    if lines:
        more = len(tally.people) - len(lines)
        made.append(Notice(_("Would be told: %(list)s") % {"list": " · ".join(lines) + (f" … +{more}" if more > 0 else "")}, "info", "users"))
    return made


def _first_names(rule: AlertRule, user: Any) -> list[str]:
    """Some of the records a rule would fire for, as far as the person may see them."""
    alert = declared(rule.code)
    if alert is None or alert.declared_kind is None:
        return []
    rows, _n, _capped = firing(rule, alert)
    return [str(row) for row in rows.visible_to(user).order_by("pk")[:NAMED]]


class TryRulePage(_Keeping, ActionPage):
    """A trial: what the next scan would find and whom it would tell. Nothing is told; a post scans now."""

    permission = "edit"

    def title(self) -> Any:
        return _("Trial run of “%(rule)s”") % {"rule": self.row}

    submit_text = property(lambda self: _("Scan now"))  # type: ignore[assignment]

    def back_url(self) -> str:
        return reverse("alert_rule-detail", args=[self.row.pk])

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("alert_rule-list")), Link(str(self.row), self.back_url()), Link(_("Trial run"))]

    def notices(self) -> list[Notice]:
        made = trial_of(self.row, self.user)
        if not self.row.enabled:
            made.append(Notice(_("The rule is off: turn it on to scan."), "wait"))
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        if not self.row.enabled:
            raise Refused(_("The rule is off: turn it on to scan."))
        self.job = rules.scan_soon(self.row, by=self.user)
        return None
