"""The timeline of a customer, a lead or an opportunity: people, documents and the system, newest first."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Value
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import escape

from zhike.base import clock
from zhike.opportunities.models import StageChange
from zhike.pages import changes, formats
from zhike.pages.details import DetailPage
from zhike.pages.parts import Badge, Card, Day, Event, Link
from zhike.records import history, options, registry

from .. import previews
from ..models import Activity
from ..status import ACTIVITY

ICONS = {"visit": "map-pin", "phone": "phone", "meeting": "users-group", "wechat": "brand-wechat", "email": "mail",
         "demo": "presentation", "note": "message-circle"}
SHOWN = 50
SHOWS = {"all": gettext_lazy("All"), "people": gettext_lazy("People"), "documents": gettext_lazy("Documents"), "system": gettext_lazy("System")}
OLD_NAMES = {"talk": "people", "deal": "documents"}
# Which chip shows what lower apps contribute; the files of the record are drawn here, along with those of its activities.
CHIP_OF = {"words": "people", "files": ""}


def rows_of(page: DetailPage) -> Any:
    """The activities of a customer, a lead or an opportunity that the person may see."""
    return Activity.objects.visible_to(page.user).filter(**{page.kind.name: page.row})


def timeline(page: DetailPage, limit: int = SHOWN, show: str = "all") -> list[Day]:
    """People's activities and remarks, documents and files, and system events, newest first, within rights.

    `show` is one of `SHOWS`: everything, people, documents, or the system.
    """
    found: list[tuple[Any, Event]] = []
    if show in ("all", "people", "documents"):
        talk = _activities(page, limit) if show != "documents" else []
        own, files = previews.of_record_and(page.row, "activity", [row.pk for row in talk])
        found += _talk(page, talk, files)
        if show != "people":
            found += _files(page, own)
    for name, contribution in page.kind.timeline.items():
        if show == "all" and CHIP_OF.get(name) != "" or CHIP_OF.get(name, "documents") == show:
            found += contribution(page, limit)
    if show in ("all", "documents") and page.kind.name != "lead" and page.access.may("opportunity", "view"):
        found += _steps(page)
    if show in ("all", "system"):
        found += _system(page)
    found.sort(key=lambda pair: pair[0], reverse=True)
    lang = get_language() or "zh-hans"
    return [Day(formats.day(day, lang), [event for _at, event in of_day])
            for day, of_day in groupby(found[:limit], key=lambda pair: clock.local(pair[0]).date())]


def _activities(page: DetailPage, limit: int) -> list[Activity]:
    rows = rows_of(page).select_related("owner", "contact", "opportunity")
    if page.kind.name == "customer":  # an opportunity is named where the person sees it
        seen = registry.kind("opportunity").model.objects.visible_to(page.user).filter(pk=OuterRef("opportunity_id"))
        rows = rows.annotate(opportunity_seen=Exists(seen))
    else:
        rows = rows.annotate(opportunity_seen=Value(False, BooleanField()))
    return list(rows.order_by("-at", "-pk")[:limit])


def _talk(page: DetailPage, rows: list[Any], files: dict[int, list[Any]]) -> list[tuple[Any, Event]]:
    lang = get_language() or "zh-hans"
    types = options.labels("activity_type", lang)
    kind = registry.kind("activity")
    named = page.access.field_mode("activity", "contact") in ("", "read")
    found: list[tuple[Any, Event]] = []
    for row in rows:
        chips = [Link(row.opportunity.name, registry.kind("opportunity").url(row.opportunity_id))] if row.opportunity_seen else []
        text: Any = row.content or row.subject
        if row.pk in files:
            text = escape(text) + previews.several(files[row.pk], f"{kind.url(row)}files/")
        title = types.get(row.type, row.type)
        if row.checked_in_at is not None:
            where = row.check_in_place or (_("position kept") if row.check_in_lat is not None else _("without position"))
            title = _("%(type)s, checked in (%(where)s)") % {"type": title, "where": where}
        found.append((row.at, Event(
            ICONS.get(row.type, "point"), title, formats.hm(row.at), formats.full(row.at, lang), str(row.owner),
            text, "info" if row.status == "done" else "neutral", _badge(row),
            Link(row.contact.name if named and row.contact else row.subject, kind.url(row)), chips)))
    return found


def _badge(row: Activity) -> Badge | None:
    """What a reader must know about it: not done yet, late, or changed long after."""
    if row.overdue:
        return Badge(_("overdue"), "bad")
    if row.status != "done":
        return Badge(ACTIVITY.label(row.status), ACTIVITY.tone(row.status))
    return Badge(_("changed after 24 hours"), "wait", outline=True) if row.amended_at else None


def _files(page: DetailPage, rows: list[Any]) -> list[tuple[Any, Event]]:
    """Files on the record itself, pictures small."""
    lang, here = get_language() or "zh-hans", page.tab_url("files")
    return [(row.created_at, Event(
        "paperclip", _("File attached"), formats.hm(row.created_at), formats.full(row.created_at, lang), str(row.created_by),
        previews.preview(row, here) if row.thumb else "", "info", link=Link(row.name, previews.address(row, here)))) for row in rows]


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


def card(page: DetailPage, limit: int, url: str) -> Card:
    """The timeline with its chips."""
    wanted = page.request.GET.get("timeline", "all")
    wanted = OLD_NAMES.get(wanted, wanted)
    show = wanted if wanted in SHOWS else "all"
    filters = [Link(label, url if key == "all" else f"{url}?timeline={key}", active=key == show) for key, label in SHOWS.items()]
    return Card(_("Timeline"), key="timeline", template="pages/timeline.html", data=timeline(page, limit, show),
                filters=filters, empty=_("No activity yet."))
