"""The states of leads and of campaigns."""

from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow, Move, State

LEAD = Flow(
    "status",
    [
        State("new", _("new lead"), "info"),
        State("following", _("following up"), "wait"),
        State("converted", _("converted"), "good"),
        State("invalid", _("invalid"), "neutral"),
    ],
    [
        Move("follow", ("new",), "following", "edit", _("Follow up")),
        Move("convert", ("new", "following"), "converted", "convert", _("Convert")),
        Move("invalidate", ("new", "following"), "invalid", "edit", _("Mark invalid")),
        Move("reopen", ("invalid",), "new", "edit", _("Take up again")),
        Move("unconvert", ("converted",), "following", "convert", _("Take the conversion back")),
    ],
)
OPEN = ("new", "following")

CAMPAIGN = Flow(
    "status",
    [
        State("draft", _("draft"), "neutral"),
        State("approved", _("approved"), "info"),
        State("in_progress", _("in progress"), "wait"),
        State("done", _("done"), "good"),
        State("summarised", _("summarised"), "good"),
        State("cancelled", _("cancelled"), "neutral"),
    ],
    [
        Move("approve", ("draft",), "approved", "approve", _("Approve")),
        Move("withdraw", ("approved",), "draft", "edit", _("Back to draft")),
        Move("start", ("approved",), "in_progress", "edit", _("Start")),
        Move("finish", ("in_progress",), "done", "edit", _("Finish")),
        Move("resume", ("done",), "in_progress", "edit", _("Go on")),
        Move("summarise", ("done",), "summarised", "edit", _("Summarise")),
        Move("cancel", ("draft", "approved", "in_progress"), "cancelled", "edit", _("Cancel")),
        Move("revive", ("cancelled",), "draft", "edit", _("Take up again")),
    ],
)
RUNNING = ("approved", "in_progress")
