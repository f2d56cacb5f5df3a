"""Pages of contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import cells
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage
from zhike.pages.edits import NewPage
from zhike.pages.lists import ListPage
from zhike.pages.parts import Badge, Button, Notice
from zhike.records import guard, registry

from .. import actions
from ..forms import MoveForm
from ..models import Contact
from .duplicates import DespiteMixin


class ContactPage(DetailPage):
    kind_name = "contact"
    menu = "customers"
    place = "contacts"

    def mark(self) -> str:
        return str(self.row)[:1]

    def context(self) -> dict[str, Any]:
        return {"customer": self.row.customer_id, "contact": self.row.pk}

    def badges(self) -> list[Badge]:
        badges = [Badge(_("primary contact"), "info", dot=False)] if self.row.primary else []
        return [*badges, Badge(_("has left"), "neutral")] if self.row.left else badges

    def notices(self) -> list[Notice]:
        """Where the person was before and where they went, for those who may see it."""
        near = Q(pk=self.row.moved_from_id) if self.row.moved_from_id else Q()
        if self.row.left:
            near |= Q(moved_from=self.row)
        if not near:
            return []
        found = Contact.objects.visible_to(self.user).filter(near).select_related("customer").order_by("pk")
        return [
            Notice((_("Was at %(customer)s before.") if row.pk == self.row.moved_from_id else _("Works at %(customer)s now."))
                   % {"customer": row.customer}, "info", "user-share", Button(_("Open"), self.kind.url(row), style="t"))
            for row in found
        ]

    def subtitle(self) -> Any:
        customer = cells.text(self.kind, self.kind.attr("customer"), self.row, self.access)
        return Markup("{} · {}").format(self.row.job_title or "—", customer)

    def actions(self) -> list[Button]:
        buttons = super().actions()
        if self.row.mobile and self.access.field_mode("contact", "mobile") in ("", "read"):
            buttons.insert(0, Button(_("Call"), f"tel:{self.row.mobile}", "phone", "p", phone=True))
        buttons.append(Button(_("Save as vCard"), self.kind.action_url("card-file", self.row), "address-book", menu=True))
        if not self.row.left and guard.can_edit(self.user, self.row) and self.access.may("contact", "add"):
            buttons.append(Button(_("Works elsewhere now"), self.kind.action_url("move", self.row), "user-share", dialog=True, menu=True))
        if not self.row.primary and not self.row.left and guard.can_edit(self.user, self.row):
            buttons.append(Button(_("Make primary contact"), self.kind.action_url("primary", self.row), "star", dialog=True, menu=True))
        return buttons


class ContactListPage(ListPage):
    """The list of contacts; a single address card goes straight into the form."""

    kind_name = "contact"

    def imports(self, params: dict[str, list[str]]) -> list[Button]:
        found = super().imports(params)
        if self.access.may("contact", "add"):
            found.append(Button(_("New contact from an address card"), reverse("contact-card"), "address-book", menu=True))
        return found


class NewContactPage(DespiteMixin, NewPage):
    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    despite_text = gettext_lazy("Create all the same: it is somebody else")

    def said(self) -> dict[str, bool]:
        return {"despite_duplicates": self.despite()}

    def parts(self) -> Any:
        parts = super().parts()
        if not self.form.is_bound:
            parts.warnings = [Notice(_("An address card (.vcf) fills this form."), "info", "address-book",
                                     Button(_("Read a card"), reverse("contact-card"), style="t"))]
        return parts

    def cancel_url(self) -> str:
        customer = self.request.GET.get("customer", "")
        return registry.kind("customer").url(customer) if customer.isascii() and customer.isdigit() and len(customer) < 19 else super().cancel_url()


class MovePage(ActionPage):
    """The person works at another customer now."""

    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    title_text = gettext_lazy("Works elsewhere now")
    submit_text = gettext_lazy("Create at the new customer")

    def text(self) -> Any:
        return _("A new contact is made there with mobile, WeChat and personal data. This one stays with its history and is marked as left.")

    def make_form(self, data: Any = None) -> Any:
        return MoveForm(data, user=self.user)

    def run(self, values: dict[str, Any]) -> str | None:
        made = actions.move_contact(self.row, by=self.user, **values)
        return self.kind.url(made)


class PrimaryPage(ActionPage):
    kind_name = "contact"
    title_text = gettext_lazy("Make primary contact")
    submit_text = gettext_lazy("Make primary contact")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.make_primary(self.row, by=self.user)
        return registry.kind("customer").url(self.row.customer_id)
