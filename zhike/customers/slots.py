"""What customers add to the shell and to the kit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.pages import changes, lists, menus, owners, timeline
from zhike.pages.parts import Button
from zhike.records import guard, registry

from .groups import group_figures as group_figures  # the door for higher apps
from .lifecycle import BY_HAND, open_by_hand
from .models import PoolMember
from .views import attention, line_owners, merging, summary

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
changes.verbs.add("place", (_("Place on the map changed"), "map-pin", "info"))
changes.verbs.add("line", (_("Owners of product lines changed"), "user-check", "violet"))
changes.verbs.add("line-switch", (_("Owners per product line switched"), "settings", "info"))
changes.PART_NAMES["line_owners"] = _("owners of product lines")
registry.kind("customer").facts.add("line-owners", line_owners.fact, order=5)
registry.kind("customer").cards.add("line-owners", line_owners.card, order=5)
changes.verbs.add("moved", (_("Works elsewhere now"), "user-share", "wait"))
changes.verbs.add("lifecycle", (_("Life cycle moved on"), "arrow-right", "good"))
changes.verbs.add("pool", (_("Given back to a pool"), "ripple", "wait"))
changes.verbs.add("pick", (_("Picked from a pool"), "hand-grab", "good"))
changes.verbs.add("assign", (_("Assigned from a pool"), "user-share", "good"))
changes.verbs.add("lock", (_("Locked"), "lock", "info"))
changes.verbs.add("unlock", (_("Unlocked"), "lock-open", "neutral"))
changes.verbs.add("members", (_("Members changed"), "users-group", "violet"))
changes.verbs.add("rules", (_("Rules changed"), "checkbox", "violet"))
changes.PART_NAMES["rules"] = _("return rules")
for _part, _label in PoolMember.PARTS:
    changes.PART_NAMES[_part] = _label
menus.place("customers", "pools", _("Customer pools"), "pool-home", order=300, kind="pool")
menus.place("settings", "pools", _("Customer pools"), "pool-list", order=140, kind="pool", action="edit")
menus.place("settings", "line-owners", _("Owners per product line"), "line-owner-switch", order=155, kind="pool", action="edit")
menus.place("settings", "limits", _("Customer limits"), "pool-limits", order=150, kind="pool", action="edit")


def give_back(page: Any) -> list[Button]:
    """"Give back" among what may be done with the chosen customers."""
    if page.kind.name != "customer" or not page.access.may("customer", "transfer"):
        return []
    return [Button(gettext("Give back to a pool"), page.kind.action_url("return-many"), "ripple", "g", dialog=True)]


def hand_buttons(page: Any) -> list[Button]:
    """What is done by hand with one customer: a step of the life cycle, the lock, giving it back."""
    row, kind = page.row, page.kind
    if row.pool_id:
        return []
    found = []
    steps = [name for name in open_by_hand(row.lifecycle) if page.access.may("customer", BY_HAND[name])]
    if steps and guard.can_edit(page.user, row):
        found.append(Button(gettext("Change the stage"), kind.action_url("stage", row), "arrow-right", dialog=True, menu=True))
    if guard.can_edit(page.user, row):
        label, icon = (gettext("Unlock"), "lock-open") if row.locked else (gettext("Lock"), "lock")
        found.append(Button(label, kind.action_url("lock", row), icon, dialog=True, menu=True))
        found.append(Button(gettext("Place on the map"), kind.action_url("place", row), "map-pin", dialog=True, menu=True))
    if guard.can_edit(page.user, row, "transfer") and not row.locked:
        found.append(Button(gettext("Give back to a pool"), kind.action_url("return", row), "ripple", "x", dialog=True, menu=True))
    return found


lists.bulk_buttons.add("pool", give_back, order=300)
registry.kind("customer").buttons.add("by-hand", hand_buttons, order=300)
changes.verbs.add("disable", (_("Disabled"), "ban", "neutral"))
changes.verbs.add("enable", (_("Enabled"), "circle-check", "good"))
changes.verbs.add("merge", (_("Merged"), "arrows-join", "violet"))
changes.verbs.add("merged-into", (_("Merged into another record"), "arrows-join", "violet"))
changes.verbs.add("merge-undone", (_("Merge taken back"), "arrow-back-up", "wait"))


def joined(entry: Any) -> list[str]:
    """Which records a merge joined into this one, or which stand by themselves again."""
    rows = entry.args.get("merged") or entry.args.get("back") or []
    return [" · ".join(part for part in (row.get("text", ""), row.get("code", "")) if part) for row in rows]


def went_into(entry: Any) -> list[str]:
    """Where a merged record lives on."""
    kept = entry.args.get("into")
    return [str(kept["text"])] if isinstance(kept, dict) and kept.get("text") else []


changes.told.add("merge", joined)
changes.told.add("merge-undone", joined)
changes.told.add("merged-into", went_into)
changes.verbs.add("told-apart", (_("Said to be another one than the suspected duplicate"), "check", "neutral"))
changes.verbs.add("suspected-again", (_("Suspected as a duplicate again"), "users", "wait"))
changes.verbs.add("duplicate-policy", (_("Rules for duplicates changed"), "settings", "info"))
menus.place("customers", "duplicates", _("Suspected duplicates"), "duplicates", order=300, kind="customer", action="merge")
menus.place("settings", "duplicates", _("Rules for duplicates"), "duplicate-policy", order=330, allowed=lambda user: user.is_admin)
lists.bulk_buttons.add("merge", merging.bulk_buttons, order=300)
for _name in ("customer", "contact"):
    registry.kind(_name).buttons.add("merge", merging.merge_buttons, order=300)

_customer = registry.kind("customer")
_customer.creates.add("contact", summary.new_contact, order=10)
_customer.creates.add("details", summary.new_details, order=90)
for _order, (_name, _figure) in enumerate((
    ("contacts", summary.contacts_figure), ("completeness", summary.completeness_figure), ("owner", summary.owner_figure),
    ("last-contact", summary.last_contact_figure),
)):
    _customer.facts.add(_name, _figure, order=50 + 10 * _order)
for _order, (_name, _look) in enumerate((
    ("data", attention.of_data), ("pool", attention.of_pool), ("duplicates", attention.of_duplicates), ("opening", attention.of_opening),
)):
    _customer.attention.add(_name, _look, order=50 + _order)
_customer.tabs.add("owners", owners.tab(), order=900)
_customer.timeline.add("life", timeline.Stream("deal", summary.life), order=50)
changes.TOLD_ELSEWHERE.add("lifecycle")
