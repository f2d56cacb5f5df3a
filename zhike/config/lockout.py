"""What someone sees who has tried too many passwords."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer 429 with one sentence: nothing tells whether the name exists."""
    return HttpResponse(
        _("Too many failed attempts. Try again in 15 minutes."),
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": "900"},
    )
