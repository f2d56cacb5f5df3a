"""A list by groups: a head for each with its count and sums, which unfolds to its rows right there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.records import grouping, listing, options
from zhike.records.attrs import Attr

from . import formats, peeks
from .parts import Column, Link, Table
from .views import PageView

MOST_OPEN = 20  # groups that stand unfolded when a page is opened


@dataclass(slots=True)
class GroupHead:
    """A group: its name, how many rows it has, its sums under their columns, and where its rows come from."""

    key: str
    name: str
    n: str
    url: str = ""  # the list of its rows alone
    rows_url: str = ""  # its first rows, to be unfolded
    figures: list[tuple[Column, str]] = field(default_factory=list)  # one for each column behind the first
    open: bool = False


@dataclass(slots=True)
class GroupTable:
    by: Any  # what it is grouped by
    field: str  # the same as a cell calls it
    columns: list[Column]
    groups: list[GroupHead]
    total: GroupHead


class GroupedList(PageView):
    """The part of a list's page that groups its rows."""

    group_size: ClassVar[int] = 25  # rows that unfold at once

    def grouped(self: Any, params: dict[str, list[str]], asked: listing.Request, by: grouping.By) -> HttpResponse:
        """The list's page with groups whose rows come when one is unfolded; a peek stands beside it as beside rows."""
        if self.is_fragment and self.request.headers.get("HX-Target") == "peek" and self.request.GET.get("peek"):
            beside = peeks.peek(self, self.request.GET["peek"], _nothing(asked, 0))
            return self.answer(None, fragment="pages/peek.html", peek=beside)
        sums = grouping.summed(self.kind, self.columns(), self.access)
        found = grouping.groups(asked, by, sums)
        none = _nothing(asked, found.total.n)
        if self.is_fragment and self.request.headers.get("HX-Target") == "groups":
            made = self.group_table(params, asked, found, sums, self.table(params, none))  # a cell was changed: the heads alone
            return self.answer({"grouped": made, "bulk": []}, fragment="pages/groups.html")
        parts = self.parts(params, asked, none)
        if found.items:
            parts.grouped = self.group_table(params, asked, found, sums, self.table(params, none))
            parts.all_count = f"{found.total.n:,}"
            parts.all_text, parts.all_query = _("Select all %(n)s") % {"n": parts.all_count}, f"all=1&{self.lasting(params)}"
        else:
            parts.empty = self.empty(asked, parts.clear_url)
        if self.request.GET.get("peek"):
            parts.peek = peeks.peek(self, self.request.GET["peek"], none)
        return self.answer(parts, peek=parts.peek)

    def group_rows(self: Any, params: dict[str, list[str]], asked: listing.Request) -> HttpResponse:
        """Some rows of one group, as they are put under its head."""
        columns = self.columns()
        found = listing.page(asked, limit=self.group_size, cursor=self.request.GET.get("cursor", ""), related=self.fetched(columns),
                             columns=[*columns, *self.kind.sorts(self.access)])
        parts = self.parts({**params, "group": [""]}, asked, found)  # also where the view groups
        left = found.count - found.first - len(found.items) + 1
        more = _("%(n)s more rows") % {"n": f"{min(left, self.group_size):,}"} if parts.pager.next_url else ""
        return self.answer(parts, fragment="pages/group_rows.html", more=more)

    def group_links(self: Any, params: dict[str, list[str]]) -> list[Link]:
        """What the list can be grouped by, "not grouped" first."""
        base = self.with_view(params)
        now = (base.get("group") or [""])[-1]
        possible = grouping.offered(self.kind, self.access)
        if not possible:
            return []
        links = [Link(_("Not grouped"), self.link(params, group="" if "group" in base else None, open=None), active=not now)]
        for by in possible:
            label = _("%(date)s by month") % {"date": by.attr.label} if by.month else by.attr.label
            links.append(Link(label, self.link(params, group=by.key, open=None), active=now == by.key, key=by.key))
        return links

    def group_table(self: Any, params: dict[str, list[str]], asked: listing.Request, found: grouping.Groups, sums: list[Attr],
                    table: Table) -> GroupTable:
        """The heads, with their sums under the columns of the list's own `table`."""
        name = self._namer(found)
        base = self.with_view(params)
        view = self.chosen_view(base)  # where that groups by itself, an opened group says that it does not
        base = {key: values for key, values in base.items() if key not in ("open", "group")}
        left = {**base, "group": [""]} if view is not None and "group=" in view.query else base
        unfolded = params.get("open", [])[:MOST_OPEN]

        def head(group: grouping.Group, text: str, key: str = "") -> GroupHead:
            made = GroupHead(key, text, f"{group.n:,}", figures=_figures(table.columns[1:], sums, group), open=key in unfolded)
            opening = grouping.opening(found.by, group.value, asked.lookup.used) if key else None
            if opening is not None:
                made.url = self.link(left, **opening)
                made.rows_url = self.link({**left, "rows": [key]}, **opening)
            return made

        heads = [head(group, name(group.value), grouping.key_of(found.by, group.value)) for group in found.items]
        if found.rest is not None:
            heads.append(head(found.rest, _("Further groups")))
        return GroupTable(self._by_text(found.by), found.by.attr.name, table.columns, heads, head(found.total, _("Total")))

    def _by_text(self, by: grouping.By) -> Any:
        return _("%(date)s by month") % {"date": capfirst(by.attr.label_text)} if by.month else by.attr.label

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


def _nothing(asked: listing.Request, n: int) -> listing.Page:
    """A page of the list without rows: a group brings them."""
    return listing.Page([], n, False, "", "", 1, asked.lookup, asked.order, asked.down)


def _figures(columns: list[Column], sums: list[Attr], group: grouping.Group) -> list[tuple[Column, str]]:
    forms = {"money": formats.money, "price": formats.price, "int": lambda value: f"{int(value):,}"}
    shown = {attr.name: forms.get(attr.type, formats.quantity)(value) for attr, value in zip(sums, group.sums, strict=True)}
    return [(column, shown.get(column.key, "")) for column in columns]
