"""Who meets a discussion group beside its owner and its team: everybody of its department."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from zhike.base.text import clean_line
from zhike.org.access import access_of
from zhike.org.models import Department, User
from zhike.records import search, visibility

from .models import Comment, DiscussionGroup

WAY = "group-department"
SHORTEST = 2  # letters of a word that is looked for in what was said
NEWEST = 50_000  # words said in groups that are read through, the newest first; older ones are found on the group's page


def departments_of(user: Any) -> list[int]:
    """The person's department and those above it, asked for once a request."""
    if user.department_id is None:
        return []
    memo = access_of(user).memo
    if WAY not in memo:
        path = Department.objects.filter(pk=user.department_id).values_list("path", flat=True).first() or ""
        memo[WAY] = sorted(int(part) for part in path.strip("/").split("/") if part)
    found: list[int] = memo[WAY]
    return found


def _mine(model: type[Any], user: Any, edit: bool) -> Any:
    if model is not DiscussionGroup or edit:
        return None
    return departments_of(user)


def people_of(department: Department | None) -> Any:
    """Everybody who works in a department or below it."""
    return User.objects.filter(is_active=True, department__path__startswith=department.path) if department is not None else User.objects.none()


def _whom(row: Any) -> set[int]:
    return set(people_of(row.department).values_list("pk", flat=True))


visibility.add_branch(_mine, name=WAY, column="department_id", whom=_whom)


def _said(text: str) -> Q:
    """Groups in which these words were said; the rights to the groups are asked beside it."""
    wanted = clean_line(text)[:100]
    if len(wanted) < SHORTEST:
        return Q()
    newest = Comment.objects.filter(kind=DiscussionGroup.KIND).order_by("-pk").values("pk")[:NEWEST]
    said = Comment.objects.filter(pk__in=newest, deleted_at=None, text__icontains=wanted)
    return Q(pk__in=said.order_by().values("row_id"))


search.also[DiscussionGroup.KIND] = _said
