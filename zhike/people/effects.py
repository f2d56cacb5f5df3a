"""What a change of a role would do, worked out without storing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from zhike.org.access import Access
from zhike.org.many import Draft, resolve_many
from zhike.org.models import FieldRule, Role, User
from zhike.records import listing, registry
from zhike.records.kinds import Kind

from .drafts import differences, draft_of

MOST = 30  # people whose rows are counted; counting is what takes time
_WIDTH = {FieldRule.HIDE: 3, FieldRule.MASK: 2, FieldRule.READ: 1, "": 0}


@dataclass(slots=True)
class Count:
    """Rows of a kind that a person reaches before and after; counted to 10,000, beyond it "capped"."""

    kind: Kind
    edit: bool
    before: int
    after: int
    capped: bool = False


@dataclass(slots=True)
class Effect:
    """What changes for one person."""

    user: User
    gains: list[tuple[str, str]] = field(default_factory=list)  # (kind, right)
    loses: list[tuple[str, str]] = field(default_factory=list)
    opens: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, field, new mode)
    closes: list[tuple[str, str, str]] = field(default_factory=list)
    rows: list[Count] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.gains or self.loses or self.opens or self.closes or self.rows)


@dataclass(slots=True)
class Effects:
    diff: dict[str, tuple[Any, Any]]
    people: int  # who have the role and are active
    counted: int  # of how many of them the rows were counted
    effects: list[Effect]


def dry_run(role: Role, draft: Draft) -> Effects:
    """Who of the people with the role would gain or lose which rights, fields and rows.

    Nothing is written, not even for a moment: the draft's rights are worked out in memory and the
    rows counted with the same query that lists use. Other roles of a person count as they are, so
    what they have from elsewhere is neither gained nor lost.
    """
    before_draft = draft_of(role)
    people = list(role.users.filter(is_active=True).order_by("pk"))
    before = resolve_many(people)
    now = {user.pk: (before[user.pk], user) for user in people}
    twins = {user.pk: user for user in User.objects.filter(pk__in=[user.pk for user in people])}
    after = resolve_many(twins.values(), draft=draft)
    found = []
    for i, (pk, (was, user)) in enumerate(now.items()):
        effect = _rights(user, was, after[pk])
        if i < MOST:
            effect.rows = _rows(user, twins[pk], was, after[pk])
        if effect:
            found.append(effect)
    return Effects(differences(before_draft, draft), len(people), min(len(people), MOST), found)


def _rights(user: User, was: Access, now: Access) -> Effect:
    effect = Effect(user)
    if user.is_admin:
        return effect
    effect.gains = sorted(now.permissions - was.permissions)
    effect.loses = sorted(was.permissions - now.permissions)
    for kind, name in sorted({*was.fields, *now.fields}):
        old, new = was.field_mode(kind, name), now.field_mode(kind, name)
        if _WIDTH[new] < _WIDTH[old]:
            effect.opens.append((kind, name, new))
        elif _WIDTH[new] > _WIDTH[old]:
            effect.closes.append((kind, name, new))
    return effect


def _rows(user: User, twin: User, was: Access, now: Access) -> list[Count]:
    """Counts of the kinds whose reach differs for the person, `twin` being the person of the draft."""
    found = []
    for kind in registry.kinds():
        if not kind.owned or user.is_admin:
            continue
        for edit in (False, True):
            right = "edit" if edit else "view"
            same = was.may(kind.name, right) == now.may(kind.name, right)
            if same and (was.reach(kind.name, edit=edit) == now.reach(kind.name, edit=edit) or not now.may(kind.name, right)):
                continue
            counts = [_count(kind, who, edit) for who in (user, twin)]
            if counts[0] != counts[1]:
                found.append(Count(kind, edit, counts[0][0], counts[1][0], counts[0][1] or counts[1][1]))
    return found


def _count(kind: Kind, user: User, edit: bool) -> tuple[int, bool]:
    rows = kind.model.objects
    return listing.capped_count(rows.editable_by(user) if edit else rows.visible_to(user))
