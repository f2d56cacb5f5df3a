"""What one person may do, resolved from their roles and known until the set-up changes.

Roles add up: a permission of any role counts, the widest scope counts, and a field rule binds
only when every role that lets the person see the kind carries one (the mildest rule then wins).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from .known import Known
from .models import Department, FieldRule, Role, Scope, User
from .models.access import Level

# Kinds whose names are personal data: who may not see them at all meets them in no link either.
# `links` says of which kind the record is that a field shows. Filled where kinds are declared.
personal: set[str] = set()
links: dict[tuple[str, str], str] = {}

# What else is known of every person who asks for a page, read in the same query as the rules of their roles: name →
# function(user) giving (SQL, parameters). The SQL selects `'name', number, '', '', '', 0`; the numbers stand in
# `Access.memo[name]`, sorted. Its tables are watched (see `known`), so that what is taken away is gone with the next request.
read_along: dict[str, Callable[[Any], tuple[str, list[Any]]]] = {}

HEADED, LED = 50, 500  # departments one person heads, and people they lead, that are looked at
_WIDTH = {FieldRule.HIDE: 3, FieldRule.MASK: 2, FieldRule.READ: 1, "": 0}


@dataclass(frozen=True, slots=True)
class Reach:
    """Owner ids and department ids a scope comes down to; `everything` stands for all rows."""

    owners: frozenset[int] = frozenset()
    departments: frozenset[int] = frozenset()
    everything: bool = False

    def __or__(self, other: Reach) -> Reach:
        return Reach(
            self.owners | other.owners, self.departments | other.departments, self.everything or other.everything
        )


@dataclass(slots=True)
class Access:
    user: User
    permissions: frozenset[tuple[str, str]]
    view: dict[str, Reach] = field(default_factory=dict)
    edit: dict[str, Reach] = field(default_factory=dict)
    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    # Which role gave which reach over a kind, for those who ask why: kind → (role id, level, reach).
    sources: dict[str, list[tuple[int, str, Reach]]] = field(default_factory=dict)
    # What higher floors work out from these rights, for as long as they are kept.
    memo: dict[Any, Any] = field(default_factory=dict)

    def may(self, kind: str, action: str) -> bool:
        """Whether any role lets the person do `action` with records of `kind`."""
        return self.user.is_admin or (kind, action) in self.permissions

    def reach(self, kind: str, *, edit: bool = False) -> Reach:
        if self.user.is_admin:
            return Reach(everything=True)
        reaches = self.edit if edit else self.view
        return reaches.get(kind, Reach(owners=frozenset({self.user.pk})))

    def field_mode(self, kind: str, name: str) -> str:
        """"" open, "read", "mask" or "hide" for one field of a kind."""
        if self.user.is_admin:
            return ""
        shows = links.get((kind, name))
        if shows in personal and (shows, "view") not in self.permissions:
            return FieldRule.HIDE
        return self.fields.get((kind, name), "")


def access_of(user: Any) -> Access:
    """The person's rights, kept on the user object, which lives as long as one request."""
    found = getattr(user, "_access", None)
    if found is None:
        found = user._access = _resolve(user)
    return found


# Rights and roles of the people who ask, in each process.
_rights: Known[tuple[Access, dict[str, list[int]]]] = Known(most=300)
_held: Known[tuple[Role, ...]] = Known(most=1000)


def forget_access(user: Any) -> None:
    """Drop what was resolved, and what this process knows of the set-up; whoever changes roles and goes on calls it."""
    for name in ("_access", "_roles", "set_up_mark"):
        if hasattr(user, name):
            delattr(user, name)


def _resolve(user: Any) -> Access:
    if not user.is_authenticated or not user.is_active:
        return Access(user, frozenset(), {}, {})
    found, along = _rights.get(user, user.pk, lambda: _read(user))
    return Access(user, found.permissions, found.view, found.edit, found.fields, found.sources, dict(along))


