"""What activities and tasks add to the house: menu places, words of the history, messages, filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base import clock
from zhike.notices import actions as notices
from zhike.pages import cells, changes, formats, menus
from zhike.pages.lists import behind_names
from zhike.records import registry
from zhike.records.kinds import ExtraFilter, Kind

from .. import pending
from ..models.activities import overdue
from . import records, tasks

menus.place("customers", "activities", gettext_lazy("Customer activities"), "activity-list", order=300, kind="activity")
menus.place("workbench", "calendar", gettext_lazy("Calendar"), "calendar", order=150, kind="activity")
menus.place("workbench", "tasks", gettext_lazy("Tasks"), "task-list", order=200, kind="task")
menus.place("workbench", "worklogs", gettext_lazy("Work logs"), "worklog-list", order=250, kind="worklog")
menus.place("analysis", "duty", gettext_lazy("Duty statistics"), "report-duty", order=400, kind="activity")
menus.place("settings", "activity-rules", gettext_lazy("Activities and work logs"), "activity-rules", order=600, allowed=lambda user: user.is_admin)
menus.new_items.add("worklog", menus.Place("worklog", gettext_lazy("Write a work log"), "worklog-new", kind="worklog", action="add"), order=60)
menus.new_items.add("log", menus.Place("log", gettext_lazy("Log a follow-up"), "activity-log", kind="activity", action="add"), order=35)
menus.new_items.add("activity", menus.Place("activity", gettext_lazy("Plan an activity"), "activity-new", kind="activity", action="add"), order=40)
menus.new_items.add("task", menus.Place("task", gettext_lazy("Give a task"), "task-new", kind="task", action="add"), order=50)
for _verb, _label, _icon, _tone in (
    ("start", gettext_lazy("Checked in"), "map-pin", "info"), ("finish", gettext_lazy("Finished"), "check", "good"),
    ("cancel", gettext_lazy("Cancelled"), "ban", "neutral"), ("postpone", gettext_lazy("Postponed"), "clock", "wait"),
    ("move", gettext_lazy("Moved to another time"), "calendar-event", "wait"),
    ("submit", gettext_lazy("Submitted"), "check", "info"), ("withdraw", gettext_lazy("Taken back"), "arrow-back-up", "wait"),
    ("read", gettext_lazy("Marked as read"), "check", "good"), ("comment_log", gettext_lazy("Commented"), "message-circle", "good"),
    ("checklist", gettext_lazy("Checklist changed"), "checkbox", "info"),
    ("attend", gettext_lazy("People changed"), "users", "info"), ("undo", gettext_lazy("Taken back"), "arrow-back-up", "wait"),
    ("accept", gettext_lazy("Accepted"), "check", "info"), ("refuse", gettext_lazy("Refused"), "ban", "bad"),
    ("confirm", gettext_lazy("Confirmed"), "circle-check", "good"), ("reopen", gettext_lazy("Reopened"), "arrow-back-up", "wait"),
):
    changes.verbs.add(_verb, (_label, _icon, _tone))
changes.PART_NAMES["attendees"] = gettext_lazy("people of the customer's")


def _with_note(text: Any) -> Any:
    """A message that ends with what the person said to it, where they said something."""

    def said(message: Any) -> str:
        told = str(text) % message.values
        return formats.labelled(told, message.values["why"]) if message.values.get("why") else told

    return said


notices.declare("activity.mention", gettext_lazy("%(who)s mentioned you in a follow-up of “%(customer)s”"))
notices.declare("task.given", gettext_lazy("%(who)s gave you a task: %(task)s"))
notices.declare("task.moved", gettext_lazy("%(who)s changed your task: %(task)s"))
notices.declare("task.accept", gettext_lazy("%(who)s accepted the task “%(task)s”"))
notices.declare("task.refuse", gettext_lazy("%(who)s refused the task “%(task)s”: %(why)s"))
notices.declare("task.finish", _with_note(gettext_lazy("%(who)s finished the task “%(task)s”")))
notices.declare("task.confirm", _with_note(gettext_lazy("%(who)s confirmed the task “%(task)s”")))
notices.declare("task.reopen", _with_note(gettext_lazy("%(who)s sent the task “%(task)s” back")))
notices.declare("task.cancel", _with_note(gettext_lazy("%(who)s called off the task “%(task)s”")))
notices.declare("task.follow", gettext_lazy("%(who)s lets you follow the task “%(task)s”"))
notices.declare("task.due", gettext_lazy("%(who)s gave the task “%(task)s” another time"))
notices.declare("activity.invited", gettext_lazy("%(who)s asks you to take part: %(activity)s"))
notices.declare("activity.remind", gettext_lazy("%(at)s: %(subject)s, %(customer)s"))
notices.declare("task.remind", gettext_lazy("%(at)s is due: %(subject)s"))
notices.declare("worklog.submitted", gettext_lazy("%(who)s handed in the work log of %(log)s"))
notices.declare("worklog.help", gettext_lazy("%(who)s needs help: work log of %(log)s"))
notices.declare("worklog.read", gettext_lazy("%(who)s has read your work log of %(log)s"))
notices.declare("worklog.commented", gettext_lazy("%(who)s commented on your work log of %(log)s"))
notices.declare("task.let_in", gettext_lazy("%(who)s may now read “%(record)s” for the task “%(task)s”"))


def _late_tasks() -> Q:
    return Q(status__in=("open", "accepted"), due_at__lt=clock.now())


def _only_late(condition: Any) -> Any:
    def apply(rows: Any, values: Sequence[str], user: Any) -> Any:
        return rows.filter(condition()) if "1" in values else rows.exclude(condition())

    return apply


for _name, _condition in (("activity", overdue), ("task", _late_tasks)):
    registry.kind(_name).extra_filters.add("late", ExtraFilter(
        "late", gettext_lazy("overdue"), (("1", gettext_lazy("yes")), ("0", gettext_lazy("no"))), _only_late(_condition)))


def _late_badges(kind: Kind, rows: Sequence[Any]) -> dict[int, Markup]:
    """The word that a plan or a task is late, beside its name in every list."""
    if kind.name not in ("activity", "task"):
        return {}
    return {row.pk: cells.badge(_("overdue"), "bad") for row in rows if row.overdue}


behind_names.add("late", _late_badges, order=10)
records.add()
tasks.add()
menus.pending_work.add("confirm", pending.to_confirm, order=20)
menus.pending_work.add("logs", pending.logs_to_read, order=30)
