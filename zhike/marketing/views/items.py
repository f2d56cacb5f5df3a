"""The daily list of customer care, one item, and what is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.base.fields.exact import Money
from zhike.notices import mailing
from zhike.pages import cells, changes, formats
from zhike.pages.actions import ActionPage
from zhike.pages.forms import DateTimeField
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Fact, Link, Notice, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard, history, registry

from .. import actions
from ..actions import care
from ..models import CHANNELS, CareItem, CareRule
from ..status import CARE

PAGE = 50
MOST_RECEIVERS = 50  # contacts offered to send a text to
SENDS = (*actions.SENT, *actions.BY_HAND)


def badge(row: CareItem) -> Badge:
    """Its state; what is planned says when."""
    if row.status != "planned":
        return Badge(CARE.label(row.status), CARE.tone(row.status))
    days = (row.due_on - clock.today()).days
    if days < 0:
        return Badge(_("late by %(n)s days") % {"n": -days}, "bad", dot=False)
    return Badge(_("today"), "wait", dot=False) if days == 0 else Badge(formats.near(clock.start_of(row.due_on)), "neutral", dot=False)


EVERY = "every"


@dataclass(slots=True)
class Narrowed:
    """Conditions beside state and owner: what they let through, the address, and how they read."""

    q: Q
    query: dict[str, str]
    label: str


def _number(text: str) -> int:
    """A number of the address; "not found" for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def link_off(state: str, whose: str) -> str:
    """The list without further conditions."""
    return f"{reverse('care_item-list')}?{urlencode({'state': state if state != EVERY else 'planned', 'whose': whose})}"


def ways(row: CareItem) -> Markup:
    """What one does with an item from its row."""
    first = ("send", _("Send")) if row.channel in SENDS else ("finish", _("Done"))
    return Markup(" ").join(
        Markup('<a class="btn btn-t s" href="{}" data-dialog>{}</a>').format(reverse(f"care_item-{name}", args=[row.pk]), label)
        for name, label in (first, ("skip", _("Skip"))))


