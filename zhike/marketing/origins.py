"""Where a customer, contact or opportunity came from, on their pages; and on a lead's page what it became."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.leads.models import Lead
from zhike.leads.status import LEAD
from zhike.pages import changes, formats
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.parts import Badge, Button, Card, Mini
from zhike.records import guard, registry
from zhike.records.kinds import ExtraFilter

from .actions import conversion_of, undoable
from .models import LeadConversion

SHOWN = 5
for _verb, _text, _icon, _tone in (
    ("from-lead", gettext_lazy("A lead became part of it"), "magnet", "good"),
    ("lead-undone", gettext_lazy("Conversion of a lead taken back"), "arrow-back-up", "wait"),
    ("lead-unconvert", gettext_lazy("Conversion taken back"), "arrow-back-up", "wait"),
    ("unmade", gettext_lazy("Taken back with the conversion of its lead"), "ban", "neutral"),
):
    changes.verbs.add(_verb, (_text, _icon, _tone))


def _origin(page: DetailPage, parts: DetailParts) -> None:
    """The leads that became this record, with their campaign; the first one is where it came from."""
    if not page.access.may("lead", "view"):
        return
    lead = registry.kind("lead")
    seen = Lead.objects.visible_to(page.user).filter(pk=OuterRef("lead_id"))
    found = LeadConversion.objects.filter(**{page.kind.name: page.row.pk}, undone_at=None).filter(Exists(seen))
    rows = list(found.select_related("lead__campaign").order_by("at", "pk")[:SHOWN])
    if not rows:
        return
    minis = [
        Mini(row.lead.name, lead.url(row.lead_id), sub=str(row.lead.campaign or ""), value=formats.d(clock.local(row.at).date()),
             badge=Badge(_("first"), "good", dot=False) if i == 0 and len(rows) > 1 else None)
        for i, row in enumerate(rows)
    ]
    place = parts.left if parts.layout == "c3" else parts.rail
    place.append(Card(_("Came from"), key="origin", minis=minis))


def _became(page: DetailPage, parts: DetailParts) -> None:
    """What a lead became: each of the three for whom may see it, and the way back while there is one."""
    if page.row.status != "converted":
        return
    found = conversion_of(page.row)
    if found is None:
        return
    minis = []
    for name in ("customer", "contact", "opportunity"):
        row = getattr(found, name)
        if row is None:
            continue
        kind = registry.kind(name)
        seen = page.access.may(name, "view") and kind.model.objects.visible_to(page.user).filter(pk=row.pk).exists()
        if seen:
            minis.append(Mini(str(row), kind.url(row), sub=str(kind.label), badge=Badge(_("new"), "info") if name in found.made else None))
    by = _("%(who)s, %(when)s") % {"who": found.by, "when": formats.near(found.at, get_language() or "zh-hans")}
    buttons = []
    if undoable(found) and guard.can_edit(page.user, page.row, "convert"):
        buttons = [Button(_("Take the conversion back"), reverse("lead-unconvert", args=[page.row.pk]), "arrow-back-up", "g", dialog=True)]
    parts.rail.insert(0, Card(_("Became"), key="became", sub=by, minis=minis, buttons=buttons, empty=_("What it became belongs to colleagues.")))


def _buttons(page: DetailPage) -> list[Button]:
    if page.row.status not in LEAD.moves["convert"].sources or not guard.can_edit(page.user, page.row, "convert"):
        return []
    return [Button(_("Convert"), reverse("lead-convert", args=[page.row.pk]), "circle-check", "p" if page.row.owner_id else "d", phone=True)]  # what nobody owns is taken first


def _from_leads(queryset: Any, values: Any, user: Any) -> Any:
    """Customers that a lead became, as far as the person sees the lead."""
    seen = Lead.objects.visible_to(user).filter(customer=OuterRef("pk"), status="converted")
    if set(values) == {"yes", "no"}:
        return queryset
    return queryset.filter(Exists(seen)) if "yes" in values else queryset.filter(~Exists(seen))


def add() -> None:
    """Fill the slots."""
    for name in ("customer", "contact", "opportunity"):
        registry.kind(name).cards.add("origin", _origin, order=90)
    registry.kind("customer").extra_filters.add("from_lead", ExtraFilter(
        "from_lead", gettext_lazy("Came from a lead"), [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))], _from_leads))
    lead = registry.kind("lead")
    lead.cards.add("became", _became, order=5)
    lead.buttons.add("convert", _buttons, order=900)
