"""The rights of many people at once, and what they would be if a role were different.

The same rules as for one person (`access`), with what is asked for once per person there asked for
once in all here: five queries whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .access import Access, Rules, _chosen, _combine, _rules_of, _Tree
from .models import Department, User


@dataclass(slots=True)
class Draft:
    """A role as somebody thinks of saving it; nothing of it is stored.

    `scopes` is kind → (level to see, level to change, ids of the chosen departments); `limits` is
    (kind, field) → hide, mask or read.
    """

    role: int
    granted: frozenset[tuple[str, str]] = frozenset()
    scopes: dict[str, tuple[str, str, frozenset[int]]] = field(default_factory=dict)
    limits: dict[tuple[str, str], str] = field(default_factory=dict)

    def into(self, rules: Rules, chosen: dict[int, frozenset[int]]) -> Rules:
        """The rules with this role's lines taken out and the draft's put in; `chosen` learns its departments."""
        made = Rules(
            [line for line in rules.granted if line[0] != self.role],
            [line for line in rules.scopes if line[4] != self.role],
            [line for line in rules.limits if line[0] != self.role],
        )
        made.granted += [(self.role, kind, action) for kind, action in self.granted]
        for i, (kind, (level, edit_level, departments)) in enumerate(self.scopes.items()):
            made.scopes.append((-1 - i, kind, level, edit_level, self.role))
            chosen[-1 - i] = departments
        made.limits += [(self.role, kind, name, mode) for (kind, name), mode in self.limits.items()]
        return made


class _Grove:
    """The tree of departments and the lines of managers, read once for everybody."""

    def __init__(self) -> None:
        self.inside: dict[int, set[int]] = {}
        for pk, path in Department.objects.order_by().values_list("pk", "path"):
            for above in path.strip("/").split("/"):
                if above:
                    self.inside.setdefault(int(above), set()).add(pk)
        self.under: dict[int, set[int]] = {}
        for pk, manager in User.objects.filter(manager__isnull=False).order_by().values_list("pk", "manager_id"):
            self.under.setdefault(manager, set()).add(pk)


class _KnownTree(_Tree):
    def __init__(self, user: User, grove: _Grove) -> None:
        super().__init__(user)
        self.grove = grove

    def below(self) -> frozenset[int]:
        own = self.user.department_id
        return frozenset(self.grove.inside.get(own, ())) if own else frozenset()

    def subordinates(self) -> frozenset[int]:
        found: set[int] = set()
        level = {self.user.pk}
        while level:
            level = {pk for boss in level for pk in self.grove.under.get(boss, ())} - found
            found |= level
        return frozenset(found)


def resolve_many(users: Iterable[User], *, draft: Draft | None = None) -> dict[int, Access]:
    """User id → rights of everybody in `users`, who also keep them as `access_of` would.

    With `draft` the rights are those that saving the draft would give. Disabled people have none.
    """
    people: Sequence[User] = list(users)
    pairs: Any = User.roles.through.objects.filter(user__in=[user.pk for user in people]).values_list("user_id", "role_id")
    roles: dict[int, set[int]] = {}
    for user_id, role in pairs:
        roles.setdefault(user_id, set()).add(role)
    rules = _rules_of(sorted({role for held in roles.values() for role in held}))
    chosen = _chosen(rules.scopes)
    if draft is not None:
        rules = draft.into(rules, chosen)
    grove = _Grove()
    parts: dict[frozenset[int], Rules] = {}  # most people share their roles with others
    found: dict[int, Access] = {}
    for user in people:
        held = frozenset(roles.get(user.pk, ()))
        if not user.is_active:
            access = Access(user, frozenset())
        else:
            if held not in parts:
                parts[held] = rules.of(held)
            access = _combine(user, parts[held], chosen, _KnownTree(user, grove))
        user._access = found[user.pk] = access  # type: ignore[attr-defined]
    return found
