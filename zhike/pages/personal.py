"""What belongs to the person: help, undo, theme, row height and language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.slots import Slot
from zhike.org.models import User
from zhike.records import undo

from .parts import Link
from .views import PageView, PostView, go_to

help_links: Slot[Link] = Slot("pages.help_links")
# What a page remembers of a person besides: name of the preference → what it may be.
kept: Slot[tuple[str, ...]] = Slot("pages.kept_preferences")


class HelpView(PageView):
    """The keys of the house, as a dialog or a page, and where more is written."""

    template = "pages/help.html"
    fragment = "pages/help_body.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        groups = [
            (_("Everywhere"), [
                ("Ctrl K", _("Find records, actions and places")), ("C", _("New, with this record filled in")),
                ("G H", _("Go to the workbench")), ("G C", _("Go to the customers")), ("G O", _("Go to the opportunities")),
                ("G B", _("Go to the board")), ("G F", _("Go to the funnel")), ("G T", _("Go to the tasks")),
                ("?", _("This help")),
            ]),
            (_("Lists"), [
                ("/", _("Find in this list")), ("J K", _("Next or previous row")), ("Space", _("Peek at the row")),
                ("Enter", _("Open the row")), ("X", _("Select the row")),
                ("Shift X", _("Select all rows from the last one to this")),
                ("E", _("Change a cell of the row; Tab goes to the next")), ("A", _("Hand over the selected rows")),
                ("Esc", _("Close what is open")),
            ]),
            (_("Records and forms"), [
                ("E", _("Edit")), ("L", _("Log a follow-up")), ("[ ]", _("Previous or next tab")), ("Ctrl S", _("Save")),
                ("Ctrl Enter", _("Send the form")), ("Ctrl Z", _("Take back the last step")),
            ]),
            (_("Board"), [("Space", _("Lift or put down a card")), ("← →", _("Move the lifted card")),
                          ("Enter", _("Drop the card")), ("Esc", _("Put the card back"))]),
        ]
        return self.answer({"title": _("Help and keys"), "groups": groups, "links": list(help_links)})


class UndoView(PostView):
    """Take the last action back."""

    def perform(self) -> str:
        undo.perform(self.kwargs["signed"], by=self.user)
        target = self.request.POST.get("next") or self.request.headers.get("Referer", "")
        allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={self.request.get_host()})
        return target if target and allowed else "/"

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Undone"), "tone": "good"}


CHOICES = {
    "theme": ("auto", "light", "dark"),
    "density": ("compact", "normal", "relaxed"),
    "language": ("zh-hans", "en"),
}


class PreferencesView(PostView):
    """The person's own theme, row height and language, and what pages keep of them (`kept`)."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = {name: request.POST[name] for name, values in CHOICES.items() if request.POST.get(name) in values}
        own = {name: request.POST[name] for name, values in kept.items() if request.POST.get(name) in values}
        if not chosen and not own:
            raise Refused(_("Nothing to change."))
        with transaction.atomic():
            before = User.objects.select_for_update().get(pk=self.user.pk).preferences if own else {}
            User.objects.filter(pk=self.user.pk).update(**chosen, **({"preferences": {**before, **own}} if own else {}))
        if request.headers.get("HX-Request") == "true" and "language" not in chosen and not own:
            return HttpResponse(status=204)
        target = request.POST.get("next") or request.headers.get("Referer", "/")
        if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            target = "/"
        response = go_to(request, target)
        if "language" in chosen:
            remember_language(response, chosen["language"])
        return response


def remember_language(response: HttpResponse, code: str) -> None:
    """Keep the language on this device, for the sign-in page too."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE,
                        samesite="Lax", httponly=True)
