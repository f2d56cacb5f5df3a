"""What administrators do with departments and users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.models import Department, Role, User
from zhike.records import guard, history, registry, save

BATCH = 2_000


@transaction.atomic
def create_departments(rows: Sequence[Department], *, by: Any, batch: str = "", action: str = "create") -> list[Department]:
    """Add departments; parents must have been saved before."""
    kind = registry.kind("department")
    guard.require(by, kind, "add")
    for row in rows:
        row.save()  # one by one: the path needs the id
    history.write([history.entry(row, action, by=by, batch=batch) for row in rows])
    save.index(kind, rows)
    return list(rows)


@transaction.atomic
def change_department(row: Department, values: Mapping[str, Any], *, by: Any, action: str = "edit") -> dict[str, Any]:
    """Change a department's name, place in the tree or head; returns the difference."""
    kind = registry.kind("department")
    guard.require(by, kind, "edit")
    diff = save.changes(kind, row, values)
    above = values.get("parent") if "parent" in diff else None
    if above is not None and row.path and Department.objects.get(pk=above.pk).path.startswith(row.path):
        raise Refused(_("A department cannot lie below itself."), field="parent")
    if diff:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        history.log(row, action, by=by, diff=diff)
        save.index(kind, [row])
    return diff


@transaction.atomic
def create_users(rows: Sequence[User], *, by: Any, batch: str = "", action: str = "create") -> list[User]:
    """Add colleagues. Without a password they own records but cannot sign in until one is set."""
    kind = registry.kind("user")
    guard.require(by, kind, "add")
    for row in rows:
        if not row.password:
            row.set_unusable_password()
    made = User.objects.bulk_create(rows, batch_size=BATCH)
    history.write([history.entry(row, action, by=by, batch=batch) for row in made])
    save.index(kind, made)
    return made


@transaction.atomic
def change_user(row: User, values: Mapping[str, Any], *, by: Any, action: str = "edit") -> dict[str, Any]:
    """Change a colleague's data; returns the difference."""
    kind = registry.kind("user")
    guard.require(by, kind, "edit")
    diff = save.changes(kind, row, values)
    above = values.get("manager") if "manager" in diff else None
    for _level in range(50):
        if above is None:
            break
        if above.pk == row.pk:
            raise Refused(_("Nobody is his own manager, not even through others."), field="manager")
        above = User.objects.filter(pk=above.manager_id).first()
    if diff:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        history.log(row, action, by=by, diff=diff)
        save.index(kind, [row])
    return diff


@transaction.atomic
def set_roles(rows: Mapping[int, Sequence[str]], *, by: Any) -> None:
    """Give users (id → role codes) exactly these roles."""
    guard.require(by, registry.kind("user"), "edit")
    roles = {role.code: role for role in Role.objects.all()}
    for user in User.objects.filter(pk__in=list(rows)):
        wanted = [roles[code] for code in rows[user.pk]]
        before = sorted(user.roles.values_list("code", flat=True))
        if before != sorted(role.code for role in wanted):
            user.roles.set(wanted)
            history.log(user, "roles", by=by, diff={"roles": (before, sorted(role.code for role in wanted))})
