from .access import FieldRule, Role, RolePermission, Scope
from .calendar import WorkCalendarDay, WorkHours
from .company import Company
from .people import Department, User
from .tokens import ApiToken

__all__ = [
    "ApiToken",
    "Company",
    "Department",
    "FieldRule",
    "Role",
    "RolePermission",
    "Scope",
    "User",
    "WorkCalendarDay",
    "WorkHours",
]
