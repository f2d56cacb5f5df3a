"""Who meets leads that wait: joined to `visible_to` as one more way, beside owner, department and team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404

from zhike.org.access import access_of
from zhike.org.models import Department
from zhike.records import visibility

from .models import Lead


def queues(user: Any) -> list[int]:
    """The departments whose waiting leads a person may take: their own and those above it."""
    if user.department_id is None:
        return []
    memo = access_of(user).memo
    if "lead-queues" not in memo:
        path = Department.objects.filter(pk=user.department_id).values_list("path", flat=True).first() or ""
        memo["lead-queues"] = sorted(int(part) for part in path.strip("/").split("/") if part)
    found: list[int] = memo["lead-queues"]
    return found


def waiting(model: type[Any], user: Any, edit: bool) -> Any:
    """Leads that nobody owns, in the queues from which the person may take."""
    if model is not Lead or edit:
        return None
    mine = queues(user) if access_of(user).may("lead", "take") else []
    # An empty list, not None: "who can see this" has to know that there is such a way.
    return Lead.objects.filter(owner__isnull=True, owner_dept__in=mine).values("pk") if mine else []


visibility.add_branch(waiting, name="waiting")


def require_seen(user: Any, rows: Sequence[Any]) -> None:
    """A lead one may not see answers like one that does not exist."""
    ids = {row.pk for row in rows}
    if Lead.objects.visible_to(user).filter(pk__in=ids).count() != len(ids):
        raise Http404