def _read(user: Any) -> tuple[Access, dict[str, list[int]]]:
    rules = _rules_of([role.pk for role in roles_of(user)], user)
    found = _combine(user, rules, _chosen(rules.scopes), _Tree(user))
    found.user = User(pk=user.pk)  # kept longer than the request: the person stays outside
    return found, {name: sorted(numbers) for name, numbers in rules.along.items()}


def _combine(user: User, rules: Rules, chosen: Mapping[int, frozenset[int]], tree: _Tree) -> Access:
    """Add up the rules of one person's roles."""
    access = Access(user, frozenset((kind, action) for _role, kind, action in rules.granted))
    for scope, kind, level, edit_level, role in rules.scopes:
        for reaches, wanted in ((access.view, level), (access.edit, edit_level)):
            found = tree.reach(wanted, chosen.get(scope, frozenset()))
            reaches[kind] = reaches.get(kind, Reach()) | found
            if reaches is access.view:
                access.sources.setdefault(kind, []).append((role, level, found))
    seeing: dict[str, set[int]] = {}
    for role, kind, action in rules.granted:
        if action == "view":
            seeing.setdefault(kind, set()).add(role)
    limits: dict[tuple[str, str], dict[int, str]] = {}
    for role, kind, name, mode in rules.limits:
        limits.setdefault((kind, name), {})[role] = mode
    for key, by_role in limits.items():
        modes = [by_role.get(role, "") for role in seeing.get(key[0], ())]
        if modes:
            access.fields[key] = min(modes, key=lambda mode: _WIDTH[mode])
    return access


def roles_of(user: Any) -> list[Role]:
    """The person's roles in their order."""
    found: list[Role] | None = getattr(user, "_roles", None)
    if found is None:
        found = user._roles = list(_held.get(user, user.pk, lambda: tuple(user.roles.all())))
    return found


@dataclass(slots=True)
class Rules:
    """What some roles say: permissions (role, kind, action), scopes (id, kind, level, edit level, role)
    and field rules (role, kind, field, mode)."""

    granted: list[tuple[int, str, str]] = field(default_factory=list)
    scopes: list[tuple[int, str, str, str, int]] = field(default_factory=list)
    limits: list[tuple[int, str, str, str]] = field(default_factory=list)
    along: dict[str, set[int]] = field(default_factory=dict)  # what was read besides, see `read_along`

    def of(self, roles: frozenset[int]) -> Rules:
        """The part of these rules that belongs to some of the roles."""
        return Rules([line for line in self.granted if line[0] in roles], [line for line in self.scopes if line[4] in roles],
                     [line for line in self.limits if line[0] in roles])


_RULES = (
    "SELECT 'p', role_id, kind, action, '', 0 FROM org_rolepermission WHERE role_id IN ({marks}) "
    "UNION ALL SELECT 's', id, kind, level, edit_level, role_id FROM org_scope WHERE role_id IN ({marks}) "
    "UNION ALL SELECT 'f', role_id, kind, field, mode, 0 FROM org_fieldrule WHERE role_id IN ({marks})"
)


def _rules_of(role_ids: Sequence[int], user: Any = None) -> Rules:
    """The rules of some roles, and of a user what is read along. One query, in words: every page of everybody begins with it, and putting
    it together from three querysets took longer than answering it."""
    rules = Rules()
    if not role_ids:
        return rules
    marks = ", ".join(["%s"] * len(role_ids))
    sql, values = _RULES.format(marks=marks), [*role_ids] * 3
    if user is not None:
        for name, more in read_along.items():
            part, params = more(user)
            sql, values = f"{sql} UNION ALL {part}", [*values, *params]
            rules.along[name] = set()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    for mark, first, kind, third, fourth, role in found:
        if mark == "p":
            rules.granted.append((first, kind, third))
        elif mark == "s":
            rules.scopes.append((first, kind, third, fourth, role))
        elif mark == "f":
            rules.limits.append((first, kind, third, fourth))
        else:
            rules.along[mark].add(first)
    return rules


