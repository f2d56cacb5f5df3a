"""A form post counts once, however often it arrives."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused

from .models import OnceToken

FIELD = "_once"
_SHAPE = re.compile(r"[0-9a-zA-Z_-]{16,64}")


class Repeated(Exception):
    """This post was done before; `answer` is where it led."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


def _digest(request: Any) -> str:
    contents = "\n".join(
        f"{key}={value}"
        for key in sorted(request.POST)
        if key not in (FIELD, "csrfmiddlewaretoken")
        for value in request.POST.getlist(key)
    )
    return hashlib.sha256(contents.encode("utf-8", "surrogatepass")).hexdigest()


def done_before(request: Any) -> str | None:
    """Where this very post has led already, or None; `claim` still decides between two at once."""
    token = request.POST.get(FIELD, "")
    if not _SHAPE.fullmatch(token):
        return None
    done = OnceToken.objects.filter(token=token, user=request.user, path=request.path[:300], digest=_digest(request))
    return done.values_list("answer", flat=True).first()


def claim(request: Any) -> OnceToken:
    """Take the post's token inside the transaction of its action.

    Raises `Repeated` when the same post has been done, `Refused` when the token is missing or was
    used for other contents. A second post that arrives meanwhile waits for the first.
    """
    token = request.POST.get(FIELD, "")
    if not _SHAPE.fullmatch(token):
        raise Refused(_("This form is incomplete. Reload the page and try again."), code="once.missing")
    digest = _digest(request)
    try:
        with transaction.atomic():
            return OnceToken.objects.create(token=token, user=request.user, path=request.path[:300], digest=digest)
    except IntegrityError:
        done = OnceToken.objects.filter(token=token, user=request.user).first()
        if done is None or done.digest != digest or done.path != request.path[:300]:
            raise Refused(
                _("This form was already sent with other contents. Reload the page and try again."),
                code="once.reused",
            ) from None
        raise Repeated(done.answer) from None


def answer(claimed: OnceToken, url: str) -> None:
    """Remember where the post led, for a repetition of it."""
    OnceToken.objects.filter(pk=claimed.pk).update(answer=url[:500])


def prune(days: int = 7) -> int:
    return OnceToken.objects.filter(created_at__lt=clock.now() - timedelta(days=days)).delete()[0]
