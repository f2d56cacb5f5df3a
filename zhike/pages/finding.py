"""Finding records: the searchable select and the palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.chinese import grams, pinyin
from zhike.base.slots import Slot
from zhike.base.text import clean_line, number
from zhike.records import favourites, registry, search, visibility
from zhike.records.kinds import Kind
from zhike.records.listing import in_order

from . import menus
from .parts import Link
from .views import PageView


class LookupView(PageView):
    """Options of a searchable select: at most 20 records of a kind that the person may see."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not registry.has(kind):
            raise Http404
        found = registry.kind(kind)
        q = clean_line(request.GET.get("q", ""))[:100]
        rows = found.model.objects.visible_to(self.user)
        if request.GET.get("active") == "1" and found.name == "user":
            rows = rows.filter(is_active=True)
        parent = number(request.GET.get("customer", ""))
        if parent is not None and "customer" in getattr(found.model, "PARENTS", ()):
            rows = rows.filter(customer_id=parent)
        if q:
            condition = search.among(found.name, q, parts=found.search_parts(self.access))[0] if found.searched() else Q()
            rows = rows.filter(condition if found.search is not None else condition | named_like(found.model, q))
        rows = self.colleagues(rows) if found.name == "user" else rows.order_by("-pk")
        items = [{"value": row.pk, "label": str(row), "sub": str(lookup_hint(row))} for row in rows[:20]]
        return JsonResponse({"items": items})

    def colleagues(self, rows: Any) -> Any:
        """Those of one's own department first, then by department; each says where they work."""
        near = Case(When(department=self.user.department_id, then=0), default=1) if self.user.department_id else Value(1)
        return rows.select_related("department").order_by(near, "department__path", "pk")


def newest(kind: Kind, rows: Any, n: int) -> list[Any]:
    """The first of the rows with their neighbours: these are joined to what is shown, not to every hit."""
    ids = list(rows.values_list("pk", flat=True)[:n])
    return in_order(kind.model._default_manager.select_related(*kind.related).filter(pk__in=ids), ids) if ids else []


NAMED_BY = ("name", "name_zh", "name_en", "subject", "title")


def named_like(model: Any, q: str) -> Q:
    """Rows of a small kind without a search index, by whatever the model calls its name."""
    known = {field.name for field in model._meta.concrete_fields}
    condition = Q()
    for name in known.intersection(NAMED_BY):
        condition |= Q(**{f"{name}__icontains": q})
    return condition


def lookup_hint(row: Any) -> Any:
    """The grey second text of an option, where the model offers one."""
    return getattr(row, "hint", "") or ""


FAVOURITES = 8  # shown before anything is typed
# What higher apps offer to do with the best hit: function(kind, row, access) → links.
next_steps: Slot[Callable[[Kind, Any, Any], list[Link]]] = Slot("finding.next_steps")
# Places that belong to the person, beside those of the menus.
OWN_PLACES = (
    (gettext_lazy("My account"), "account"), (gettext_lazy("Background jobs"), "jobs"), (gettext_lazy("My imports"), "imports"),
    (gettext_lazy("Help and keys"), "help"),
)


def meant(label: Any, typed: str) -> bool:
    """Whether the name of an action or a place is meant: a part of it, its pinyin or its initials."""
    text, folded = grams.fold(str(label)), grams.fold(typed)
    if folded in text:
        return True
    if not folded.isascii() or text.isascii():
        return False
    return pinyin.full(text).startswith(folded) or any(folded in letters for letters in pinyin.initials(text, 4))


class PaletteView(PageView):
    """Ctrl K: records by name, pinyin or number (before that one's favourites); then what can be made; then places."""

    template = fragment = "pages/palette.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        q = request.GET.get("q", "").strip()[:100]
        groups: list[tuple[Any, list[Link]]] = []
        steps: list[Link] = []
        if q:
            for kind in registry.kinds():
                if not kind.pages or not self.access.may(kind.name, "view"):
                    continue
                parts = kind.search_parts(self.access)
                if not parts:
                    continue
                # Newest first. A rare word's hits are collected and sorted (else PostgreSQL reads whole
                # tables to find six rows); for a common one the newest rows are looked at.
                wanted, common = search.among(kind.name, q, parts=parts)
                order = F("pk") if common else visibility.Loose(F("pk"))
                rows = kind.visible(self.user, "walk" if common else "plain").filter(wanted).order_by(order.desc())
                hits = newest(kind, rows, 6)
                if hits:
                    groups.append((kind.plural, [Link(str(row), kind.url(row), icon=kind.icon, count=str(lookup_hint(row))) for row in hits]))
                    steps = steps or [link for more in next_steps for link in more(kind, hits[0], self.access)]
        elif kept := favourites.of(self.user, FAVOURITES):
            groups.append((_("Favourites"), [Link(str(row), kind.url(row), icon=kind.icon, count=str(kind.label)) for kind, row in kept]))
        new = [Link(item.label, item.url(), icon="plus") for item in menus.new_items if item.open_to(self.access) and meant(item.label, q)]
        if steps or new:
            groups.append((_("Actions"), [*steps, *new]))
        there = [(item.label, item.url()) for menu in menus.MENUS.values() for item in menu.places if item.open_to(self.access)]
        there += [(label, reverse(name)) for label, name in OWN_PLACES]
        places = [Link(label, url, icon="arrow-right") for label, url in there if meant(label, q)]
        if places:
            groups.append((_("Go to"), places[:8]))
        return render(request, self.fragment, {"groups": groups, "q": q})
