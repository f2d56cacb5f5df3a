"""What activities add: menu places, the composer and the timeline on customers and opportunities."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.customers.models import Contact
from zhike.notices import actions as notices
from zhike.opportunities.models import StageChange
from zhike.pages import changes, formats, menus
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Badge, Button, Card, Day, Event, Fact, Link, Notice
from zhike.records import history, options, registry

from .models import Activity
from .status import ACTIVITY

menus.place("customers", "activities", gettext_lazy("Customer activities"), "activity-list", order=300, kind="activity")
menus.place("workbench", "tasks", gettext_lazy("Tasks"), "task-list", order=200, kind="task")
menus.new_items.add("log", menus.Place("log", gettext_lazy("Log a follow-up"), "activity-log", kind="activity", action="add"), order=35)
menus.new_items.add("activity", menus.Place("activity", gettext_lazy("Plan an activity"), "activity-new", kind="activity", action="add"), order=40)
menus.new_items.add("task", menus.Place("task", gettext_lazy("Give a task"), "task-new", kind="task", action="add"), order=50)
for _verb, _label, _icon, _tone in (
    ("finish", gettext_lazy("Finished"), "check", "good"), ("cancel", gettext_lazy("Cancelled"), "ban", "neutral"),
    ("postpone", gettext_lazy("Postponed"), "clock", "wait"), ("undo", gettext_lazy("Taken back"), "arrow-back-up", "wait"),
    ("accept", gettext_lazy("Accepted"), "check", "info"), ("refuse", gettext_lazy("Refused"), "ban", "bad"),
    ("confirm", gettext_lazy("Confirmed"), "circle-check", "good"), ("reopen", gettext_lazy("Reopened"), "arrow-back-up", "wait"),
):
    changes.verbs.add(_verb, (_label, _icon, _tone))

ICONS = {"visit": "map-pin", "phone": "phone", "meeting": "users-group", "wechat": "brand-wechat", "email": "mail",
         "demo": "presentation", "note": "message-circle"}
SHOWN = 50
QUIET_DAYS = 60
SHOWS = {"all": gettext_lazy("All"), "talk": gettext_lazy("Talk"), "deal": gettext_lazy("Opportunities"), "system": gettext_lazy("System")}


def _rows(page: DetailPage) -> Any:
    return Activity.objects.visible_to(page.user).filter(**{page.kind.name: page.row})


def timeline(page: DetailPage, limit: int = SHOWN, show: str = "all") -> list[Day]:
    """People's activities, stage changes and system events, newest first, within rights.

    `show` is one of `SHOWS`: everything, talk with the customer, opportunities, or the system.
    """
    found: list[tuple[Any, Event]] = []
    if show in ("all", "talk"):
        found += _talk(page, limit)
    if show == "all":
        found += [event for contribution in page.kind.timeline for event in contribution(page, limit)]
    if show in ("all", "deal") and page.access.may("opportunity", "view"):
        found += _steps(page)
    if show in ("all", "system"):
        found += _system(page)
    found.sort(key=lambda pair: pair[0], reverse=True)
    lang = get_language() or "zh-hans"
    return [Day(formats.day(day, lang), [event for _at, event in of_day])
            for day, of_day in groupby(found[:limit], key=lambda pair: clock.local(pair[0]).date())]


def _talk(page: DetailPage, limit: int) -> list[tuple[Any, Event]]:
    lang = get_language() or "zh-hans"
    types = options.labels("activity_type", lang)
    kind = registry.kind("activity")
    found: list[tuple[Any, Event]] = []
    rows = list(_rows(page).select_related("owner", "contact", "opportunity").order_by("-at", "-pk")[:limit])
    linked = {row.opportunity_id for row in rows if row.opportunity_id and page.kind.name == "customer"}
    opportunities = registry.kind("opportunity").model.objects.visible_to(page.user).filter(pk__in=linked)
    shown = set(opportunities.values_list("pk", flat=True)) if linked else set()
    named = page.access.field_mode("activity", "contact") in ("", "read")
    for row in rows:
        chips = []
        if row.opportunity_id in shown:
            chips = [Link(row.opportunity.name, registry.kind("opportunity").url(row.opportunity_id))]
        badge = None if row.status == "done" else Badge(ACTIVITY.label(row.status), ACTIVITY.tone(row.status))
        found.append((row.at, Event(
            ICONS.get(row.type, "point"), types.get(row.type, row.type), formats.hm(row.at), formats.full(row.at, lang), str(row.owner),
            row.content or row.subject, "info" if row.status == "done" else "neutral", badge,
            Link(row.contact.name if named and row.contact else row.subject, kind.url(row)), chips)))
    return found


def _steps(page: DetailPage) -> list[tuple[Any, Event]]:
    lang = get_language() or "zh-hans"
    steps = StageChange.objects.filter(opportunity__in=_opportunities(page)).select_related("opportunity", "target", "by")
    return [
        (step.at, Event(
            "target-arrow", _("Opportunity at %(stage)s") % {"stage": step.target or ""}, formats.hm(step.at),
            formats.full(step.at, lang), str(step.by or _("system")), step.reason, "violet",
            link=Link(step.opportunity.name, registry.kind("opportunity").url(step.opportunity_id))))
        for step in steps.order_by("-at")[:20]
    ]


def _system(page: DetailPage) -> list[tuple[Any, Event]]:
    """What happened to the record itself, apart from edits, which the change log tells field by field."""
    lang = get_language() or "zh-hans"
    entries = history.of(page.row).exclude(action__in=changes.TOLD_ELSEWHERE)[:20]
    return [(entry.at, changes.sentence(page.kind, entry, page.access, lang)) for entry in entries]


def _opportunities(page: DetailPage) -> Any:
    kind = registry.kind("opportunity")
    if page.kind.name == "opportunity":
        return [page.row]
    return kind.model.objects.visible_to(page.user).filter(customer=page.row).values("pk")


def composer(page: DetailPage) -> Any:
    """The box to record a follow-up in, or nothing without the right."""
    if not page.access.may("activity", "add"):
        return None
    lang = get_language() or "zh-hans"
    customer_id = page.row.pk if page.kind.name == "customer" else page.row.customer_id
    if page.kind.name != "customer" and not registry.kind("customer").model.objects.visible_to(page.user).filter(pk=customer_id).exists():
        return None
    types = options.labels("activity_type", lang, enabled_only=True)
    contacts = Contact.objects.visible_to(page.user).filter(customer=customer_id, left=False).order_by("-primary", "sort_name")[:50]
    return Markup(render_to_string("activities/composer.html", {
        "customer_id": customer_id, "types": [(code, types[code]) for code in ("phone", "visit", "meeting", "wechat", "email", "note") if code in types],
        "icons": ICONS, "contacts": contacts, "results": options.labels("activity_result", lang, enabled_only=True),
        "opportunity": page.row if page.kind.name == "opportunity" else None,
    }, request=page.request))


def _card(page: DetailPage, parts: DetailParts, limit: int, url: str) -> Card:
    wanted = page.request.GET.get("timeline", "all")
    show = wanted if wanted in SHOWS else "all"
    filters = [Link(label, url if key == "all" else f"{url}?timeline={key}", active=key == show) for key, label in SHOWS.items()]
    return Card(_("Timeline"), key="timeline", template="pages/timeline.html", data=timeline(page, limit, show),
                filters=filters, empty=_("No activity yet."))


def _on_summary(page: DetailPage, parts: DetailParts) -> None:
    if page.access.may("activity", "view"):
        parts.composer = composer(page)
        parts.main.append(_card(page, parts, SHOWN, page.kind.url(page.row)))
        parts.attention.extend(_late(page))


def _fill(page: DetailPage, parts: DetailParts) -> None:
    parts.layout = "c1"
    parts.composer = composer(page)
    parts.main.append(_card(page, parts, 200, page.tab_url("activities")))


def _planned(page: DetailPage) -> Activity | None:
    """The earliest planned activity here that the person may see; asked for once a page."""
    if not hasattr(page, "_first_plan"):
        planned = _rows(page).filter(status__in=("planned", "in_progress"))
        page._first_plan = planned.order_by("at", "pk").first() if page.access.may("activity", "view") else None  # type: ignore[attr-defined]
    return page._first_plan  # type: ignore[attr-defined]


def _late(page: DetailPage) -> list[Notice]:
    """A planned contact whose day has passed, or silence for two months."""
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
    if at is None:
        return []
    first = _planned(page)
    hint = first.subject if first is not None and first.at == at else ""
    return [Fact(_("next contact"), formats.near(at), hint=hint)]


def _buttons(page: DetailPage) -> list[Button]:
    if not page.access.may("activity", "add") or not page.access.may("activity", "view"):
        return []
    url = page.kind.url(page.row) if page.kind.name == "customer" else page.tab_url("activities")
    primary = page.kind.name == "customer"
    return [Button(_("Log a follow-up"), f"{url}#composer", "pencil-plus", "p" if primary else "d", key="l", phone=primary,
                   menu=not primary, attrs={"data-compose": "1"})]


registry.kind("customer").facts.add("next", _next_contact, order=90)
registry.kind("customer").cards.add("timeline", _on_summary, order=10)
for _name in ("customer", "opportunity"):
    registry.kind(_name).buttons.add("log", _buttons, order=10)
    registry.kind(_name).tabs.add("activities", TabSpec(
        "activities", gettext_lazy("Activities"), _fill, count=lambda page: _rows(page).count(), kind="activity"), order=20)

notices.declare("task.given", gettext_lazy("%(who)s gave you a task: %(task)s"))
notices.declare("task.moved", gettext_lazy("%(who)s changed your task: %(task)s"))
