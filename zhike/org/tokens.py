"""API tokens: made once, stored as digests, checked on every call."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from zhike.base import clock

from .models import ApiToken, User

PREFIX = "zk_"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(user: User, *, scope: str = ApiToken.READ, days: int | None = None, name: str = "") -> str:
    """Make a token for `user` and return it; it cannot be shown again. `days` None never expires."""
    token = PREFIX + secrets.token_urlsafe(32)
    expires = clock.now() + timedelta(days=days) if days else None
    ApiToken.objects.create(user=user, scope=scope, digest=_digest(token), expires_at=expires, name=name)
    return token


def check_token(token: str) -> ApiToken | None:
    """Return the living token with an active user, or None."""
    if not token.startswith(PREFIX) or len(token) > 100:
        return None
    found = ApiToken.objects.select_related("user", "user__department").filter(digest=_digest(token)).first()
    now = clock.now()
    if found is None or found.revoked_at or (found.expires_at and found.expires_at <= now):
        return None
    if not found.user.is_active:
        return None
    # One write a minute at most: a busy client must not turn every read into a write.
    if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found
