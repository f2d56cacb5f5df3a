"""What people do with activities and tasks."""

from .activities import change_activities, change_activity, create_activities, log_activity, plan_activities
from .feeds import renew_feed, revoke_feed
from .people import invite, set_attendees, set_participants
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

__all__ = [
    "add_photo", "cancel_activity", "change_activities", "change_activity", "change_task", "change_tasks", "check_in", "check_in_at", "create_activities",
    "finish_activity", "give_tasks", "invite", "log_activity", "move_activity", "move_due", "move_task", "plan_activities",
    "postpone_activity", "renew_feed", "revoke_feed", "set_attendees", "set_checklist", "set_followers", "set_participants", "tick_point",
]
