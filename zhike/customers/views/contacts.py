"""Pages of contacts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import cells
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import NewPage
from zhike.pages.lists import ListPage
from zhike.pages.parts import Badge, Button, Card, Link, Mini, Notice
from zhike.records import guard, registry

from .. import actions
from ..forms import MoveForm
from ..models import Contact
from .duplicates import DespiteMixin

NEAR = 20  # people above and below in the reporting line


class ContactPage(DetailPage):
    """One person at a customer: what they are, what was said with them, what they have a part in."""

    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    layout = "c3"

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
        told = {name for name in ("mobile", "phone", "email") if getattr(self.row, name) and self.access.field_mode("contact", name) in ("", "read")}
        if number := next((getattr(self.row, name) for name in ("mobile", "phone") if name in told), ""):
            buttons.insert(0, Button(_("Call"), f"tel:{number.split(' / ')[0]}", "phone", "d", phone=True))
        if "email" in told:
            buttons.append(Button(_("Write a mail"), f"mailto:{quote(self.row.email, safe='@')}", "mail", "g", phone=True, menu=True))
        buttons.append(Button(_("Save as vCard"), self.kind.action_url("card-file", self.row), "address-book", menu=True))
        if not self.row.left and guard.can_edit(self.user, self.row) and self.access.may("contact", "add"):
            buttons.append(Button(_("Works elsewhere now"), self.kind.action_url("move", self.row), "user-share", dialog=True, menu=True))
        if not self.row.primary and not self.row.left and guard.can_edit(self.user, self.row):
            buttons.append(Button(_("Make primary contact"), self.kind.action_url("primary", self.row), "star", dialog=True, menu=True))
        return buttons


    @cached_property
    def customer_seen(self) -> bool:
        """Whether the person sees the customer as well, so that what hangs on it may be made from here."""
        return bool(registry.kind("customer").model.objects.visible_to(self.user).filter(pk=self.row.customer_id).exists())

    def fill_summary(self, parts: DetailParts) -> None:
        """What is known at the left, what was said in the middle, what they have a part in at the right."""
        parts.left.extend(self.fact_cards())
        parts.rail.extend(card for card in [people_card(self)] if card is not None)
        for contribution in self.kind.cards:
            contribution(self, parts)
        parts.attention.extend(self.attention())


def people_card(page: ContactPage) -> Card | None:
    """Whom the person reports to and who reports to them, with the way to the customer's decision map."""
    row = page.row
    if page.access.field_mode("contact", "reports_to") not in ("", "read"):
        return None
    near = Contact.objects.visible_to(page.user).filter(Q(pk=row.reports_to_id) | Q(reports_to=row), customer=row.customer_id, left=False)
    title_told = page.access.field_mode("contact", "job_title") in ("", "read")
    minis = [Mini(found.name, page.kind.url(found), sub=found.job_title if title_told else "", avatar=found.name[:1],
                  badge=Badge(_("manager"), "info", dot=False) if found.pk == row.reports_to_id else None)
             for found in sorted(near.order_by("sort_name", "pk")[:NEAR], key=lambda found: found.pk != row.reports_to_id)]
    if not minis and not page.customer_seen:
        return None
    way = Link(_("Decision map"), reverse("customer-tab", args=[row.customer_id, "map"])) if page.customer_seen else None
    return Card(_("Reporting line"), key="reporting", minis=minis, more=way, empty=_("Nobody above or below is known."))


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
