"""The front of the customer's page: figures, basic data, addresses, key contacts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import cells, formats, reveal, timeline
from zhike.pages.details import DetailParts
from zhike.pages.parts import Badge, Button, Card, Event, Fact, Link, Mini
from zhike.records import guard, options, registry, teams

from ..lifecycle import LIFECYCLE
from ..models import Contact
from . import groups, invoicing, quality

# Told by the head of the page, the relations or the state already: behind "more", however full they are.
BEHIND = {"name", "pinyin_abbr", "code", "level", "parent", "relation", "erp_code", "former_names", "enabled"}
SHOWN = 5


def contacts(page: Any) -> Any:
    """The customer's contacts within rights."""
    return Contact.objects.visible_to(page.user).filter(customer=page.row)


def contacts_count(page: Any) -> int:
    """How many contacts the person sees; counted once for the figure, the tab and the card."""
    if not hasattr(page, "_contacts_n"):
        page._contacts_n = contacts(page).count()
    return int(page._contacts_n)


def steps(page: Any) -> list[Any]:
    """The customer's steps along its life cycle, oldest first; asked for once for the path and the timeline."""
    if not hasattr(page, "_steps_of_life"):
        page._steps_of_life = list(page.row.lifecycle_changes.select_related("by"))
    found: list[Any] = page._steps_of_life
    return found


def life(page: Any, how: timeline.Reading) -> list[timeline.Found]:
    """The steps of the life cycle among the other events, each with what caused it."""
    lang, why = get_language() or "zh-hans", options.labels("lost_cause", get_language() or "zh-hans")
    shown = [step for step in steps(page) if how.within(step.at)]
    causes = causes_of(page, shown)
    return [(step.at, step.pk, Event(
        "arrow-right", _("Now %(stage)s") % {"stage": LIFECYCLE.label(step.target)}, formats.hm(step.at), formats.full(step.at, lang),
        str(step.by or _("system")), why.get(step.reason, step.reason), tone=LIFECYCLE.tone(step.target) or "info",
        link=causes.get((step.cause_kind, step.cause_id)) or Link(_("Changes"), page.tab_url("history")))) for step in shown]


def causes_of(page: Any, found: list[Any]) -> dict[tuple[str, int], Link]:
    """The records that caused steps, as far as the person sees them; one look for each kind."""
    asked: dict[str, set[int]] = {}
    for step in found:
        if step.cause_id and registry.has(step.cause_kind) and page.access.may(step.cause_kind, "view"):
            asked.setdefault(step.cause_kind, set()).add(step.cause_id)
    return {(name, row.pk): Link(str(row), registry.kind(name).url(row))
            for name, ids in asked.items() for row in registry.kind(name).visible(page.user).filter(pk__in=ids)}


def team(page: Any) -> list[Any]:
    """The team of the page's record, asked for once."""
    if not hasattr(page, "_team"):
        page._team = teams.team_of(page.row)
    found: list[Any] = page._team
    return found


# Figures of the head; each leads to what it counts.

def contacts_figure(page: Any) -> list[Fact]:
    if not page.access.may("contact", "view"):
        return []
    return [Fact(_("contacts"), str(contacts_count(page)), url=page.tab_url("contacts"))]


def completeness_figure(page: Any) -> list[Fact]:
    facts = getattr(page.row, "facts", None)
    if facts is None or page.access.field_mode("customer", "completeness") not in ("", "read"):
        return []
    here = f"{page.kind.url(page.row)}#card-quality" if facts.gaps else ""
    return [Fact(_("completeness"), f"{facts.completeness}%", url=here)]


def owner_figure(page: Any) -> list[Fact]:
    row = page.row
    if page.access.field_mode("customer", "owner") not in ("", "read"):
        return []
    url = f"{page.kind.list_url()}?owner={row.owner_id}&enabled=1" if row.owner_id else ""
    return [Fact(_("owner"), cells.person(row.owner), url=url)]


def last_contact_figure(page: Any) -> list[Fact]:
    if page.access.field_mode("customer", "last_contact") not in ("", "read"):
        return []
    last = page.kind.attr("last_contact").value(page.row)
    talks = page.tab_url("activities") if last and page.access.may("activity", "view") else ""
    return [Fact(_("last contact"), formats.near(last, get_language() or "zh-hans") if last else "—", url=talks)]


# Cards

def fill(page: Any, parts: DetailParts) -> None:
    """The cards of the summary: what it is at the left, what moves in the middle, what matters at the right."""
    parts.left.append(basic_card(page))
    relations = groups.card(page)
    after = [addresses_card(page), invoicing.card(page)]
    parts.left.extend([*([relations] if relations else []), *(card for card in after if card.minis or card.buttons)])
    for contribution in page.kind.cards:
        contribution(page, parts)
    if page.access.may("contact", "view"):
        parts.rail.append(key_contacts(page))
    gaps = quality.card(page)
    if gaps:
        parts.rail.append(gaps)
    parts.attention.extend(page.attention())


