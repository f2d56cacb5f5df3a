"""What pages of administrators have in common: the right to see colleagues is not enough for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from zhike.org.access import access_of
from zhike.pages.parts import Link
from zhike.records import guard, registry


class Keeping:
    """A page for those who may change the kind; who may only see it is told so."""

    kind_name: ClassVar[str] = ""
    right: ClassVar[str] = "edit"
    menu = "settings"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        kind = registry.kind(self.kind_name)
        if request.user.is_authenticated and access_of(request.user).may(kind.name, "view"):
            guard.require(request.user, kind, self.right)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def crumbs(kind_name: str, *more: Link) -> list[Link]:
    kind = registry.kind(kind_name)
    return [Link(kind.plural, kind.list_url()), *more]
