"""A masked value shown on a click: for those who hold the right, noted in the history, so often an hour."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.org import limits
from zhike.org.access import Access
from zhike.org.models import Company
from zhike.records import guard, history, registry
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import cells
from .views import PageView

RIGHT = "reveal"
AN_HOUR = 60  # unless the company's setting `reveals_an_hour` says otherwise


def button(kind: Kind, attr: Attr, row: Any, access: Access) -> Markup | str:
    """The button beside a masked value; nothing where there is none, or no right to more."""
    if access.field_mode(kind.name, attr.name) != "mask" or not access.may(kind.name, RIGHT) or attr.value(row) in (None, ""):
        return ""
    return Markup('<button class="btn btn-g s" type="button" hx-post="{}" hx-target="closest dd" hx-swap="innerHTML" aria-label="{}">{}</button>').format(
        reverse("reveal", args=[kind.name, row.pk, attr.name]), _("Show %(field)s in full") % {"field": attr.label_text}, _("Show"),
    )


class RevealView(PageView):
    """One field of one record in full. Never by GET, and never in the API."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, kind: str, pk: int, field: str) -> HttpResponse:
        if not registry.has(kind) or not registry.kind(kind).pages or not self.access.may(kind, "view"):
            raise Http404
        declared = registry.kind(kind)
        row = self.visible_or_404(pk, declared)
        guard.require(self.user, declared, RIGHT)
        # A hidden field does not exist for them, an open one needs no showing.
        if not declared.has_attr(field) or self.access.field_mode(kind, field) != "mask":
            raise Http404
        with transaction.atomic():
            most = Company.current().setting("reveals_an_hour", AN_HOUR)
            if not limits.take(self.user, RIGHT, most if isinstance(most, int) else AN_HOUR):
                raise Refused(_("You have looked at %(n)s masked values this hour. Go on in the next hour.") % {"n": most}, code="reveal.limit")
            history.log(row, "reveal", by=self.user, args={"field": field})
        text = cells.in_full(declared, declared.attr(field), row, self.access)
        note = Markup('<span class="xs mut">{}</span>').format(_("shown; noted in the history"))
        response = HttpResponse(Markup("{} {}").format(text, note))
        response["Cache-Control"] = "no-store"
        return response
