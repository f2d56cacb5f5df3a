"""Who can see one record, and why: every active colleague asked with the conditions that narrow lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models
from django.db.models import Case, Q, Value, When

from zhike.org.access import Access
from zhike.org.many import resolve_many
from zhike.org.models import User
from zhike.org.models.access import Level

from . import teams, visibility
from .kinds import Kind
from .models import TeamGrant
from .registry import kind_of

AT_ONCE = 40  # people asked in one statement
MOST_PEOPLE = 2_000


@dataclass(slots=True)
class Reason:
    """One way to a record. `why` is admin, role, owner, manager, team, asked, pool, or such a way to a parent.

    `role` and `level` say which role's reach it is; `parent` is the record the way leads over;
    `grant` is the place in a team, with its right and its end.
    """

    why: str
    role: int | None = None
    level: str = ""
    parent: Any = None
    grant: TeamGrant | None = None


@dataclass(slots=True)
class Seer:
    """A colleague who sees the record, on which grounds, and whether they may change it."""

    user: User
    reasons: list[Reason] = field(default_factory=list)
    changes: bool = False


def who_sees(row: Any, among: Iterable[User] | None = None) -> list[Seer]:
    """Every active colleague (or those of `among`) who sees an owned record, with all reasons.

    About a dozen queries: rights are resolved together, then the record is asked for by the branches of
    `visibility`, so that the answer cannot differ from what lists show.
    """
    declared = kind_of(row)
    users = User.objects.filter(is_active=True).select_related("department").order_by("pk")[:MOST_PEOPLE] if among is None else among
    access = resolve_many(users)
    # The owner alone is not enough: without the right to see the kind nobody meets its records.
    people = [found for found in access.values() if found.may(declared.name, "view")]
    parents = {name: getattr(row, name) for name in declared.model.PARENTS if getattr(row, f"{name}_id")}
    grants = {key: {grant.user_id: grant for grant in teams.team_of(held)} for key, held in (("", row), *parents.items())}
    people = _worth_asking(declared, row, people, parents, grants)
    hits = _asked(declared, row, people, edit=False)
    changing = _asked(declared, row, [found for found in people if found.user.pk in hits and found.may(declared.name, "edit")], edit=True)
    found = []
    for rights in people:
        names = hits.get(rights.user.pk)
        if names is None:
            continue
        seer = Seer(rights.user, changes=rights.user.pk in changing)
        for name in names:
            seer.reasons += _reasons(name, rights, row, declared, parents, grants)
        found.append(seer)
    return found


def _worth_asking(
    declared: Kind, row: Any, people: list[Access], parents: dict[str, Any], grants: dict[str, dict[int, TeamGrant]]
) -> list[Access]:
    """Those whom the ways known here could lead to the record; the database still decides about each.

    Asking three hundred people costs a second, and a dozen of them see the record. Where `visibility`
    has a way that is not known here everybody is asked.
    """
    sample = next((found for found in people if not found.reach(declared.name).everything), None)
    if sample is None:
        return people
    vendor = connections[declared.model._default_manager.db].vendor
    ways = visibility.named_branches(declared.model, sample.user, mode="plain", edit=False, vendor=vendor) or []
    known = {"owners", "departments", "team", *(f"{name}-{way}" for name in declared.model.PARENTS for way in ("team", "owner"))}
    # A way over a column that is empty here (no pool) leads nobody to this record; over one that is not it may.
    own = {name: getattr(row, column, None) for name, column, _ids in visibility.more_branches if column != "id" and name not in visibility.led_by}
    known |= visibility.led_by.keys()
    if any(name not in known and name not in own for name, _condition in ways) or any(value is not None for value in own.values()):
        return people
    named = {row.owner_id, *(held.owner_id for held in parents.values()), *(pk for team in grants.values() for pk in team)}
    for name in {name for name, _condition in ways} & visibility.led_by.keys():
        named |= visibility.led_by[name](row)

    def reached(found: Access) -> bool:
        reach = found.reach(declared.name)
        return reach.everything or row.owner_id in reach.owners or row.owner_dept_id in reach.departments

    return [found for found in people if found.user.pk in named or reached(found)]


def _asked(declared: Kind, row: Any, people: Sequence[Access], *, edit: bool) -> dict[int, list[str]]:
    """User id → names of the branches under which the database gives them this row."""
    model = declared.model
    using = model._default_manager.db
    vendor = connections[using].vendor
    found: dict[int, list[str]] = {}
    open_: list[tuple[int, list[tuple[str, Q]]]] = []
    for rights in people:
        branches = visibility.named_branches(model, rights.user, mode="plain", edit=edit, vendor=vendor)
        if branches is None:
            found[rights.user.pk] = ["everything"]
        else:
            open_.append((rights.user.pk, branches))
    for start in range(0, len(open_), AT_ONCE):
        part = open_[start : start + AT_ONCE]
        wide = max(len(branches) for _pk, branches in part)
        parts = []
        for pk, branches in part:
            columns = [Case(When(condition, then=Value(1)), default=Value(0), output_field=models.IntegerField()) for _n, condition in branches]
            columns += [Value(0, output_field=models.IntegerField())] * (wide - len(columns))
            parts.append(
                model._default_manager.filter(pk=row.pk).order_by().values_list(Value(pk, output_field=models.BigIntegerField()), *columns)
            )
        lines = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        names = dict(part)
        for pk, *marks in lines:
            told = [name for (name, _q), mark in zip(names[pk], marks, strict=False) if mark]
            if told:
                found[pk] = told
    return found


def _reasons(name: str, rights: Access, row: Any, declared: Kind, parents: dict[str, Any], grants: dict[str, dict[int, TeamGrant]]) -> list[Reason]:
    user = rights.user
    if name == "everything":
        if user.is_admin:
            return [Reason("admin")]
        return _by_role(rights, declared.name, lambda reach: reach.everything)
    if name == "owners":
        found = [Reason("owner")] if row.owner_id == user.pk else []
        if not found:
            found = _by_role(rights, declared.name, lambda reach: row.owner_id in reach.owners)
        return found
    if name == "departments":
        return _by_role(rights, declared.name, lambda reach: row.owner_dept_id in reach.departments)
    if name == "team":
        return [Reason("team", grant=grants[""].get(user.pk))]
    if any(name == more for more, _column, _ids in visibility.more_branches):
        return [Reason(name)]
    parent, _sep, way = name.rpartition("-")
    return [Reason(way, parent=parents.get(parent), grant=grants.get(parent, {}).get(user.pk) if way == "team" else None)]


def _by_role(rights: Access, kind_name: str, fits: Any) -> list[Reason]:
    """The roles whose reach holds the record, the widest level of each."""
    found: list[Reason] = []
    for role, level, reach in rights.sources.get(kind_name, ()):
        if fits(reach):
            found.append(Reason("manager" if level == Level.SUBORDINATES else "role", role, level))
    return found or [Reason("role")]
