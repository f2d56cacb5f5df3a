"""What administrators do with departments and users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.org import links, passkeys, second_factor, sessions
from zhike.org.access import forget_access
from zhike.org.many import Draft
from zhike.org.models import Department, FieldRule, Role, RolePermission, Scope, User
from zhike.records import guard, history, registry, save
from zhike.records.models import TeamGrant

from . import rights
from .drafts import differences, draft_of
from .leaving import still_open

BATCH = 2_000
DEPTH = 20  # levels of departments
MOST_ROLES = 20  # of one person


def _fresh(row: Any, version: int | None) -> Any:
    """The row as it is stored now, held until the transaction ends; `Conflict` when somebody was faster."""
    found = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if version is not None and found.version != version:
        raise Conflict(_("Somebody changed “%(row)s” in the meantime. Your input is still here: compare and save again.")
                       % {"row": found})
    return found


def _copy(row: Any, given: Any, names: Sequence[str]) -> None:
    """Bring the caller's object up to date with the one that was stored."""
    for name in names:
        setattr(given, name, getattr(row, name))


@transaction.atomic
def create_departments(rows: Sequence[Department], *, by: Any, batch: str = "", action: str = "create") -> list[Department]:
    """Add departments; parents must have been saved before."""
    kind = registry.kind("department")
    guard.require(by, kind, "add")
    if Department.objects.filter(code__in=[row.code for row in rows]).exists():
        raise Refused(_("There is already a department with this code."), field="code")
    for row in rows:
        row.save()  # one by one: the path needs the id
    history.write([history.entry(row, action, by=by, batch=batch) for row in rows])
    save.index(kind, rows)
    return list(rows)


@transaction.atomic
def change_department(
    row: Department, values: Mapping[str, Any], *, by: Any, version: int | None = None, action: str = "edit"
) -> dict[str, Any]:
    """Change a department's name, place in the tree or head; returns the difference."""
    kind = registry.kind("department")
    guard.require(by, kind, "edit")
    if "parent" in values:
        # Every department is held, so that two moves cannot tie a knot between them.
        list(Department.objects.select_for_update().order_by("pk").values_list("pk"))
    given, row = row, _fresh(row, version)
    diff = save.changes(kind, row, values)
    above = values.get("parent") if "parent" in diff else None
    if "parent" in diff and not by.is_admin:
        raise Refused(_("Only a system administrator moves departments: it changes who sees which records."), field="parent")
    if above is not None:
        path = Department.objects.get(pk=above.pk).path
        if row.path and path.startswith(row.path):
            raise Refused(_("A department cannot lie below itself."), field="parent")
        deepest = max(len(found.strip("/").split("/")) for found in row.with_below().values_list("path", flat=True))
        levels = deepest - len(row.path.strip("/").split("/")) + len(path.strip("/").split("/")) + 1
        if levels > DEPTH:
            raise Refused(_("Departments lie at most %(n)s levels deep.") % {"n": DEPTH}, field="parent")
    if "code" in diff and Department.objects.filter(code=values["code"]).exclude(pk=row.pk).exists():
        raise Refused(_("There is already a department with this code."), field="code")
    if diff:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        _copy(row, given, [*values, "path", "version"])
        history.log(row, action, by=by, diff=diff)
        save.index(kind, [row])
    return diff


@transaction.atomic
def switch_department(row: Department, *, enabled: bool, by: Any) -> Department:
    """Take a department out of use, or back into it. Refused while people or departments are in it."""
    guard.require(by, registry.kind("department"), "edit")
    row = _fresh(row, None)
    if not enabled:
        people = row.users.filter(is_active=True).count()
        below = row.children.filter(enabled=True).count()
        if people or below:
            raise Refused(_("%(n)s people and %(m)s departments are still in it. Move them first.") % {"n": people, "m": below})
    if row.enabled != enabled:
        Department.objects.filter(pk=row.pk).update(enabled=enabled, version=row.version + 1)
        history.log(row, "enable" if enabled else "disable", by=by, diff={"enabled": (row.enabled, enabled)})
        row.enabled = enabled
    return row


@transaction.atomic
def create_users(rows: Sequence[User], *, by: Any, batch: str = "", action: str = "create") -> list[User]:
    """Add colleagues. Without a password they own records but cannot sign in until one is set."""
    kind = registry.kind("user")
    guard.require(by, kind, "add")
    names = [row.username.lower() for row in rows]
    if User.objects.annotate(_name=Lower("username")).filter(_name__in=names).exists():
        raise Refused(_("There is already a user of this name."), field="username")
    for row in rows:
        if row.is_admin and not by.is_admin:
            raise Refused(_("Only a system administrator may make another or take it away."), field="is_admin")
        if not row.password:
            row.set_unusable_password()
    made = User.objects.bulk_create(rows, batch_size=BATCH)
    history.write([history.entry(row, action, by=by, batch=batch) for row in made])
    save.index(kind, made)
    return made


