"""The group of a customer: a card beside its data, and the whole tree with figures on a tab of its own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import cells, formats
from zhike.pages.details import DetailParts
from zhike.pages.parts import Badge, Card, Cell, Column, Fact, Link, Mini, Row, Table
from zhike.records import registry

from .. import groups
from ..groups import group_figures
from ..lifecycle import LIFECYCLE
from ..models import Customer

SHOWN = 8


def group_of(page: Any) -> list[groups.Member]:
    """The companies of the page's group that the person may see, read once for a page."""
    if not hasattr(page, "_group"):
        page._group = groups.members(page.row, page.user)
    found: list[groups.Member] = page._group
    return found


def is_grouped(row: Customer) -> bool:
    """Whether the record itself tells of a group; who is only others' parent has the way in on the card."""
    return bool(row.parent_id or row.relation)


def place_of(row: Customer, me: Customer) -> Any:
    """What a company is to the one whose page is open."""
    if row.pk == me.parent_id:
        return _("group") if row.relation in ("", "group") else row.get_relation_display()
    if row.relation:
        return row.get_relation_display()
    return _("subsidiary") if row.parent_id else _("group")


def card(page: Any) -> Card | None:
    """Parent and nearest relations; None where the customer stands alone."""
    me = page.row
    found = [member.row for member in group_of(page) if member.row.pk != me.pk]
    if not found:
        return None
    # Nearest first: the parent, those below, then the others.
    found.sort(key=lambda row: 0 if row.pk == me.parent_id else 1 if row.parent_id == me.pk else 2)
    minis = [Mini(str(row), page.kind.url(row), badge=Badge(place_of(row, me), "neutral", dot=False)) for row in found[:SHOWN]]
    return Card(_("Relations"), key="relations", minis=minis, more=Link(
        _("Whole group (%(n)s)") % {"n": len(found) + 1}, f"{page.kind.url(me)}group/"))


def fill(page: Any, parts: DetailParts) -> None:
    """The tree of the group, and what the group is worth to us altogether."""
    lang = get_language() or "zh-hans"
    kind = registry.kind("customer")
    found = group_of(page)
    ids = [member.row.pk for member in found]
    figures = [Fact(_("companies"), str(len(found)))]
    stages: dict[str, int] = {}
    for member in found:
        stages[member.row.lifecycle] = stages.get(member.row.lifecycle, 0) + 1
    figures += [Fact(LIFECYCLE.label(code), str(stages[code])) for code in LIFECYCLE.states if code in stages]
    for more in group_figures:
        figures.extend(more(page, ids))
    rows = []
    last = kind.attr("last_contact")
    for member in found:
        row = member.row
        level = min(member.level, groups.DEPTH)
        mark = Markup(' <span class="bg info">{}</span>').format(_("this customer")) if row.pk == page.row.pk else ""
        name = Markup('<span class="lv lv{}"><a class="lk" href="{}">{}</a>{}</span>').format(level, kind.url(row), row.name, mark)
        at = last.value(row)
        rows.append(Row(row.pk, kind.url(row), [
            Cell(name), Cell(place_of(row, page.row) if row.pk != page.row.pk else row.get_relation_display() or "—"), Cell(row.code),
            Cell(cells.badge(LIFECYCLE.label(row.lifecycle), LIFECYCLE.tone(row.lifecycle))), Cell(str(row.owner or "—")),
            Cell(formats.near(at, lang) if at else "—"),
        ]))
    parts.layout = "c1"
    parts.main.append(Card(_("Figures of the group"), facts=figures,
                           sub=_("What you may see of it") if len(found) < groups.MEMBERS else _("The first %(n)s companies") % {"n": groups.MEMBERS}))
    parts.main.append(Card(_("Companies of the group"), table=Table(
        [Column("name", _("customer name"), primary=True), Column("relation", _("place in the group")), Column("code", _("customer code")),
         Column("lifecycle", _("life cycle")), Column("owner", _("owner")), Column("last", _("last contact"))],
        rows, label=_("Companies of the group"))))
