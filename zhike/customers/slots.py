"""What customers add to the shell and to the kit."""

from django.utils.translation import gettext_lazy as _

from zhike.pages import changes, lists, menus
from zhike.records import registry

from .views import merging

menus.place("customers", "customers", _("Customer list"), "customer-list", order=100, kind="customer")
menus.place("customers", "contacts", _("Contacts"), "contact-list", order=200, kind="contact")
menus.new_items.add(
    "customer", menus.Place("customer", _("New customer"), "customer-new", kind="customer", action="add"), order=10
)
menus.new_items.add(
    "contact", menus.Place("contact", _("New contact"), "contact-new", kind="contact", action="add"), order=20
)
changes.verbs.add("address", (_("Address changed"), "map-pin", "info"))
changes.verbs.add("lifecycle", (_("Life cycle moved on"), "arrow-right", "good"))
changes.verbs.add("disable", (_("Disabled"), "ban", "neutral"))
changes.verbs.add("enable", (_("Enabled"), "circle-check", "good"))
changes.verbs.add("merge", (_("Merged"), "arrows-join", "violet"))
changes.verbs.add("merged-into", (_("Merged into another record"), "arrows-join", "violet"))
changes.verbs.add("merge-undone", (_("Merge taken back"), "arrow-back-up", "wait"))
changes.verbs.add("told-apart", (_("Said to be another one than the suspected duplicate"), "check", "neutral"))
changes.verbs.add("suspected-again", (_("Suspected as a duplicate again"), "users", "wait"))
changes.verbs.add("duplicate-policy", (_("Rules for duplicates changed"), "settings", "info"))
menus.place("customers", "duplicates", _("Suspected duplicates"), "duplicates", order=300, kind="customer", action="merge")
menus.place("settings", "duplicates", _("Rules for duplicates"), "duplicate-policy", order=330, allowed=lambda user: user.is_admin)
lists.bulk_buttons.add("merge", merging.bulk_buttons, order=300)
for _name in ("customer", "contact"):
    registry.kind(_name).buttons.add("merge", merging.merge_buttons, order=300)
