"""Activities in the timeline of a customer, a contact, a lead or an opportunity, with their files."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, Value
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.pages import formats, timeline
from zhike.pages.details import DetailPage
from zhike.pages.parts import Badge, Event, Link
from zhike.records import options, registry

from .. import previews
from ..composing import ICONS
from ..models import Activity, Attendee
from ..status import ACTIVITY

# What a line tells; the rest of four tables stays where it is.
TOLD = ("at", "ends_at", "type", "status", "subject", "content", "checked_in_at", "check_in_place", "check_in_lat", "amended_at",
        "owner__name", "owner__username", "contact__name", "opportunity__name")

JOINED = 500  # activities of others in which a contact took part


def rows_of(page: DetailPage) -> Any:
    """The activities of a customer, a contact, a lead or an opportunity that the person may see; a contact's are also those they took part in."""
    found = Activity.objects.visible_to(page.user)
    if page.kind.name == "contact":
        return found.filter(Q(contact=page.row) | Q(pk__in=_joined(page)))
    return found.filter(**{page.kind.name: page.row})


def _joined(page: DetailPage) -> list[int]:
    """The newest activities in which the page's contact took part; their numbers are asked for once, so that both halves are found by index."""
    if not hasattr(page, "_took_part"):
        rows = Attendee.objects.filter(contact_number=page.row.pk).order_by("-pk")
        page._took_part = list(rows.values_list("activity_number", flat=True)[:JOINED])  # type: ignore[attr-defined]
    return page._took_part  # type: ignore[attr-defined,no-any-return]


def talks(page: DetailPage, how: timeline.Reading) -> list[timeline.Found]:
    """What was said and planned, newest first, with what hangs on it."""
    if not page.access.may("activity", "view"):
        return []
    rows = rows_of(page).select_related("owner", "contact", "opportunity").only(*TOLD)
    if page.kind.name in ("customer", "contact"):  # an opportunity is named where the person sees it
        seen = registry.kind("opportunity").model.objects.visible_to(page.user).filter(pk=OuterRef("opportunity_id"))
        rows = rows.annotate(opportunity_seen=Exists(seen))
    else:
        rows = rows.annotate(opportunity_seen=Value(False, BooleanField()))
    found = list(how.rows(rows, "at"))
    files = previews.of_many("activity", [row.pk for row in found])
    lang = get_language() or "zh-hans"
    types, kind = options.labels("activity_type", lang), registry.kind("activity")
    told = {name: page.access.field_mode("activity", name) in ("", "read") for name in ("contact", "content", "type")}
    told["contact"] = told["contact"] and page.kind.name != "contact"  # whose page it is need not be said in every line
    return [(row.at, row.pk, _event(row, files.get(row.pk, []), kind, types, told, lang)) for row in found]


def _event(row: Any, files: list[Any], kind: Any, types: dict[str, str], told: dict[str, bool], lang: str) -> Event:
    url = kind.url(row)
    named = row.contact.name if told["contact"] and row.contact else ""
    text = (row.content if told["content"] else "") or row.subject
    # What it was about stands there once: in the link, or below it where the link is a person.
    short, whole = timeline.shortened("" if not named and text == row.subject else text)
    title = types.get(row.type, row.type) if told["type"] else str(kind.label)
    if row.checked_in_at is not None:
        where = row.check_in_place or (_("position kept") if row.check_in_lat is not None else _("without position"))
        title = _("%(type)s, checked in (%(where)s)") % {"type": title, "where": where}
    chips = [Link(row.opportunity.name, registry.kind("opportunity").url(row.opportunity_id))] if row.opportunity_seen else []
    return Event(
        ICONS.get(row.type, "point"), title, formats.hm(row.at), formats.full(row.at, lang), str(row.owner), short, more=whole,
        below=previews.several(files, f"{url}files/") if files else "", tone="info" if row.status == "done" else "neutral", badge=_badge(row),
        link=Link(named or row.subject, url), chips=chips)


def _badge(row: Activity) -> Badge | None:
    """What a reader must know about it: not done yet, late, or changed long after."""
    if row.overdue:
        return Badge(_("overdue"), "bad")
    if row.status != "done":
        return Badge(ACTIVITY.label(row.status), ACTIVITY.tone(row.status))
    return Badge(_("changed after 24 hours"), "wait", outline=True) if row.amended_at else None