def basic_card(page: Any) -> Card:
    """What is known, in one card; empty fields and what stands elsewhere wait behind "more"."""
    kind, row, access = page.kind, page.row, page.access
    filled: list[Fact] = []
    folded: list[Fact] = []
    for section in kind.all_sections():
        for attr in kind.shown(section.fields, access):
            full = attr.value(row) not in (None, "")
            value = cells.fact(kind, attr, row, access) if full else cells.DASH
            if attr.name == "uscc" and full and access.field_mode("customer", "uscc") in ("", "read"):
                value = shortened(row.uscc)
            fact = Fact(attr.label, value, hint=reveal.button(kind, attr, row, access) if full else "")
            (filled if full and attr.name not in BEHIND else folded).append(fact)
    members = [str(grant.user) for grant in team(page) if teams.lasts(grant)]
    if members:
        filled.append(Fact(_("collaborators"), _(", ").join(members), url=page.tab_url("owners")))
    buttons = []
    if guard.can_edit(page.user, row):
        buttons = [Button(_("Edit"), kind.action_url("edit", row), "pencil", "g")]
    folded.sort(key=lambda fact: fact.value == cells.DASH)
    return Card(_("Basic data"), key="basic", facts=filled, folded=folded, buttons=buttons)


def shortened(number: str) -> Markup | str:
    """A tax number as it may stand on a screen that others look at; a press shows it whole."""
    if len(number) < 12:
        return number
    return Markup('<details class="whole"><summary class="num">{}****{}</summary><span class="num">{}</span></details>').format(
        number[:4], number[-4:], number)


def addresses_card(page: Any) -> Card:
    can = guard.can_edit(page.user, page.row)
    masked = page.access.field_mode("customer", "phone") not in ("", "read")
    minis = []
    for row in page.row.addresses.select_related("region").order_by("kind", "pk"):
        phone = "" if masked else row.phone
        way = [Button(_("Navigate"), reverse("customer-address-map", args=[page.row.pk, row.pk]), "navigation", "g")]
        buttons = way + [
            Button(_("Edit address"), reverse("customer-address", args=[page.row.pk, row.pk]), "pencil", "g", dialog=True),
            Button(_("Remove address"), reverse("customer-address-remove", args=[page.row.pk, row.pk]), "x", "g", dialog=True),
        ] if can else way
        sub = " · ".join(part for part in (row.postcode, row.person, phone) if part)
        minis.append(Mini(f"{row.region or ''}{row.text}", sub=sub, badge=Badge(row.get_kind_display(), "neutral", dot=False),
                          buttons=buttons))
    buttons = [Button(_("New address"), reverse("customer-address-new", args=[page.row.pk]), "plus", "g", dialog=True)] if can else []
    return Card(_("Addresses"), key="addresses", minis=minis, buttons=buttons, empty=_("No further address."))


def key_contacts(page: Any) -> Card:
    """Whom to talk to first, with their part in buying and their telephone."""
    roles = options.labels("decision_role", get_language() or "zh-hans")
    kind = registry.kind("contact")
    rows = list(contacts(page).filter(left=False).order_by("-primary", "-influence", "pk")[:SHOWN])
    open_to = {name for name in ("mobile", "phone", "decision_role", "job_title") if page.access.field_mode("contact", name) in ("", "read")}

    def number(row: Contact) -> str:
        found = row.mobile if row.mobile and "mobile" in open_to else row.phone if "phone" in open_to else ""
        return found.split(" / ")[0]

    buttons = []
    if page.access.may("contact", "add") and guard.can_edit(page.user, page.row):
        buttons = [Button(_("New contact"), f"{kind.action_url('new')}?customer={page.row.pk}", "plus", "g")]
    return Card(
        _("Key contacts"), key="contacts",
        minis=[
            Mini(
                row.name, kind.url(row), sub=row.job_title if "job_title" in open_to else "", avatar=row.name[:1],
                badge=Badge(roles.get(row.decision_role, row.decision_role), "info", dot=False)
                if row.decision_role and "decision_role" in open_to else None,
                buttons=[Button(_("Call %(name)s") % {"name": row.name}, f"tel:{number(row)}", "phone", "g")] if number(row) else [],
            )
            for row in rows
        ],
        buttons=buttons,
        more=Link(_("All %(n)s") % {"n": contacts_count(page)}, page.tab_url("contacts")) if rows else None,
        empty=_("No contact yet."),
    )


def new_contact(page: Any) -> list[Button]:
    if not page.access.may("contact", "add") or not guard.can_edit(page.user, page.row):
        return []
    return [Button(_("Contact"), f"{registry.kind('contact').action_url('new')}?customer={page.row.pk}", "address-book")]


def new_details(page: Any) -> list[Button]:
    """Addresses and invoicing details, made in a dialog."""
    if not guard.can_edit(page.user, page.row):
        return []
    return [Button(_("Address"), reverse("customer-address-new", args=[page.row.pk]), "map-pin", dialog=True),
            Button(_("Invoicing details"), reverse("customer-invoicing-new", args=[page.row.pk]), "file-invoice", dialog=True)]
