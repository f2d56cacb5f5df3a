"""Customers, contacts, addresses and invoicing details in import plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.chinese import likeness, names
from zhike.base.refused import Refused
from zhike.records import checks, guard, ownership, registry
from zhike.records.imports.importer import Importer, OwnedImporter

from . import actions, duplicates
from .kinds import OPENING_FIELDS
from .lifecycle import FIRST
from .models import Address, Contact, Customer, InvoiceTitle, LineOwner, Opening


def _change(row: Any, values: Mapping[str, Any], change: Any, *, by: Any) -> dict[str, Any]:
    """A new owner is a transfer; the rest is an edit."""
    values = dict(values)
    owner = values.pop("owner", None)
    diff = dict(change(row, values, by=by, version=None)) if values else {}
    if owner is not None and owner.pk != row.owner_id:
        former = row.owner
        ownership.transfer_rows([row], to=owner, by=by, reason=_("import"))
        diff["owner"] = (former, owner)
    return diff


class CustomerImporter(OwnedImporter):
    kind = "customer"
    model = Customer
    plain = ("code", "name", "short_name", "name_en", "pinyin_abbr", "former_names", "uscc", "kind", "level", "category", "industry",
             "source", "scale", "nature", "territory", "relation", "address", "postcode", "phone", "fax", "email", "website",
             "payment_term", "currency", "erp_code", "remark", "lifecycle", "created_at")
    restated = ("lifecycle",)
    refs = {"parent": "customer", "settle_customer": "customer", "price_list": "price_list", "region": "region", "owner": "user", "owner_dept": "department"}
    required = ("name",)
    match = ("code", "uscc", "erp_code", "name")
    keys = ("code", "erp_code", "name")
    keep = ("name",)
    self_ref = "parent"

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        if values.get("lifecycle", FIRST) != FIRST:
            actions.require_restating(by)
        return super().prepare(values, by=by)

    def create(self, rows: list[Customer], *, by: Any, batch: str) -> list[Customer]:
        return actions.create_customers(rows, by=by, source="import", checked=True, batch=batch, action="import", dated=True)

    def change(self, row: Customer, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        values, before = dict(values), row.lifecycle
        stage = values.pop("lifecycle", None)
        diff = _change(row, values, actions.change_customer, by=by)
        if stage and stage != before and actions.restate_stage(row, stage, by=by):
            diff["lifecycle"] = (before, stage)
        return diff

    def doubts(self, rows: Sequence[Customer], *, by: Any) -> dict[int, str]:
        """Rows that a customer in the house looks like, whoever owns it; possible likeness is not worth a stop.

        Nobody else saves one of these firms until the set is stored.
        """
        found: dict[int, str] = {}
        checks.tidy(rows)
        duplicates.hold(rows)
        for i, hits in enumerate(duplicates.look(rows, by, wide=False, shown=1)):
            for hit in hits:
                if likeness.RANK[hit.verdict] >= likeness.RANK[likeness.LIKELY]:
                    who = hit.row.code if hit.row is not None else _("owner %(owner)s") % {"owner": hit.owner}
                    found[i] = _("looks like %(name)s (%(code)s)") % {"name": hit.name, "code": who}
        return found

    def twins(self, row: Customer) -> list[str]:
        core = names.core(row.name)
        return [core] if core else []


class ContactImporter(OwnedImporter):
    kind = "contact"
    model = Contact
    plain = ("name", "gender", "job_title", "department", "decision_role", "attitude", "influence", "mobile", "phone",
             "email", "wechat", "qq", "wecom_id", "address", "birthday", "lunar_month", "lunar_day", "lunar_leap", "hobby", "left", "remark", "created_at")
    refs = {"customer": "customer", "owner": "user", "owner_dept": "department", "reports_to": "contact",
            "region": "region"}
    required = ("name", "customer")
    match = ("mobile", "email")
    keys = ("mobile", "email")
    keep = ("name", "customer_id")
    self_ref = "reports_to"

    def create(self, rows: list[Contact], *, by: Any, batch: str) -> list[Contact]:
        # The customers were found among those the person sees: nothing is left to check.
        return actions.create_contacts(rows, by=by, checked=True, batch=batch, action="import", dated=True)

    def doubts(self, rows: Sequence[Contact], *, by: Any) -> dict[int, str]:
        """Rows whose mobile or mail address a contact of the same customer has already."""
        found: dict[int, str] = {}
        for field in ("mobile", "email"):
            here = {(row.customer_id, getattr(row, field)): i for i, row in enumerate(rows) if getattr(row, field)}
            seen = Contact.objects.visible_to(by).filter(**{f"{field}__in": {value for _customer, value in here}})
            for known in seen.select_related("customer").order_by("-pk"):
                i = here.get((known.customer_id, getattr(known, field)))
                if i is not None:
                    found[i] = _("looks like %(name)s (%(code)s)") % {"name": known.name, "code": known.customer.name}
        return found

    def twins(self, row: Contact) -> list[str]:
        return [f"{row.customer_id} {value}" for value in (row.mobile, row.email) if value]

    def change(self, row: Contact, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return _change(row, values, actions.change_contact, by=by)


class AddressImporter(Importer):
    kind = "address"
    model = Address
    plain = ("kind", "text", "postcode", "person", "phone")
    refs = {"customer": "customer", "region": "region"}
    required = ("customer", "text")

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("customer"), "import")
        guard.require(by, registry.kind("customer"), "edit")

    def visible(self, by: Any) -> Any:
        return Address.objects.filter(customer__in=Customer.objects.visible_to(by))

    def create(self, rows: list[Address], *, by: Any, batch: str) -> list[Address]:
        return actions.create_addresses(rows, by=by, checked=True, batch=batch)

    def change(self, row: Address, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return actions.change_address(row, values, by=by)


class OpeningImporter(Importer):
    """Applications to open customers, for many at once: each is checked like one typed by hand, and waits for finance."""

    kind = "opening"
    model = Opening
    plain = OPENING_FIELDS
    refs = {"customer": "customer"}
    required = ("customer", "title")
    batch = 200

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("opening"), "import")
        guard.require(by, registry.kind("opening"), "add")

    def create(self, rows: list[Opening], *, by: Any, batch: str) -> list[Opening]:
        return list(actions.create_openings(rows, by=by))

    def change(self, row: Opening, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        raise Refused(_("An application is corrected on its page, after finance has returned it."))


class LineOwnerImporter(OwnedImporter):
    """Owners per product line, where the company works with them."""

    kind = "line_owner"
    model = LineOwner
    plain = ("remark",)
    refs = {"customer": "customer", "line": "product_line", "address": "address", "owner": "user"}
    required = ("customer", "owner")

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("customer"), "import")
        guard.require(by, registry.kind("line_owner"), "add")

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        return values

    def create(self, rows: list[LineOwner], *, by: Any, batch: str) -> list[LineOwner]:
        return actions.create_line_owners(rows, by=by, checked=True, batch=batch, action="import")

    def change(self, row: LineOwner, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        values = dict(values)
        owner = values.pop("owner", None)
        diff = dict(actions.change_line_owner(row, values, by=by)) if values else {}
        if owner is not None and owner.pk != row.owner_id:
            diff["owner"] = (row.owner, owner)
            actions.hand_line(row, to=owner, by=by, reason=_("import"))
        return diff


class InvoiceTitleImporter(Importer):
    """Invoicing details; account numbers are texts, so their noughts stay."""

    kind = "invoice_title"
    model = InvoiceTitle
    plain = ("title_kind", "title", "tax_no", "bank", "account", "address", "phone", "default")
    refs = {"customer": "customer"}
    required = ("customer", "title")

    def check_right(self, by: Any) -> None:
        guard.require(by, registry.kind("customer"), "import")
        guard.require(by, registry.kind("customer"), "edit")

    def visible(self, by: Any) -> Any:
        return InvoiceTitle.objects.filter(customer__in=Customer.objects.visible_to(by))

    def create(self, rows: list[InvoiceTitle], *, by: Any, batch: str) -> list[InvoiceTitle]:
        guard.require(by, registry.kind("customer"), "edit")
        return actions.create_invoice_titles(rows, by=by, checked=True, batch=batch)

    def change(self, row: InvoiceTitle, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return actions.change_invoice_title(row, values, by=by)
