"""Contacts on the page of an opportunity: the map, the card, the figure in the head, and the dialog."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db.models import Case, Q, When
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.customers import decisions
from zhike.customers.models import Contact
from zhike.customers.views.decisions import map_url
from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailParts
from zhike.pages.forms import LookupField
from zhike.pages.parts import Badge, Button, Card, Fact, Link, Mini
from zhike.records import guard, options, registry

from . import contact_roles
from .models import Opportunity, OpportunityContact
from .status import STATUS

ENDED = ("won", "lost", "void")
SHOWN = 8
MOST = 200  # parts of one contact that are looked at


class RoleForm(django_forms.Form):
    """Role, attitude and influence in one opportunity; empty stays as at the customer."""

    def __init__(self, *args: Any, user: Any = None, customer: int | None = None, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if contact is None:
            field = self.fields["contact"] = LookupField(registry.kind("contact"), user, label=_("contact"))
            field.queryset = field.queryset.filter(customer=customer)  # type: ignore[union-attr]
            field.widget.attrs["data-search-url"] = f"{field.widget.attrs['data-search-url']}?customer={customer}"
            field.offer(self.data.get("contact") if self.is_bound else None)
        roles = options.labels("decision_role", get_language() or "zh-hans", enabled_only=True)
        same = [("", _("as at the customer"))]
        self.fields["decision_role"] = django_forms.ChoiceField(label=_("decision role"), choices=[*same, *roles.items()], required=False)
        self.fields["attitude"] = django_forms.ChoiceField(label=_("attitude"), choices=[*same, *Contact.ATTITUDES], required=False)
        self.fields["influence"] = django_forms.IntegerField(label=_("influence"), min_value=1, max_value=5, required=False,
                                                             help_text=_("From 1 to 5; empty: as at the customer."))
        self.fields["involved"] = django_forms.BooleanField(label=_("takes part in this opportunity"), required=False, initial=True)
        self.fields["note"] = OpportunityContact._meta.get_field("note").formfield(required=False)


class RolePage(ActionPage):
    """What one contact is to one opportunity."""

    kind_name = "opportunity"
    menu = "opportunities"
    place = "opportunities"
    title_text = gettext_lazy("Part in this opportunity")
    submit_text = gettext_lazy("Save")
    stored = True

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        wanted = self.kwargs.get("contact")
        guard.require(self.user, registry.kind("contact"), "view")
        seen = Contact.objects.visible_to(self.user).filter(customer=self.row.customer_id)
        self.contact = seen.filter(pk=wanted).first() if wanted else None
        if wanted and self.contact is None:
            raise Http404

    def title(self) -> Any:
        return _("Part of %(name)s in this opportunity") % {"name": self.contact} if self.contact else self.title_text

    def make_form(self, data: Any = None) -> Any:
        stored = OpportunityContact.objects.filter(opportunity=self.row, contact=self.contact).first() if self.contact else None
        start = {name: getattr(stored, name) for name in contact_roles.FIELDS} if stored else {}
        return RoleForm(data, initial=start, user=self.user, customer=self.row.customer_id, contact=self.contact)

    def run(self, values: dict[str, Any]) -> str | None:
        contact = self.contact or values.pop("contact")
        contact_roles.set_contact_role(self.row, contact, by=self.user, **values)
        return None

    def back_url(self) -> str:
        return map_url(self) or super().back_url()


def _here(page: Any) -> dict[int, decisions.Here]:
    """What contacts are to the page's opportunity, read once for head, card and map."""
    if not hasattr(page, "_contacts_here"):
        page._contacts_here = contact_roles.here_of(page.row)
    found: dict[int, decisions.Here] = page._contacts_here
    return found


def _can(page: Any) -> bool:
    return page.row.status not in ENDED and guard.can_edit(page.user, page.row)


def fill_map(page: Any, parts: DetailParts) -> None:
    """The decision map of the opportunity: the customer's people as they stand in this business."""
    row = page.row
    can = _can(page)
    parts.layout = "c1"
    parts.main.append(decisions.card(
        page, row.customer, marked=row.contact_id, here=_here(page),
        part_url=(lambda contact: reverse("opportunity-contact", args=[row.pk, contact.pk])) if can else (lambda contact: ""),
        more=[Button(_("Tell a part"), reverse("opportunity-contact-new", args=[row.pk]), "user-check", "g", dialog=True)] if can else [],
        sub=_("Roles and attitudes hold for this opportunity; where nothing is said, those at the customer."),
    ))


