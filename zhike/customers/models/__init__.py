"""The customer master, its contacts, addresses and invoicing details; what finds them again, and what was merged."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange
from .invoicing import InvoiceTitle
from .matching import NameKey, ReachKey, SuspectedPair
from .merging import Merge, MergedRow
from .opening import Opening

__all__ = [
    "Address",
    "Contact",
    "Customer",
    "CustomerFacts",
    "InvoiceTitle",
    "LifecycleChange",
    "Merge",
    "MergedRow",
    "NameKey",
    "Opening",
    "ReachKey",
    "SuspectedPair",
]
