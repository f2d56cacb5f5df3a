"""A form post counts once, however often it arrives."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused

from .inserting import insert_new
from .models import OnceToken

FIELD = "_once"
_SHAPE = re.compile(r"[0-9a-zA-Z_-]{16,64}")


class Repeated(Exception):
    """This post was done before; `answer` is where it led."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


def digest(request: Any) -> str:
    """What the post says: its fields, its files, and the conditions in its address.

    Ask for it before the transaction where there are files: reading them takes time. It is worked out
    once a request.
    """
    found: str | None = getattr(request, "_once_digest", None)
    if found is None:
        parts = [
            f"{key}={value}"
            for key in sorted(request.POST)
            if key not in (FIELD, "csrfmiddlewaretoken")
            for value in request.POST.getlist(key)
        ]
        if query := request.META.get("QUERY_STRING", ""):
            parts.append(f"?{query}")
        # Another file under the same token is another post: who goes back to the form and chooses the
        # right file must not be told that it is here already.
        parts += [
            f"{key}:{file.name}:{_content(file)}" for key in sorted(request.FILES) for file in request.FILES.getlist(key)
        ]
        # With the house's key: a form may hold a password, and what is stored must not let anybody try out which.
        said = "\n".join(parts).encode("utf-8", "surrogatepass")
        found = salted_hmac("zhike.records.once", said, algorithm="sha256").hexdigest()
        request._once_digest = found
    return found


def _content(file: Any) -> str:
    content = hashlib.sha256()
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return content.hexdigest()


def done_before(request: Any) -> str | None:
    """Where this very post has led already, or None; `claim` still decides between two at once."""
    token = request.POST.get(FIELD, "")
    if not _SHAPE.fullmatch(token):
        return None
    done = OnceToken.objects.filter(token=token, user=request.user, path=request.path[:300], digest=digest(request))
    return done.values_list("answer", flat=True).first()


def claim(request: Any) -> OnceToken:
    """Take the post's token inside the transaction of its action.

    Raises `Repeated` when the same post has been done, `Refused` when the token is missing or was
    used for other contents. A second post that arrives meanwhile waits for the first.
    """
    token = request.POST.get(FIELD, "")
    if not _SHAPE.fullmatch(token):
        raise Refused(_("This form is incomplete. Reload the page and try again."), code="once.missing")
    said = digest(request)
    claimed = OnceToken(token=token, user=request.user, path=request.path[:300], digest=said)
    if not insert_new(claimed):
        done = OnceToken.objects.filter(token=token, user=request.user).first()
        if done is None or done.digest != said or done.path != request.path[:300]:
            raise Refused(
                _("This form was already sent with other contents. Reload the page and try again."),
                code="once.reused",
            )
        raise Repeated(done.answer)
    return claimed


def answer(claimed: OnceToken, url: str) -> None:
    """Remember where the post led, for a repetition of it."""
    OnceToken.objects.filter(pk=claimed.pk).update(answer=url[:500])


def give_back(claimed: OnceToken) -> None:
    """Nothing was done after all: the same post may come again."""
    OnceToken.objects.filter(pk=claimed.pk).delete()


def prune(days: int = 7) -> int:
    return OnceToken.objects.filter(created_at__lt=clock.now() - timedelta(days=days)).delete()[0]
