"""The calendar address: made, renewed, taken back, and asked for its owner."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction

from zhike.base import clock

from ..models import CalendarFeed


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def renew_feed(*, by: Any) -> str:
    """Give the person a new calendar address and return its secret; an older one stops at once."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=by, defaults={"digest": _digest(secret), "created_at": clock.now(), "last_used_at": None})
    return secret


@transaction.atomic
def revoke_feed(*, by: Any) -> bool:
    """Take the person's calendar address back; False when there was none."""
    return bool(CalendarFeed.objects.filter(user=by).delete()[0])


def owner_of(secret: str) -> Any:
    """Whose calendar the secret opens: an active person, or None."""
    if not 20 <= len(secret) <= 100 or not secret.isascii():
        return None
    found = CalendarFeed.objects.select_related("user", "user__department").filter(digest=_digest(secret)).first()
    if found is None or not found.user.is_active:
        return None
    now = clock.now()
    if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=5):
        CalendarFeed.objects.filter(pk=found.pk).update(last_used_at=now)
    return found.user