@transaction.atomic
def change_user(
    row: User, values: Mapping[str, Any], *, by: Any, version: int | None = None, action: str = "edit"
) -> dict[str, Any]:
    """Change a colleague's data; returns the difference.

    Nobody may put somebody where he has more rights than the one who does it, and the last
    administrator stays one.
    """
    kind = registry.kind("user")
    guard.require(by, kind, "edit")
    given, row = row, _fresh(row, version)
    rights.require_cover(by, row)
    diff = save.changes(kind, row, values)
    above = values.get("manager") if "manager" in diff else None
    for _level in range(50):
        if above is None:
            break
        if above.pk == row.pk:
            raise Refused(_("Nobody is his own manager, not even through others."), field="manager")
        above = User.objects.filter(pk=above.manager_id).first()
    if "username" in diff:
        _free_name(values["username"], row)
    if "is_admin" in diff:
        if not by.is_admin:
            raise Refused(_("Only a system administrator may make another or take it away."), field="is_admin")
        if not values["is_admin"] and rights.last_administrator(row):
            raise Refused(_("This is the last system administrator who can sign in. Make another one first."), field="is_admin")
    if "is_active" in diff and not values["is_active"]:
        _can_go(row, by)
        _owns_nothing_open(row)
    if diff:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        rights.require_cover(by, row)
        _copy(row, given, [*values, "version"])
        if "is_active" in diff and not row.is_active:
            sessions.shut_out(row)
        history.log(row, action, by=by, diff=diff)
        save.index(kind, [row])
    return diff


def _free_name(username: str, row: User) -> None:
    if User.objects.filter(username__iexact=username).exclude(pk=row.pk).exists():
        raise Refused(_("There is already a user of this name."), field="username")


def _can_go(row: User, by: Any) -> None:
    if row.pk == by.pk:
        raise Refused(_("Nobody disables himself. Ask another administrator."), field="is_active")
    if row.is_admin and rights.last_administrator(row):
        raise Refused(_("This is the last system administrator who can sign in. Make another one first."), field="is_active")


@transaction.atomic
def disable_user(row: User, *, by: Any, keeps_records: bool = False) -> User:
    """Shut a colleague out at once: sessions end, API tokens and password links stop.

    Refused while unfinished records belong to them, unless `keeps_records` says that they are handed
    over later. Nobody disables himself, nor the last administrator.
    """
    row, ended, revoked = _shut(row, by, keeps_records=keeps_records)
    history.log(row, "disable", by=by, diff={"is_active": (True, False)}, args={"sessions": ended, "tokens": revoked})
    return row


@transaction.atomic
def let_go(row: User, *, by: Any) -> tuple[int, int, int]:
    """Disable somebody who has left and end their places in teams; (sessions, tokens, places ended).

    Refused while unfinished records belong to them.
    """
    row, ended, revoked = _shut(row, by, keeps_records=False)
    places = TeamGrant.objects.filter(user=row).delete()[0]
    history.log(row, "disable", by=by, diff={"is_active": (True, False)},
                args={"sessions": ended, "tokens": revoked, "teams": places, "left": True})
    return ended, revoked, places


def _shut(row: User, by: Any, *, keeps_records: bool) -> tuple[User, int, int]:
    guard.require(by, registry.kind("user"), "edit")
    row = _fresh(row, None)
    rights.require_cover(by, row)
    if not row.is_active:
        raise Refused(_("%(user)s is disabled already.") % {"user": row})
    _can_go(row, by)
    if not keeps_records:
        _owns_nothing_open(row)
    User.objects.filter(pk=row.pk).update(is_active=False, version=row.version + 1)
    row.is_active = False
    return (row, *sessions.shut_out(row))


def _owns_nothing_open(row: User) -> None:
    owned = still_open(row)
    if owned:
        raise Refused(
            _("Records still belong to %(user)s. Hand them over first, or choose to do so later.") % {"user": row}, field="is_active",
            items=[(f"{kind.plural} ({n:,})", f"{kind.list_url()}?view=all&owner={row.pk}") for kind, n in owned if kind.pages],
        )


@transaction.atomic
def enable_user(row: User, *, by: Any) -> User:
    """Let a colleague in again, with the roles they had; tokens and sessions stay ended."""
    guard.require(by, registry.kind("user"), "edit")
    row = _fresh(row, None)
    if row.is_active:
        raise Refused(_("%(user)s is enabled already.") % {"user": row})
    User.objects.filter(pk=row.pk).update(is_active=True, version=row.version + 1)
    row.is_active = True
    rights.require_cover(by, row)
    history.log(row, "enable", by=by, diff={"is_active": (False, True)})
    return row


@transaction.atomic
def make_password_link(row: User, *, by: Any) -> str:
    """A one-time link with which the colleague sets a password; returned once, stored as a digest.

    Only for people whose every right the maker holds: who can set a password can sign in as them.
    """
    guard.require(by, registry.kind("user"), "edit")
    row = _fresh(row, None)
    rights.require_cover(by, row)
    if not row.is_active:
        raise Refused(_("%(user)s is disabled. Enable them first.") % {"user": row})
    token = links.make_link(row, by=by)
    User.objects.filter(pk=row.pk).update(password_asked_at=None)
    history.log(row, "password-link", by=by)
    return token


