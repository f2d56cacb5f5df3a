"""The two questions before any change: may this person do it, and with these rows?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Forbidden
from zhike.org.access import access_of

from . import holding
from .kinds import Kind
from .registry import kind_of


def require(user: Any, kind: Kind, action: str) -> None:
    """Refuse unless one of the person's roles allows `action` with this kind."""
    if not access_of(user).may(kind.name, action):
        raise Forbidden(
            _("Your roles do not allow this with %(kind)s. Ask an administrator for the right.")
            % {"kind": kind.plural}
        )


def hold(kind: Kind, pk: int, user: Any) -> Any | None:
    """A record as it is stored now, held until the transaction ends; None where there is none or the person does not see it.

    One statement sees, holds and notes whether the person may change it, so that `require_rows` has nothing to ask about this very
    object. It joins no link: PostgreSQL drops a row from a locking join when a link of it changes meanwhile.
    """
    rows = kind.model.objects.visible_to(user).filter(pk=pk).select_for_update(of=("self",)).order_by()
    row = (rows.annotate(_may=_mine(kind, user)) if kind.owned else rows).first()
    if row is not None:
        holding.note(row)
        row._seen = (_look(user, row), getattr(row, "_may", True))
    return row


def require_rows(user: Any, rows: Sequence[Any], action: str) -> None:
    """Refuse unless the person may do `action` and may change every one of `rows`.

    A row that is not even visible answers like one that does not exist.
    """
    if not rows:
        return
    known = [_known(user, row) for row in rows]
    kind = kind_of(rows[0])
    if None in known:
        ids = {row.pk for row in rows}
        seen = kind.model.objects.visible_to(user).filter(pk__in=ids)
        if kind.owned:
            known = list(seen.annotate(_may=_mine(kind, user)).values_list("_may", flat=True).order_by())
        else:
            known = [True] * seen.count()
        if len(known) != len(ids):
            raise Http404
    require(user, kind, action)
    if not all(known):
        raise Forbidden(_readonly())
    for row in rows:
        row._seen = (_look(user, row), True)


def note_seen(user: Any, row: Any) -> None:
    """Remember on a record that the person was just found to see it."""
    row._visible = _look(user, row)


def sees(user: Any, model: Any, rows: Mapping[int, Any | None]) -> bool:
    """Whether the person sees all of these records, given by number with the object where there is one; asks of those nobody just looked at."""
    asked = [pk for pk, row in rows.items() if row is None or getattr(row, "_visible", None) != _look(user, row)]
    return not asked or model.objects.visible_to(user).filter(pk__in=asked).count() == len(asked)


def _mine(kind: Kind, user: Any) -> Exists:
    return Exists(kind.model.objects.editable_by(user).filter(pk=OuterRef("pk")))


def _known(user: Any, row: Any) -> bool | None:
    """Whether the person may change a row that was looked at just now; None where nobody looked."""
    look, may = getattr(row, "_seen", (None, None))
    return may if look is not None and look == _look(user, row) else None


def _look(user: Any, row: Any) -> tuple[Any, ...]:
    """What is remembered on the very object that was looked at: a page asks just before its action does.

    It holds for this user object (one request), this second, and the row as it was read.
    """
    second = clock.now().replace(microsecond=0)
    return (id(user), user.pk, row.pk, getattr(row, "owner_id", None), getattr(row, "version", None), second)


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
