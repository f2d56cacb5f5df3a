"""Departments and users in import plans; administrators only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.models import Department, Role, User
from zhike.records.imports.importer import Importer, Target

from . import actions


class DepartmentImporter(Importer):
    kind = "department"
    model = Department
    plain = ("code", "name", "order", "enabled")
    refs = {"parent": "department"}
    required = ("code", "name")
    match = ("code",)
    keys = ("code",)
    keep = ("name", "path")
    self_ref = "parent"
    small = True

    def create(self, rows: list[Department], *, by: Any, batch: str) -> list[Department]:
        return actions.create_departments(rows, by=by, batch=batch, action="import")

    def change(self, row: Department, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return actions.change_department(row, values, by=by, action="import")


class UserImporter(Importer):
    """Imported users own records; they sign in only after an administrator gives them a password."""

    kind = "user"
    model = User
    plain = ("username", "name", "employee_no", "email", "mobile", "job_title", "is_active", "language")
    refs = {"department": "department", "manager": "user"}
    required = ("username", "name")
    match = ("username", "employee_no")
    keys = ("username", "employee_no", "name")
    keep = ("username", "name", "department_id", "is_active")
    self_ref = "manager"
    small = True

    def targets(self) -> dict[str, Target]:
        return {**super().targets(), "roles": Target("roles", "list")}

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        if values.get("roles"):
            known = set(Role.objects.values_list("code", flat=True))
            for code in values["roles"]:
                if code not in known:
                    raise Refused(_("There is no role “%(code)s”. Possible: %(list)s")
                                  % {"code": code, "list": ", ".join(sorted(known))}, field="roles")
        return values

    def build(self, values: Mapping[str, Any], *, by: Any) -> User:
        return User(**{name: value for name, value in values.items() if name != "roles"})

    def create(self, rows: list[User], *, by: Any, batch: str) -> list[User]:
        return actions.create_users(rows, by=by, batch=batch, action="import")

    def after_create(self, pairs: Sequence[tuple[User, Mapping[str, Any]]], *, by: Any) -> None:
        actions.set_roles({row.pk: values["roles"] for row, values in pairs if values.get("roles")}, by=by)

    def change(self, row: User, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        values = dict(values)
        roles = values.pop("roles", None)
        before = sorted(row.roles.values_list("code", flat=True))
        diff = actions.change_user(row, values, by=by, action="import")
        if roles is not None and before != sorted(roles):
            actions.set_roles({row.pk: roles}, by=by)
            diff["roles"] = (before, sorted(roles))
        return diff

    def label(self, row: User) -> str:
        return f"user {row.pk} {row.username}"