def fact(page: Any) -> list[Fact]:
    """Who decides, in the head; "unknown" is a figure, too."""
    if page.row.status in ENDED or not page.access.may("contact", "view") or page.access.field_mode("contact", "decision_role") not in ("", "read"):
        return []
    names = [str(found) for found in contact_roles.deciders(page.row, _here(page))]
    url = reverse("opportunity-tab", args=[page.row.pk, "map"])
    return [Fact(_("decider"), "、".join(names[:2]) if names else _("not known"), url=url, tone="" if names else "bad")]


def of_contact(page: Any, parts: DetailParts) -> None:
    """On a contact's page: the opportunities the person has a part in, open ones first, with their part in each."""
    if not page.access.may("opportunity", "view"):
        return
    kind, row = registry.kind("opportunity"), page.row
    told = {found.opportunity_id: found for found in OpportunityContact.objects.filter(contact=row).order_by("-pk")[:MOST]}
    part = [pk for pk, found in told.items() if found.involved]
    rows = list(Opportunity.objects.visible_to(page.user).filter(Q(contact=row) | Q(pk__in=part)).select_related("stage").annotate(
        over=Case(When(status__in=("open", "suspended"), then=0), default=1)).order_by("over", "-pk")[: SHOWN + 1])
    open_to = {name for name in ("decision_role", "attitude") if page.access.field_mode("contact", name) in ("", "read")}
    amounts = page.access.field_mode("opportunity", "amount") in ("", "read")
    roles = options.labels("decision_role", get_language() or "zh-hans")

    def part_of(found: Opportunity) -> str:
        here = told.get(found.pk)
        code, attitude = (here.decision_role if here else "") or row.decision_role, (here.attitude if here else "") or row.attitude
        words = [_("main contact") if found.contact_id == row.pk else "", roles.get(code, code) if "decision_role" in open_to else "",
                 str(dict(Contact.ATTITUDES).get(attitude, "")) if "attitude" in open_to and attitude != "unknown" else ""]
        return " · ".join(word for word in words if word)

    may = page.access.may("opportunity", "add") and not row.left and page.customer_seen
    new = [Button(_("New opportunity"), f"{kind.action_url('new')}?customer={row.customer_id}&contact={row.pk}", "plus", "g")] if may else []
    parts.rail.append(Card(
        _("Opportunities"), key="parts", buttons=new, empty=_("No part in an opportunity yet."),
        minis=[Mini(found.name, kind.url(found), _state(found), formats.wan(found.amount) if amounts else "", sub=part_of(found)) for found in rows[:SHOWN]],
        more=Link(_("All"), f"{kind.list_url()}?customer={row.customer_id}") if len(rows) > SHOWN else None))


def _state(found: Opportunity) -> Badge:
    if found.status == "open":
        return Badge(found.stage, "info")
    return Badge(STATUS.label(found.status), STATUS.tone(found.status))


def card(page: Any, parts: DetailParts) -> None:
    """Those who have a part in the opportunity, in the rail."""
    if not page.access.may("contact", "view"):
        return
    row, can, kind = page.row, _can(page), registry.kind("contact")
    here = _here(page)
    wanted = {pk for pk, one in here.items() if one.involved} | ({row.contact_id} if row.contact_id else set())
    people = list(Contact.objects.visible_to(page.user).filter(pk__in=wanted).order_by("-primary", "-influence", "pk")[:SHOWN])
    roles = options.labels("decision_role", get_language() or "zh-hans")
    open_role = page.access.field_mode("contact", "decision_role") in ("", "read")
    minis = []
    for found in people:
        one = here.get(found.pk)
        code = (one.decision_role if one else "") or found.decision_role
        buttons = [Button(_("Change"), reverse("opportunity-contact", args=[row.pk, found.pk]), "pencil", "g", dialog=True)] if can else []
        minis.append(Mini(found.name, kind.url(found), sub=found.job_title, avatar=found.name[:1], buttons=buttons,
                          badge=Badge(roles.get(code, code), "info", dot=False) if code and open_role else None))
    add = [Button(_("Tell a part"), reverse("opportunity-contact-new", args=[row.pk]), "plus", "g", dialog=True)] if can else []
    parts.rail.append(Card(_("Contacts of this opportunity"), key="people", minis=minis, buttons=add, empty=_("No contact yet.")))
