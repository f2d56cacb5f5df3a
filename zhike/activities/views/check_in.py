"""Checking in, on the phone at the gate: one press, with position and photo where there are some."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.places import millionths
from zhike.base.refused import Refused
from zhike.customers import maps
from zhike.opportunities.models import Opportunity
from zhike.pages.actions import ActionPage
from zhike.pages.views import PageView
from zhike.records import guard, registry

from .. import actions, distances
from ..models import Activity
from .follow_ups import Uploads


class CheckInForm(django_forms.Form):
    place = django_forms.CharField(label=gettext_lazy("Where exactly"), max_length=200, required=False)


class CheckInBase(ActionPage):
    """What checking in asks: nothing. Position and photo are taken along when they are there and never hold it up."""

    template = "activities/check_in_page.html"
    fragment = "activities/check_in.html"
    form_class = CheckInForm
    title_text = submit_text = gettext_lazy("Check in")

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.uploads = Uploads(request, "photo")
        with self.uploads.looked_at():
            return super().post(request, pk, **kwargs)

    def position(self) -> dict[str, int | None]:
        posted = self.request.POST
        lat, lng = millionths(posted.get("lat", ""), 90), millionths(posted.get("lng", ""), 180)
        if lat is None or lng is None:
            return {}
        exact = posted.get("accuracy", "").split(".")[0]
        return {"lat": lat, "lng": lng, "accuracy": int(exact) if exact.isascii() and exact.isdigit() and len(exact) <= 9 else None}

    def checked_in(self, row: Activity) -> str:
        self.activity = row
        for photo in self.uploads.taken[:1]:
            try:
                actions.add_photo(row, photo, by=self.user)
            except Refused as no:
                self.uploads.reasons.append(str(no.message))
        return registry.kind("activity").url(row)

    def toast(self) -> dict[str, Any]:
        where = _("Checked in") if self.activity.check_in_lat is not None else _("Checked in without position")
        if (away := distances.from_customer(self.activity)) is not None:
            where = _("Checked in, %(distance)s from the customer") % {"distance": distances.text(away)}
        return self.uploads.toast(where)


class CheckInPage(CheckInBase):
    """Check in at a planned visit."""

    kind_name = "activity"

    def run(self, values: dict[str, Any]) -> str | None:
        return self.checked_in(actions.check_in(self.row, by=self.user, place=values["place"], **self.position()))


class CheckInAtPage(CheckInBase):
    """Check in at a customer's: today's planned visit, or a new one."""

    kind_name = "customer"
    permission = "view"

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        guard.require(self.user, registry.kind("activity"), "add")

    def run(self, values: dict[str, Any]) -> str | None:
        row = actions.check_in_at(self.row, by=self.user, opportunity=self.opportunity(), place=values["place"], **self.position())
        return self.checked_in(row)

    def opportunity(self) -> Opportunity | None:
        """The opportunity the visit is about, where the address names one."""
        text = self.request.GET.get("opportunity", "")
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            return None
        return Opportunity.objects.visible_to(self.user).filter(pk=int(text), customer=self.row).first()

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.post_url = self.request.get_full_path()
        return made


class CheckInAtLeadPage(CheckInAtPage):
    """Check in at a lead's, who is no customer yet."""

    kind_name = "lead"

    def opportunity(self) -> Opportunity | None:
        """A lead has none."""
        return None


class CustomerMapPage(PageView):
    """Lead to the customer on a map."""

    kind_name = "customer"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        seen = self.access.field_mode("customer", "address") in ("", "read")
        here = row.position
        if here and seen:
            return maps.lead(maps.point(*here))
        # An address that the person does not see is not told by the map either.
        return maps.lead(maps.search(f"{row.region or ''}{row.address}" if row.address and seen else row.name))


