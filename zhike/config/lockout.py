"""Who has tried too many passwords, and what they see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.base.peers import client_address
from zhike.pages.middleware import error_page

__all__ = ["client_address", "locked_out"]


def locked_out(request: HttpRequest, answer: HttpResponse | None = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer 429 in one sentence that does not tell whether the name exists; a page that says so itself stays."""
    said = answer is not None and answer.status_code == 429
    response = answer if said else error_page(request, 429, _("Too many failed attempts. Try again in 15 minutes."))
    assert response is not None
    response["Retry-After"] = "900"
    return response