class CareList(PageView):
    """What is to be done for customers now: one's own first, the department's a press away."""

    kind_name, menu, place = "care_item", "customers", "care"
    template = "marketing/care.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        state, whose, before = request.GET.get("state", "planned"), request.GET.get("whose", self.first()), request.GET.get("after", "")
        if state not in (*CARE.states, EVERY) or whose not in ("mine", "all"):
            raise Http404
        rows = CareItem.objects.visible_to(self.user)
        if state != EVERY:
            rows = rows.filter(status=state)
        narrowed = self.narrowed()
        rows = rows.filter(narrowed.q)
        if whose == "mine":
            rows = rows.filter(owner=self.user)
        down = state != "planned"
        count = rows[:10_001].count()
        place = self.place_of(before)
        if place is not None:
            on, pk = place
            rows = rows.filter(Q(due_on__lt=on) | Q(due_on=on, pk__lt=pk) if down else Q(due_on__gt=on) | Q(due_on=on, pk__gt=pk))
        order = ("-due_on", "-pk") if down else ("due_on", "pk")
        found = list(rows.select_related("customer", "contact", "owner").order_by(*order)[: PAGE + 1])
        last, found = (found[PAGE - 1] if len(found) > PAGE else None), found[:PAGE]

        def link(**more: str) -> str:
            return f"{reverse('care_item-list')}?{urlencode({'state': state, 'whose': whose, **narrowed.query, **more})}"

        states = [Link(label, link(state=code), active=code == state)
                  for code, label in (("planned", _("To do")), ("done", _("Done")), ("skipped", _("Skipped")), (EVERY, _("All")))]
        people = [Link(label, link(whose=code), active=code == whose) for code, label in (("mine", _("Mine")), ("all", _("All I may see")))]
        rules = self.access.may("care_rule", "edit")
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s items") % {"n": "10,000+" if count > 10_000 else f"{count:,}"},
            "actions": [Button(_("Care rules"), reverse("care_rule-list"), "adjustments")] if rules else [],
            "states": states, "people": people, "off": Link(narrowed.label, link_off(state, whose)) if narrowed.query else None, "table": self.table(found) if found else None,
            "next": link(after=f"{last.due_on}_{last.pk}") if last else "",
            "empty": _("Nothing to do here. The rules plan birthdays, festivals and silences by themselves."),
        })

    def narrowed(self) -> Narrowed:
        """The conditions of the address, as the figures set them: rule, colleague, level, days, answered."""
        given, q, query, labels = self.request.GET, Q(), {}, []
        if text := given.get("rule", ""):
            rule = CareRule.objects.filter(pk=_number(text)).first()
            if rule is None:
                raise Http404
            q, query["rule"] = q & Q(rule=rule), text
            labels.append(str(rule))
        if text := given.get("owner", ""):
            owner = registry.kind("user").visible(self.user).filter(pk=_number(text)).first()
            if owner is None:
                raise Http404
            q, query["owner"] = q & Q(owner=owner), text
            labels.append(str(owner))
        if (text := given.get("level", "")[:20]) and self.access.field_mode("customer", "level") in ("", "read"):
            q, query["level"] = q & Q(customer__level="" if text == "-" else text), text
            labels.append(f"{_('customer level')} {text}")
        for name, look in (("from", "due_on__gte"), ("to", "due_on__lte")):
            if text := given.get(name, ""):
                try:
                    q &= Q(**{look: date.fromisoformat(text)})
                except ValueError:
                    raise Http404 from None
                query[name] = text
                labels.append(text)
        if given.get("answered") == "1":
            q, query["answered"] = q & ~Q(result=""), "1"
            labels.append(_("with an answer"))
        return Narrowed(q, query, " · ".join(labels))

    def first(self) -> str:
        """Who looks after a department or the house starts with all of it."""
        reach = self.access.reach("care_item")
        return "all" if reach.everything or reach.departments else "mine"

    def place_of(self, text: str) -> tuple[Any, int] | None:
        day, _sep, pk = text.partition("_")
        try:
            return (date.fromisoformat(day), int(pk)) if text and len(text) < 40 and pk.isascii() else None
        except ValueError:
            raise Http404 from None

    def table(self, rows: list[CareItem]) -> Table:
        names = dict(CHANNELS)
        customers = set(registry.kind("customer").model.objects.visible_to(self.user)
                        .filter(pk__in=[row.customer_id for row in rows]).values_list("pk", flat=True))
        head = [Column("title", _("care"), primary=True), Column("due", _("due")), Column("day", _("day of the occasion"), priority=2),
                Column("customer", _("customer")), Column("channel", _("channel"), priority=2), Column("owner", _("owner"), priority=3)]
        mine = {row.pk for row in rows if row.status == "planned" and row.owner_id == self.user.pk} if self.access.may("care_item", "edit") else set()
        if mine:  # what is one's own is worked off without opening it
            head.append(Column("way", _("Actions")))
        made = []
        for row in rows:
            url = reverse("care_item-detail", args=[row.pk])
            known = row.customer_id in customers
            customer = Markup('<a href="{}">{}</a>').format(registry.kind("customer").url(row.customer_id), row.customer) if known else str(row.customer)
            state = badge(row)
            made.append(Row(row.pk, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, row.title)),
                Cell(Markup('<span class="bg {}">{}</span>').format(state.tone, capfirst(str(state.text)))), Cell(formats.d(row.occasion_on)),
                Cell(customer), Cell(str(names.get(row.channel, row.channel))), Cell(str(row.owner)),
                *([Cell(ways(row) if row.pk in mine else "")] if mine else []),
            ]))
        return Table(head, made, label=str(self.kind.plural))


