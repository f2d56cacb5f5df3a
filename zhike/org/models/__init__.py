from .access import FieldRule, Role, RolePermission, Scope, SetUpMark
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
    "SetUpMark",
    "SignedIn",
    "User",
    "WorkCalendarDay",
    "WorkHours",
]
