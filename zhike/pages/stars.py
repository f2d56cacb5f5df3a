"""Favourites on pages: the star on a record's head, a condition and a view of every list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from zhike.records import favourites, registry
from zhike.records.kinds import ExtraFilter, Kind, View

from .views import PostView, go_to

VIEW = View("favourites", gettext_lazy("My favourites"), "favourite=yes")


@dataclass(slots=True)
class Star:
    """What `pages/star.html` draws."""

    url: str
    on: bool


def star(kind: Kind, row: Any, user: Any) -> Star | None:
    """The star of a record that has a page."""
    if not kind.pages:
        return None
    return Star(reverse("star", args=[kind.name, row.pk]), favourites.is_kept(row, user))


class StarView(PostView):
    """Mark a record as a favourite (`on=1`), or take the mark off."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, kind: str, pk: int, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        if not registry.has(kind) or not registry.kind(kind).pages or not self.access.may(kind, "view"):
            raise Http404
        self.declared = registry.kind(kind)
        self.row = self.visible_or_404(pk, self.declared)
        return super().post(request)

    def perform(self) -> str:
        if self.request.POST.get("on") == "1":
            favourites.keep(self.row, by=self.user)
        else:
            favourites.let_go(self.row, by=self.user)
        return self.declared.url(self.row)

    def done(self, url: str) -> HttpResponse:
        if not self.is_fragment:
            return go_to(self.request, url)
        return render(self.request, "pages/star.html", {"star": star(self.declared, self.row, self.user)})


def add_to(kind: Kind) -> None:
    """Let the lists of a kind be narrowed to one's own favourites."""

    def narrowed(queryset: Any, values: Sequence[str], user: Any) -> Any:
        if set(values) == {"yes", "no"}:
            return queryset
        mine = favourites.ids_of(kind, user)
        return queryset.filter(pk__in=mine) if "yes" in values else queryset.exclude(pk__in=mine)

    kind.extra_filters.add("favourite", ExtraFilter(
        "favourite", gettext_lazy("favourite"), [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))], narrowed), order=950)
