"""What stands around every page: menus, crumbs, what "New" offers, who is signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.org.access import access_of, roles_of
from zhike.org.models import Company
from zhike.records import saved_views

from . import menus
from .parts import Link, Shell

BOTTOM = ("workbench", "customers", "opportunities")  # then a record, and "more"


def places_here(menu: str, place: str, access: Any) -> list[Link]:
    """Menu and place, where a page names no way of its own."""
    found = menus.MENUS.get(menu)
    here = next((item for item in found.places if item.key == place and item.open_to(access)), None) if found else None
    if found is None or here is None or str(here.label) == str(found.label):
        return []
    return [Link(found.label, next(iter(found.places)).url()), Link(here.label)]


def pinned(request: Any, menu: menus.Menu, lists: dict[str, Link]) -> None:
    """Put the person's pinned views under their lists; how many records each holds is asked for later."""
    chosen = request.GET.get("view", "")
    for kind, views in saved_views.pinned_of(request.user, menus.kinds_in(menu, access_of(request.user))).items():
        under = lists[kind]
        under.children = [
            Link(view.name, f"{under.url}?view=s{view.pk}", key=str(view.pk), active=under.active and chosen == f"s{view.pk}")
            for view in views
        ]
        under.active = under.active and not any(child.active for child in under.children)


def build(request: Any, *, menu: str = "", place: str = "", crumbs: list[Link] | None = None,
          context: dict[str, Any] | None = None) -> Shell:
    """The shell for the signed-in person; menus without a permitted page are absent."""
    user = request.user
    access = access_of(user)
    counts: dict[str, int] = {}
    for key, count in menus.needs_me:
        counts[key] = counts.get(key, 0) + count(user)
    links: list[Link] = []
    for found in menus.MENUS.values():
        places = [item for item in found.places if item.open_to(access)]
        if not places:
            continue
        here = found.key == menu
        children = [Link(item.label, item.url(), active=item.key == place, key=item.key) for item in places]
        if here:
            pinned(request, found, dict(zip((item.kind for item in places), children, strict=True)))
        links.append(
            Link(
                found.label,
                children[0].url,
                active=here,
                icon=found.icon,
                key=found.key,
                count=str(counts.get(found.key) or ""),
                children=children if here and (len(children) > 1 or children[0].children) else [],
            )
        )
    roles = roles_of(user)
    query = f"?{urlencode(context)}" if context else ""
    return Shell(
        menus=links,
        crumbs=crumbs or places_here(menu, place, access),
        new_items=[
            Link(item.label, item.url() + query, key=item.key)
            for item in menus.new_items
            if item.open_to(access)
        ],
        bottom=[link for link in links if link.key in BOTTOM],
        phone_new=next((item.url() for item in menus.new_items if item.kind == "activity" and item.open_to(access)), ""),
        user_name=str(user),
        user_mark=str(user)[:1],
        user_role=str(roles[0]) if roles else (_("Administrator") if user.is_admin else ""),
        unread=sum(count(user) for count in menus.unread),
        theme=user.theme,
        density=user.density,
        language=get_language() or "zh-hans",
        company=str(Company.current()),
        demo=settings.DEMO,
    )
