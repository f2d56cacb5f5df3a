"""The bases of every page: signed in, errors answered in words, one URL for page and fragment."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views import View

from zhike.base.refused import Conflict, Refused
from zhike.base.text import number
from zhike.org.access import Access, access_of
from zhike.records import forwarding, once, registry, view_counts
from zhike.records.kinds import Kind

from . import seen, shell
from .parts import Link


class LivesOn(Exception):
    """The record asked for was merged into the one with this number."""

    def __init__(self, pk: int) -> None:
        super().__init__()
        self.pk = pk


class PageView(View):
    """A page for signed-in people. `public` pages exist (sign-in) but say so."""

    template: ClassVar[str] = ""
    fragment: ClassVar[str] = ""
    menu: ClassVar[str] = ""
    place: ClassVar[str] = ""
    kind_name: ClassVar[str] = ""
    action: ClassVar[str] = "view"

    request: HttpRequest
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        self.user = request.user
        if self.kind_name and not self.access.may(self.kind_name, "view"):
            raise Http404
        self.begin()
        try:
            response = super().dispatch(request, *args, **kwargs)
        except LivesOn as moved:
            return self._lead_on(moved.pk)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def begin(self) -> None:
        """Find what every answer of the page is about, or raise `Http404`. A post that was done before is still answered as then."""

    @property
    def kind(self) -> Kind:
        return registry.kind(self.kind_name)

    @property
    def access(self) -> Access:
        return access_of(self.user)

    @property
    def is_fragment(self) -> bool:
        """htmx asks for a part of the page; a restored history entry wants the whole."""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"

    def crumbs(self) -> list[Link]:
        return []

    def context(self) -> dict[str, Any]:
        """Values that "New" takes over from this page, e.g. the customer."""
        return {}

    def answer(self, page: Any, *, status: int = 200, fragment: str | None = None, **more: Any) -> HttpResponse:
        """The fragment for htmx, the whole page for everybody else."""
        template = fragment if fragment is not None else self.fragment
        if self.is_fragment and template:
            return render(self.request, template, {"page": page, **more}, status=status)
        frame = shell.build(self.request, menu=self.menu, place=self.place, crumbs=self.crumbs(),
                            context=self.context())
        return render(self.request, self.template, {"page": page, "shell": frame, **more}, status=status)

    def visible_or_404(self, pk: int, kind: Kind | None = None) -> Any:
        kind = kind or self.kind
        row = kind.visible(self.user).filter(pk=pk).first()
        if row is None:
            if kind.name == self.kind_name and self.request.method in ("GET", "HEAD"):
                found = forwarding.successor_for(kind, pk, self.user)
                if found is not None:
                    raise LivesOn(found)
            raise Http404
        return row

    def _lead_on(self, pk: int) -> HttpResponse:
        """The same page of the record that this one was merged into."""
        match = self.request.resolver_match
        assert match is not None
        query = self.request.META.get("QUERY_STRING", "")
        url = reverse(match.view_name, kwargs={**match.kwargs, "pk": pk}) + (f"?{query}" if query else "")
        response = HttpResponsePermanentRedirect(url)
        response["Cache-Control"] = "no-store"  # a merge can be taken back
        return response


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page; htmx is told so in its own words (a 401 would vanish)."""
    if request.headers.get("HX-Request") == "true":
        target = request.headers.get("HX-Current-URL", "")
        path = target.split("/", 3)[-1] if target.count("/") >= 3 else ""
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect_to_login("/" + path).url
        return response
    return redirect_to_login(request.get_full_path())


def version_in(request: HttpRequest) -> int | None:
    """The version of its record that a posted form carried."""
    return number(request.POST.get("_version", ""), 9)


def go_to(request: HttpRequest, url: str, *, toast: dict[str, Any] | None = None) -> HttpResponse:
    """Lead to another page after a post; the toast waits there."""
    if toast:
        request.session["toasts"] = [*request.session.get("toasts", []), toast][-3:]
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url, status=303)


def with_toast(response: HttpResponse, text: Any, *, tone: str = "good", undo_url: str = "") -> HttpResponse:
    """Attach a toast to a fragment's answer."""
    toast = {"text": str(text), "tone": tone, "undo_url": undo_url}
    response["HX-Trigger"] = json.dumps({"zk:toast": toast})
    return response


class PostView(PageView):
    """A page whose post changes something: once, whole, and answered in words when refused."""

    did_it = False  # this very request has done it; an answer that tells of rows left out is its own

    def perform(self) -> str:
        """Do it and return the address to go to. Raise `Refused` to say no."""
        raise NotImplementedError

    def opened_now(self) -> Any:
        """The form as somebody who opens it this moment has it before their eyes, untouched; None where a
        version, or nothing at all, tells two people apart who save it."""
        return None

    def look_again(self) -> None:
        """Refuse where somebody has saved this form since it was opened; see `seen`."""
        sent = self.request.POST.get(seen.FIELD, "")
        if not sent:
            return
        seen.hold(self.request.path)
        form = self.opened_now()
        if form is not None and seen.digest(form) != sent:
            raise Conflict(_("Somebody has saved this form in the meantime. Your input is still here: compare and save again."))

    def refused(self, no: Refused) -> HttpResponse:
        """Show the refusal in place, with everything the person typed."""
        raise no

    def done(self, url: str) -> HttpResponse:
        return go_to(self.request, url, toast=self.toast())

    def toast(self) -> dict[str, Any] | None:
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except (Http404, Refused):
            if (again := self.repeated()) is None:
                raise
            return again
        if response.status_code >= 400 and not self.did_it:
            return self.repeated() or response
        return response

    def repeated(self) -> HttpResponse | None:
        """The first answer to this very post, where it was done before.

        A double click must not be refused for what its first half has changed, e.g. a record handed over.
        """
        if self.request.method != "POST" or not self.request.user.is_authenticated:
            return None
        answer = once.done_before(self.request)
        return None if answer is None else go_to(self.request, answer or self.request.path)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        once.digest(request)  # before the transaction: nobody shall wait while files are read
        try:
            with transaction.atomic():
                claimed = once.claim(request)
                self.look_again()
                url = self.perform()
                once.answer(claimed, url)
            self.did_it = True
            view_counts.forget(self.user)
        except once.Repeated as again:
            return go_to(request, again.answer or request.path)
        except Refused as no:
            return self.refused(no)
        return self.done(url)
