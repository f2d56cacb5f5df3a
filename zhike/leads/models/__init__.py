"""Campaigns, and the leads that come from them and from elsewhere."""

from .campaigns import Campaign
from .leads import Lead, LeadKey

__all__ = ["Campaign", "Lead", "LeadKey"]
