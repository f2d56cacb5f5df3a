"""What people do with activities and tasks."""

from .activities import change_activities, change_activity, create_activities, log_activity, plan_activities
from .feeds import renew_feed, revoke_feed
from .people import invite, mention_in, set_attendees, set_participants
from .tasks import (
    change_task,
    change_tasks,
    give_tasks,
    move_due,
    move_task,
    set_checklist,
    set_followers,
    tick_point,
)
from .visits import (
    add_photo,
    cancel_activity,
    check_in,
    check_in_at,
    finish_activity,
    move_activity,
    postpone_activity,
)
from .worklogs import (
    change_log,
    comment_log,
    create_logs,
    open_log,
    read_log,
    refresh_log,
    set_readers,
    submit_log,
    withdraw_log,
)

__all__ = [
    "add_photo", "cancel_activity", "change_activities", "change_activity", "change_log", "change_task", "change_tasks", "check_in", "check_in_at", "comment_log", "create_activities", "create_logs",
    "finish_activity", "give_tasks", "invite", "log_activity", "mention_in", "move_activity", "move_due", "move_task", "open_log", "plan_activities",
    "postpone_activity", "read_log", "refresh_log", "renew_feed", "revoke_feed", "set_attendees", "set_checklist", "set_followers", "set_participants", "set_readers", "submit_log", "tick_point", "withdraw_log",
]
