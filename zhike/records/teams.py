"""Sharing a record with colleagues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.models import User

from . import channel, guard, history
from .kinds import Kind
from .models import HistoryEntry, TeamGrant

# As what somebody is in a record's team.
ROLES = (
    ("joint", gettext_lazy("joint follower")),
    ("presales", gettext_lazy("presales")),
    ("service", gettext_lazy("service staff")),
    ("member", gettext_lazy("ordinary member")),
)


def role_text(code: str) -> str:
    """A role in a team in words; one from an import stands as it came."""
    return str(dict(ROLES).get(code, code))


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
def keep_former(kind: Kind, owners: Mapping[int, int], *, level: str, role: str = "", by: Any, batch: str = "") -> int:
    """Let former owners (record id → user id) stay in the teams of what they gave away; (how many stay).

    Set-based, as many records as one hands over at once. Who is disabled does not stay.
    """
    if level not in (TeamGrant.READ, TeamGrant.WRITE):
        raise Refused(_("Choose one of the rights that a team knows."), field="stays")
    people = {user.pk: user for user in User.objects.filter(pk__in=set(owners.values()), is_active=True)}
    stay = {row: people[user] for row, user in owners.items() if user in people}
    TeamGrant.objects.bulk_create(
        [TeamGrant(kind=kind.name, row_id=row, user=user, level=level, role=role, created_by=by) for row, user in stay.items()],
        batch_size=500, update_conflicts=True, unique_fields=["kind", "row_id", "user"],
        update_fields=["level", "role", "expires_at", "created_by"],
    )
    now, via = clock.now(), channel.current()
    history.write([
        HistoryEntry(at=now, by=by, channel=via, kind=kind.name, row_id=row, action="share", batch=batch,
                     args={"users": [str(user)], "level": level, "role": role}, diff={})
        for row, user in stay.items()
    ])
    return len(stay)


@transaction.atomic
def share_with(
    row: Any, user: User, *, level: str = TeamGrant.READ, role: str = "", until: date | None = None, by: Any
) -> TeamGrant:
    """Let one colleague into a record's team, to the end of a day where one is given.

    Needs the right to transfer the record. Raises `Refused` for a day that is over or a disabled person.
    """
    guard.require_rows(by, [row], "transfer")
    if until and until < clock.today():
        raise Refused(_("This day is over. Choose today or later."), field="until")
    expires = datetime.combine(until + timedelta(days=1), time.min, tzinfo=clock.zone()) if until else None
    return share_row(row, [user], level=level, role=role, expires_at=expires, by=by)[0]


@transaction.atomic
def unshare_row(row: Any, users: Sequence[Any], *, by: Any) -> int:
    """Take colleagues out of a record's team; what they wrote stays."""
    gone = TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk, user__in=users).delete()[0]
    if gone:
        history.log(row, "unshare", by=by, args={"users": [str(user) for user in users]})
    return gone


def lasts(grant: TeamGrant) -> bool:
    """Whether a place in a team still counts."""
    return grant.expires_at is None or grant.expires_at > clock.now()


def team_of(row: Any) -> list[TeamGrant]:
    return list(TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk).select_related("user").order_by("pk"))
