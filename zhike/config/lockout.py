"""What someone sees who has tried too many passwords."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.pages.middleware import error_page


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer 429 in one sentence that does not tell whether the name exists."""
    response = error_page(request, 429, _("Too many failed attempts. Try again in 15 minutes."))
    response["Retry-After"] = "900"
    return response