class CarePage(PageView):
    """One item: for whom, when, the text, and its ways out."""

    kind_name, menu, place = "care_item", "customers", "care"
    template = "marketing/item.html"

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("care_item-list")), Link(str(self.row))]

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        row = self.row = self.visible_or_404(pk)
        lang = get_language() or "zh-hans"
        kind = self.kind

        def link(name: str) -> Any:
            return cells.text(kind, kind.attr(name), row, self.access)

        facts = [
            Fact(_("customer"), link("customer")), Fact(_("contact"), link("contact") if row.contact_id else "—"), Fact(_("day of the occasion"), formats.d(row.occasion_on)),
            Fact(_("due"), formats.d(row.due_on)), Fact(_("channel"), str(row.get_channel_display())), Fact(_("owner"), str(row.owner)), Fact(_("care rule"), str(row.rule)),
        ]
        if row.status == "done":
            facts += [Fact(_("finished"), formats.full(row.finished_at, lang)), Fact(_("cost"), formats.money(row.cost)), Fact(_("result"), row.result or "—")]
        sent = care.sent_as(row) if row.status == "done" else None
        told = []
        if sent is not None:
            facts += [Fact(_("Recipient"), sent.address)] if self.access.field_mode("contact", care.ADDRESS[row.channel]) in ("", "read") else []
            facts.append(Fact(_("outbox"), str(sent.get_state_display()), hint=self.left(sent, lang)))
            if sent.state == sent.FAILED:
                told = [Notice(mailing.words(sent.error), "bad", "alert-triangle")]
        if row.status == "skipped":
            facts.append(Fact(_("reason"), row.reason))
        days = changes.days(kind, list(history.of(row)[:100]), self.access)
        return self.answer({
            "title": str(row), "badge": badge(row), "actions": self.actions(sent), "notices": told, "cards": [
                Card(_("Care"), facts=facts),
                Card(_("Text"), template="marketing/text.html" if row.text else "", data={"text": row.text, "lines": len(row.text) // 40 + row.text.count("\n") + 2},
                     empty=_("No text.")),
                Card(_("Changes"), template="pages/timeline.html", data=days, empty=_("Nothing has changed yet.")),
            ]})

    def left(self, sent: Any, lang: str) -> str:
        """When a text has left, or why it has not."""
        if sent.sent_at:
            return formats.near(sent.sent_at, lang)
        if sent.state == sent.CANCELLED:
            return str(_("taken back before it left"))
        if sent.state == sent.WAITING and sent.channel != "mail":
            return str(_("no channel is connected yet"))
        if sent.state == sent.WAITING and not settings.MAIL_HOST:
            return str(_("no mail server is set up yet"))
        return mailing.words(sent.error) if sent.state == sent.WAITING else ""

    def actions(self, sent: Any) -> list[Button]:
        if not guard.can_edit(self.user, self.row):
            return []
        here = {name: reverse(f"care_item-{name}", args=[self.row.pk]) for name in ("finish", "skip", "send", "reopen")}
        if self.row.status == "skipped":
            return [Button(_("Plan again"), here["reopen"], "arrow-back-up", dialog=True)]
        if sent is not None and sent.state == sent.FAILED:
            return [Button(_("Send again"), here["send"], "mail", "p", dialog=True)]
        if self.row.status != "planned":
            return []
        send = self.row.channel in SENDS
        made = [Button(_("Skip"), here["skip"], "x", dialog=True, menu=send), Button(_("Done"), here["finish"], "check", "d" if send else "p", dialog=True)]
        return [*made, Button(_("Send"), here["send"], "mail", "p", dialog=True)] if send else made


class _ItemAction(ActionPage):
    kind_name, menu, place = "care_item", "customers", "care"

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("care_item-list")), Link(str(self.row), self.back_url()), Link(self.title_text)]

    def back_url(self) -> str:
        return reverse("care_item-detail", args=[self.row.pk])


