"""Errors in words, and the channel history writes down."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org import sessions
from zhike.org.models import Company
from zhike.records import channel

from . import shell
from .parts import Button, Link, Shell

log = logging.getLogger("zhike.pages")
AWAY = (InterfaceError, OperationalError)  # too many writers at once, or the database is being restarted
DOOR = (settings.LOGIN_URL, "/password/")  # pages for people who are not signed in yet


class PagesMiddleware:
    """Runs after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        api = request.path.startswith("/api/")
        if not api and request.user.is_authenticated:
            # A colleague's own choice outlives the browser they happen to sit at.
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
            sessions.note_use(request)
        elif not api and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.path.startswith(DOOR):
            # The house's language, not the browser's: an office PC often speaks something else.
            translation.activate(Company.current().language)
            request.LANGUAGE_CODE = Company.current().language
        with channel.through("api" if api else "page"):
            response = self.get_response(request)
        if response.status_code == 405 and not api and not response.content:  # browsers show nothing at all for an empty answer
            allow = response.get("Allow", "")
            response = error_page(request, 405, _("Nothing can be read at this address: it only takes what a form sends. Go back to the page you came from."))
            response["Allow"] = allow
        if not api:
            response.headers.setdefault("Content-Language", translation.get_language())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        if isinstance(exception, Refused):
            return answer_refusal(request, exception)
        if isinstance(exception, AWAY):
            log.error("the database did not answer", exc_info=exception)
            return busy(request)
        return None


def busy(request: HttpRequest) -> HttpResponse:
    """The database does not answer, which is no fault of the page. Says so without asking it who this is."""
    text = _("The database is busy or restarting. Try again in a moment: nothing is done twice.")
    request.user, request.session = AnonymousUser(), None  # type: ignore[assignment]
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"error": text, "code": "busy", "field": None}, status=503)
    else:
        response = error_page(request, 503, text)
    response["Retry-After"] = "5"
    return response


def answer_refusal(request: HttpRequest, no: Refused) -> HttpResponse:
    """A refusal that no page caught: a readable panel with the way out."""
    if request.method == "GET" and no.status == 422:
        return error_page(request, 400, no.message, items=no.items)
    return error_page(request, no.status, no.message, items=no.items)


TITLES = {
    400: lambda: _("This address does not work"),
    403: lambda: _("You may not do this"),
    404: lambda: _("Not found"),
    405: lambda: _("This address does not work"),
    409: lambda: _("Somebody was faster"),
    413: lambda: _("Too much at once"),
    422: lambda: _("This is not possible now"),
    429: lambda: _("Too many attempts"),
    500: lambda: _("Something went wrong"),
    503: lambda: _("Not available just now"),
}


def error_page(request: HttpRequest, status: int, text: Any, items: list[Any] | None = None) -> HttpResponse:
    """An error in the person's language, as page, htmx panel or JSON."""
    title = TITLES.get(status, TITLES[400])()
    if "application/json" in request.headers.get("Accept", "") and request.headers.get("HX-Request") != "true":
        return JsonResponse({"error": str(text), "title": title}, status=status)
    frame = frame_of(request, status, title)
    page = {"title": title, "status": status, "text": text, "items": items or [], "ways": ways_on(request, status, frame),
            "theme": getattr(known_user(request), "theme", ""), "number": getattr(request, "number", "") if status == 500 else ""}
    return render(request, "pages/error.html", {"page": page, "shell": frame}, status=status)


def known_user(request: HttpRequest) -> Any:
    """Who is signed in, where that was found out before; nobody is looked up to show an error."""
    user = getattr(request, "_cached_user", None)
    return user if user is not None and user.is_authenticated and request.user.is_authenticated else None


def frame_of(request: HttpRequest, status: int, title: str) -> Shell | None:
    """Menu and account around an error, so that whoever is signed in finds the way on.

    Never around a fault: the frame asks the database, which may be what is amiss.
    """
    if status >= 500 or known_user(request) is None or request.headers.get("HX-Request") == "true":
        return None
    view = getattr(getattr(request.resolver_match, "func", None), "view_class", None)
    menu, place = getattr(view, "menu", ""), getattr(view, "place", "")
    try:
        frame = shell.build(request, menu=menu if isinstance(menu, str) else "", place=place if isinstance(place, str) else "")
    except Error as wrong:  # the page without a menu does as well
        log.warning("no menu around an error", exc_info=wrong)
        return None
    frame.crumbs = [*(Link(link.label, link.url) for link in lists_of(frame)), Link(title)]
    return frame


def lists_of(frame: Shell) -> list[Link]:
    """The menu entry that the page in question belongs to, where the person has it."""
    here = next((item for item in frame.menus if item.active), None)
    if here is None:
        return []
    return [child for child in here.children if child.active] if here.children else [here]


def ways_on(request: HttpRequest, status: int, frame: Shell | None) -> list[Button]:
    """What to press below an error: the same again, back to where one came from, the list, the workbench."""
    home = Button(_("To the workbench"), "/")
    try:
        here, host = request.build_absolute_uri(), request.get_host()
    except DisallowedHost:
        return [home]
    came, found = request.headers.get("Referer", ""), []
    if status >= 500 and request.method == "GET":
        found.append(Button(_("Try again"), request.get_full_path(), "refresh", "p"))
    if came != here and url_has_allowed_host_and_scheme(came, {host}, require_https=request.is_secure()):
        found.append(Button(_("Back"), came, "arrow-left", attrs={"data-back": ""}))
    around = lists_of(frame) if frame is not None else []
    found += [Button(link.label, link.url) for link in around if link.url != "/" and request.build_absolute_uri(link.url) != came]
    return [*found, home]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig) and not request.path.startswith("/api/"):
        return error_page(request, 413, _("This is more than one request may bring. Go back and send less at a time."))
    return error_page(request, 400, _("The request could not be read. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403, _("Your roles do not allow this. Ask an administrator for the right."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(request, 403, _("The form is too old. Reload the page and send it again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404, _("There is nothing here, or you may not see it."))


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], AWAY):  # outside the views: who is asking could not be found out
        return busy(request)
    return error_page(request, 500, _("The fault is ours and has been written down. Try again in a moment."))


