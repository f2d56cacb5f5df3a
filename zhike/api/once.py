"""A write with an `Idempotency-Key` counts once, however often it arrives."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records.inserting import insert_new
from zhike.records.tasks import job

from .models import KeptAnswer

DAYS = 7
_SHAPE = re.compile(r"[\x21-\x7e]{8,200}")


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def answer(request: HttpRequest, user: Any, work: Callable[[], HttpResponse], *, said: bytes | None = None) -> HttpResponse:
    """Do the work in one transaction; with a key, repeat the kept answer of the same request instead.

    `said` stands for the body where it has been read already (a file). A refused request keeps nothing: it may be put right and sent again under its key. A repetition
    that arrives while the first is at work waits for it. Raises `Refused` for a key used for another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            return work()
    if not _SHAPE.fullmatch(key):
        raise Refused(_("Idempotency-Key is 8 to 200 letters, digits and signs."), code="idempotency.key")
    digest = _digest((request.method or "").encode(), request.get_full_path().encode(), request.body if said is None else said)
    with transaction.atomic():
        claimed = KeptAnswer(user=user, key=_digest(key.encode()), request=digest)
        if not insert_new(claimed):
            return _repeat(request, user, key, digest)
        response = work()
        KeptAnswer.objects.filter(pk=claimed.pk).update(
            status=response.status_code, tag=response.get("ETag", ""), body=response.content.decode())
        return response


def _repeat(request: HttpRequest, user: Any, key: str, digest: str) -> HttpResponse:
    done = KeptAnswer.objects.get(user=user, key=_digest(key.encode()))
    if done.request != digest:
        raise Refused(
            _("This Idempotency-Key was used for another request. Take a new one."), code="idempotency.reused"
        )
    response = HttpResponse(done.body, status=done.status, content_type="application/json")
    if done.status == 201 and (made := json.loads(done.body).get("id")):
        response["Location"] = f"{request.path}/{made}"
    response["Idempotency-Replayed"] = "true"
    if done.tag:
        response["ETag"] = done.tag
    return response


@job("api.prune", every=24 * 60)
def prune() -> None:
    KeptAnswer.objects.filter(created_at__lt=clock.now() - timedelta(days=DAYS)).delete()
