"""Pages of contacts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import cells
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage
from zhike.pages.edits import NewPage
from zhike.pages.parts import Badge, Button
from zhike.records import guard, registry

from .. import actions
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

    def subtitle(self) -> Any:
        customer = cells.text(self.kind, self.kind.attr("customer"), self.row, self.access)
        return Markup("{} · {}").format(self.row.job_title or "—", customer)

    def actions(self) -> list[Button]:
        buttons = super().actions()
        if self.row.mobile and self.access.field_mode("contact", "mobile") in ("", "read"):
            buttons.insert(0, Button(_("Call"), f"tel:{self.row.mobile}", "phone", "p", phone=True))
        if not self.row.primary and not self.row.left and guard.can_edit(self.user, self.row):
            buttons.append(Button(_("Make primary contact"), self.kind.action_url("primary", self.row), "star", dialog=True, menu=True))
        return buttons


class NewContactPage(DespiteMixin, NewPage):
    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    despite_text = gettext_lazy("Create all the same: it is somebody else")

    def said(self) -> dict[str, bool]:
        return {"despite_duplicates": self.despite()}

    def cancel_url(self) -> str:
        customer = self.request.GET.get("customer", "")
        return registry.kind("customer").url(customer) if customer.isascii() and customer.isdigit() and len(customer) < 19 else super().cancel_url()


class PrimaryPage(ActionPage):
    kind_name = "contact"
    title_text = gettext_lazy("Make primary contact")
    submit_text = gettext_lazy("Make primary contact")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.make_primary(self.row, by=self.user)
        return registry.kind("customer").url(self.row.customer_id)
