"""What programs may do with leads and campaigns besides reading and writing their fields."""

from __future__ import annotations

from zhike.records import registry
from zhike.records.calls import Call

from . import actions

_lead = registry.kind("lead")
for _call in (
    Call("assign", actions.assign_leads, takes=("to", "reason"), right="assign", links={"to": "user"}, many=True),
    Call("take", actions.take_leads, right="take", many=True),
    Call("queue", actions.queue_leads, takes=("department", "reason"), right="assign", links={"department": "department"}, many=True),
    Call("invalidate", actions.invalidate_leads, takes=("reason", "remark"), dictionaries={"reason": "lead_invalid"}, many=True),
    Call("reopen", actions.reopen_leads, many=True),
):
    _lead.calls.add(_call.name, _call)
_campaign = registry.kind("campaign")
for _call in (
    Call("approve", actions.approve_campaign, right="approve"),
    Call("withdraw", actions.withdraw_campaign),
    Call("start", actions.start_campaign),
    Call("finish", actions.finish_campaign),
    Call("resume", actions.resume_campaign),
    Call("summarise", actions.summarise_campaign, takes=("summary", "cost")),
    Call("cancel", actions.cancel_campaign, takes=("reason",)),
    Call("revive", actions.revive_campaign),
):
    _campaign.calls.add(_call.name, _call)
