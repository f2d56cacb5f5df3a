"""Campaigns, and the leads that come from them and from elsewhere."""

from .campaigns import Campaign
from .intake import ASKABLE, REACH, AssignRule, FormDay, FormEntry, LeadForm, LeadPause
from .leads import Lead, LeadKey

__all__ = [
    "ASKABLE",
    "REACH",
    "AssignRule",
    "Campaign",
    "FormDay",
    "FormEntry",
    "Lead",
    "LeadForm",
    "LeadKey",
    "LeadPause",
]
