"""The customer master, its contacts and addresses."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange, clean_loop
from .pools import HoldingLimit, Pool, PoolMember, PoolMove, PoolRequest, PoolRule, PoolWarning

__all__ = [
    "Address", "Contact", "Customer", "CustomerFacts", "HoldingLimit", "LifecycleChange", "Pool", "PoolMember", "PoolMove",
    "PoolRequest", "PoolRule", "PoolWarning", "clean_loop",
]
