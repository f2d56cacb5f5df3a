"""Sharing a record with colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.models import User

from . import guard, history
from .models import TeamGrant


@transaction.atomic
def share_row(
    row: Any, users: Sequence[Any], *, level: str = TeamGrant.READ, role: str = "",
    expires_at: datetime | None = None, by: Any,
) -> list[TeamGrant]:
    """Let colleagues into a record's team, or change their right there. `level` is read or write."""
    gone = [user for user in users if not user.is_active]
    if gone:
        raise Refused(_("%(user)s is disabled and cannot join a team.") % {"user": gone[0]}, field="users")
    grants = [
        TeamGrant(kind=row.KIND, row_id=row.pk, user=user, level=level, role=role, expires_at=expires_at,
                  created_by=by)
        for user in users
    ]
    TeamGrant.objects.bulk_create(
        grants, update_conflicts=True, unique_fields=["kind", "row_id", "user"],
        update_fields=["level", "role", "expires_at", "created_by"],
    )
    history.log(row, "share", by=by, args={"users": [str(user) for user in users], "level": level,
                                           "expires_at": expires_at})
    return grants


@transaction.atomic
def share_with(row: Any, user: User, *, level: str = TeamGrant.READ, until: date | None = None, by: Any) -> TeamGrant:
    """Let one colleague into a record's team, to the end of a day where one is given.

    Needs the right to transfer the record. Raises `Refused` for a day that is over or a disabled person.
    """
    guard.require_rows(by, [row], "transfer")
    if until and until < clock.today():
        raise Refused(_("This day is over. Choose today or later."), field="until")
    expires = datetime.combine(until + timedelta(days=1), time.min, tzinfo=clock.zone()) if until else None
    return share_row(row, [user], level=level, expires_at=expires, by=by)[0]


@transaction.atomic
def unshare_row(row: Any, users: Sequence[Any], *, by: Any) -> int:
    """Take colleagues out of a record's team; what they wrote stays."""
    gone = TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk, user__in=users).delete()[0]
    if gone:
        history.log(row, "unshare", by=by, args={"users": [str(user) for user in users]})
    return gone


def team_of(row: Any) -> list[TeamGrant]:
    return list(TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk).select_related("user").order_by("pk"))
