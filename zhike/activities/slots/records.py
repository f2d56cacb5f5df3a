"""What activities add to the pages of customers, contacts, leads and opportunities: buttons, composer, timeline, what is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import finding, formats, timeline
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Button, Fact, Link, Notice
from zhike.records import registry
from zhike.records.kinds import Kind

from ..composing import composer, follows_lead, people_of, talks_to_customer
from ..models import Activity
from .timeline import rows_of, talks

QUIET_DAYS = 60
FRONT = ("", "summary", "activities")  # the tabs with the composer


def _contact_facts(page: DetailPage) -> list[Fact]:
    """When one talked to the person last, when next, and how often so far; counted together for head and tab."""
    if not page.access.may("activity", "view") or page.access.field_mode("activity", "at") not in ("", "read"):
        return []
    found, lang, talks_url = _contact_counted(page), get_language() or "zh-hans", page.tab_url("activities")
    last, coming = found["last"], found["next"]
    late = coming is not None and coming < clock.now()
    return [Fact(_("last contact"), formats.near(last, lang) if last else "—", url=talks_url if last else ""),
            Fact(_("next contact"), formats.near(coming, lang) if coming else "—", url=talks_url if coming else "", tone="bad" if late else ""),
            Fact(_("activities"), str(found["n"]), url=talks_url if found["n"] else "")]


def _contact_counted(page: DetailPage) -> dict[str, Any]:
    if not hasattr(page, "_contact_activities"):
        done, planned = Q(status="done"), Q(status__in=("planned", "in_progress"))
        page._contact_activities = rows_of(page).aggregate(  # type: ignore[attr-defined]
            n=Count("pk"), last=Max("at", filter=done), next=Min("at", filter=planned))
    return page._contact_activities  # type: ignore[attr-defined,no-any-return]


def _on_summary(page: DetailPage, parts: DetailParts) -> None:
    if page.access.may("activity", "view"):
        parts.composer = composer(page)
        parts.main.append(timeline.card(page, page.kind.url(page.row)))


def _fill(page: DetailPage, parts: DetailParts) -> None:
    parts.layout = "c1"
    parts.composer = composer(page)
    parts.main.append(timeline.card(page, page.tab_url("activities"), limit=100))


def _planned(page: DetailPage) -> Activity | None:
    """The earliest planned activity here that the person may see; asked for once a page."""
    if not hasattr(page, "_first_plan"):
        planned = rows_of(page).filter(status__in=("planned", "in_progress"))
        page._first_plan = planned.order_by("at", "pk").first() if page.access.may("activity", "view") else None  # type: ignore[attr-defined]
    return page._first_plan  # type: ignore[attr-defined]


def _late(page: DetailPage) -> list[Notice]:
    """A planned contact whose day has passed, or silence for two months."""
    if not page.access.may("activity", "view"):
        return []
    first = _planned(page)
    if first is not None and first.at < clock.day_range(clock.today())[0]:
        days = (clock.today() - clock.local(first.at).date()).days
        return [Notice(
            _("“%(subject)s” was planned for %(day)s and is late by %(n)s days.")
            % {"subject": first.subject, "day": formats.d(clock.local(first.at).date()), "n": days},
            "bad", "clock", Button(_("Open"), registry.kind("activity").url(first), style="t"))]
    facts = getattr(page.row, "facts", None)
    if facts is not None and facts.next_contact_at is None and clock.now() - facts.last_contact_at > timedelta(days=QUIET_DAYS):
        days = (clock.now() - facts.last_contact_at).days
        text = _("Never contacted yet.") if facts.last_contact_at == clock.NEVER else _("No contact for %(n)s days.") % {"n": days}
        return [Notice(text, "wait", "clock")]
    return []


def _next_contact(page: DetailPage) -> list[Fact]:
    """The next planned contact; what it is about only for those who see that activity."""
    at = page.row.facts.next_contact_at
    if at is None or page.access.field_mode("customer", "next_contact") not in ("", "read"):
        return []
    first = _planned(page)
    hint = first.subject if first is not None and first.at == at else ""
    url = registry.kind("activity").url(first) if hint and first is not None else ""
    return [Fact(_("next contact"), formats.near(at), hint=hint, url=url)]


def _creates(page: DetailPage) -> list[Button]:
    """What one plans with a customer, or with one of its people."""
    of_contact = page.kind.name == "contact"
    if of_contact and not page.customer_seen:  # type: ignore[attr-defined]
        return []
    about, found = f"?customer={page.row.customer_id}&contact={page.row.pk}" if of_contact else f"?customer={page.row.pk}", []
    if page.access.may("activity", "add"):
        found.append(Button(_("Plan an activity"), reverse("activity-new") + about, "calendar-plus", dialog=True))
    if page.access.may("task", "add"):
        task = f"?customer={page.row.customer_id}&about=contact-{page.row.pk}" if of_contact else about
        found.append(Button(_("Task"), reverse("task-new") + task, "checkbox", dialog=True))
    return found


def _front(page: DetailPage) -> bool:
    found = page.request.resolver_match
    if found is None or found.url_name not in (f"{page.kind.name}-detail", f"{page.kind.name}-tab"):
        return False  # e.g. the peek beside a list
    tab = found.kwargs.get("tab", "")
    return (tab or page.request.GET.get("tab", "")) in FRONT


def _buttons(page: DetailPage) -> list[Button]:
    """For the thumb: ring up, navigate, check in, record; on a desk the first three wait under “…”."""
    if not page.access.may("activity", "add") or not page.access.may("activity", "view"):
        return []
    primary = page.kind.name == "customer"
    customer_id = page.row.pk if primary else page.row.customer_id
    found: list[Button] = []
    if primary and not page.row.phone and _front(page) and page.access.field_mode("contact", "mobile") in ("", "read"):
        number = next((person.mobile or person.phone for person in people_of(page) if person.mobile or person.phone), "")
        if number:
            found.append(Button(_("Call"), f"tel:{number}", "phone", "g", phone=True, menu=True))
    if primary:
        found.append(Button(_("Navigate"), reverse("customer-map", args=[customer_id]), "navigation", "g", phone=True, menu=True))
    about = "" if primary else f"?opportunity={page.row.pk}"
    found.append(Button(_("Check in"), reverse("customer-check-in", args=[customer_id]) + about, "map-pin", "d", dialog=True, menu=True, phone=primary))
    url = page.kind.url(page.row) if primary else page.tab_url("activities")
    found.append(Button(_("Log a follow-up"), f"{url}#composer", "pencil-plus", "p" if primary else "d", key="l", phone=primary,
                        menu=not primary, attrs={"data-compose": "1"}))
    return found


def _lead_buttons(page: DetailPage) -> list[Button]:
    """Check in at a lead's, and record a follow-up of it."""
    if not page.access.may("activity", "add") or not page.access.may("activity", "view") or not follows_lead(page):
        return []
    return [Button(_("Check in"), reverse("lead-check-in", args=[page.row.pk]), "map-pin", "g", dialog=True, menu=True, phone=True),
            Button(_("Log a follow-up"), f"{page.kind.url(page.row)}#composer", "pencil-plus", "d", key="l", phone=True, attrs={"data-compose": "1"})]


