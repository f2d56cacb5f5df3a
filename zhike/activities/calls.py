"""What programs may do with activities and tasks, and the follow-ups they record on a customer or a lead."""

from __future__ import annotations

import functools
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.customers.models import Contact
from zhike.opportunities.models import Opportunity
from zhike.records import customs, registry
from zhike.records.calls import Call

from . import actions
from .status import TASK


def _contacts(row: Any, user: Any) -> Any:
    return Contact.objects.visible_to(user).filter(customer=row)


def _opportunities(row: Any, user: Any) -> Any:
    return Opportunity.objects.visible_to(user).filter(customer=row)


@functools.wraps(actions.log_activity)
def _log(**said: Any) -> Any:
    """As a person logs it; where the house asks for fields of its own, these go with the record itself."""
    asked = customs.required_of(registry.kind("activity"), said["by"])
    if asked:
        raise Refused(_("These fields are asked of every activity: %(list)s. Send the record to /api/v1/activities instead.")
                      % {"list": ", ".join(asked)}, code="required", field=asked[0])
    return actions.log_activity(**said)


registry.kind("customer").calls.add("log", Call(
    "log", _log, row_as="customer", right="add", right_kind="activity",
    takes=("type", "content", "contact", "opportunity", "result", "next_contact_at", "next_action", "at", "subject", "purpose", "place"),
    links={"contact": "contact", "opportunity": "opportunity"},
    pick={"contact": _contacts, "opportunity": _opportunities},
    dictionaries={"type": "activity_type", "result": "activity_result"},
))
registry.kind("lead").calls.add("log", Call(
    "log", actions.log_activity, row_as="lead", right="add", right_kind="activity",
    takes=("type", "content", "result", "next_contact_at", "next_action", "at", "subject", "purpose", "place"),
    dictionaries={"type": "activity_type", "result": "activity_result"},
))
_activity = registry.kind("activity")
for _call in (
    Call("finish", actions.finish_activity, takes=("content", "result", "at", "next_contact_at", "next_action"), dictionaries={"result": "activity_result"}),
    Call("cancel", actions.cancel_activity),
    Call("postpone", actions.postpone_activity, takes=("days",)),
    Call("move", actions.move_activity, takes=("to",)),
    Call("check-in", actions.check_in, takes=("lat", "lng", "accuracy", "place")),
    Call("invite", actions.invite, takes=("user",)),
):
    _activity.calls.add(_call.name, _call)
for _move in TASK.moves:
    registry.kind("task").calls.add(_move, Call(
        _move, actions.move_task, takes=("result",), fixed={"move": _move}, right="view",
        required=("result",) if _move == "refuse" else (),
    ))
_worklog = registry.kind("worklog")
for _call in (
    Call("submit", actions.submit_log),
    Call("withdraw", actions.withdraw_log),
    Call("read", actions.read_log, right="view"),
    Call("comment", actions.comment_log, takes=("text",), right="view"),
):
    _worklog.calls.add(_call.name, _call)
