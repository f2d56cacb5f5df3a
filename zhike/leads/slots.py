"""What leads add to the shell: their places in the menu and in “New”."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.pages import menus

from . import intake_slots

menus.place("marketing", "leads", _("Leads"), "lead-list", order=100, kind="lead")
menus.place("marketing", "campaigns", _("Campaigns"), "campaign-list", order=200, kind="campaign")
menus.new_items.add("lead", menus.Place("lead", _("New lead"), "lead-new", kind="lead", action="add"), order=5)
intake_slots.add()
