"""What programs may do with customers and contacts besides reading and writing their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.org.access import access_of
from zhike.records import registry
from zhike.records.calls import Call, Part

from . import actions
from .forms import LOST_CAUSES
from .models import InvoiceTitle

for _call in (
    Call("lose", actions.lose_customer, takes=("reason",), right="lose", choices={"reason": LOST_CAUSES}),
    Call("disable", actions.disable_customer, right="disable"),
    Call("enable", actions.enable_customer, right="disable"),
    Call("add-invoice-title", actions.add_invoice_title,
         takes=("title", "title_kind", "tax_no", "bank", "account", "address", "phone", "default"),
         choices={"title_kind": InvoiceTitle.KINDS}),
):
    registry.kind("customer").calls.add(_call.name, _call)
for _call in (
    Call("accept", actions.accept_opening, right="check"),
    Call("return", actions.return_opening, takes=("reason",), right="check"),
    Call("resubmit", actions.resubmit_opening, right="add"),
    Call("withdraw", actions.withdraw_opening, right="add"),
):
    registry.kind("opening").calls.add(_call.name, _call)
registry.kind("contact").calls.add("hang", Call("hang", actions.hang_contact, takes=("to",)))
registry.kind("contact").calls.add("move", Call(
    "move", actions.move_contact, takes=("to", "job_title", "department", "phone", "email")))
registry.kind("contact").calls.add("make-primary", Call("make-primary", actions.make_primary))

TITLE_FIELDS = ("title_kind", "title", "tax_no", "bank", "account", "address", "phone", "default")


def _titles(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    """The invoicing details of customers; telephones are left out for people who see them masked."""
    open_phone = access_of(user).field_mode("customer", "phone") in ("", "read")
    names = [name for name in TITLE_FIELDS if name != "phone" or open_phone]
    found: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    for title in InvoiceTitle.objects.filter(customer__in=list(found)).order_by("-default", "pk"):
        found[title.customer_id].append({"id": title.pk, **{name: getattr(title, name) for name in names}})
    return found


registry.kind("customer").parts.add("invoice_titles", Part("invoice_titles", _titles, {
    "type": "array", "items": {"type": "object", "properties": {
        "id": {"type": "integer"},
        **{name: {"type": "boolean" if name == "default" else "string"} for name in TITLE_FIELDS},
    }}}))
