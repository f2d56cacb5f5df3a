"""The customer master, its contacts, addresses and invoicing details."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange
from .invoicing import InvoiceTitle
from .opening import Opening

__all__ = ["Address", "Contact", "Customer", "CustomerFacts", "InvoiceTitle", "LifecycleChange", "Opening"]
