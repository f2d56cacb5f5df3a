"""What programs may do with customers and contacts besides reading and writing their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.org.access import access_of
from zhike.org.models import User
from zhike.products.models import ProductLine
from zhike.records import history, registry
from zhike.records.calls import Call, Part

from . import actions, pool_fields
from .lifecycle import BY_HAND, LIFECYCLE
from .models import Customer, InvoiceTitle, Pool

for _call in (
    Call("lose", actions.lose_customer, takes=("reason",), right="lose", dictionaries={"reason": "lost_cause"}),
    Call("disable", actions.disable_customer, right="disable"),
    Call("enable", actions.enable_customer, right="disable"),
    Call("add-invoice-title", actions.add_invoice_title,
         takes=("title", "title_kind", "tax_no", "bank", "account", "address", "phone", "default"),
         choices={"title_kind": InvoiceTitle.KINDS}),
    Call("set-stage", actions.set_stage, takes=("move", "reason"),
         choices={"move": [(name, LIFECYCLE.moves[name].label) for name in BY_HAND]}),
    Call("add-line-owner", actions.add_line_owner, takes=("owner", "line", "address", "remark"), right="transfer",
         pick={"line": lambda row, user: ProductLine.objects.visible_to(user).filter(enabled=True), "address": lambda row, user: row.addresses.all()}),
    Call("set-place", actions.set_place, takes=("lat", "lng")),
    Call("return-to-pool", actions.return_to_pool, takes=("pool", "reason"), right="transfer", many=True),
    Call("lock", actions.lock_customers, many=True),
    Call("unlock", actions.lock_customers, many=True, fixed={"lock": False}),
):
    registry.kind("customer").calls.add(_call.name, _call)
for _call in (
    Call("accept", actions.accept_opening, right="check"),
    Call("return", actions.return_opening, takes=("reason",), right="check"),
    Call("resubmit", actions.resubmit_opening, right="add"),
    Call("withdraw", actions.withdraw_opening, right="add"),
):
    registry.kind("opening").calls.add(_call.name, _call)
for _call in (
    Call("hand-over", actions.hand_line, takes=("to", "reason"), right="transfer"),
    Call("end", actions.end_line, right="transfer"),
):
    registry.kind("line_owner").calls.add(_call.name, _call)
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

def _waiting(pool: Pool, user: Any) -> Any:
    """Customers a program may name to take them from this pool: the pool itself decides who may."""
    return Customer.objects.filter(pool=pool)


def _pick(row: Pool, *, customer: Customer, by: Any) -> Any:
    return actions.pick_customers(row, [customer.pk], by=by)


def _apply(row: Pool, *, customer: Customer, reason: str = "", by: Any) -> Any:
    return actions.apply_for_customers(row, [customer.pk], reason=reason, by=by)


def _assign(row: Pool, *, customer: Customer, to: User, by: Any) -> Any:
    return actions.assign_customers(row, [customer.pk], to=to, by=by)


for _call in (
    Call("pick", _pick, takes=("customer",), right="view", pick={"customer": _waiting}),
    Call("apply", _apply, takes=("customer", "reason"), right="view", pick={"customer": _waiting}),
    Call("assign", _assign, takes=("customer", "to"), right="view", pick={"customer": _waiting}),
):
    registry.kind("pool").calls.add(_call.name, _call)


def _customers_of(rows: Sequence[Pool], user: Any) -> dict[int, list[dict[str, Any]]]:
    """The newest 200 customers of each pool, with the fields that its members may see."""
    return {pool.pk: [
        {"id": row.pk, **{attr.name: history.plain(attr.value(row)) for attr in pool_fields.shown(pool, user)}}
        for row in pool_fields.rows(pool).order_by("-held_since", "-pk")[:200]
    ] for pool in rows}


registry.kind("pool").parts.add("customers", Part(
    "customers", _customers_of,
    {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}, "additionalProperties": True}},
))
for _kind_name, _merge in (("customer", actions.merge_customer), ("contact", actions.merge_contact)):
    registry.kind(_kind_name).calls.add("merge", Call("merge", _merge, takes=("other",), right="merge"))
    registry.kind(_kind_name).calls.add("undo-merge", Call("undo-merge", actions.undo_last_merge, right="merge"))
