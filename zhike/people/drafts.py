"""A role's rights as a whole: as they are stored, and in what two versions of them differ."""

from __future__ import annotations

from typing import Any

from zhike.org.many import Draft
from zhike.org.models import Role


def draft_of(row: Role, *, to: Role | None = None) -> Draft:
    """A role's rights as they are stored, as a draft of the role itself or of `to`."""
    scopes = {
        scope.kind: (scope.level, scope.edit_level, frozenset(found.pk for found in scope.departments.all()))
        for scope in row.scopes.prefetch_related("departments")
    }
    return Draft(
        (to or row).pk, frozenset(row.permissions.values_list("kind", "action")), scopes,
        {(rule.kind, rule.field): rule.mode for rule in row.field_rules.all()},
    )


def differences(before: Draft, after: Draft) -> dict[str, tuple[Any, Any]]:
    """What two drafts of a role differ in: "customer.view", "customer.rows", "customer.phone" → (before, after)."""
    found: dict[str, tuple[Any, Any]] = {}
    for kind, action in sorted(before.granted ^ after.granted):
        found[f"{kind}.{action}"] = ((kind, action) in before.granted, (kind, action) in after.granted)
    for kind in sorted({*before.scopes, *after.scopes}):
        was, now = before.scopes.get(kind), after.scopes.get(kind)
        if was != now:
            found[f"{kind}.rows"] = (_scope_text(was), _scope_text(now))
    for kind, name in sorted({*before.limits, *after.limits}):
        old, new = before.limits.get((kind, name), ""), after.limits.get((kind, name), "")
        if old != new:
            found[f"{kind}.{name}"] = (old or "open", new or "open")
    return found


def _scope_text(scope: tuple[str, str, frozenset[int]] | None) -> str:
    if scope is None:
        return ""
    level, edit_level, departments = scope
    chosen = f" [{', '.join(str(pk) for pk in sorted(departments))}]" if departments else ""
    return f"{level} / {edit_level}{chosen}"
