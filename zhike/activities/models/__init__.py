"""Tables of activities, tasks and work logs."""

from .activities import Activity, Attendee
from .feeds import CalendarFeed
from .tasks import Task
from .worklogs import WorkLog

__all__ = ["Activity", "Attendee", "CalendarFeed", "Task", "WorkLog"]
