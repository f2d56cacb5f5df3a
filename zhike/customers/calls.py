"""What programs may do with customers and contacts besides reading and writing their fields."""

from __future__ import annotations

from zhike.records import registry
from zhike.records.calls import Call

from . import actions
from .forms import LOST_CAUSES

for _call in (
    Call("lose", actions.lose_customer, takes=("reason",), right="lose", choices={"reason": LOST_CAUSES}),
    Call("disable", actions.disable_customer, right="disable"),
    Call("enable", actions.enable_customer, right="disable"),
):
    registry.kind("customer").calls.add(_call.name, _call)
registry.kind("contact").calls.add("make-primary", Call("make-primary", actions.make_primary))
for _kind_name, _merge in (("customer", actions.merge_customer), ("contact", actions.merge_contact)):
    registry.kind(_kind_name).calls.add("merge", Call("merge", _merge, takes=("other",), right="merge"))
    registry.kind(_kind_name).calls.add("undo-merge", Call("undo-merge", actions.undo_last_merge, right="merge"))
