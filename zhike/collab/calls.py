"""What programs may do with discussion groups besides opening them and talking in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.records import registry
from zhike.records.calls import Call, Part

from .actions import groups
from .models import DiscussionGroup


def close(row: DiscussionGroup, *, by: Any) -> DiscussionGroup:
    """Close one's group; a program that says it twice has said it once."""
    return row if row.closed else groups.switch_group(row, by=by)


def reopen(row: DiscussionGroup, *, by: Any) -> DiscussionGroup:
    """Open one's group again."""
    return groups.switch_group(row, by=by) if row.closed else row


def _read_members(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    return {pk: [{"id": who.pk, "text": str(who)} for who in found] for pk, found in groups.members_of(rows).items()}


_kind = registry.kind("discussion_group")
for _call in (
    Call("add-member", groups.add_member, takes=("user",)),
    Call("remove-member", groups.remove_member, takes=("user",)),
    Call("leave", groups.leave_group, right="view"),
    Call("close", close),
    Call("reopen", reopen),
):
    _kind.calls.add(_call.name, _call)
_kind.parts.add("members", Part("members", _read_members, {
    "type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}},
}))
