"""Two discussion groups of the made-up company: one picked by hand, one of a whole department."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from zhike.base import clock
from zhike.collab.actions import comments, groups
from zhike.collab.models import DiscussionGroup
from zhike.customers.models import Customer
from zhike.org.models import User
from zhike.records.visibility import owner_fields


def make_groups(users: Mapping[str, User], customers: Sequence[Customer], say: Callable[[str], None]) -> None:
    """Groups with members, words of the last days and records they talk about."""
    manager, rep, colleague, desk = (users[name] for name in ("manager_east", "rep", "rep_east2", "presales"))
    with clock.freeze(clock.now() - timedelta(days=6)):
        fair = _open("示例：秋季展会筹备", "展位、样机、邀约名单和日程都在这里定。", manager)
        groups.set_members(fair, [rep, colleague, desk], by=manager)
        asked = comments.add_comment(fair, f"样机定两台，@{desk.name} 请确认能否按期发到展馆。", by=manager)
    with clock.freeze(clock.now() - timedelta(days=5)):
        comments.add_comment(fair, "示例：可以，提前三天到馆，需要叉车。", by=desk, parent=asked)
    mine = [row for row in customers if row.owner_id == rep.pk][:2]
    for row in mine:
        groups.tie_record(fair, row, by=rep)
    with clock.freeze(clock.now() - timedelta(days=1)):
        end = comments.add_comment(fair, "邀约名单以这两家为先，本周内电话确认。", by=rep)
    comments.conclude_comment(end, fair, by=manager)
    east = _open("示例：华东周会", "每周一上午，先看漏斗再看重点客户。", manager, department=manager.department)
    with clock.freeze(clock.now() - timedelta(hours=20)):
        comments.add_comment(east, "周一先过本月要签的商机，请把下一步写清楚。", by=manager)
        comments.add_comment(east, "示例：收到，周日晚上前更新。", by=colleague)
    say("2 discussion groups")


def _open(name: str, purpose: str, by: User, **values: object) -> DiscussionGroup:
    return groups.create_groups([DiscussionGroup(name=name, purpose=purpose, **values, **owner_fields(by))], by=by)[0]
