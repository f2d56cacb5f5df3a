"""What administrators decide about pools and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import guard, history, registry, save

from ..models import HoldingLimit, Pool, PoolMember, PoolRule

MOST_RULES = 20
MOST_MEMBERS = 200
MOST_LIMITS = 200
# What may be seen of a customer before it is one's own; the name always is.
SHOWABLE = ("code", "level", "lifecycle", "category", "industry", "source", "scale", "territory", "region", "address", "phone", "website",
            "last_contact", "created_at", "previous_owner")
USUAL = ("level", "industry", "region", "last_contact")


def _kind() -> Any:
    return registry.kind("pool")


def warn_days(text: str) -> list[int]:
    """"7,3,1" as numbers, smallest first; raises `Refused` for anything else."""
    parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
    if len(parts) > 5 or any(not part.isascii() or not part.isdigit() or not 1 <= int(part[:4]) <= 90 or len(part) > 4 for part in parts):
        raise Refused(_("Give up to five numbers from 1 to 90, e.g. 7,3,1."), field="warn_days")
    return sorted({int(part) for part in parts})


def _check(row: Pool) -> None:
    row.warn_days = ",".join(str(days) for days in reversed(warn_days(row.warn_days)))
    if row.pick_limit is not None and row.pick_limit < 1:
        raise Refused(_("At least one customer, or leave it empty."), field="pick_limit")
    if row.blocked_days > 3650:
        raise Refused(_("At most %(n)s days.") % {"n": 3650}, field="blocked_days")


@transaction.atomic
def create_pools(rows: Sequence[Pool], *, by: Any, batch: str = "", action: str = "create") -> Sequence[Pool]:
    """Add pools. They are disabled until they have a rule or a way in, and members."""
    guard.require(by, _kind(), "add")
    for row in rows:
        _check(row)
        row.enabled = False
        row.visible_fields = row.visible_fields or list(USUAL)
    return save.create_rows(_kind(), rows, by=by, batch=batch, action=action)


@transaction.atomic
def change_pool(row: Pool, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change what a pool allows; returns the difference."""
    guard.require(by, _kind(), "edit")
    given = dict(values)
    probe = Pool(**{name: given.get(name, getattr(row, name)) for name in ("warn_days", "pick_limit", "blocked_days")})
    _check(probe)
    if "warn_days" in given:
        given["warn_days"] = probe.warn_days
    return save.change_row(row, given, by=by, version=version)


@transaction.atomic
def set_members(
    row: Pool, part: str, *, users: Sequence[Any] = (), departments: Sequence[Any] = (), by: Any
) -> Pool:
    """Say who keeps the pool, who belongs to it, or whom its rules spare; replaces who had this part."""
    guard.require(by, _kind(), "edit")
    row = save.locked(row)
    if part not in dict(PoolMember.PARTS):
        raise Refused(_("Choose one from the list."), field="part")
    if len(users) + len(departments) > MOST_MEMBERS:
        raise Refused(_("At most %(n)s people and departments.") % {"n": MOST_MEMBERS})
    if row.enabled and part != PoolMember.SPARED and not users and not departments:
        raise Refused(_("A pool in use has members and administrators. Disable it first."), field="users")
    before = _names(row, part)
    row.members.filter(part=part).delete()
    PoolMember.objects.bulk_create([
        *(PoolMember(pool=row, part=part, user=user) for user in {user.pk: user for user in users}.values()),
        *(PoolMember(pool=row, part=part, department=found) for found in {found.pk: found for found in departments}.values()),
    ])
    save.touch_row(row, by=by, action="members", diff={part: (before, _names(row, part))})
    return row


def _names(row: Pool, part: str) -> str:
    return "、".join(sorted(str(member) for member in row.members.filter(part=part).select_related("user", "department")))


@transaction.atomic
def set_rules(row: Pool, rules: Sequence[PoolRule], *, by: Any) -> Pool:
    """Say when customers return to the pool; replaces the rules. The first that names a level decides for its condition."""
    guard.require(by, _kind(), "edit")
    row = save.locked(row)
    if len(rules) > MOST_RULES:
        raise Refused(_("At most %(n)s rules.") % {"n": MOST_RULES})
    for order, rule in enumerate(rules):
        if rule.criterion not in dict(PoolRule.CRITERIA) or not 1 <= (rule.days or 0) <= 3650:
            raise Refused(_("Rule %(n)s: choose a condition and from 1 to 3650 days.") % {"n": order + 1})
        rule.pool, rule.order = row, order
    before = "；".join(str(rule) for rule in row.rules.all())
    row.rules.all().delete()
    PoolRule.objects.bulk_create(rules)
    save.touch_row(row, by=by, action="rules", diff={"rules": (before, "；".join(str(rule) for rule in rules))})
    return row


@transaction.atomic
def switch_pool(row: Pool, *, enabled: bool, by: Any) -> Pool:
    """Take a pool into use or out of it. One without administrators, members or rules is refused with what is missing."""
    guard.require(by, _kind(), "edit")
    row = save.locked(row)
    if enabled:
        parts = set(row.members.values_list("part", flat=True))
        missing = [text for there, text in (
            (PoolMember.ADMIN in parts, _("an administrator")), (PoolMember.MEMBER in parts, _("a member")),
            (row.rules.exists(), _("a return rule")),
        ) if not there]
        if missing:
            raise Refused(_("“%(pool)s” cannot be enabled: it lacks %(what)s.") % {"pool": row, "what": "、".join(missing)})
    if row.enabled != enabled:
        save.change_row(row, {"enabled": enabled}, by=by, version=None, action="enable" if enabled else "disable")
    return row


@transaction.atomic
def set_limits(rows: Sequence[HoldingLimit], *, by: Any) -> Sequence[HoldingLimit]:
    """Say how many customers people may own and lock; replaces all limits. Who is above one already keeps what they have."""
    guard.require(by, _kind(), "edit")
    if len(rows) > MOST_LIMITS:
        raise Refused(_("At most %(n)s limits.") % {"n": MOST_LIMITS})
    scopes = [(row.user_id, row.department_id) for row in rows]
    if len(set(scopes)) != len(scopes):
        raise Refused(_("There are two limits for the same person or department."))
    if any(row.most_owned is None and row.most_locked is None for row in rows):
        raise Refused(_("A limit gives a number of owned or locked customers."))
    before = _limit_texts(HoldingLimit.objects.select_related("user", "department"))
    list(HoldingLimit.objects.select_for_update().order_by("pk").values_list("pk"))
    HoldingLimit.objects.all().delete()
    HoldingLimit.objects.bulk_create(rows)
    history.log_list("pool", "limits", by=by, args={"before": before, "after": _limit_texts(rows)})
    return rows


def _limit_texts(rows: Any) -> list[str]:
    return [f"{row}: {row.most_owned if row.most_owned is not None else '—'} / {row.most_locked if row.most_locked is not None else '—'}"
            for row in rows]
