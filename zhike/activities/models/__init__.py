"""Tables of activities and tasks."""

from .activities import Activity, Attendee
from .tasks import Task

__all__ = ["Activity", "Attendee", "Task"]
