"""Tables of activities and tasks."""

from .activities import Activity, Attendee
from .feeds import CalendarFeed
from .tasks import Task

__all__ = ["Activity", "Attendee", "CalendarFeed", "Task"]
