"""Undo: a signed, expiring address that takes one action back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

SALT = "zhike.undo"
SECONDS = 3600
_undoers: dict[str, Callable[..., Any]] = {}


def undoer(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare `function(payload, *, by)` as the way back of the action `name`."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        _undoers[name] = function
        return function

    return declare


def url(user: Any, name: str, /, **payload: Any) -> str:
    """The address to post to; only the same person can use it, for an hour."""
    if name not in _undoers:
        raise KeyError(name)
    return reverse("undo", args=[signing.dumps([user.pk, name, payload], salt=SALT, compress=True)])


@transaction.atomic
def perform(signed: str, *, by: Any) -> None:
    """Take an action back. Refuses when the hour is over or it was not this person's."""
    try:
        user_id, name, payload = signing.loads(signed, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise Refused(_("This can no longer be undone."), code="undo.expired") from None
    if user_id != by.pk:
        raise Refused(_("This can no longer be undone."), code="undo.expired")
    _undoers[name](payload, by=by)
