"""The side peek of a list: one record at a glance, with previous and next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.base.text import number
from zhike.records import listing

from . import cells
from .parts import Badge, Button, Day, Fact


@dataclass(slots=True)
class Peek:
    title: Any
    url: str
    record: int = 0
    mark: str = ""
    position_text: str = ""
    prev_url: str = ""
    next_url: str = ""
    close_url: str = ""
    badges: list[Badge] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    fields: list[Fact] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)


def peek(page: Any, wanted: str, found: listing.Page) -> Peek:
    """The record `wanted` beside the list `page`; unknown and unseen ids answer alike."""
    pk = number(wanted)
    if pk is None:
        raise Http404
    kind, row = page.kind, page.visible_or_404(pk)
    params = {key: page.request.GET.getlist(key) for key in page.request.GET}
    ids = [item.pk for item in found.items]
    place = ids.index(row.pk) if row.pk in ids else -1

    def beside(i: int) -> str:
        return page.link(params, cursor=params.get("cursor"), peek=str(ids[i])) if place >= 0 and 0 <= i < len(ids) else ""

    from . import details

    made = details.detail_class(kind)
    detail = made.for_row(page.request, row) if made else None
    facts = detail.facts() if detail else []
    told = {capfirst(str(fact.label)) for fact in facts}
    shown = kind.shown([name for section in kind.sections[:1] for name in section.fields], page.access)
    fields = [Fact(attr.label, cells.text(kind, attr, row, page.access)) for attr in shown
              if attr.value(row) != str(row) and capfirst(str(attr.label)) not in told]
    return Peek(
        title=str(row),
        url=kind.url(row),
        record=row.pk,
        mark=str(row)[:1],
        position_text=_("%(i)s of %(n)s") % {"i": found.first + place, "n": found.count} if place >= 0 else "",
        prev_url=beside(place - 1),
        next_url=beside(place + 1),
        close_url=page.link(params, cursor=params.get("cursor"), peek=None),
        badges=detail.badges() if detail else [],
        buttons=[button for button in (detail.actions() if detail else []) if not button.menu][:3],
        facts=facts[:3],
        fields=[fact for fact in [*facts[3:], *fields] if fact.value not in (cells.DASH, "—")],
        days=detail.latest() if detail else [],
    )
