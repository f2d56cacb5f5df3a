"""What customer care adds: menu places, a tab on customers, wishes on contacts, and what its words are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.notices import actions as notices
from zhike.org.access import access_of
from zhike.pages import changes, formats, menus, timeline
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Button, Card, Event, Link, Mini, Notice
from zhike.records import guard, registry

from . import effects, origins, pending
from .models import CareDay, CareItem, ContactWish, CustomerWish

menus.place("customers", "care", gettext_lazy("Customer care"), "care_item-list", order=400, kind="care_item")
menus.place("analysis", "care-report", gettext_lazy("Customer care in figures"), "report-care", order=470, kind="care_item")
menus.place("marketing", "care-rules", gettext_lazy("Care rules"), "care_rule-list", order=500, kind="care_rule",
            allowed=lambda user: access_of(user).may("care_rule", "edit"))
for _verb, _label, _icon, _tone in (
    ("skip", gettext_lazy("Left out"), "x", "neutral"), ("send-again", gettext_lazy("Sent again"), "mail", "info"), ("care-wish", gettext_lazy("Wishes about care changed"), "heart", "info"),
    ("care-day", gettext_lazy("Day to remember added"), "heart", "good"), ("care-day-gone", gettext_lazy("Day to remember removed"), "heart", "neutral"),
):
    changes.verbs.add(_verb, (_label, _icon, _tone))
SHOWN = 50


def _fill(page: DetailPage, parts: DetailParts) -> None:
    """Planned and past attention of a customer, and the days to remember."""
    from .views.items import badge

    edit = guard.can_edit(page.user, page.row)
    parts.layout = "c1"
    rows = CareItem.objects.visible_to(page.user).filter(customer=page.row).order_by("-due_on", "-pk")[:SHOWN]
    wish = CustomerWish.objects.filter(customer=page.row, opt_out=True).first()
    notices_ = [Notice(_("This customer wants no attention. %(why)s") % {"why": wish.reason}, "wait")] if wish else []
    parts.main.append(Card(
        _("Customer care"), notices=notices_, minis=[Mini(row.title, reverse("care_item-detail", args=[row.pk]), badge=badge(row),
                                                         value=formats.d(row.due_on)) for row in rows],
        buttons=[Button(_("Wishes"), reverse("customer-care-wish", args=[page.row.pk]), "adjustments", dialog=True)] if edit else [],
        empty=_("Nothing planned and nothing done yet.")))
    days = CareDay.objects.filter(customer=page.row).select_related("contact").order_by("pk")
    lines = [(day.name, str(day.contact or ""), formats.d(day.first_on), day.lunar, reverse("care-day-remove", args=[day.pk])) for day in days]
    parts.main.append(Card(
        _("Days to remember"), template="marketing/days.html" if lines else "", data={"lines": lines, "edit": edit} if lines else None,
        buttons=[Button(_("Add a day"), reverse("customer-care-day", args=[page.row.pk]), "plus", dialog=True)] if edit else [],
        empty=_("Founding, opening, wedding: what comes back every year.")))


def _buttons(page: DetailPage) -> list[Button]:
    if not guard.can_edit(page.user, page.row):
        return []
    return [Button(_("Customer care"), reverse("contact-care-wish", args=[page.row.pk]), "heart", dialog=True, menu=True)]


def _links(user: Any, ids: set[int]) -> dict[int, str]:
    seen = CareItem.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    return {pk: reverse("care_item-detail", args=[pk]) for pk in seen}


def _given(page: DetailPage, how: timeline.Reading) -> list[timeline.Found]:
    """Attention that was paid, among the other events."""
    if not page.access.may("care_item", "view"):
        return []
    lang = get_language() or "zh-hans"
    rows = CareItem.objects.visible_to(page.user).filter(**{page.kind.name: page.row}, status="done", finished_at__isnull=False).select_related("owner")
    return [(row.finished_at, row.pk, Event(
        "heart", _("Customer care"), formats.hm(row.finished_at), formats.full(row.finished_at, lang), str(row.owner), row.result,
        tone="violet", link=Link(row.title, reverse("care_item-detail", args=[row.pk])))) for row in how.rows(rows, "finished_at")]


def _left_alone(page: DetailPage) -> list[Notice]:
    """Whoever is about to ring up reads first that the customer wants to be left alone."""
    wish = CustomerWish.objects.filter(customer=page.row, opt_out=True).first()
    return [Notice(_("This customer wants no attention. %(why)s") % {"why": wish.reason}, "wait", "heart")] if wish else []


def _contact_left_alone(page: DetailPage) -> list[Notice]:
    """The same for a person."""
    wish = ContactWish.objects.filter(contact=page.row, opt_out=True).first()
    if wish is None:
        return []
    said = _("%(name)s wants no attention.") % {"name": page.row}
    return [Notice(f"{said} {wish.reason}".strip(), "wait", "heart")]


registry.kind("customer").attention.add("care-wish", _left_alone, order=15)
registry.kind("contact").attention.add("care-wish", _contact_left_alone, order=15)
for _name in ("customer", "contact"):
    registry.kind(_name).timeline.add("care", timeline.Stream("service", _given), order=60)
registry.kind("customer").tabs.add("care", TabSpec("care", gettext_lazy("Care"), _fill, kind="care_item"), order=60)
registry.kind("contact").buttons.add("care", _buttons, order=60)
notices.LINKS[CareItem.KIND] = _links
origins.add()
effects.add()
menus.pending_work.add("care", pending.care, order=40)
