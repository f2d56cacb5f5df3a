"""The states of activities, tasks and work logs."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.base.flow import Flow, Move, State

ACTIVITY = Flow(
    "status",
    [
        State("planned", _("planned"), "neutral"),
        State("in_progress", _("in progress"), "info"),
        State("done", _("done"), "good"),
        State("cancelled", _("cancelled"), "neutral"),
    ],
    [
        Move("start", ("planned",), "in_progress", "edit", _("Start")),
        Move("finish", ("planned", "in_progress"), "done", "edit", _("Finish")),
        Move("cancel", ("planned", "in_progress"), "cancelled", "edit", _("Cancel activity")),
    ],
)

TASK = Flow(
    "status",
    [
        State("open", _("to accept"), "wait"),
        State("accepted", _("in progress"), "info"),
        State("done", _("done"), "good"),
        State("confirmed", _("confirmed"), "good"),
        State("refused", _("refused"), "bad"),
        State("cancelled", _("cancelled"), "neutral"),
    ],
    [
        Move("accept", ("open",), "accepted", "edit", _("Accept")),
        Move("refuse", ("open", "accepted"), "refused", "edit", _("Refuse")),
        Move("finish", ("open", "accepted"), "done", "edit", _("Finish")),
        Move("confirm", ("done",), "confirmed", "edit", _("Confirm")),
        Move("reopen", ("done", "refused"), "accepted", "edit", _("Reopen")),
        Move("cancel", ("open", "accepted"), "cancelled", "edit", _("Cancel task")),
    ],
)



def task_move(name: str, status: str) -> Any:
    """What a move of a task is called on its button: what is handed in is sent back, what was refused is opened again."""
    return _("Send back") if (name, status) == ("reopen", "done") else TASK.moves[name].label


WORKLOG = Flow(
    "status",
    [
        State("draft", _("draft"), "neutral"),
        State("submitted", _("submitted"), "wait"),
        State("read", _("has been read"), "info"),
        State("commented", _("commented"), "good"),
    ],
    [
        Move("submit", ("draft",), "submitted", "edit", _("Submit")),
        Move("withdraw", ("submitted",), "draft", "edit", pgettext_lazy("work log", "Take back")),
        Move("read", ("submitted",), "read", "view", pgettext_lazy("work log", "Mark as read")),
        Move("comment", ("submitted", "read"), "commented", "view", pgettext_lazy("work log", "Comment")),
    ],
)