def _chosen(scopes: Sequence[tuple[int, str, str, str, int]]) -> dict[int, frozenset[int]]:
    """The departments chosen in those scopes that name some."""
    ids = [scope for scope, _kind, level, edit_level, _role in scopes if Level.CHOSEN in (level, edit_level)]
    found: dict[int, set[int]] = {}
    if ids:
        pairs = Scope.departments.through.objects.filter(scope__in=ids).values_list("scope_id", "department_id")
        for scope, department in pairs:
            found.setdefault(scope, set()).add(department)
    return {scope: frozenset(departments) for scope, departments in found.items()}


class _Tree:
    """Looks up departments and subordinates at most once each."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._below: frozenset[int] | None = None
        self._subordinates: frozenset[int] | None = None

    def reach(self, level: str, chosen: frozenset[int]) -> Reach:
        own = frozenset({self.user.pk})
        department = frozenset({self.user.department_id} if self.user.department_id else ())
        match level:
            case Level.ALL:
                return Reach(everything=True)
            case Level.SUBORDINATES:
                return Reach(owners=own | self.subordinates())
            case Level.DEPARTMENT:
                return Reach(own, department)
            case Level.BELOW:
                return Reach(own, self.below())
            case Level.CHOSEN:
                return Reach(own, chosen)
        return Reach(owners=own)

    def below(self) -> frozenset[int]:
        if self._below is None:
            # The path holds the ids from the root down, the department's own included.
            own = self.user.department_id
            found = Department.objects.filter(path__contains=f"/{own}/").order_by() if own else None
            self._below = frozenset() if found is None else frozenset(found.values_list("pk", flat=True))
        return self._below

    def subordinates(self) -> frozenset[int]:
        if self._subordinates is None:
            found: set[int] = set()
            level = {self.user.pk}
            while level:  # a loop of managers ends here because everybody is found once
                level = set(User.objects.filter(manager__in=level).values_list("pk", flat=True)) - found
                found |= level
            self._subordinates = frozenset(found)
        return self._subordinates


def departments_below(user: User) -> list[int]:
    """Ids of the person's department and everything under it."""
    if user.department is None:
        return []
    return list(Department.objects.filter(path__startswith=user.department.path).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Team:
    """Whom somebody leads: the people, and the departments they head with everything below."""

    people: frozenset[int]
    departments: frozenset[int]


def _led_by(user: User) -> list[int]:
    """Who reports to the person, directly or above each other, in one query; a circle of managers ends because everybody is found once."""
    table = User._meta.db_table
    sql = f"""WITH RECURSIVE below(id) AS (SELECT id FROM {table} WHERE manager_id = %s
              UNION SELECT led.id FROM {table} led JOIN below ON led.manager_id = below.id) SELECT id FROM below LIMIT %s"""  # noqa: S608 -- no words from outside
    with connection.cursor() as cursor:
        cursor.execute(sql, [user.pk, LED])
        return [pk for (pk,) in cursor.fetchall()]


def team_of(user: User) -> Team | None:
    """The active colleagues a person leads, directly or as head of a department, with all below; None for who leads nobody."""
    headed = [f"/{pk}/" for pk in Department.objects.filter(manager=user).order_by().values_list("pk", flat=True)]
    wanted, departments = Q(pk__in=_led_by(user)), frozenset[int]()
    if headed:
        paths = Q(pk=None)
        for part in headed[:HEADED]:
            paths |= Q(path__contains=part)
        departments = frozenset(Department.objects.filter(paths).order_by().values_list("pk", flat=True))
        wanted |= Q(department__in=departments)
    people = frozenset(User.objects.filter(wanted, is_active=True).exclude(pk=user.pk).values_list("pk", flat=True)[:LED])
    return Team(people, departments) if people else None
