"""API tokens: made once, stored as digests, checked on every call."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet

from zhike.base import clock

from .known import mark
from .models import ApiToken, User

PREFIX = "zk_"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(
    user: User, *, scope: str = ApiToken.READ, days: int | None = None, name: str = "", kinds: Sequence[str] = ()
) -> str:
    """Make a token for `user` and return it; it cannot be shown again.

    `days` None never expires; `kinds` limits it to records of these names.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    expires = clock.now() + timedelta(days=days) if days else None
    ApiToken.objects.create(user=user, scope=scope, digest=_digest(token), expires_at=expires, name=name, kinds=list(kinds))
    return token


def check_token(token: str) -> ApiToken | None:
    """Return the living token with an active user, or None."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    found = ApiToken.objects.select_related("user", "user__department").annotate(set_up_mark=mark()).filter(digest=_digest(token)).first()
    now = clock.now()
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now):
        return None
    if not found.user.is_active:
        return None
    found.user.set_up_mark = found.set_up_mark
    # One write a minute at most: a busy client must not turn every read into a write.
    if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def living(user: User) -> QuerySet[ApiToken]:
    """The tokens of a person that still work, the newest first."""
    now = clock.now()
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), user=user, revoked_at=None).order_by("-pk")


def list_tokens(user: User) -> list[str]:
    """A line for each living token: number, scope, records, name, made, used, until."""
    return [
        "\t".join([
            str(token.pk), token.scope, ",".join(token.kinds) or "all", token.name or "-", f"{token.created_at:%Y-%m-%d}",
            f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "unused",
            f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "no end",
        ])
        for token in living(user)
    ]


def revoke_token(user: User, number: int | None) -> bool:
    """Make a token of the person stop at once; False when there is no such living one."""
    return bool(living(user).filter(pk=number).update(revoked_at=clock.now()))
