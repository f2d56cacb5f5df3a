"""Where a person is signed in, and ending it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime

from zhike.base import clock

from .models import ApiToken, PasswordLink, SignedIn, User

SEEN = "seen"  # when the session was last noted as used
NOTE_EVERY = timedelta(minutes=5)
MOVED = "moved_to"  # in a session that was left: the key of the one that took its place
MOVED_FOR = 60  # seconds

# What tells browsers and systems apart in their own description, most telling first.
_BROWSERS = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
             ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("Linux", "Linux"))


def device(agent: str) -> str:
    """"Chrome, Windows" out of a browser's long description; its first word where nothing is known of it."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return ", ".join(filter(None, (browser, system))) or re.sub(r"[^\w./-].*", "", agent)[:40]


def note_sign_in(sender: Any, request: Any, user: User, **more: Any) -> None:
    """Write down a new session (listens to Django's signal)."""
    session = getattr(request, "session", None)
    if session is None:
        return
    if not session.session_key:
        session.create()
    session[SEEN] = clock.now().isoformat()
    _note(request, user)


def _note(request: Any, user: User) -> None:
    now = clock.now()
    # Behind a proxy the address that the lock-out counts by, never a header anybody can write.
    address = getattr(request, "axes_ip_address", None) or request.META.get("REMOTE_ADDR", "")
    SignedIn.objects.update_or_create(session_key=request.session.session_key, defaults={
        "user": user, "since": now, "last_used_at": now, "device": device(request.META.get("HTTP_USER_AGENT", "")[:500]),
        "address": str(address)[:45],
    })


def note_sign_out(sender: Any, request: Any, user: User | None, **more: Any) -> None:
    key = request.session.session_key
    if key:
        SignedIn.objects.filter(session_key=key).delete()


def note_use(request: Any) -> None:
    """Bring "last used" up to date, at most every five minutes: reading a page must not be a write."""
    now, session = clock.now(), request.session
    seen = parse_datetime(str(session.get(SEEN, "")))
    if seen is not None and now - seen < NOTE_EVERY:
        return
    session[SEEN] = now.isoformat()
    if not SignedIn.objects.filter(session_key=session.session_key).update(last_used_at=now):
        _note(request, request.user)  # from before sessions were written down


def of(user: User) -> list[SignedIn]:
    """The person's living sessions, newest use first."""
    oldest: datetime = clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    SignedIn.objects.filter(user=user, last_used_at__lt=oldest).delete()
    return list(SignedIn.objects.filter(user=user).order_by("-last_used_at", "-pk")[:100])


def end(rows: Any) -> int:
    """End these sessions (a queryset of `SignedIn`) at once; returns how many."""
    keys = list(rows.values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(key).delete()
    SignedIn.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_all(user: User, *, but: str = "") -> int:
    """End the person's sessions, except the one of the key `but`."""
    return end(SignedIn.objects.filter(user=user).exclude(session_key=but))


def leave_word(old: str, new: str) -> None:
    """Keep under the key of a session just left, for a minute, where it went. It opens nothing by itself."""
    left = import_module(settings.SESSION_ENGINE).SessionStore()
    left[MOVED] = new
    left.set_expiry(MOVED_FOR)
    left._session_key = old  # given at last: what looks for a session that is not there forgets its key
    left.save(must_create=True)


def successor(key: str) -> Any:
    """The session that took the place of this one less than a minute ago, or None."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    moved = store(key).get(MOVED, "") if key else ""
    return store(moved) if moved else None


def shut_out(user: User) -> tuple[int, int]:
    """End everything by which somebody gets in: sessions, API tokens, password links.

    Returns how many sessions ended and how many tokens were revoked.
    """
    PasswordLink.objects.filter(user=user).delete()
    tokens = ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=clock.now())
    return end_all(user), tokens
