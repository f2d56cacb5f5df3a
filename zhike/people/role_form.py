"""The form of a role's rights: what it offers, and reading it back into a draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.many import Draft
from zhike.org.models import Department, Role, RolePermission
from zhike.org.models.access import Level
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import rights
from .words import MODES

LEVELS: list[tuple[str, Any]] = list(Level.choices)


@dataclass(slots=True)
class KindRights:
    """One kind on the form."""

    name: str
    label: str
    actions: list[tuple[str, str, bool]]  # right, label, given
    level: str = ""
    edit_level: str = ""
    departments: frozenset[int] = frozenset()
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # name, label, mode
    owned: bool = True

    @property
    def limited(self) -> int:
        """How many fields are not simply open."""
        return sum(1 for _name, _label, mode in self.fields if mode)


def fields_of(kind: Kind) -> list[Attr]:
    """The fields a rule can be about: everything the kind shows, asks for or gives to programs."""
    names = [*kind.columns, *kind.create, *kind.more, *(name for part in kind.sections for name in part.fields), *kind.api]
    found = [kind.attr(name) for name in dict.fromkeys(names) if not name.startswith("sort_")]
    return [attr for attr in found if attr.name not in (kind.number_field, "owner", "owner_dept")]


def offered(draft: Draft) -> list[KindRights]:
    """The kinds with what the draft gives of each."""
    used = sorted({*RolePermission.objects.order_by().values_list("kind", "action").distinct(), *draft.granted})
    found = []
    for kind in rights.kinds():
        level, edit_level, departments = draft.scopes.get(kind.name, ("self", "self", frozenset()))
        fields = fields_of(kind) if kind.pages else []
        found.append(KindRights(
            kind.name, str(kind.plural),
            [(action, rights.action_label(action), (kind.name, action) in draft.granted) for action in rights.actions_of(kind, used)],
            level, edit_level, departments,
            [(attr.name, capfirst(attr.label_text), draft.limits.get((kind.name, attr.name), "")) for attr in fields],
            kind.owned,
        ))
    return found


def read(post: Any, role: Role, stored: Draft) -> Draft:
    """The draft that a posted form says; what the form does not offer stays as stored.

    Raises `Refused` for a right, reach, department or mode that was not on offer.
    """
    forms = offered(stored)
    known = {f"{form.name}.{action}" for form in forms for action, _label, _given in form.actions}
    wanted = set(post.getlist("p"))
    if not wanted <= known:
        raise _wrong()
    granted = {(kind, action) for kind, action in stored.granted if f"{kind}.{action}" not in known}
    granted |= {(name.split(".", 1)[0], name.split(".", 1)[1]) for name in wanted}
    draft = Draft(role.pk, frozenset(granted), dict(stored.scopes), dict(stored.limits))
    levels = {code for code, _label in LEVELS}
    departments = set(Department.objects.values_list("pk", flat=True))
    for form in forms:
        if form.owned:
            level = post.get(f"see.{form.name}", form.level)
            edit_level = post.get(f"change.{form.name}", form.edit_level)
            texts = post.getlist(f"dept.{form.name}")
            if level not in levels or edit_level not in levels or any(not t.isascii() or not t.isdigit() or len(t) > 18 for t in texts):
                raise _wrong()
            chosen = frozenset(int(text) for text in texts)
            if not chosen <= departments:
                raise _wrong()
            if Level.CHOSEN in (level, edit_level) and not chosen:
                raise Refused(_("Choose the departments for %(kind)s.") % {"kind": form.label}, field="rights")
            if any(kind == form.name for kind, _action in granted):
                draft.scopes[form.name] = (level, edit_level, chosen if Level.CHOSEN in (level, edit_level) else frozenset())
            else:
                draft.scopes.pop(form.name, None)
        for name, _label, mode in form.fields:
            now = post.get(f"field.{form.name}.{name}", mode)
            if now not in MODES:
                raise _wrong()
            if now:
                draft.limits[form.name, name] = now
            else:
                draft.limits.pop((form.name, name), None)
    return draft


def _wrong() -> Refused:
    return Refused(_("This form is incomplete. Reload the page and try again."), field="rights")
