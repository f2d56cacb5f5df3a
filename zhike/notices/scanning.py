"""Looking for what the rules are about: new occurrences are written down once, those that are over are closed.

A rule is one query walked by id in windows, so that 200,000 hits need no more memory than 10,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from django.db import transaction
from django.db.models import Q, QuerySet

from zhike.base import clock
from zhike.org.many import resolve_many
from zhike.org.models import Department, User
from zhike.records import listing
from zhike.records.kinds import Kind
from zhike.records.models import TeamGrant

from .actions import finish_digests
from .alerting import Alert, Scan, declared, moment
from .models import AlertHit, AlertRule, Message

WINDOW = 10_000  # lines of a query at once
AT_ONCE = 500  # ids in one update
Found = dict[tuple[int, str, int], datetime | None]  # (row, occurrence, receiver) → since when


@dataclass(slots=True)
class Tally:
    """What a scan did, or with `dry` would do."""

    records: int = 0
    opened: int = 0
    closed: int = 0
    people: Counter[int] = field(default_factory=Counter)  # who would be told of how many
    cut: bool = False  # a dry run looked at the beginning only


class _People:
    """Who gets what is meant for whom: a disabled person's alerts go to the manager."""

    def __init__(self) -> None:
        lines = User.objects.order_by().values_list("pk", "is_active", "manager_id")
        self.known = {pk: (active, manager) for pk, active, manager in lines}

    def instead(self, pk: int | None) -> int | None:
        for _step in range(10):
            if pk is None or pk not in self.known:
                return None
            active, manager = self.known[pk]
            if active:
                return pk
            pk = manager
        return None

    def manager(self, pk: int) -> int | None:
        return self.instead(self.known.get(pk, (False, None))[1])


def all_seeing() -> User:
    """Nobody in particular, with every right: the rule's own conditions are not narrowed by a person's."""
    user = User(is_admin=True, is_active=True)
    user._roles = []  # type: ignore[attr-defined]
    return user


def scan_of(rule: AlertRule, alert: Alert) -> Scan:
    return Scan(alert, rule.params, working=rule.working)


def parts_of(rule: AlertRule, alert: Alert) -> list[tuple[str, Any]]:
    """The queries of a rule within its departments and conditions, each with its mark."""
    found = alert.rows(scan_of(rule, alert))
    parts = [("", found)] if isinstance(found, QuerySet) else list(found)
    kind = alert.declared_kind
    if kind is None:
        return parts
    return [(mark, scoped(rule, kind, rows)) for mark, rows in parts]


def scoped(rule: AlertRule, kind: Kind, rows: Any) -> Any:
    if rule.departments and kind.owned:
        asked = Q()
        for path in Department.objects.filter(pk__in=rule.departments).values_list("path", flat=True):
            asked |= Q(path__startswith=path)
        rows = rows.filter(owner_dept__in=list(Department.objects.filter(asked).values_list("pk", flat=True)) if asked else [])
    if rule.conditions:
        user = all_seeing()
        rows = listing.read(kind, parse_qs(rule.conditions), user).lookup.apply(rows, user)
    return rows


def firing(rule: AlertRule, alert: Alert) -> tuple[Any, int, bool]:
    """The records for which the rule holds now, how many, and whether counting stopped early."""
    kind = alert.declared_kind
    parts = parts_of(rule, alert)
    if kind is None:
        lines = [line for _mark, part in parts for line in part] if parts and isinstance(parts[0][1], list) else list(parts)
        return [], len(lines), False
    if len(parts) == 1:
        rows = parts[0][1]
    else:
        asked = Q(pk__in=[])
        for _mark, part in parts:
            asked |= Q(pk__in=part.order_by().values("pk"))
        rows = kind.model._default_manager.filter(asked)
    n, capped = listing.capped_count(rows)
    return rows, n, capped


def scan_rule(rule: AlertRule, *, dry: bool = False, most: int | None = None) -> Tally:
    """Bring the occurrences of one rule up to date. Bears repetition: what is known already is left alone.

    With `dry` nothing is written; `most` then bounds how many lines are looked at.
    """
    alert = declared(rule.code)
    tally = Tally()
    if alert is None or not (rule.enabled or dry):
        return tally
    people = _People()
    for low, high, rows, wanted in _windows(rule, alert, people):
        tally.records += len({row for row, _key in rows})
        _settle(rule, low, high, rows, wanted, people, tally, dry)
        if dry and most is not None and tally.records >= most and high is not None:
            tally.cut = True
            break
    if not dry:
        AlertRule.objects.filter(pk=rule.pk).update(scanned_at=clock.now(), scan_error="")
    return tally


def _key(mark: str, since: datetime | None) -> str:
    if since is None:
        return mark
    return f"{mark}@{'never' if since == clock.NEVER else format(since.astimezone(clock.zone()), '%Y%m%d%H%M%S')}"[-60:]


