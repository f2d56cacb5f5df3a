"""Finding the same customer again: keys, probes, the house's policy, and pairs over the whole master."""

from .check import check_contacts, check_customers
from .probe import Match, contacts_like, hold, look, mask_name, matches

__all__ = ["Match", "check_contacts", "check_customers", "contacts_like", "hold", "look", "mask_name", "matches"]
