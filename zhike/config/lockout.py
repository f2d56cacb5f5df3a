"""Who has tried too many passwords, and what they see."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.pages.middleware import error_page


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer 429 in one sentence that does not tell whether the name exists."""
    response = error_page(request, 429, _("Too many failed attempts. Try again in 15 minutes."))
    response["Retry-After"] = "900"
    return response


def client_address(request: HttpRequest) -> str:
    """The address attempts are counted for: behind our own HTTPS proxy the one it names last, else the peer's.

    Without this every client behind a proxy would share its address, and one could shut the others out.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1").split(",")
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
    # A server on a Unix socket has no peer address: only its proxy can reach it.
    if settings.HTTPS and named and (not peer or "*" in trusted or peer in trusted):
        return named[:45]
    return peer