def _contact_buttons(page: DetailPage) -> list[Button]:
    """Record what was said with the person, on the desk and for the thumb."""
    if not page.access.may("activity", "view") or not talks_to_customer(page):
        return []
    return [Button(_("Log a follow-up"), f"{page.kind.url(page.row)}#composer", "pencil-plus", "p", key="l", phone=True, attrs={"data-compose": "1"})]


def _next_steps(kind: Kind, row: Any, access: Any) -> list[Link]:
    """What the palette offers with its best hit."""
    if kind.name not in ("customer", "opportunity", "contact", "lead") or not access.may("activity", "add"):
        return []
    return [Link(_("Log a follow-up: %(name)s") % {"name": row}, f"{kind.url(row)}#composer", icon="pencil-plus")]


def add() -> None:
    """Put all of it on the pages."""
    contact = registry.kind("contact")
    contact.cards.add("timeline", _on_summary, order=10)
    contact.buttons.add("log", _contact_buttons, order=10)
    contact.facts.add("talks", _contact_facts, order=10)
    contact.attention.add("contact", _late, order=20)
    contact.creates.add("activities", _creates, order=30)
    contact.timeline.add("talks", timeline.Stream("talk", talks), order=10)
    contact.tabs.add("activities", TabSpec(
        "activities", gettext_lazy("Activities"), _fill, count=lambda page: _contact_counted(page)["n"], kind="activity"), order=20)
    finding.next_steps.add("log", _next_steps, order=10)
    lead = registry.kind("lead")
    lead.cards.add("timeline", _on_summary, order=10)
    lead.buttons.add("log", _lead_buttons, order=10)
    lead.tabs.add("activities", TabSpec(
        "activities", gettext_lazy("Activities"), _fill, count=lambda page: rows_of(page).count(), kind="activity"), order=20)
    customer = registry.kind("customer")
    customer.facts.add("next", _next_contact, order=90)
    customer.cards.add("timeline", _on_summary, order=10)
    customer.attention.add("contact", _late, order=20)
    customer.creates.add("activities", _creates, order=30)
    lead.timeline.add("talks", timeline.Stream("talk", talks), order=10)
    for name in ("customer", "opportunity"):
        registry.kind(name).buttons.add("log", _buttons, order=10)
        registry.kind(name).timeline.add("talks", timeline.Stream("talk", talks), order=10)
        registry.kind(name).tabs.add("activities", TabSpec(
            "activities", gettext_lazy("Activities"), _fill, count=lambda page: rows_of(page).count(), kind="activity"), order=20)
