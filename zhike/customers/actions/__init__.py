"""What people do with customers, contacts, addresses and invoicing details."""

from .addresses import change_address, create_addresses, remove_address
from .contacts import (
    change_contact,
    change_contacts,
    create_contact,
    create_contacts,
    hang_contact,
    make_primary,
    move_contact,
)
from .customers import (
    change_customer,
    change_customers,
    create_customer,
    create_customers,
    disable_customer,
    enable_customer,
)
from .facts import refresh_facts
from .invoicing import (
    add_invoice_title,
    change_invoice_title,
    create_invoice_titles,
    make_default_title,
    remove_invoice_title,
)
from .lifecycle import advance_lifecycle, lose_customer, require_restating, restate_stage, set_stage
from .line_owners import (
    add_line_owner,
    change_line_owner,
    create_line_owners,
    end_line,
    hand_line,
    switch_line_owners,
)
from .merging import merge_contact, merge_customer, merge_rows, undo_last_merge, undo_merge
from .opening import (
    accept_opening,
    apply_opening,
    change_opening,
    create_openings,
    resubmit_opening,
    return_opening,
    withdraw_opening,
)
from .places import place_address, set_place
from .pool_rules import change_pool, create_pools, set_limits, set_members, set_rules, switch_pool
from .pools import (
    apply_for_customers,
    assign_customers,
    decide_request,
    lock_customers,
    pick_customers,
    return_to_pool,
)
from .unmaking import unmake_contact, unmake_customer

__all__ = [
    "accept_opening",
    "add_invoice_title",
    "add_line_owner",
    "advance_lifecycle",
    "apply_for_customers",
    "apply_opening",
    "assign_customers",
    "change_address",
    "change_contact",
    "change_contacts",
    "change_customer",
    "change_customers",
    "change_invoice_title",
    "change_line_owner",
    "change_opening",
    "change_pool",
    "create_addresses",
    "create_contact",
    "create_contacts",
    "create_customer",
    "create_customers",
    "create_invoice_titles",
    "create_line_owners",
    "create_openings",
    "create_pools",
    "decide_request",
    "disable_customer",
    "enable_customer",
    "end_line",
    "hand_line",
    "hang_contact",
    "lock_customers",
    "lose_customer",
    "make_default_title",
    "make_primary",
    "merge_contact",
    "merge_customer",
    "merge_rows",
    "move_contact",
    "pick_customers",
    "place_address",
    "refresh_facts",
    "remove_address",
    "remove_invoice_title",
    "require_restating",
    "restate_stage",
    "resubmit_opening",
    "return_opening",
    "return_to_pool",
    "set_limits",
    "set_members",
    "set_place",
    "set_rules",
    "set_stage",
    "switch_line_owners",
    "switch_pool",
    "undo_last_merge",
    "undo_merge",
    "unmake_contact",
    "unmake_customer",
    "withdraw_opening",
]
