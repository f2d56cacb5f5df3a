"""Saved views: a list's conditions, order and columns kept under a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.db import models, transaction
from django.utils.translation import gettext as _

from zhike.base.kept import Kept
from zhike.base.refused import Forbidden, Refused
from zhike.base.text import clean_line
from zhike.org.access import access_of, roles_of
from zhike.org.models import Role

from . import grouping, listing, undo
from .kinds import Kind
from .models import SavedView

IN_MENU = 8  # views of one list in the menu; the others are tabs of the list
MOST = 50  # views of one person over one kind
LONGEST = 2000  # characters of a query string
# What belongs to the moment and not to the view.
PASSING = ("view", "peek", "cursor", "density", "partial", "limit", "open", "rows")


def of(user: Any, kind: Kind) -> list[SavedView]:
    """The person's own views of a kind and those shared with one of their roles, own ones first.

    One query; `mine` says whose it is.
    """
    shared = SavedView.roles.through.objects.filter(role__in=roles_of(user)).values("savedview_id")
    found = (
        SavedView.objects.filter(models.Q(owner=user) | models.Q(pk__in=shared), kind=kind.name)
        .annotate(mine=models.Case(models.When(owner=user, then=True), default=False, output_field=models.BooleanField()))
        .order_by("-mine", "name", "pk")
    )
    return list(found[: MOST * 2])


@dataclass(frozen=True, slots=True)
class Pinned:
    """A view that stands in the menu under its list."""

    pk: int
    kind: str
    name: str
    query: str


class Pins:
    """All pinned views of the house by whom they are for, so that no page asks for them."""

    def __init__(self, views: Iterable[tuple[Pinned, int]] = (), shared: Iterable[tuple[int, int]] = ()) -> None:
        self._owned: dict[int, list[Pinned]] = {}
        self._shared: dict[int, list[Pinned]] = {}
        known = {}
        for view, owner in views:
            known[view.pk] = view
            self._owned.setdefault(owner, []).append(view)
        for view_id, role in shared:
            if view_id in known:
                self._shared.setdefault(role, []).append(known[view_id])

    def of(self, user: Any) -> list[Pinned]:
        """The person's own ones first, then those shared with one of their roles."""
        roles = [view for role in (roles_of(user) if self._shared else ()) for view in self._shared.get(role.pk, ())]
        return list(dict.fromkeys([*self._owned.get(user.pk, ()), *sorted(roles, key=lambda view: (view.name, view.pk))]))


def _pins() -> Pins:
    found = SavedView.objects.filter(pinned=True).order_by("name", "pk").values_list("pk", "kind", "name", "query", "owner")
    return Pins([(Pinned(*view), owner) for *view, owner in found], SavedView.roles.through.objects.values_list("savedview", "role"))


pins = Kept(_pins)


def pinned_of(user: Any, kinds: Sequence[str]) -> dict[str, list[Pinned]]:
    """The views in the menu under the lists of these kinds, at most 8 for each list; no query of its own."""
    found: dict[str, list[Pinned]] = {}
    for view in pins.get().of(user):
        if view.kind in kinds and len(found.setdefault(view.kind, [])) < IN_MENU:
            found[view.kind].append(view)
    return found


def may_share(user: Any, kind: Kind) -> bool:
    """Whether the person may offer views to roles: who looks after more than their own rows."""
    reach = access_of(user).reach(kind.name)
    return reach.everything or bool(reach.departments)


def query_of(kind: Kind, params: Mapping[str, list[str]], user: Any) -> str:
    """The query string to keep; refuses conditions that the list itself would refuse."""
    kept = {key: values for key, values in params.items() if key not in PASSING and any(values)}
    listing.read(kind, kept, user, ignore=listing.SHAPE)
    grouping.read(kind, kept.get("group", []), access_of(user))
    query = urlencode(kept, doseq=True)
    if len(query) > LONGEST:
        raise Refused(_("These are too many conditions for one view. Take some away first."), code="view.long")
    return query


def own(user: Any, pk: int) -> SavedView | None:
    """A view that the person may change: their own."""
    return SavedView.objects.filter(owner=user, pk=pk).first()


@transaction.atomic
def save_view(
    kind: Kind, *, name: str, query: str, pinned: bool, default: bool, roles: Iterable[Role], by: Any,
    view: SavedView | None = None,
) -> SavedView:
    """Keep a list's conditions under a name, or change a view of one's own.

    Refuses a name taken twice, more than 50 views of one list, and sharing by people who look
    after nobody's rows but their own.
    """
    name, roles = clean_line(name), list(roles)
    if not name:
        raise Refused(_("Give the view a name."), field="name")
    if roles and not may_share(by, kind):
        raise Forbidden(_("Sharing a view with roles is for those who look after a department. Save it for yourself."))
    others = SavedView.objects.filter(owner=by, kind=kind.name).exclude(pk=view.pk if view else None)
    if others.filter(name=name).exists():
        raise Refused(_("You already have a view of this name. Choose another one."), field="name", code="view.name")
    if view is None and others.count() >= MOST:
        raise Refused(_("You have %(n)s views of this list. Delete one first.") % {"n": MOST}, code="view.many")
    if default:
        others.filter(default=True).update(default=False)
    view = view or SavedView(kind=kind.name, owner=by)
    view.name, view.pinned, view.default = name, pinned, default
    view.query = query_of(kind, parse_qs(query), by)
    view.save()
    view.roles.set(roles)
    pins.changed()
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: Any) -> str:
    """Delete a view of one's own; the rows stay. Returns the address that brings it back."""
    kept = {
        "kind": view.kind, "name": view.name, "query": view.query, "pinned": view.pinned, "default": view.default,
        "roles": list(view.roles.values_list("pk", flat=True)),
    }
    view.delete()
    pins.changed()
    return undo.url(by, "view.delete", **kept)


@undo.undoer("view.delete")
def _bring_back(payload: dict[str, Any], *, by: Any) -> None:
    from . import registry

    again = payload.get("default", False) and not SavedView.objects.filter(owner=by, kind=payload["kind"], default=True).exists()
    save_view(
        registry.kind(payload["kind"]), name=payload["name"], query=payload["query"], pinned=payload["pinned"],
        default=again, roles=Role.objects.filter(pk__in=payload["roles"]), by=by,
    )
