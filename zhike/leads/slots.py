"""What leads add to the house: places in the menu, words of the history, what may be done with chosen rows, links of messages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.pages import changes, lists, menus

from . import intake_slots
from .views import steps

menus.place("marketing", "leads", _("Leads"), "lead-list", order=100, kind="lead")
menus.place("marketing", "campaigns", _("Campaigns"), "campaign-list", order=200, kind="campaign")
menus.new_items.add("lead", menus.Place("lead", _("New lead"), "lead-new", kind="lead", action="add"), order=5)
for _verb, _label, _icon, _tone in (
    ("lead-assign", _("Assigned"), "user-share", "good"), ("lead-take", _("Taken from the queue"), "hand-grab", "good"),
    ("lead-queue", _("Put back into the queue"), "arrow-back-up", "wait"), ("lead-follow", _("Follow-up begun"), "arrow-right", "good"),
    ("lead-invalidate", _("Marked invalid"), "ban", "neutral"), ("lead-reopen", _("Taken up again"), "arrow-back-up", "wait"),
    ("lead-convert", _("Converted"), "circle-check", "good"), ("campaign-approve", _("Approved"), "circle-check", "good"),
    ("campaign-withdraw", _("Back to draft"), "arrow-back-up", "wait"), ("campaign-start", _("Started"), "player-play", "info"),
    ("campaign-finish", _("Finished"), "check", "good"), ("campaign-resume", _("Gone on with"), "player-play", "wait"),
    ("campaign-summarise", _("Summarised"), "file-invoice", "good"), ("campaign-cancel", _("Cancelled"), "ban", "neutral"),
    ("campaign-revive", _("Taken up again"), "arrow-back-up", "wait"),
):
    changes.verbs.add(_verb, (_label, _icon, _tone))
lists.bulk_buttons.add("leads", steps.bulk_buttons, order=200)
intake_slots.add()
