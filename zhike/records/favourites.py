"""Favourites: records a person keeps at hand, theirs alone, at most 200."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of

from . import registry
from .kinds import Kind
from .models import Favourite

MOST = 200


def is_kept(row: Any, user: Any) -> bool:
    """Whether the person has marked the record."""
    return Favourite.objects.filter(user=user, kind=row.KIND, row_id=row.pk).exists()


def ids_of(kind: Kind, user: Any) -> Any:
    """The ids of the person's favourites of a kind, to be put into a condition."""
    return Favourite.objects.filter(user=user, kind=kind.name).values("row_id")


def of(user: Any, most: int = MOST) -> list[tuple[Kind, Any]]:
    """The favourites the person sees today, the newest mark first; one query for each kind among them."""
    links = list(Favourite.objects.filter(user=user).order_by("-pk").values_list("kind", "row_id")[:MOST])
    wanted: dict[str, list[int]] = defaultdict(list)
    for name, pk in links:
        wanted[name].append(pk)
    access, found = access_of(user), {}
    for name, ids in wanted.items():
        if registry.has(name) and registry.kind(name).pages and access.may(name, "view"):
            kind = registry.kind(name)
            found.update({(name, row.pk): (kind, row) for row in kind.visible(user).filter(pk__in=ids)})
    return [found[link] for link in links if link in found][:most]


@transaction.atomic
def keep(row: Any, *, by: Any) -> None:
    """Mark a record the person sees; marking it again changes nothing. Raises `Refused` with 200 of them."""
    get_user_model().objects.select_for_update().get(pk=by.pk)  # two tabs at once do not get past the limit
    mine = Favourite.objects.filter(user=by)
    if mine.filter(kind=row.KIND, row_id=row.pk).exists():
        return
    if mine.count() >= MOST:
        _forget_unseen(mine, by)
        if mine.count() >= MOST:
            raise Refused(_("You have %(n)s favourites. Take some away first.") % {"n": MOST}, code="favourite.many")
    Favourite.objects.create(user=by, kind=row.KIND, row_id=row.pk)


def _forget_unseen(mine: models.QuerySet[Favourite], by: Any) -> None:
    """Make room: marks of records that are gone or no longer the person's to see."""
    seen = {(kind.name, row.pk) for kind, row in of(by)}
    gone = [pk for pk, name, row_id in mine.values_list("pk", "kind", "row_id") if (name, row_id) not in seen]
    mine.filter(pk__in=gone).delete()


def let_go(row: Any, *, by: Any) -> None:
    """Take the mark off."""
    Favourite.objects.filter(user=by, kind=row.KIND, row_id=row.pk).delete()
