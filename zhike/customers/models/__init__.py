"""The customer master, its contacts and addresses; what finds them again, and what was merged."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange, clean_loop
from .matching import NameKey, ReachKey, SuspectedPair
from .merging import Merge, MergedRow

__all__ = [
    "Address",
    "Contact",
    "Customer",
    "CustomerFacts",
    "LifecycleChange",
    "Merge",
    "MergedRow",
    "NameKey",
    "ReachKey",
    "SuspectedPair",
    "clean_loop",
]