class FinishForm(django_forms.Form):
    result = django_forms.CharField(label=gettext_lazy("What came of it"), required=False, max_length=2000,
                                    widget=django_forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made = Money(default=0).formfield(label=_("cost"), required=False)
        made.widget.attrs["inputmode"] = "decimal"
        self.fields["cost"] = made
        self.fields["next_contact_at"] = DateTimeField(label=_("next contact"), required=False)


class FinishPage(_ItemAction):
    title_text = submit_text = gettext_lazy("Done")
    form_class = FinishForm

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        if not self.access.may("activity", "add"):
            del form.fields["next_contact_at"]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.finish_care(self.row, by=self.user, result=values["result"], cost=values["cost"] or 0, next_contact_at=values.get("next_contact_at"))
        return self.left_at(reverse("home"), reverse("care_item-list")) or reverse("care_item-list")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” done") % {"row": self.row}, "tone": "good"}


class SkipForm(django_forms.Form):
    reason = django_forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class SkipPage(_ItemAction):
    title_text = submit_text = gettext_lazy("Skip")
    form_class = SkipForm

    def run(self, values: dict[str, Any]) -> str | None:
        actions.skip_care(self.row, by=self.user, reason=values["reason"])
        return self.left_at(reverse("home"), reverse("care_item-list")) or reverse("care_item-list")


COPY = Markup('<button class="btn btn-d s" type="button" data-copy="#id_text" data-copied="{}">{}</button>')


class SendForm(django_forms.Form):
    to = django_forms.ChoiceField(label=gettext_lazy("Recipient"))
    subject = django_forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    text = django_forms.CharField(label=gettext_lazy("Text"), max_length=2000, widget=django_forms.Textarea(attrs={"rows": 6}))


class SendPage(_ItemAction):
    """To whom, and the text, which may be changed before it goes into the outbox or is copied to one's own phone."""

    form_class = SendForm
    people: dict[str, Any] = {}

    @property
    def title_text(self) -> Any:  # type: ignore[override]
        return _("Send again") if self.row.status == "done" else _("Send")

    @property
    def submit_text(self) -> Any:  # type: ignore[override]
        return _("I have sent it") if self.row.channel in actions.BY_HAND else self.title_text

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        if self.row.channel != "email":
            del form.fields["subject"]
            form.fields["text"].help_text = COPY.format(_("Copied"), _("Copy the text"))
        if self.row.channel in SENDS:
            name = care.ADDRESS[self.row.channel]
            told = self.access.field_mode("contact", name) in ("", "read")
            self.people = {str(row.pk): row for row in care.receivers(self.row, self.user)[:MOST_RECEIVERS]}
            form.fields["to"].choices = [(pk, f"{row} · {getattr(row, name)}" if told else str(row)) for pk, row in self.people.items()]
        return form

    def initial(self) -> dict[str, Any]:
        return {"to": str(self.row.contact_id or ""), "subject": care.subject_of(self.row), "text": self.row.text}

    def notices(self) -> list[Notice]:
        sent = care.sent_as(self.row) if self.row.status == "done" else None
        found = [Notice(mailing.words(sent.error), "bad", "alert-triangle")] if sent is not None and sent.state == sent.FAILED else []
        if self.row.channel in SENDS and not self.people:
            found.append(Notice(_("Nobody at this customer has an address for this channel. Enter one with a contact, or finish the item when you have reached "
                                  "them another way."), "wait", "alert-triangle"))
        return found

    def text(self) -> Any:
        if self.row.channel in actions.BY_HAND:
            return _("Copy the text, send it from your own phone, and note here that you have.")
        if self.row.channel == "email":
            return _("It leaves by mail within a few minutes.") if settings.MAIL_HOST else _("No mail server is set up yet: the text waits in the outbox until there is one.")
        return _("There is no channel for this yet: the text waits in the outbox until one is connected.")

    def run(self, values: dict[str, Any]) -> str | None:
        again = self.row.status == "done"
        do = actions.send_again if again else actions.send_care
        do(self.row, by=self.user, text=values["text"], subject=values.get("subject", ""), contact=self.people.get(values["to"]))
        return None if again else self.left_at(reverse("home"), reverse("care_item-list")) or reverse("care_item-list")

    def toast(self) -> dict[str, Any] | None:
        if self.row.channel in actions.BY_HAND:
            return {"text": _("“%(row)s” done") % {"row": self.row}, "tone": "good"}
        return {"text": _("In the outbox"), "tone": "good"}


class ReopenPage(_ItemAction):
    title_text = submit_text = gettext_lazy("Plan again")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.reopen_care(self.row, by=self.user)
        return None
