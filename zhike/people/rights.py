"""Nobody gives what he does not hold: the rights of one person compared with those of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Forbidden, Refused
from zhike.org.access import Access, Reach, access_of, forget_access
from zhike.org.many import Draft
from zhike.org.models import FieldRule, User
from zhike.pages import formats
from zhike.records import registry
from zhike.records.kinds import Kind

_WIDTH = {FieldRule.HIDE: 3, FieldRule.MASK: 2, FieldRule.READ: 1, "": 0}
REVEAL = "reveal"


def actions_of(kind: Kind, used: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Every right a role can have over a kind; showing masked values where it has such."""
    found = list(kind.actions)
    if kind.flow is not None:
        found += [move.permission for move in kind.flow.moves.values() if move.permission]
    if any(attr.mask is not None for attr in kind.attrs) and REVEAL not in found:
        found.append(REVEAL)
    # What a role has by its seed or an import although no declaration speaks of it.
    found += [action for name, action in used if name == kind.name]
    return list(dict.fromkeys(found))


def kinds() -> list[Kind]:
    """The kinds a role's rights are about: business records first, then what administrators keep."""
    return sorted(registry.kinds(), key=lambda kind: (not kind.owned, not kind.pages))


def require_cover(by: User, user: User) -> None:
    """Refuse unless `by` holds every right that `user` has, rows and fields included.

    Who may give somebody a password or a role could otherwise become that somebody.
    """
    if by.is_admin:
        return
    if user.is_admin:
        raise Forbidden(_("Only a system administrator may change a system administrator."))
    missing = lacking(access_of(by), _as_if_active(user))
    if missing:
        raise Forbidden(
            _("%(user)s has rights that you do not hold: %(list)s. Ask a system administrator.")
            % {"user": user, "list": ", ".join(missing[:8])}
        )


def _as_if_active(user: User) -> Access:
    """What the person may do now that their roles are as stored; a disabled one as if enabled again."""
    active, user.is_active = user.is_active, True
    forget_access(user)
    found = access_of(user)
    user.is_active = active
    forget_access(user)
    return found


def lacking(mine: Access, theirs: Access) -> list[str]:
    """What `theirs` allows and `mine` does not, in words; empty when everything is covered."""
    found: list[str] = []
    for kind_name, action in sorted(theirs.permissions):
        if not mine.may(kind_name, action):
            found.append(formats.labelled(_label(kind_name), action_label(action)))
    seen = {kind for kind, action in theirs.permissions if action == "view"}
    for kind in registry.kinds():
        for edit in (False, True):
            if not kind.owned or kind.name not in seen or not theirs.may(kind.name, "edit" if edit else "view"):
                continue
            if edit and kind.model.STAYS_WITH_OWNER:  # what one writes about oneself is nobody else's to change
                continue
            reach = theirs.reach(kind.name, edit=edit)
            if kind.model.AMONG_MEMBERS and not reach.everything and not reach.departments:
                continue
            if not _within(reach, mine.reach(kind.name, edit=edit), theirs.user):
                found.append(_("%(kind)s: rows") % {"kind": kind.plural})
    # A field that is open to them and not to me.
    for (kind_name, name), mode in mine.fields.items():
        if kind_name in seen and _WIDTH[theirs.field_mode(kind_name, name)] < _WIDTH[mode]:
            found.append(formats.labelled(_label(kind_name), name))
    return list(dict.fromkeys(found))


def _within(theirs: Reach, mine: Reach, user: User) -> bool:
    """Whether every row of one reach lies in the other.

    A person's own rows lie in a reach over their department: who can sign in as them sees those rows.
    """
    if mine.everything:
        return True
    if theirs.everything:
        return False
    own = {user.pk} if user.department_id in mine.departments else set()
    return theirs.departments <= mine.departments and theirs.owners - own <= mine.owners


def require_draft(by: User, draft: Draft, before: Draft) -> None:
    """Refuse a role that would give more than before of what `by` does not hold himself.

    A wider reach means other rows for everybody who has the role, so only who reaches all rows of
    the kind may widen one.
    """
    if by.is_admin:
        return
    access = access_of(by)
    for kind, action in sorted(draft.granted - before.granted):
        if not access.may(kind, action):
            raise Refused(_("You cannot give a right that you do not hold: %(kind)s, %(right)s.")
                          % {"kind": _label(kind), "right": action_label(action)}, field="rights")
    for kind, (level, edit_level, departments) in draft.scopes.items():
        was = before.scopes.get(kind, ("self", "self", frozenset()))
        for now, then, edit in ((level, was[0], False), (edit_level, was[1], True)):
            wider = (now != then and now != "self") or (now == "chosen" and not departments <= was[2])
            if wider and not access.reach(kind, edit=edit).everything:
                raise Refused(_("You cannot widen the rows of %(kind)s: you do not reach all of them yourself.")
                              % {"kind": _label(kind)}, field="rights")
    for (kind, name), mode in access.fields.items():
        if (kind, "view") not in draft.granted:
            continue
        wanted = draft.limits.get((kind, name), "")
        # Where the role did not show the kind at all, none of its fields was open.
        stored = before.limits.get((kind, name), "") if (kind, "view") in before.granted else FieldRule.HIDE
        if _WIDTH[wanted] < _WIDTH[mode] and _WIDTH[wanted] < _WIDTH[stored]:
            raise Refused(_("You cannot open a field that you do not see in the open: %(field)s.") % {"field": name}, field="rights")


def _label(kind: str) -> str:
    return str(registry.kind(kind).plural) if registry.has(kind) else kind


def action_label(action: str) -> str:
    """A right in words; what the house has no word for stands as it is."""
    from .words import ACTIONS

    return str(ACTIONS.get(action, action))


def last_administrator(user: User) -> bool:
    """Whether nobody else could let people in: no other active administrator with a password.

    Holds the administrators' rows until the transaction ends, so that two cannot shut each other out.
    """
    others: Any = User.objects.select_for_update().filter(is_admin=True, is_active=True).order_by("pk")
    return not any(other.pk != user.pk and other.has_usable_password() for other in others)
