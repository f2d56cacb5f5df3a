"""Who checks openings of customers, and what waits for them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from zhike.org.access import access_of
from zhike.org.models import RolePermission, User

from .models import Opening

TOLD = 50  # checkers told of one application


def checkers(applicant: Any) -> list[User]:
    """Who may check this person's applications: whoever has the right by a role, never the applicant."""
    roles = RolePermission.objects.filter(kind="opening", action="check").values("role_id")
    found = User.objects.filter(Q(roles__in=roles), is_active=True).exclude(pk=applicant.pk)
    return list(found.distinct().order_by("pk")[:TOLD])


def waiting_for(user: Any) -> Any:
    """Applications this person may check now, oldest first; those of others only."""
    if not access_of(user).may("opening", "check"):
        return Opening.objects.none()
    return Opening.objects.visible_to(user).filter(status="waiting").exclude(applicant=user).order_by("applied_at", "pk")
