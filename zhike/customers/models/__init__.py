"""The customer master, its contacts and addresses."""

from .addresses import Address
from .contacts import Contact
from .customers import Customer, CustomerFacts, LifecycleChange, clean_loop

__all__ = ["Address", "Contact", "Customer", "CustomerFacts", "LifecycleChange", "clean_loop"]
