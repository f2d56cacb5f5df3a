"""The base of every address: who asks, within which scope, how often, and refusals in JSON."""

from __future__ import annotations

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from zhike.base.refused import Forbidden, Refused
from zhike.org.models import ApiToken
from zhike.org.tokens import check_token
from zhike.records import channel

from . import rates
from .answers import LivesOn, Stale, error, failure

log = logging.getLogger("zhike.api")
READING = ("GET", "HEAD", "OPTIONS")


@method_decorator(csrf_exempt, name="dispatch")  # tokens, never cookies, say who is asking
class ApiView(View):
    """Answers JSON; a missing or dead token is 401, a refusal carries text, code and field."""

    kind_name = ""  # the kind a report is about
    user: Any
    token: ApiToken

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        head, _sep, token = request.headers.get("Authorization", "").partition(" ")
        found = check_token(token.strip()) if head.lower() == "bearer" else None
        if found is None:
            response = error(401, _("Give a valid token: Authorization: Bearer …"), "token")
            response["WWW-Authenticate"] = "Bearer"
            return response
        wait = rates.take(found.pk)
        if wait:
            response = error(429, _("More than %(n)s requests in a minute. Wait a little.") % {"n": rates.PER_MINUTE}, "rate")
            response["Retry-After"] = str(wait)
            return response
        self.user, self.token = found.user, found
        try:
            if self.kind_name:
                self.within(self.kind_name)
            with channel.through("api"):
                return super().dispatch(request, *args, **kwargs)
        except (Refused, Stale, Http404) as no:
            status, words = failure(no)
            if isinstance(no, LivesOn) and request.method in READING:
                old = str(kwargs.get("pk", ""))
                response = JsonResponse(words, status=301)
                response["Location"] = "/".join(str(no.pk) if part == old else part for part in request.path.split("/"))
                response["Cache-Control"] = "no-store"  # a merge can be taken back
                return response
            return JsonResponse(words, status=400 if status == 422 and request.method in READING else status)
        except (InterfaceError, OperationalError):
            log.exception("the database did not answer")
            response = error(503, _("The database is busy or restarting. Try again in a moment, a write with the same Idempotency-Key."), "busy")
            response["Retry-After"] = "5"
            return response

    def within(self, kind_name: str) -> None:
        """Refuse what the token was not made for."""
        if self.token.kinds and kind_name not in self.token.kinds:
            raise Forbidden(_("This token is not for these records."), code="scope")
        if self.request.method not in READING and self.token.scope != ApiToken.WRITE:
            raise Forbidden(_("This token only reads. Make one with the scope “write”."), code="scope")

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        allowed = ", ".join(method for method in (name.upper() for name in self.http_method_names) if hasattr(self, method.lower()))
        response = error(405, _("This address only answers %(methods)s.") % {"methods": allowed}, "method")
        response["Allow"] = allowed
        return response
