"""The box in which a follow-up is written, on the page of a customer, a contact, a lead or an opportunity."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.customers.models import Contact
from zhike.leads.status import OPEN as LEAD_OPEN
from zhike.opportunities.slots import open_rows
from zhike.org.access import access_of
from zhike.org.calendar import add_workdays
from zhike.pages.details import DetailPage
from zhike.pages.forms import KindForm
from zhike.pages.parts import Link
from zhike.records import customs, options, registry

ICONS = {"visit": "map-pin", "phone": "phone", "meeting": "users-group", "wechat": "brand-wechat", "email": "mail",
         "demo": "presentation", "note": "message-circle"}
TYPES = ("phone", "visit", "wechat", "meeting", "email", "note")


def own_form(user: Any, data: Any = None) -> KindForm:
    """The house's own fields that are asked of this person with every activity, as a form."""
    kind = registry.kind("activity")
    names = customs.required_of(kind, user)
    return KindForm(kind, kind.writable(names, access_of(user)), user, data, required=names, auto_id="own_%s")


def people_of(page: DetailPage) -> list[Any]:
    """Whom at the customer's one may talk to; asked for once a page."""
    if not hasattr(page, "_talkers"):
        customer_id = page.row.pk if page.kind.name == "customer" else page.row.customer_id
        rows = Contact.objects.visible_to(page.user).filter(customer=customer_id, left=False)
        page._talkers = list(rows.order_by("-primary", "sort_name")[:50]) if page.access.may("contact", "view") else []  # type: ignore[attr-defined]
    return page._talkers  # type: ignore[attr-defined,no-any-return]


def _more(page: DetailPage, customer_id: int | None) -> list[Link]:
    """What else can be made here, in a dialog; on the page of a customer or contact it stands under "New"."""
    if page.kind.name in ("customer", "contact"):
        return []
    if customer_id is not None:
        return [Link(_("Plan an activity"), f"{reverse('activity-new')}?customer={customer_id}&opportunity={page.row.pk}", icon="calendar-plus")]
    found = [Link(_("Plan an activity"), f"{reverse('activity-new')}?lead={page.row.pk}", icon="calendar-plus")]
    if page.access.may("task", "add"):
        found.append(Link(_("Task"), f"{reverse('task-new')}?about=lead-{page.row.pk}", icon="checkbox"))
    return found


def customer_of(page: DetailPage) -> int | None:
    """The customer that the page is about; None on the page of a lead."""
    if page.kind.name == "lead":
        return None
    return int(page.row.pk if page.kind.name == "customer" else page.row.customer_id)


def follows_lead(page: DetailPage) -> bool:
    """Whether the person may record a follow-up of the lead here: it is open, and somebody's or theirs to take."""
    return page.row.status in LEAD_OPEN and (page.row.owner_id is not None or page.access.may("lead", "take"))


def composer(page: DetailPage) -> Any:
    """The box to record a follow-up in, or nothing without the right; what was refused stands in it as it was typed."""
    if not page.access.may("activity", "add"):
        return None
    lang = get_language() or "zh-hans"
    customer_id = customer_of(page)
    if customer_id is None:
        if not follows_lead(page):
            return None
    elif page.kind.name != "customer" and not talks_to_customer(page):
        return None
    types = options.labels("activity_type", lang, enabled_only=True)
    said, no = getattr(page, "_said", (None, ""))
    return Markup(render_to_string("activities/composer.html", {
        "said": said or {"due_on": add_workdays(clock.today(), 1).isoformat()}, "no": no,
        "post_url": reverse("lead-log", args=[page.row.pk]) if customer_id is None else reverse("customer-log", args=[customer_id]),
        "named": customer_id is not None and page.kind.name != "contact", "types": [(code, types[code]) for code in TYPES if code in types],
        "icons": ICONS, "contacts": people_of(page) if customer_id is not None and page.kind.name != "contact" else [], "results": options.labels("activity_result", lang, enabled_only=True),
        "opportunity": page.row if page.kind.name == "opportunity" else None, "contact": page.row if page.kind.name == "contact" else None, "more": _more(page, customer_id),
        "opportunities": open_rows(page) if page.kind.name in ("customer", "contact") and page.access.may("opportunity", "view") else [],
        "assignee": _assignee(page, said) if customer_id is not None and page.access.may("task", "add") else None,
        "people_url": reverse(f"{page.kind.name}-people", args=[page.row.pk]), "own": list(own_form(page.user, said)),
    }, request=page.request))


def _assignee(page: DetailPage, said: Any) -> Any:
    """For whom the task of the box is: oneself, or whoever was chosen before it was refused."""
    text = said.get("assignee", "") if said else ""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return page.user
    return registry.kind("user").model.objects.visible_to(page.user).filter(pk=int(text)).first() or page.user


def talks_to_customer(page: DetailPage) -> bool:
    """Whether the person may record something with the customer of this row; asked for once a page."""
    if not hasattr(page, "_may_talk"):
        own = getattr(page, "customer_seen", None)  # the page of a contact knows already
        seen = registry.kind("customer").model.objects.visible_to(page.user).filter(pk=page.row.customer_id).exists() if own is None else own
        page._may_talk = page.access.may("activity", "add") and seen  # type: ignore[attr-defined]
    return page._may_talk  # type: ignore[attr-defined,no-any-return]
