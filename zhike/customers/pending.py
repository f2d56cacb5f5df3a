"""Openings of customers that wait for somebody: for finance to check, for the applicant to put right."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.org.access import access_of
from zhike.pages import formats
from zhike.pages.parts import Badge, Button
from zhike.records import registry

from .models import Opening

SHOWN = 21  # one more than the workbench shows, so that it can say "20+"


def openings(user: Any) -> list[tuple[str, Any, list[dict[str, Any]]]]:
    """One kind of pending work, empty for those who have nothing to do with openings."""
    access = access_of(user)
    if not access.may("opening", "view"):
        return []
    wanted = Q(pk=None)
    if access.may("opening", "check"):
        wanted |= Q(status="waiting") & ~Q(applicant=user)
    if access.may("opening", "add"):
        wanted |= Q(status="returned", applicant=user)
    found = Opening.objects.visible_to(user).filter(wanted).select_related("customer", "applicant").order_by("applied_at", "pk")
    rows = [_item(row, _("Put right") if row.status == "returned" else _("Check")) for row in found[:SHOWN]]
    return [("openings", _("Openings"), rows)] if rows else []


def _item(row: Opening, label: Any) -> dict[str, Any]:
    kind = registry.kind("opening")
    at = row.checked_at if row.status == "returned" and row.checked_at else row.applied_at
    return {
        "id": f"k{row.pk}", "at": at, "icon": "file-invoice", "tone": "bad" if row.status == "returned" else "wait",
        "title": _("Opening of %(name)s") % {"name": row.customer}, "url": kind.url(row),
        "sub": row.answer or str(row.applicant), "sub_url": "", "due": Badge(formats.near(at), "neutral", dot=False),
        "buttons": [Button(label, kind.url(row), style="t")],
    }
