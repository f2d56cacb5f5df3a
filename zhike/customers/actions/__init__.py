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
from .lifecycle import advance_lifecycle, lose_customer
from .opening import (
    accept_opening,
    apply_opening,
    change_opening,
    create_openings,
    resubmit_opening,
    return_opening,
    withdraw_opening,
)

__all__ = [
    "accept_opening",
    "add_invoice_title",
    "advance_lifecycle",
    "apply_opening",
    "change_address",
    "change_contact",
    "change_contacts",
    "change_customer",
    "change_customers",
    "change_invoice_title",
    "change_opening",
    "create_addresses",
    "create_contact",
    "create_contacts",
    "create_customer",
    "create_customers",
    "create_invoice_titles",
    "create_openings",
    "disable_customer",
    "enable_customer",
    "hang_contact",
    "lose_customer",
    "make_default_title",
    "make_primary",
    "move_contact",
    "refresh_facts",
    "remove_address",
    "remove_invoice_title",
    "resubmit_opening",
    "return_opening",
    "withdraw_opening",
]
