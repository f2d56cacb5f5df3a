"""A list by groups: a line for each with its count and sums, which leads to the rows it stands for."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.records import grouping, listing, options
from zhike.records.attrs import Attr

from . import formats
from .columns import heading
from .parts import Cell, Column, Link, Row, Table
from .views import PageView


class GroupedList(PageView):
    """The part of a list's page that groups its rows."""

    def grouped(self: Any, params: dict[str, list[str]], asked: listing.Request, by: grouping.By) -> Any:
        """The list's page with groups in the place of rows."""
        sums = grouping.summed(self.kind, self.columns(), self.access)
        found = grouping.groups(asked, by, sums)
        none = listing.Page([], found.total.n, False, "", "", 1, asked.lookup, asked.order, asked.down)
        parts = self.parts(params, asked, none)
        parts.sorts = []
        parts.table = self.group_table(self.with_view(params), asked, found, sums)
        if not found.items:
            parts.empty = parts.table.empty = self.empty(asked, parts.clear_url)
        return parts

    def group_links(self: Any, params: dict[str, list[str]]) -> list[Link]:
        """What the list can be grouped by, "not grouped" first."""
        base = self.with_view(params)
        now = (base.get("group") or [""])[-1]
        possible = grouping.offered(self.kind, self.access)
        if not possible:
            return []
        links = [Link(_("Not grouped"), self.link(params, group="" if "group" in base else None), active=not now)]
        for by in possible:
            label = _("%(date)s by month") % {"date": by.attr.label} if by.month else by.attr.label
            links.append(Link(label, self.link(params, group=by.key), active=now == by.key, key=by.key))
        return links

    def group_table(self: Any, base: dict[str, list[str]], asked: listing.Request, found: grouping.Groups, sums: list[Attr]) -> Table:
        head = [Column("group", self._by_text(found.by), primary=True), Column("n", _("rows"), num=True)]
        head += [Column(attr.name, heading(attr), num=True) for attr in sums]
        name = self._namer(found)
        view = self.chosen_view(base)  # where that groups by itself, an opened group says that it does not
        left = {**base, "group": [""]} if view is not None and "group=" in view.query else {k: v for k, v in base.items() if k != "group"}
        rows: list[Row] = []
        for i, group in enumerate(found.items, 1):
            opening = grouping.opening(found.by, group.value, asked.lookup.used)
            text = escape(name(group.value))
            url = self.link(left, **opening) if opening is not None else ""
            label = Markup('<a class="lk" href="{}" hx-get="{}" hx-target="#list" hx-push-url="true">{}</a>').format(url, url, text) if url else text
            rows.append(Row(i, url, [Cell(label), *self._figures(group, sums)]))
        if found.rest is not None:
            rows.append(Row(0, "", [Cell(escape(_("Further groups"))), *self._figures(found.rest, sums)]))
        foot = [Cell(escape(_("Total"))), *self._figures(found.total, sums)] if rows else []
        return Table(head, rows, foot=foot, label=_("Groups"))

    def _by_text(self, by: grouping.By) -> Any:
        return _("%(date)s by month") % {"date": capfirst(by.attr.label_text)} if by.month else by.attr.label

    def _figures(self, group: grouping.Group, sums: list[Attr]) -> list[Cell]:
        forms = {"money": formats.money, "price": formats.price, "int": lambda value: f"{int(value):,}"}
        shown = [forms.get(attr.type, formats.quantity)(value) for attr, value in zip(sums, group.sums, strict=True)]
        return [Cell(text, num=True) for text in (f"{group.n:,}", *shown)]

    def _namer(self, found: grouping.Groups) -> Any:
        """The function value → name of a group, as the list's cells and chips say it."""
        attr, by = found.by.attr, found.by
        labels: dict[Any, Any] = {}
        if attr.type == "option":
            labels = dict(options.labels(attr.dictionary, get_language() or "zh-hans"))
        elif attr.type == "choice":
            labels = dict(attr.choices)

        def name(value: Any) -> str:
            if value is None:
                return _("Without")
            if by.month:
                return f"{value:%Y-%m}"
            if attr.type == "bool":
                return _("yes") if value else _("no")
            if attr.link:
                return str(found.names.get(value, "?"))
            return capfirst(str(labels.get(value, value)))

        return name
