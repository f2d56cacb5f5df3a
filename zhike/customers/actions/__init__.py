"""What people do with customers, contacts and addresses."""

from .addresses import change_address, create_addresses, remove_address
from .contacts import change_contact, change_contacts, create_contact, create_contacts, make_primary
from .customers import (
    change_customer,
    change_customers,
    create_customer,
    create_customers,
    disable_customer,
    enable_customer,
)
from .facts import refresh_facts
from .lifecycle import advance_lifecycle, lose_customer
from .merging import merge_contact, merge_customer, merge_rows, undo_last_merge, undo_merge

__all__ = [
    "advance_lifecycle",
    "change_address",
    "change_contact",
    "change_contacts",
    "change_customer",
    "change_customers",
    "create_addresses",
    "create_contact",
    "create_contacts",
    "create_customer",
    "create_customers",
    "disable_customer",
    "enable_customer",
    "lose_customer",
    "make_primary",
    "merge_contact",
    "merge_customer",
    "merge_rows",
    "refresh_facts",
    "remove_address",
    "undo_last_merge",
    "undo_merge",
]
