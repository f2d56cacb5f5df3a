"""Pages of leads: the record, making and changing one."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.duplicates.words import VERDICTS
from zhike.customers.views.duplicates import DespiteMixin
from zhike.pages import cells, formats
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.forms import LookupField
from zhike.pages.parts import Badge, Button, Card, Fact, Mini, Notice, Step
from zhike.records import guard, options, registry
from zhike.records.visibility import owner_fields

from .. import actions, duplicates
from ..kinds import HEAT_TONES
from ..models import Lead
from ..status import LEAD, OPEN

PATH = ("new", "following", "converted")


class LeadPage(DetailPage):
    """Everything about one lead, with its follow-ups and what may be the same."""

    kind_name = "lead"
    menu = "marketing"
    place = "leads"
    layout = "c3"
    row: Lead

    def mark(self) -> str:
        return str(self.row)[:1]

    def told(self) -> set[str]:
        """Fields of the head that the person's roles neither hide nor mask."""
        names = ("owner", "owner_dept", "last_contact", "next_contact", "amount", "heat", "job_title", "source", "campaign", "invalid_reason", "invalid_remark")
        return {attr.name for attr in self.kind.open(names, self.access)}

    def badges(self) -> list[Badge]:
        found = super().badges()
        if self.row.heat and "heat" in self.told():
            found.append(Badge(self.row.get_heat_display(), HEAT_TONES[self.row.heat], outline=True))
        if self.row.owner_id is None and self.row.status == "new":
            found.append(Badge(_("not assigned"), "wait"))
        return found

    def subtitle(self) -> Any:
        told, sources = self.told(), options.labels("customer_source", get_language() or "zh-hans")
        campaign = self.row.campaign if "campaign" in told and self.access.may("campaign", "view") else None
        parts = [self.row.code, self.row.job_title if "job_title" in told else "",
                 sources.get(self.row.source, "") if "source" in told else "", str(campaign or "")]
        return " · ".join(part for part in parts if part)

    def facts(self) -> list[Fact]:
        row, lang, told = self.row, get_language() or "zh-hans", self.told()
        facts = []
        if "owner" in told:
            queue = str(row.owner_dept or "") if "owner_dept" in told else ""
            facts.append(Fact(_("owner"), cells.person(row.owner) if row.owner_id else queue or _("not assigned")))
        if row.amount is not None and "amount" in told:
            facts.append(Fact(_("estimated amount"), f"¥ {formats.money(row.amount)}"))
        if "last_contact" in told:
            last = row.last_contact_at if row.last_contact_at > clock.NEVER else None
            facts.append(Fact(_("last contact"), formats.near(last, lang) if last else "—"))
        if "next_contact" in told:
            late = row.next_contact_at is not None and row.next_contact_at < clock.now()
            facts.append(Fact(_("next contact"), formats.near(row.next_contact_at, lang) if row.next_contact_at else "—", tone="bad" if late else ""))
        return [*facts, *super().facts()]

    def path(self) -> list[Step]:
        if self.row.status == "invalid":
            return [Step(LEAD.label("invalid"), "cur")]
        here = PATH.index(self.row.status)
        return [Step(LEAD.label(code), "done" if i < here else "cur" if i == here else "todo") for i, code in enumerate(PATH)]

    def path_label(self) -> Any:
        return _("State of the lead")

    def notices(self) -> list[Notice]:
        row = self.row
        if row.status == "converted" and row.customer_id:
            kind = registry.kind("customer")
            seen = kind.model.objects.visible_to(self.user).filter(pk=row.customer_id).exists()
            button = Button(_("Open the customer"), kind.url(row.customer_id), style="t") if seen else None
            return [Notice(_("This lead has become a customer. What follows is recorded there."), "good", "circle-check", button)]
        if row.status == "invalid":
            told, reasons = self.told(), options.labels("lead_invalid", get_language() or "zh-hans")
            why = [reasons.get(row.invalid_reason, row.invalid_reason) if "invalid_reason" in told else "",
                   row.invalid_remark if "invalid_remark" in told else ""]
            if any(why):
                return [Notice(_("Invalid: %(why)s") % {"why": " · ".join(part for part in why if part)}, "info", "ban")]
        return []

    def actions(self) -> list[Button]:
        row, kind = self.row, self.kind
        buttons = super().actions()
        number = next((getattr(row, name) for name in ("mobile", "phone")
                       if getattr(row, name) and self.access.field_mode("lead", name) in ("", "read")), "")
        if number:
            buttons.insert(0, Button(_("Call"), f"tel:{number.split(' / ')[0]}", "phone", "d", phone=True))
        may = guard.can_edit(self.user, row)
        if row.status in OPEN:
            if guard.can_edit(self.user, row, "assign"):
                buttons.append(Button(_("Assign"), kind.action_url("assign-one", row), "user-share", dialog=True, menu=row.owner_id is not None))
                if row.owner_id is not None:
                    buttons.append(Button(_("Back into the queue"), kind.action_url("queue-one", row), "arrow-back-up", dialog=True, menu=True))
            if may:
                buttons.append(Button(_("Mark invalid"), kind.action_url("invalidate-one", row), "ban", "x", dialog=True, menu=True))
            if row.owner_id is None and self.access.may("lead", "take"):
                buttons.append(Button(_("Take"), kind.action_url("take-one", row), "hand-grab", "p", dialog=True, phone=True))
        elif row.status == "invalid" and may:
            buttons.append(Button(_("Take up again"), kind.action_url("reopen-one", row), "arrow-back-up", "d", dialog=True))
        if row.status == "converted":
            buttons = [button for button in buttons if button.key != "e"]
        return buttons

    def fill_summary(self, parts: DetailParts) -> None:
        cards = {str(card.title): card for card in self.fact_cards()}
        who, what, where, outcome = (cards.pop(str(section.title), None) for section in self.kind.sections)
        parts.left.extend(card for card in (who, where, *cards.values()) if card is not None)
        # What a converted lead became stands in a card of its own; it is not changed any more.
        aside = same_card(self) if self.row.status in OPEN else outcome if self.row.status == "invalid" else None
        parts.rail.extend(card for card in (what, aside) if card is not None)
        if self.row.status == "converted":
            for card in parts.left:
                card.buttons = []
        for contribution in self.kind.cards:
            contribution(self, parts)


