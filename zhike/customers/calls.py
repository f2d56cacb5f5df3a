"""What programs may do with customers and contacts besides reading and writing their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.org.models import User
from zhike.records import history, registry
from zhike.records.calls import Call, Part

from . import actions, pool_fields
from .lifecycle import BY_HAND, LIFECYCLE
from .models import Customer, Pool

for _call in (
    Call("lose", actions.lose_customer, takes=("reason",), right="lose", dictionaries={"reason": "lost_cause"}),
    Call("disable", actions.disable_customer, right="disable"),
    Call("enable", actions.enable_customer, right="disable"),
    Call("set-stage", actions.set_stage, takes=("move", "reason"),
         choices={"move": [(name, LIFECYCLE.moves[name].label) for name in BY_HAND]}),
    Call("return-to-pool", actions.return_to_pool, takes=("pool", "reason"), right="transfer", many=True),
    Call("lock", actions.lock_customers, many=True),
    Call("unlock", actions.lock_customers, many=True, fixed={"lock": False}),
):
    registry.kind("customer").calls.add(_call.name, _call)
registry.kind("contact").calls.add("make-primary", Call("make-primary", actions.make_primary))


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
