"""Who checks openings of customers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from zhike.org.models import RolePermission, User

TOLD = 50  # checkers told of one application


def checkers(applicant: Any) -> list[User]:
    """Who may check this person's applications: whoever has the right by a role, never the applicant."""
    roles = RolePermission.objects.filter(kind="opening", action="check").values("role_id")
    found = User.objects.filter(Q(roles__in=roles), is_active=True).exclude(pk=applicant.pk)
    return list(found.distinct().order_by("pk")[:TOLD])
