from .access import FieldRule, Role, RolePermission, Scope
from .accounts import HourlyCount, PasswordLink, SecondFactor, SignedIn
from .calendar import WorkCalendarDay, WorkHours
from .company import Company
from .people import Department, User
from .tokens import ApiToken

__all__ = [
    "ApiToken",
    "Company",
    "Department",
    "FieldRule",
    "HourlyCount",
    "PasswordLink",
    "Role",
    "RolePermission",
    "Scope",
    "SecondFactor",
    "SignedIn",
    "User",
    "WorkCalendarDay",
    "WorkHours",
]
