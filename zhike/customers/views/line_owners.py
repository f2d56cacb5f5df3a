"""Owners of product lines on the page of their customer, and the switch of the company."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.edits import EditParts
from zhike.pages.forms import LookupField, take_refusal
from zhike.pages.parts import Button, Card, Fact, Link, Mini, Notice
from zhike.pages.views import PostView
from zhike.products.models import ProductLine
from zhike.records import guard, registry

from .. import actions, line_rights
from ..actions.line_owners import MAX_LINES
from ..models import LineOwner

NAMED = 3  # owners of lines in the head


class LineOwnerForm(django_forms.Form):
    """Which line or plant of a customer, and whose it is."""

    line = django_forms.ModelChoiceField(queryset=ProductLine.objects.none(), required=False, label=gettext_lazy("product line"), empty_label="—")
    address = django_forms.ModelChoiceField(
        queryset=None, required=False, label=gettext_lazy("plant"), empty_label="—", help_text=gettext_lazy("One of the customer's addresses; leave it empty for all plants.")
    )

    def __init__(self, *args: Any, user: Any, customer: Any, found: LineOwner | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = ProductLine.objects.filter(enabled=True)
        if found is not None and found.line_id:
            lines = lines | ProductLine.objects.filter(pk=found.line_id)
        self.fields["line"].queryset = lines.order_by("order", "code")  # type: ignore[attr-defined]
        self.fields["address"].queryset = customer.addresses.select_related("region").order_by("pk")  # type: ignore[attr-defined]
        field = self.fields["owner"] = LookupField(registry.kind("user"), user, label=_("owner"), query="active=1")
        field.offer(self.data.get("owner") if self.is_bound else self.initial.get("owner"))
        self.fields["remark"] = LineOwner._meta.get_field("remark").formfield(required=False)


class LineOwnerPage(ActionPage):
    """Give a line or plant of a customer to a colleague, change it, or hand it over."""

    kind_name = "customer"
    permission = "transfer"
    menu = "customers"
    place = "customers"
    title_text = gettext_lazy("Owner of a product line")
    submit_text = gettext_lazy("Save")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        if not line_rights.switched_on():
            raise Http404
        wanted = self.kwargs.get("line")
        rows = self.row.line_owners.select_related("owner", "line", "address__region", "customer__owner")
        self.found = rows.filter(pk=wanted).first() if wanted else None
        if wanted and self.found is None:
            raise Http404

    def make_form(self, data: Any = None) -> Any:
        found = self.found
        start = {"line": found.line_id, "address": found.address_id, "owner": found.owner_id, "remark": found.remark} if found else {}
        return LineOwnerForm(data, initial=start, user=self.user, customer=self.row, found=found)

    def parts(self, **more: Any) -> Any:
        parts = super().parts(**more)
        parts.version = self.found.version if self.found else None
        return parts

    def text(self) -> Any:
        return _("Owners of different lines share the customer and its contacts, not their opportunities and prices.")

    def run(self, values: dict[str, Any]) -> str | None:
        owner = values.pop("owner")
        if self.found is None:
            actions.create_line_owners([LineOwner(customer=self.row, owner=owner, **values)], by=self.user)
            return None
        with transaction.atomic():
            actions.change_line_owner(self.found, values, by=self.user, version=self.version())
            if owner.pk != self.found.owner_id:
                actions.hand_line(self.found, to=owner, by=self.user)
        return None


class EndLinePage(LineOwnerPage):
    title_text = gettext_lazy("End the line's owner")
    submit_text = gettext_lazy("End")
    style = "x"

    def make_form(self, data: Any = None) -> Any:
        return django_forms.Form(data)

    def text(self) -> Any:
        return _("%(owner)s no longer looks after %(line)s; opportunities stay with whom they belong to.") % {
            "owner": self.found.owner, "line": self.found} if self.found else ""

    def run(self, values: dict[str, Any]) -> str | None:
        assert self.found is not None
        actions.end_line(self.found, by=self.user)
        return None


def rows_of(page: Any) -> list[LineOwner]:
    """The lines of the page's customer, read once for head and card; nothing where the company has one owner each."""
    if not line_rights.switched_on() or not page.access.may("line_owner", "view"):
        return []
    if not hasattr(page, "_line_owners"):
        found = page.row.line_owners.select_related("owner", "line", "address__region").order_by("line__order", "line__code", "pk")
        page._line_owners = list(found[: MAX_LINES])
    return page._line_owners


def fact(page: Any) -> list[Fact]:
    """Who looks after which line, in the head."""
    rows = rows_of(page)
    if not rows:
        return []
    text = "、".join(formats.labelled(row, row.owner) for row in rows[:NAMED])
    return [Fact(_("owners of lines"), text, hint=_("%(n)s more") % {"n": len(rows) - NAMED} if len(rows) > NAMED else "")]


def card(page: Any, parts: Any) -> None:
    """Owners of lines among what belongs to the customer."""
    if not line_rights.switched_on() or not page.access.may("line_owner", "view"):
        return
    pk, can = page.row.pk, guard.can_edit(page.user, page.row, "transfer")
    if can and page.row.owner_id != page.user.pk:
        can = not line_rights.only_by_line(page.user, [page.row])
    minis = [
        Mini(str(row), sub=" · ".join(filter(None, (str(row.owner), row.remark))), avatar=str(row.owner)[:1], buttons=[
            Button(_("Change"), reverse("customer-line-owner", args=[pk, row.pk]), "pencil", "g", dialog=True),
            Button(_("End"), reverse("customer-line-owner-end", args=[pk, row.pk]), "x", "g", dialog=True),
        ] if can else [])
        for row in rows_of(page)
    ]
    buttons = [Button(_("Add"), reverse("customer-line-owner-new", args=[pk]), "plus", "g", dialog=True)] if can else []
    if minis or buttons:
        parts.left.append(Card(_("Owners of product lines"), key="line-owners", minis=minis, buttons=buttons,
                               empty=_("The owner looks after all lines.")))


class SwitchForm(django_forms.Form):
    on = django_forms.BooleanField(label=gettext_lazy("Customers may have an owner per product line or plant"), required=False)


class LineSwitchPage(PostView):
    """Whether the company works with owners per product line."""

    template = "pages/edit.html"
    fragment = "pages/form.html"
    menu, place = "settings", "line-owners"
    kind_name = "pool"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, registry.kind("pool"), "edit")
        self.form = SwitchForm(initial={"on": line_rights.switched_on()})
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, registry.kind("pool"), "edit")
        self.form = SwitchForm(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request, *args, **kwargs)

    def parts(self) -> EditParts:
        errors = [(self.form[name].id_for_label if name in self.form.fields else "", text) for name, texts in self.form.errors.items() for text in texts]
        return EditParts(
            title=_("Owners per product line"), form=self.form, sections=[("", ["on"])], submit_label=_("Save"),
            cancel_url=reverse("line-owner-switch"), post_url=self.request.path, errors=errors,
            warnings=[Notice(_("Where it is on, a large customer's page offers “Owners of product lines”. Such an owner reads and changes the customer and its "
                               "contacts and makes opportunities of the line; what others have opened in other lines stays hidden. Switched off, only the "
                               "owner counts; who was named stays written down."))],
        )

    def crumbs(self) -> list[Link]:
        return [Link(_("Settings")), Link(_("Owners per product line"))]

    def perform(self) -> str:
        actions.switch_line_owners(self.form.cleaned_data["on"], by=self.user)
        return reverse("line-owner-switch")

    def refused(self, no: Refused) -> HttpResponse:
        return self.answer(self.parts(), status=take_refusal(self.form, no))

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}
