"""Activities, tasks and work logs as people meet them."""

from django.utils.translation import gettext_lazy as _

from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, Section, View

from . import actions
from .models import Activity, Task, WorkLog
from .status import ACTIVITY, TASK, WORKLOG

activity = Kind(
    name="activity", model=Activity, label=_("activity"), plural=_("Activities"), slug="activities",
    icon="calendar-event", count_text=_("%(n)s activities"),
    attrs=[
        Attr("subject", label=_("subject")),
        Attr("at", label=_("time"), sort=True),
        Attr("type", dictionary="activity_type"),
        Attr("result", dictionary="activity_result"),
        Attr("status", tones={code: state.tone for code, state in ACTIVITY.states.items()}, readonly=True),
        Attr("owner", readonly=True),
        Attr("lead", priority=3),
        Attr("opportunity", priority=2),
        Attr("next_contact_at", priority=3),
        Attr("check_in_place", label=_("place of the check-in"), readonly=True),
        *(Attr(name, readonly=True) for name in ("checked_in_at", "check_in_lat", "check_in_lng",
                                                 "check_in_accuracy", "done_at", "amended_at")),
    ],
    columns=["subject", "type", "customer", "opportunity", "status", "at", "result", "owner"],
    filters=["type", "status", "result", "owner", "owner_dept", "customer", "lead", "opportunity", "at"],
    order="-at",
    views=[View("mine", _("Mine"), "owner=me"), View("overdue", _("Overdue"), "owner=me&late=1"),
           View("department", _("My department"), "owner_dept=mine"), View("all", _("All"), "")],
    create=["subject", "type", "customer", "contact", "opportunity", "at"],
    more=["lead", "ends_at", "place", "purpose", "remind_before", "content"],
    sections=[
        Section(_("Activity"), ["subject", "type", "customer", "lead", "contact", "opportunity", "at", "ends_at", "place", "purpose",
                                "remind_before"]),
        Section(_("Outcome"), ["content", "result", "next_action", "next_contact_at"]),
    ],
    api=["subject", "type", "customer", "lead", "contact", "opportunity", "status", "at", "ends_at", "place", "purpose", "content",
         "result", "next_action", "next_contact_at", "remind_before", "checked_in_at", "check_in_place", "check_in_lat", "check_in_lng",
         "check_in_accuracy", "done_at", "amended_at", "owner", "owner_dept", "created_at"],
    flow=ACTIVITY,
    deletable=True,
    related=("owner", "owner_dept", "customer", "lead", "opportunity"),
    created_by_action=actions.plan_activities,
    changed_by_action=actions.change_activity,
    changed_together=actions.change_activities,
)

task = Kind(
    name="task", model=Task, label=_("task"), plural=_("Tasks"), slug="tasks", icon="checkbox",
    count_text=_("%(n)s tasks"),
    attrs=[
        Attr("title", label=_("task")),
        Attr("due_at", label=_("due"), sort=True),
        Attr("status", tones={code: state.tone for code, state in TASK.states.items()}, readonly=True),
        Attr("priority", tones={"low": "neutral", "normal": "neutral", "high": "wait", "urgent": "bad"}),
        Attr("giver", type="user", to="user", readonly=True),
        Attr("owner", label=_("assignee")),
        Attr("result", readonly=True),
        Attr("progress", priority=3),
        Attr("parent", priority=3),
        Attr("finished_at", readonly=True), Attr("about_kind", label=_("kind of the record it is about"), readonly=True),
        Attr("about_id", label=_("number of the record it is about"), readonly=True),
    ],
    columns=["title", "priority", "status", "due_at", "owner", "giver", "customer"],
    filters=["status", "priority", "owner", "owner_dept", "giver", "customer", "opportunity", "due_at", "parent", "recurrence", "finished_at"],
    order="due_at",
    views=[View("mine", _("Mine"), "owner=me&status=open&status=accepted"), View("overdue", _("Overdue"), "owner=me&late=1"),
           View("given", _("Given by me"), "giver=me"), View("check", _("To confirm"), "giver=me&status=done"), View("all", _("All"), "")],
    create=["title", "owner", "due_at", "priority", "customer", "opportunity"],
    more=["detail", "starts_at", "remind_before", "recurrence", "parent"],
    sections=[Section(_("Task"), ["title", "priority", "starts_at", "due_at", "customer", "opportunity", "detail", "remind_before",
                                  "recurrence", "progress", "result"])],
    api=["title", "detail", "giver", "owner", "priority", "starts_at", "due_at", "status", "customer", "opportunity", "parent",
         "about_kind", "about_id", "progress", "recurrence", "remind_before", "result", "finished_at", "created_at"],
    flow=TASK,
    deletable=True,
    related=("owner", "owner_dept", "giver", "customer"),
    created_by_action=actions.give_tasks,
    changed_by_action=actions.change_task,
    changed_together=actions.change_tasks,
)

worklog = Kind(
    name="worklog", model=WorkLog, label=_("work log"), plural=_("Work logs"), slug="work-logs", icon="notebook",
    count_text=_("%(n)s work logs"),
    attrs=[
        Attr("first_day", sort=True),
        Attr("status", tones={code: state.tone for code, state in WORKLOG.states.items()}, readonly=True),
        Attr("owner", label=_("author"), readonly=True),
        *(Attr(name, readonly=True) for name in ("submitted_at", "read_at")),
        Attr("need_help", priority=2),
        Attr("read_by", type="user", to="user", readonly=True, priority=2),
    ],
    columns=["first_day", "period", "owner", "status", "need_help", "submitted_at", "read_by"],
    filters=["period", "status", "owner", "owner_dept", "need_help", "first_day"],
    order="-first_day",
    views=[View("mine", _("Mine"), "owner=me"), View("unread", _("To read"), "status=submitted"), View("help", _("Help is needed"), "need_help=1"),
           View("department", _("My department"), "owner_dept=mine"), View("all", _("All"), "")],
    create=["period", "first_day"],
    sections=[Section(_("Work log"), ["done", "plan_next", "problem", "need_help"])],
    api=["period", "first_day", "owner", "status", "done", "plan_next", "problem", "need_help", "submitted_at", "read_at", "read_by", "created_at"],
    actions=("view", "add", "edit", "export"),
    flow=WORKLOG,
    related=("owner", "owner_dept", "read_by"),
    created_by_action=actions.create_logs,
    changed_by_action=actions.change_log,
)