def same_card(page: LeadPage) -> Card:
    """Customers and leads that may be the same as this one; masked for those who may not see them."""
    hits = duplicates.look([page.row], page.user)[0]
    minis = []
    for hit in hits:
        label, tone = VERDICTS[hit.verdict]
        url = registry.kind(hit.kind).url(hit.row) if hit.row is not None else ""
        minis.append(Mini(hit.name, url, badge=Badge(label, tone, dot=False), sub=" · ".join([hit.owner or "—", *hit.texts()])))
    return Card(_("May be the same"), key="same", minis=minis, empty=_("No customer and no other lead looks like it."))


ME, WAIT, COLLEAGUE = "me", "wait", "colleague"


class NewLeadPage(DespiteMixin, NewPage):
    """Note a lead down: for oneself, into a queue, or for a colleague; one that may exist already is shown first."""

    kind_name = "lead"
    menu = "marketing"
    place = "leads"
    despite_text = gettext_lazy("Save all the same: it is somebody else")

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        choices = [(ME, _("me"))] if self.access.may("lead", "take") else []
        choices.append((WAIT, _("nobody yet: it waits in the queue")))
        assigns = self.access.may("lead", "assign")
        if assigns:
            choices.append((COLLEAGUE, _("a colleague")))
        form.fields["give"] = django_forms.ChoiceField(label=_("Whose lead is it"), choices=choices, initial=choices[0][0], required=False)
        if assigns:
            for name, kind, label, query in (("to", "user", _("Colleague"), "active=1"), ("queue", "department", _("Queue of the department"), "")):
                field = LookupField(registry.kind(kind), self.user, label=label, required=False, query=query)
                field.offer(form.data.get(name) if form.is_bound else None)
                form.fields[name] = field
        return form

    def sections(self) -> list[tuple[Any, list[str]]]:
        first, *rest = super().sections()
        return [(first[0], [*first[1], "give", "to", "queue"]), *rest]

    def said(self) -> dict[str, bool]:
        return {"despite_duplicates": self.despite()}

    def build(self, values: dict[str, Any]) -> Any:
        row, given = super().build(values), self.form.cleaned_data
        choice = given.get("give") or self.form.fields["give"].initial
        if given.get("to") is not None or choice == COLLEAGUE:
            if given.get("to") is None:
                raise Refused(_("Choose the colleague."), field="to")
            for name, value in owner_fields(given["to"]).items():
                setattr(row, name, value)
        elif choice == WAIT:
            row.owner = None
            mine = self.user.department if self.access.may("lead", "take") and not self.access.may("lead", "assign") else None
            row.owner_dept = given.get("queue") or mine
        return row

    def perform(self) -> str:
        url = super().perform()
        seen = Lead.objects.visible_to(self.user).filter(pk=self.row_made.pk).exists()
        return url if seen else reverse("lead-list")


class EditLeadPage(DespiteMixin, EditPage):
    """Change a lead; a company, number or address that is known already is shown before it is stored."""

    kind_name = "lead"
    menu = "marketing"
    place = "leads"
    despite_text = gettext_lazy("Save all the same: it is somebody else")

    def change(self, values: dict[str, Any], version: int) -> None:
        actions.change_lead(self.row, values, by=self.user, version=version, despite_duplicates=self.despite())
