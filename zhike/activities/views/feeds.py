"""The secret calendar address, and calendar files read into one's own calendar."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views import View

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org import limits
from zhike.pages import formats
from zhike.pages.forms import LookupField, take_refusal
from zhike.pages.parts import Link
from zhike.pages.views import PostView
from zhike.records import guard, registry

from .. import ical
from ..actions import feeds, files_read
from ..models import CalendarFeed

AN_HOUR = 120


class FeedView(View):
    """A person's calendar for the program that knows its secret address. A wrong one is like no page at all."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        user = feeds.owner_of(secret)
        if user is None:
            raise Http404
        if not limits.take(user, "calendar-feed", AN_HOUR):
            return HttpResponse(status=429, headers={"Retry-After": "3600"})
        with override(user.language or "zh-hans"), timezone.override(clock.zone()):
            body = ical.written(user)
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="zhike.ics"'
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response


class AddressPage(PostView):
    """Make, renew or take back one's calendar address. The address is shown this once."""

    kind_name = "activity"
    template = "activities/feed.html"
    menu = "workbench"
    place = "calendar"

    def crumbs(self) -> list[Link]:
        return [Link(_("Calendar"), reverse("calendar")), Link(_("Calendar address"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = CalendarFeed.objects.filter(user=self.user).first()
        lang = get_language() or "zh-hans"
        shown = request.session.pop("calendar_address", "")
        return self.answer({
            "title": _("Calendar address"), "shown": shown, "exists": found is not None,
            "made": formats.full(found.created_at, lang) if found else "",
            "used": formats.near(found.last_used_at, lang) if found and found.last_used_at else "",
        })

    def perform(self) -> str:
        if self.request.POST.get("do") == "revoke":
            feeds.revoke_feed(by=self.user)
            self.said = _("The calendar address no longer works")
        else:
            secret = feeds.renew_feed(by=self.user)
            self.request.session["calendar_address"] = self.request.build_absolute_uri(reverse("calendar-feed", args=[secret]))
            self.said = _("The calendar address is made")
        return reverse("calendar-address")

    def toast(self) -> dict[str, Any] | None:
        return {"text": self.said, "tone": "good"}


class ImportForm(django_forms.Form):
    file = django_forms.FileField(label=gettext_lazy("Calendar file (.ics)"))


class ImportPage(PostView):
    """Read a calendar file: its coming events become planned activities with one customer."""

    kind_name = "activity"
    template = "activities/calendar_import.html"
    menu = "workbench"
    place = "calendar"

    def crumbs(self) -> list[Link]:
        return [Link(_("Calendar"), reverse("calendar")), Link(_("Read a calendar file"))]

    def make_form(self, *data: Any) -> Any:
        form = ImportForm(*data)
        form.fields["customer"] = LookupField(registry.kind("customer"), self.user, label=_("customer"))
        form.fields["customer"].offer(data[0].get("customer") if data else None)  # type: ignore[attr-defined]
        return form

    def shown(self, form: Any, read: Any = None, status: int = 200) -> HttpResponse:
        return self.answer({"title": _("Read a calendar file"), "form": form, "read": read, "limit": ical.MAX_EVENTS}, status=status)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "add")
        return self.shown(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "add")
        self.form = self.make_form(request.POST, request.FILES)
        if not self.form.is_valid():
            return self.shown(self.form, status=422)
        return super().post(request, *args, **kwargs)

    def perform(self) -> str:
        upload = self.form.cleaned_data["file"]
        data = upload.read(ical.MAX_SIZE + 1)
        self.read = files_read.plan_events(ical.read(data), customer=self.form.cleaned_data["customer"], by=self.user)
        return reverse("calendar-import")

    def done(self, url: str) -> HttpResponse:
        return self.shown(self.make_form(), self.read)

    def refused(self, no: Refused) -> HttpResponse:
        return self.shown(self.form, status=take_refusal(self.form, no))
