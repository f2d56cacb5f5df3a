"""What people do with customers, contacts and addresses."""

from .addresses import change_address, create_addresses, remove_address
from .contacts import change_contact, change_contacts, create_contacts, make_primary
from .customers import (
    change_customer,
    change_customers,
    create_customer,
    create_customers,
    disable_customer,
    enable_customer,
)
from .facts import refresh_facts
from .lifecycle import advance_lifecycle, lose_customer, set_stage
from .pool_rules import change_pool, create_pools, set_limits, set_members, set_rules, switch_pool
from .pools import (
    apply_for_customers,
    assign_customers,
    decide_request,
    lock_customers,
    pick_customers,
    return_to_pool,
)

__all__ = [
    "advance_lifecycle",
    "apply_for_customers",
    "assign_customers",
    "change_address",
    "change_contact",
    "change_contacts",
    "change_customer",
    "change_customers",
    "change_pool",
    "create_addresses",
    "create_contacts",
    "create_customer",
    "create_customers",
    "create_pools",
    "decide_request",
    "disable_customer",
    "enable_customer",
    "lock_customers",
    "lose_customer",
    "make_primary",
    "pick_customers",
    "refresh_facts",
    "remove_address",
    "return_to_pool",
    "set_limits",
    "set_members",
    "set_rules",
    "set_stage",
    "switch_pool",
]
