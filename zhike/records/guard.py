"""The two questions before any change: may this person do it, and with these rows?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Forbidden
from zhike.org.access import access_of

from .kinds import Kind
from .registry import kind_of


def require(user: Any, kind: Kind, action: str) -> None:
    """Refuse unless one of the person's roles allows `action` with this kind."""
    if not access_of(user).may(kind.name, action):
        raise Forbidden(
            _("Your roles do not allow this with %(kind)s. Ask an administrator for the right.")
            % {"kind": kind.plural}
        )


def require_rows(user: Any, rows: Sequence[Any], action: str) -> None:
    """Refuse unless the person may do `action` and may change every one of `rows`.

    A row that is not even visible answers like one that does not exist.
    """
    if not rows or all(getattr(row, "_passed", None) == _pass(user, row, action) for row in rows):
        return
    kind = kind_of(rows[0])
    ids = {row.pk for row in rows}
    seen = kind.model.objects.visible_to(user).filter(pk__in=ids)
    if kind.owned:
        mine = Exists(kind.model.objects.editable_by(user).filter(pk=OuterRef("pk")))
        found = list(seen.annotate(_may=mine).values_list("_may", flat=True).order_by())
    else:
        found = [True] * seen.count()
    if len(found) != len(ids):
        raise Http404
    require(user, kind, action)
    if not all(found):
        raise Forbidden(_readonly())
    for row in rows:
        row._passed = _pass(user, row, action)


def _pass(user: Any, row: Any, action: str) -> tuple[Any, ...]:
    """What `require_rows` remembers on the very object it has let through: a page asks just before its action does.

    It holds for this user object (one request), this second, and the row as it was read.
    """
    second = clock.now().replace(microsecond=0)
    return (id(user), user.pk, action, row.pk, getattr(row, "owner_id", None), getattr(row, "version", None), second)


def sort_rows(user: Any, rows: Sequence[Any], action: str) -> tuple[list[Any], list[tuple[Any, str]]]:
    """The rows with which the person may do `action`, and the others with the reason; two queries for all.

    Refuses when no role of theirs allows `action` with the kind at all.
    """
    if not rows:
        return [], []
    kind = kind_of(rows[0])
    require(user, kind, action)
    ids = [row.pk for row in rows]
    seen = set(kind.model.objects.visible_to(user).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    mine = seen
    if kind.owned:
        mine = set(kind.model.objects.editable_by(user).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    good, others = [], []
    for row in rows:
        if row.pk in seen and row.pk in mine:
            good.append(row)
        else:
            others.append((row, _readonly() if row.pk in seen else _unseen()))
    return good, others


def open_rows(user: Any, rows: Sequence[Any], action: str = "edit") -> frozenset[int]:
    """Ids of those of the rows, which the person sees, that they may change; at most one query, none for their own."""
    if not rows:
        return frozenset()
    kind, access = kind_of(rows[0]), access_of(user)
    if not access.may(kind.name, action):
        return frozenset()
    reach = access.reach(kind.name, edit=True)
    ids = {row.pk for row in rows}
    if not kind.owned or reach.everything:
        return frozenset(ids)
    sure = {row.pk for row in rows if row.owner_id in reach.owners or row.owner_dept_id in reach.departments}
    if sure != ids:
        asked = kind.model.objects.editable_by(user).filter(pk__in=ids - sure)
        sure.update(asked.order_by().values_list("pk", flat=True))
    return frozenset(sure)


def _readonly() -> str:
    return str(_("You can read this record but not change it. Ask its owner to let you join the team."))


def _unseen() -> str:
    return str(_("There is nothing here, or you may not see it."))


def can_edit(user: Any, row: Any, action: str = "edit") -> bool:
    """Whether `require_rows` would pass; for deciding which buttons to show."""
    kind = kind_of(row)
    access = access_of(user)
    if not access.may(kind.name, action):
        return False
    if not kind.owned:
        return True
    cache = getattr(user, "_can_edit", None)
    if cache is None:
        cache = user._can_edit = {}
    key = (kind.name, row.pk)
    if key not in cache:
        cache[key] = kind.model.objects.editable_by(user).filter(pk=row.pk).exists()
    return cache[key]