@transaction.atomic
def reset_second_factor(row: User, *, by: Any, reason: str) -> None:
    """Take a colleague's second factor away, e.g. when the phone is lost; their sessions end."""
    guard.require(by, registry.kind("user"), "edit")
    row = _fresh(row, None)
    rights.require_cover(by, row)
    if not second_factor.remove(row):
        raise Refused(_("%(user)s has no second factor.") % {"user": row})
    sessions.end_all(row)
    history.log(row, "factor-reset", by=by, args={"reason": reason})


@transaction.atomic
def remove_passkeys(row: User, *, by: Any, reason: str) -> int:
    """Take all passkeys of a colleague away, e.g. when a device is lost; their sessions end. Returns how many."""
    guard.require(by, registry.kind("user"), "edit")
    row = _fresh(row, None)
    rights.require_cover(by, row)
    removed = passkeys.remove_all(row)
    if not removed:
        raise Refused(_("%(user)s has no passkeys.") % {"user": row})
    sessions.end_all(row)
    history.log(row, "passkeys-reset", by=by, args={"reason": reason, "passkeys": removed})
    return removed


@transaction.atomic
def end_sessions(row: User, *, by: Any) -> int:
    """Sign a colleague out everywhere; returns from how many places."""
    guard.require(by, registry.kind("user"), "edit")
    rights.require_cover(by, row)
    ended = sessions.end_all(row)
    history.log(row, "sessions-ended", by=by, args={"sessions": ended})
    return ended


@transaction.atomic
def set_roles(rows: Mapping[int, Sequence[str]], *, by: Any) -> None:
    """Give users (id → role codes) exactly these roles, none that the giver does not hold himself."""
    guard.require(by, registry.kind("user"), "edit")
    roles = {role.code: role for role in Role.objects.all()}
    for user in User.objects.filter(pk__in=list(rows)):
        wanted = [roles[code] for code in rows[user.pk]]
        if len(wanted) > MOST_ROLES:
            raise Refused(_("At most %(n)s roles for one person.") % {"n": MOST_ROLES}, field="roles")
        before = sorted(user.roles.values_list("code", flat=True))
        after = sorted(role.code for role in wanted)
        if before == after:
            continue
        rights.require_cover(by, user)
        user.roles.set(wanted)
        User.objects.filter(pk=user.pk).update(version=F("version") + 1)
        rights.require_cover(by, user)
        forget_access(user)
        if any(role.second_factor for role in wanted) and second_factor.of(user) is None:
            sessions.end_all(user)  # the next sign-in sets the factor up
        history.log(user, "roles", by=by, diff={"roles": (before, after)})


@transaction.atomic
def create_role(row: Role, *, by: Any, like: Role | None = None) -> Role:
    """Add a role, empty or with the rights of another; its rights are set on its page."""
    kind = registry.kind("role")
    guard.require(by, kind, "add")
    if Role.objects.filter(code__iexact=row.code).exists():
        raise Refused(_("There is already a role with this code."), field="code")
    row.save()
    history.log(row, "create", by=by)
    if like is not None:
        set_rights(row, draft_of(like, to=row), by=by)
    return row


@transaction.atomic
def change_role(
    row: Role, values: Mapping[str, Any], *, by: Any, version: int | None = None, action: str = "edit"
) -> dict[str, Any]:
    """Change a role's names or whether it asks for a second factor; rights have an action of their own."""
    kind = registry.kind("role")
    guard.require(by, kind, "edit")
    row = _fresh(row, version)
    diff = save.changes(kind, row, values)
    if "code" in diff and Role.objects.filter(code__iexact=values["code"]).exclude(pk=row.pk).exists():
        raise Refused(_("There is already a role with this code."), field="code")
    if diff:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        history.log(row, action, by=by, diff=diff)
        if diff.get("second_factor", (True, False))[1]:
            for user in row.users.filter(is_active=True, second_factor__isnull=True):
                sessions.end_all(user)
    return diff


@transaction.atomic
def set_rights(row: Role, draft: Draft, *, by: Any, version: int | None = None) -> dict[str, Any]:
    """Give a role exactly the rights of `draft`; returns the difference, line by line, as history keeps it."""
    guard.require(by, registry.kind("role"), "edit")
    row = _fresh(row, version)
    before = draft_of(row)
    rights.require_draft(by, draft, before)
    diff = differences(before, draft)
    if not diff:
        return diff
    row.permissions.all().delete()
    RolePermission.objects.bulk_create(
        RolePermission(role=row, kind=kind, action=action) for kind, action in sorted(draft.granted)
    )
    row.scopes.all().delete()
    for kind, (level, edit_level, departments) in sorted(draft.scopes.items()):
        scope = Scope.objects.create(role=row, kind=kind, level=level, edit_level=edit_level)
        if departments:
            scope.departments.set(departments)
    row.field_rules.all().delete()
    FieldRule.objects.bulk_create(
        FieldRule(role=row, kind=kind, field=name, mode=mode) for (kind, name), mode in sorted(draft.limits.items())
    )
    Role.objects.filter(pk=row.pk).update(version=row.version + 1)
    history.log(row, "rights", by=by, diff=diff)
    return diff
