"""What customers add to the shell and to the kit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.base.slots import Slot
from zhike.pages import changes, menus
from zhike.pages.parts import Fact

# Figures of a whole group that higher apps add: function(page, ids of its companies) → facts.
group_figures: Slot[Callable[[Any, list[int]], list[Fact]]] = Slot("customer.group_figures")

menus.place("customers", "customers", _("Customer list"), "customer-list", order=100, kind="customer")
menus.place("customers", "contacts", _("Contacts"), "contact-list", order=200, kind="contact")
menus.new_items.add(
    "customer", menus.Place("customer", _("New customer"), "customer-new", kind="customer", action="add"), order=10
)
menus.new_items.add(
    "contact", menus.Place("contact", _("New contact"), "contact-new", kind="contact", action="add"), order=20
)
changes.verbs.add("address", (_("Address changed"), "map-pin", "info"))
changes.verbs.add("invoicing", (_("Invoicing details changed"), "file-invoice", "info"))
changes.verbs.add("invoicing-default", (_("Default invoicing details changed"), "star", "info"))
changes.PART_NAMES["invoicing"] = _("invoicing details")
menus.place("customers", "openings", _("Openings of customers"), "opening-list", order=250, kind="opening")
for _verb, _text, _icon, _tone in (
    ("opening", _("Opening applied for"), "file-invoice", "wait"), ("opened", _("Opened formally"), "circle-check", "good"),
    ("opening-accept", _("Opening accepted"), "circle-check", "good"), ("opening-return", _("Returned to the applicant"), "arrow-back-up", "bad"),
    ("opening-resubmit", _("Applied for again"), "file-invoice", "wait"), ("opening-withdraw", _("Application withdrawn"), "ban", "neutral"),
):
    changes.verbs.add(_verb, (_text, _icon, _tone))
changes.verbs.add("moved", (_("Works elsewhere now"), "user-share", "wait"))
changes.verbs.add("lifecycle", (_("Life cycle moved on"), "arrow-right", "good"))
changes.verbs.add("disable", (_("Disabled"), "ban", "neutral"))
changes.verbs.add("enable", (_("Enabled"), "circle-check", "good"))
