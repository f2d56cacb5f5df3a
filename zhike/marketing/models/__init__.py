"""Customer care, and what leads became."""

from .care import CHANNELS, CareDay, CareItem, CareRule, ContactWish, CustomerWish
from .conversion import LeadConversion

__all__ = ["CHANNELS", "CareDay", "CareItem", "CareRule", "ContactWish", "CustomerWish", "LeadConversion"]
