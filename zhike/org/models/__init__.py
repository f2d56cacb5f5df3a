from .access import FieldRule, Role, RolePermission, Scope
from .accounts import HourlyCount, Passkey, PasswordLink, SecondFactor, SignedIn
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
    "Passkey",
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
