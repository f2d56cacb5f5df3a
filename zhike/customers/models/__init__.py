"""The customer master, its contacts, addresses and invoicing details; what finds them again, and what was merged."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange
from .invoicing import InvoiceTitle
from .line_owners import LineOwner
from .matching import NameKey, ReachKey, SuspectedPair
from .merging import Merge, MergedRow
from .opening import Opening
from .pools import HoldingLimit, Pool, PoolMember, PoolMove, PoolRequest, PoolRule, PoolWarning

__all__ = [
    "Address",
    "Contact",
    "Customer",
    "CustomerFacts",
    "HoldingLimit",
    "InvoiceTitle",
    "LifecycleChange",
    "LineOwner",
    "Merge",
    "MergedRow",
    "NameKey",
    "Opening",
    "Pool",
    "PoolMember",
    "PoolMove",
    "PoolRequest",
    "PoolRule",
    "PoolWarning",
    "ReachKey",
    "SuspectedPair",
]
