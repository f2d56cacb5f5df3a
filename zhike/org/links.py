"""One-time links for a password: made by an administrator, good for a day and for one use."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from zhike.base import clock

from .models import PasswordLink, User

HOURS = 24


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(user: User, *, by: Any) -> str:
    """The token of a new link for `user`; links made before stop working. It cannot be shown again."""
    token, now = secrets.token_urlsafe(32), clock.now()
    PasswordLink.objects.filter(user=user).delete()
    PasswordLink.objects.create(user=user, digest=_digest(token), created_at=now, created_by=by,
                                expires_at=now + timedelta(hours=HOURS))
    return token


def living(token: str, *, lock: bool = False) -> PasswordLink | None:
    """The link a token stands for, if it is unused, in time, and its person is active."""
    if not 40 <= len(token) <= 60 or not token.isascii():
        return None
    rows = PasswordLink.objects.select_for_update(of=("self",)) if lock else PasswordLink.objects
    found = rows.select_related("user").filter(digest=_digest(token)).first()
    if found is None or found.used_at or found.expires_at <= clock.now() or not found.user.is_active:
        return None
    return found


def ask_for_link(name: str) -> None:
    """Note that somebody of this user name wants a new password, for administrators to see.

    Tells nothing about whether there is such a person, and writes at most once an hour for each.
    """
    now = clock.now()
    waiting = User.objects.filter(username__iexact=name[:100], is_active=True).exclude(
        password_asked_at__gt=now - timedelta(hours=1)
    )
    waiting.update(password_asked_at=now)