def _windows(
    rule: AlertRule, alert: Alert, people: _People
) -> Iterator[tuple[int, int | None, set[tuple[int, str]], Found]]:
    """(after this id, up to this one, occurrences, who is to be told); the last window is open upwards."""
    kind = alert.declared_kind
    if kind is None:
        yield _of_house(rule, alert)
        return
    parts = parts_of(rule, alert)
    ways = {name: path for name, path in alert.paths().items() if name in rule.recipients}
    more = _named_users(rule.recipients)
    columns = ["pk", *([alert.since] if alert.since else []), *ways.values()]
    low = -1
    while True:
        high: int | None = None
        got = []
        for mark, part in parts:
            lines = list(part.filter(pk__gt=low).order_by("pk").values_list(*columns)[:WINDOW])
            if len(lines) == WINDOW:
                high = lines[-1][0] if high is None else min(high, lines[-1][0])
            got.append((mark, lines))
        rows: set[tuple[int, str]] = set()
        wanted: Found = {}
        for (mark, lines), (_mark, part) in zip(got, parts, strict=True):
            here: dict[int, list[tuple[str, datetime | None]]] = {}
            for pk, *rest in lines:
                if high is not None and pk > high:
                    break
                since = moment(rest.pop(0)) if alert.since else None
                key = _key(mark, since)
                rows.add((pk, key))
                here.setdefault(pk, []).append((key, since))
                for person in rest:
                    receiver = people.instead(person)
                    if receiver is not None:
                        wanted[(pk, key, receiver)] = since
            for pk, receiver in _others(rule, kind, part, more, low, high, here):
                for key, since in here.get(pk, ()):
                    wanted.setdefault((pk, key, receiver), since)
        yield low, high, rows, wanted
        if high is None:
            return
        low = high


def _of_house(rule: AlertRule, alert: Alert) -> tuple[int, int | None, set[tuple[int, str]], Found]:
    """An alert about no record: its few lines, for named people."""
    lines = [(pk, _key(mark, since), since) for pk, mark, since, _name in alert.rows(scan_of(rule, alert))]  # type: ignore[misc]
    wanted = {(pk, key, user.pk): since for pk, key, since in lines for user in _named_users(rule.recipients)}
    return -1, None, {(pk, key) for pk, key, _since in lines}, wanted


def _named_users(recipients: Iterable[str]) -> list[User]:
    """Active people whom a rule names: one by one, by role, or as administrators; with their rights."""
    asked = Q(pk__in=[int(code[5:]) for code in recipients if code.startswith("user:")])
    roles = [code[5:] for code in recipients if code.startswith("role:")]
    if roles:
        asked |= Q(roles__code__in=roles)
    if "admins" in recipients:
        asked |= Q(is_admin=True)
    ids = User.objects.filter(asked, is_active=True).order_by().values("pk")
    found = list(User.objects.filter(pk__in=ids).order_by("pk")[:200])
    resolve_many(found)
    return found


def _others(
    rule: AlertRule, kind: Kind, part: Any, more: list[User], low: int, high: int | None, here: dict[int, Any]
) -> Iterator[tuple[int, int]]:
    """(row, person) for the team and for named people, who are told of what they may see only."""
    span = Q(row_id__gt=low) if high is None else Q(row_id__gt=low, row_id__lte=high)
    if "team" in rule.recipients and here:
        living = Q(expires_at=None) | Q(expires_at__gt=clock.now())
        grants = TeamGrant.objects.filter(span, living, kind=kind.name, user__is_active=True)
        yield from (pair for pair in grants.values_list("row_id", "user_id") if pair[0] in here)
    own = Q(pk__gt=low) if high is None else Q(pk__gt=low, pk__lte=high)
    for user in more if here else ():
        rows = part.filter(own)
        seen = rows.visible_to(user) if hasattr(rows, "visible_to") else rows
        yield from ((pk, user.pk) for pk in seen.order_by().values_list("pk", flat=True))


def _settle(
    rule: AlertRule, low: int, high: int | None, rows: set[tuple[int, str]], wanted: Found, people: _People, tally: Tally, dry: bool
) -> None:
    """Compare what holds now with what was written down, and write the difference."""
    now = clock.now()
    late = now - timedelta(days=rule.escalate_days) if rule.escalate_days else None
    held = AlertHit.objects.filter(rule=rule, row_id__gt=low)
    if high is not None:
        held = held.filter(row_id__lte=high)
    lines = held.order_by().values_list("pk", "row_id", "key", "receiver_id", "since", "escalated", "opened_at", "handled_at", "closed_at")
    over, again, known, higher = [], [], set(), {}
    for pk, row, key, receiver, since, escalated, opened_at, handled_at, closed_at in lines.iterator(chunk_size=5_000):
        known.add((row, key, receiver))
        holds = (row, key) in rows if escalated else (row, key, receiver) in wanted
        if not holds and closed_at is None:
            over.append(pk)
        elif holds and closed_at is not None:
            again.append(pk)
        if holds and late is not None and not escalated and handled_at is None and opened_at <= late:
            boss = people.manager(receiver)
            if boss is not None:
                higher[(row, key, boss)] = since
    fresh = [(*found, since, False) for found, since in wanted.items() if found not in known]
    fresh += [(*found, since, True) for found, since in higher.items() if found not in known and found not in wanted]
    tally.opened += len(fresh)
    tally.closed += len(over)
    for _row, _occurrence, receiver, _since, _up in fresh:
        tally.people[receiver] += 1
    if dry or not (fresh or over or again):
        return
    with transaction.atomic():
        AlertHit.objects.bulk_create(
            [AlertHit(rule=rule, row_id=row, key=key, receiver_id=receiver, since=since, escalated=up, opened_at=now)
             for row, key, receiver, since, up in fresh],
            ignore_conflicts=True, batch_size=2_000,
        )
        close_hits(over)
        for start in range(0, len(again), AT_ONCE):
            AlertHit.objects.filter(pk__in=again[start : start + AT_ONCE]).update(closed_at=None)


def close_hits(ids: list[int]) -> None:
    """What these were about is over: they leave people's lists, and their messages need no reading any more."""
    now = clock.now()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        AlertHit.objects.filter(pk__in=some, closed_at=None).update(closed_at=now)
        Message.objects.filter(hit__in=some, done_at=None).update(done_at=now, read_at=now)
        finish_digests(some)
