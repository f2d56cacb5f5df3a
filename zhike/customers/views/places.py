"""Where a customer lies: typed, or looked up on a map that the person opens."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages.actions import ActionPage
from zhike.pages.views import PageView

from .. import actions, maps
from ..forms import PositionField
from ..models import Address


class PlaceForm(django_forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"] = PositionField()


class PlacePage(ActionPage):
    """Say where a customer lies."""

    kind_name = "customer"
    menu = "customers"
    place = "customers"
    form_class = PlaceForm
    title_text = gettext_lazy("Place on the map")
    submit_text = gettext_lazy("Save")

    def initial(self) -> dict[str, Any]:
        return {"position": self.row.position}

    def text(self) -> Any:
        return _("Navigation leads there, and a check-in says how far away it was. On the page of a visit with a position you can take that one over.")

    def run(self, values: dict[str, Any]) -> str | None:
        lat, lng = values["position"] or (None, None)
        actions.set_place(self.row, lat=lat, lng=lng, by=self.user)
        return None


class AddressMapPage(PageView):
    """Lead to one further address on a map."""

    kind_name = "customer"

    def get(self, request: HttpRequest, pk: int, address: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        found = Address.objects.filter(customer=row, pk=address).select_related("region").first()
        if found is None or self.access.field_mode("customer", "address") not in ("", "read"):
            raise Http404
        here = found.position
        return maps.lead(maps.point(*here) if here else maps.search(f"{found.region or ''}{found.text}"))
