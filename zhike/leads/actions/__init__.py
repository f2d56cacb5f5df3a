"""What people do with leads and campaigns."""

from .campaigns import (
    approve_campaign,
    cancel_campaign,
    change_campaign,
    change_campaigns,
    create_campaigns,
    finish_campaign,
    resume_campaign,
    revive_campaign,
    start_campaign,
    summarise_campaign,
    withdraw_campaign,
)
from .leads import change_lead, change_leads, create_lead, create_leads
from .outcomes import follow_leads, invalidate_leads, mark_converted, refresh_facts, reopen_leads
from .queue import assign_leads, queue_leads, take_leads

__all__ = [
    "approve_campaign",
    "assign_leads",
    "cancel_campaign",
    "change_campaign",
    "change_campaigns",
    "change_lead",
    "change_leads",
    "create_campaigns",
    "create_lead",
    "create_leads",
    "finish_campaign",
    "follow_leads",
    "invalidate_leads",
    "mark_converted",
    "queue_leads",
    "refresh_facts",
    "reopen_leads",
    "resume_campaign",
    "revive_campaign",
    "start_campaign",
    "summarise_campaign",
    "take_leads",
    "withdraw_campaign",
]
