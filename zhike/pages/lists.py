"""ListPage: rights, views, filters, order, table, paging and peek of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.slots import Slot
from zhike.records import grouping, guard, listing, routes, saved_views, view_counts
from zhike.records.attrs import Attr
from zhike.records.imports.uploads import store as uploads
from zhike.records.kinds import Kind, View
from zhike.records.models import SavedView

from . import cells, conditions, peeks, stars
from .chips import ChipBar
from .columns import chosen_columns, heading, ordered
from .groups import GroupedList, GroupTable
from .parts import Button, Cell, Chip, Column, Empty, Link, Option, Pager, Row, Table

# Parameters of the page itself, not of the rows.
OWN = ("view", "peek", "cursor", "density", "partial", *listing.SHAPE)
# Values that do not say by themselves what they are: a date of what, yes to what?
SAID = ("bool", "date", "datetime")
# What higher apps put behind the name in every row: function(kind, rows) → row id → safe HTML.
behind_names: Slot[Callable[[Kind, Sequence[Any]], dict[int, Markup]]] = Slot("lists.behind_names")
# What they offer for the chosen rows: function(page) → buttons.
bulk_buttons: Slot[Callable[[Any], list[Button]]] = Slot("lists.bulk_buttons")


@dataclass(slots=True)
class ListParts:
    title: Any
    count_text: Any
    list_url: str
    actions: list[Button] = field(default_factory=list)
    views: list[Link] = field(default_factory=list)
    more_views: list[Link] = field(default_factory=list)
    view_actions: list[Button] = field(default_factory=list)
    counts_url: str = ""  # where the numbers beside the tabs come from, while some are missing
    columns: list[Option] = field(default_factory=list)
    q: str = ""
    search_placeholder: Any = ""
    chips: list[Chip] = field(default_factory=list)
    advanced: Any = ""  # conditions with "any of": the chip's text, where there are some
    advanced_url: str = ""
    advanced_clear: str = ""
    clear_url: str = ""
    sorts: list[Link] = field(default_factory=list)
    sort_text: Any = ""
    groups: list[Link] = field(default_factory=list)  # what the list can be grouped by
    group_text: Any = ""
    density: str = "normal"
    grouped: GroupTable | None = None  # in the place of the table
    table: Table | None = None
    pager: Pager | None = None
    peek: Any = None
    bulk: list[Button] = field(default_factory=list)
    all_text: str = ""  # offers every match where the list is longer than its page
    all_query: str = ""
    all_count: str = ""
    empty: Empty | None = None
    switch: list[Link] = field(default_factory=list)


class ListPage(GroupedList, ChipBar):
    """The list of a kind. Subclasses name the kind and the menu place; the rest is declared there."""

    template = "pages/list.html"
    fragment = "pages/list_body.html"
    page_size: ClassVar[int] = 50

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        merged = self.with_view(params)
        self.asked_columns = merged.get("columns", [])
        asked = listing.read(self.kind, merged, self.user, ignore=OWN)
        columns = self.columns()
        if params.get("rows") and self.is_fragment:
            return self.group_rows(params, asked)
        by = grouping.read(self.kind, merged.get("group", []), self.access)
        if by is not None:
            return self.grouped(params, asked, by)
        found = listing.page(asked, limit=self.page_size, cursor=request.GET.get("cursor", ""), related=self.fetched(columns),
                             columns=[*columns, *self.kind.sorts(self.access)])
        parts = self.parts(params, asked, found)
        if request.GET.get("peek"):
            parts.peek = peeks.peek(self, request.GET["peek"], found)
            if self.is_fragment and request.headers.get("HX-Target") == "peek":
                return self.answer(parts, fragment="pages/peek.html", peek=parts.peek)
        return self.answer(parts, peek=parts.peek)

    def fetched(self, columns: Sequence[Attr]) -> list[str]:
        """Links among the columns that the kind does not fetch by itself: each would cost a query a row."""
        return [attr.path for attr in columns if attr.link and not attr.custom and attr.path not in self.kind.related]

    # Views: ready-made tabs, then those people saved

    def all_views(self) -> list[View]:
        own = self.kind.offered_views(self.access)
        return [*own, stars.VIEW] if self.kind.pages else own

    @cached_property
    def saved(self) -> list[SavedView]:
        return saved_views.of(self.user, self.kind)

    def saved_view(self, key: str) -> SavedView | None:
        return next((view for view in self.saved if f"s{view.pk}" == key), None)

    def chosen_view(self, params: dict[str, list[str]]) -> View | None:
        views = self.all_views()
        wanted = (params.get("view") or [""])[-1]
        if wanted:
            saved = self.saved_view(wanted)
            return View(wanted, saved.name, saved.query) if saved else next((view for view in views if view.key == wanted), None)
        filtered = any(key not in OWN and key not in ("q", "order") for key in params)
        if filtered:
            return None
        mine = next((view for view in self.saved if view.default and view.owner_id == self.user.pk), None)
        if mine is not None:
            return View(f"s{mine.pk}", mine.name, mine.query)
        return self.first_view(views) if views else None

    def first_view(self, views: list[View]) -> View:
        """Reps start with their own rows; who looks after a department or the house starts with those."""
        reach = self.access.reach(self.kind.name)
        key = "all" if reach.everything else "department" if reach.departments else views[0].key
        return next((view for view in views if view.key == key), views[0]) if self.kind.owned else views[0]

    def with_view(self, params: dict[str, list[str]]) -> dict[str, list[str]]:
        """The query string with the chosen tab's conditions under it; typed ones win."""
        view = self.chosen_view(params)
        if view is None:
            return params
        return {**parse_qs(view.query), **params}

    def lasting(self, params: dict[str, list[str]]) -> str:
        """The list's conditions, order and columns as a query string, without what belongs to the moment."""
        kept = {name: values for name, values in self.with_view(params).items() if name not in saved_views.PASSING}
        return urlencode(kept, doseq=True)

    def view_parts(self, parts: ListParts, params: dict[str, list[str]], current: View | None) -> None:
        """The tabs, the views behind "more", and what can be done with the present one."""
        key = current.key if current else ""

        def link(code: str, label: Any) -> Link:
            return Link(label, f"{self.kind.list_url()}?view={code}", active=key == code, key=code)

        for view in self.all_views():
            made = link(view.key, view.label)
            (parts.views if view is not stars.VIEW or made.active else parts.more_views).append(made)
        for view in self.saved:
            made = link(f"s{view.pk}", view.name)
            (parts.views if view.pinned or made.active else parts.more_views).append(made)
        query = self.lasting(params)

        def button(label: Any, address: str, icon: str) -> Button:
            return Button(label, f"{address}?{query}", icon, "g", dialog=True)

        parts.view_actions = [button(_("Save as a new view"), reverse("view-new", args=[self.kind.name]), "plus")]
        saved = self.saved_view(key)
        if saved is not None and saved.owner_id == self.user.pk:
            parts.view_actions += [
                button(_("Change this view"), reverse("view-edit", args=[saved.pk]), "pencil"),
                button(_("Delete this view"), reverse("view-delete", args=[saved.pk]), "x"),
            ]

    def view_counts(self, parts: ListParts, params: dict[str, list[str]], found: listing.Page) -> None:
        """The numbers beside the tabs, as far as they are known; the page asks for the others once it stands."""
        plain = all(key in OWN or key == "order" for key in params)
        views = {**{view.key: view.query for view in self.all_views()}, **{f"s{view.pk}": view.query for view in self.saved}}
        known = view_counts.known(self.user, self.kind, [views[tab.key] for tab in parts.views])
        for tab in parts.views:
            here = view_counts.shortened(found.count, found.capped) if tab.active and plain else ""
            tab.count = here or known.get(views[tab.key], "")
        if any(views[tab.key] not in known for tab in parts.views if not tab.count):
            parts.counts_url = f"{reverse('view-counts')}?list={self.kind.name}"

    # Addresses

    def link(self, params: dict[str, list[str]], **changes: Any) -> str:
        """The list's address with some parameters changed; None drops one."""
        merged: dict[str, Any] = {key: values for key, values in params.items() if key not in ("cursor", "peek", "partial")}
        for key, value in changes.items():
            if value is None or value == []:
                merged.pop(key, None)
            else:
                merged[key] = value
        return f"{self.kind.list_url()}?{urlencode(merged, doseq=True)}" if merged else self.kind.list_url()

    # Parts

    def parts(self, params: dict[str, list[str]], asked: listing.Request, found: listing.Page) -> ListParts:
        current = self.chosen_view(params)
        parts = ListParts(
            title=self.kind.plural,
            count_text=self.count_text(found),
            list_url=self.kind.list_url(),
            actions=self.actions(),
            q=asked.q,
            search_placeholder=_("Find in this view"),
            chips=self.chips(params, asked),
            sorts=self.sorts(params, found),
            sort_text=capfirst(str(found.order.label)) if found.order is not None else "",
            density=self.user.density,
            bulk=self.bulk(),
            switch=self.switch(params),
            groups=self.group_links(params),
        )
        self.view_parts(parts, params, current)
        self.view_counts(parts, params, found)
        parts.actions = [*self.exports(params), *self.imports(params), *parts.actions]
        shown, others = ordered(self.kind, self.access, self.columns())
        parts.columns = [Option(attr.label, value=attr.name, selected=attr in shown) for attr in [*shown, *others]]
        parts.advanced, parts.advanced_url, parts.advanced_clear = conditions.chip(self, self.with_view(params), asked)
        if any(chip.on for chip in parts.chips) or parts.advanced or asked.q:
            parts.clear_url = f"{self.kind.list_url()}?view={(current or View('all', '')).key}" if current else self.link({"view": ["all"]})
        parts.group_text = next((link.label for link in parts.groups if link.active and link.key), "")
        if parts.group_text:
            return parts  # rows come where a group is opened
        parts.table = self.table(params, found)
        parts.pager = self.pager(params, found)
        if len(found.items) < found.count:
            parts.all_count = f"{found.count:,}{'+' if found.capped else ''}"
            parts.all_text, parts.all_query = _("Select all %(n)s") % {"n": parts.all_count}, f"all=1&{self.lasting(params)}"
        if not found.items:
            parts.empty = parts.table.empty = self.empty(asked, parts.clear_url)
        return parts

    def count_text(self, found: listing.Page) -> str:
        n = f"{found.count:,}{'+' if found.capped else ''}"
        return str(self.kind.count_text) % {"n": n}

    def actions(self) -> list[Button]:
        """What stands at the top right; the primary button comes last."""
        buttons: list[Button] = []
        if self.kind.create and self.access.may(self.kind.name, "add"):
            buttons.append(
                Button(_("New %(kind)s") % {"kind": self.kind.label}, self.kind.action_url("new"), "plus", "p", key="c",
                       dialog=False, phone=True)
            )
        return buttons

    def exports(self, params: dict[str, list[str]]) -> list[Button]:
        """The list as a file, with the conditions and columns it has now."""
        name = f"{self.kind.name}-export"
        if not self.access.may(self.kind.name, "export") or not routes.known(name):
            return []
        kept = {key: values for key, values in params.items() if key not in ("cursor", "peek", "partial", "density")}
        address = routes.address(name)
        return [
            Button(_("Export to Excel"), f"{address}?{urlencode({**kept, 'format': 'xlsx'}, doseq=True)}", "file", menu=True),
            Button(_("Export as csv"), f"{address}?{urlencode({**kept, 'format': 'csv'}, doseq=True)}", "file", menu=True),
        ]

    def imports(self, params: dict[str, list[str]]) -> list[Button]:
        """A file into this list, and the list as a file that comes back."""
        name = f"{self.kind.name}-template"
        if not routes.known(name) or not uploads.may(self.user, self.kind.name):
            return []
        kept = {key: values for key, values in params.items() if key not in ("cursor", "peek", "partial", "density", "columns")}
        found = [Button(_("Import from a file"), reverse("import-new", args=[self.kind.name]), "upload", menu=True)]
        if self.access.may(self.kind.name, "export"):
            found.append(
                Button(_("Edit this list in Excel"), f"{routes.address(name)}?{urlencode(kept, doseq=True)}", "table", menu=True))
        return found

    def bulk(self) -> list[Button]:
        buttons: list[Button] = []
        if self.access.may(self.kind.name, "edit") and routes.known(f"{self.kind.name}-change"):
            buttons.append(Button(_("Change"), self.kind.action_url("change"), "pencil", "g", dialog=True))
        if self.kind.owned and self.access.may(self.kind.name, "transfer"):
            buttons.append(Button(_("Transfer"), self.kind.action_url("transfer"), "user-share", "g", dialog=True, key="a"))
        buttons += [button for more in bulk_buttons for button in more(self)]
        name = f"{self.kind.name}-export"
        if self.access.may(self.kind.name, "export") and routes.known(name):
            shape = {key: self.request.GET.getlist(key) for key in ("order", "columns") if self.request.GET.get(key)}
            shape = {**({"columns": self.asked_columns} if self.asked_columns else {}), **shape}
            buttons.append(Button(_("Export"), f"{routes.address(name)}?{urlencode({'format': 'xlsx', **shape}, doseq=True)}", "download", "g"))
        return buttons

    def switch(self, params: dict[str, list[str]]) -> list[Link]:
        """Other ways to look at the same rows (board, calendar)."""
        return []

    asked_columns: list[str] = []

    def columns(self) -> list[Attr]:
        return chosen_columns(self.kind, self.access, self.asked_columns)

    def table(self, params: dict[str, list[str]], found: listing.Page) -> Table:
        attrs = self.columns()
        sortable = {attr.name for attr in self.kind.sorts(self.access)}
        head: list[Column] = []
        for i, attr in enumerate(attrs):
            here = found.order is not None and found.order.name == attr.name
            turn = attr.name if here and found.down else f"-{attr.name}" if here or attr.num or attr.type in ("date", "datetime") else attr.name
            head.append(
                Column(
                    attr.name, heading(attr), num=attr.num, primary=i == 0, priority=attr.priority, said=attr.type in SAID or attr.custom,
                    sort_url=self.link(params, order=turn) if attr.name in sortable else "",
                    sorted=("descending" if found.down else "ascending") if here else "",
                )
            )
        show = cells.renderers(self.kind, attrs, found.items, self.access)
        if attrs and attrs[0].type == "ref":
            show[0] = cells.renderer(self.kind, attrs[0], self.access)  # it leads to the row itself, and a link holds no link
        rows: list[Row] = []
        peek = self.link(params, cursor=params.get("cursor"), peek="")  # the parameter comes last: the ids follow
        behind = [more(self.kind, found.items) for more in behind_names] if found.items else []
        fields, mine = self.in_place(found.items)
        edits = [name if (name := attr.edits or attr.name) in fields else "" for attr in attrs]
        for row in found.items:
            url = self.kind.url(row.pk)
            here = row.pk in mine
            drawn = [render(row) for render in show]
            if drawn:
                drawn[0] = Markup(f'<a class="lk" href="{url}">{drawn[0]}</a>') + Markup("").join(more[row.pk] for more in behind if row.pk in more)
            rows.append(
                Row(row.pk, url,
                    [Cell(html, num=attr.num, edits=name if here else "")
                     for attr, html, name in zip(attrs, drawn, edits, strict=True)],
                    peek_url=f"{peek}{row.pk}", cells_url=f"{url}cell/" if here else "")
            )
        return Table(head, rows, label=str(self.kind.plural))

    def in_place(self, rows: Sequence[Any]) -> tuple[dict[str, Attr], frozenset[int]]:
        """What can be changed in the cells: the fields, and the rows that are the person's to change."""
        fields = self.kind.in_place_fields(self.access) if routes.known(f"{self.kind.name}-change") else {}
        return fields, guard.open_rows(self.user, rows) if fields else frozenset()

    def pager(self, params: dict[str, list[str]], found: listing.Page) -> Pager:
        if not found.items:
            return Pager()
        last = found.first + len(found.items) - 1
        n = f"{found.count:,}{'+' if found.capped else ''}"
        return Pager(
            text=_("%(first)s–%(last)s of %(n)s") % {"first": f"{found.first:,}", "last": f"{last:,}", "n": n},
            prev_url=self.link(params, cursor=found.prev) if found.prev else "",
            next_url=self.link(params, cursor=found.next) if found.next else "",
        )

    def empty(self, asked: listing.Request, clear_url: str) -> Empty:
        if asked.q or asked.lookup.used:
            return Empty(
                _("Nothing matches"), _("%(n)s conditions are in force.") % {"n": sum(used.count for used in asked.lookup.used) + bool(asked.q)},
                "filter-off", Button(_("Clear conditions"), clear_url or self.link({"view": ["all"]}), style="d"), "nomatch",
            )
        actions = self.actions()
        return Empty(_("Nothing here yet"), _("Create the first one or import from Excel."), self.kind.icon,
                     actions[-1] if actions else None, "first")

    def sorts(self, params: dict[str, list[str]], found: listing.Page) -> list[Link]:
        links: list[Link] = []
        for attr in self.kind.sorts(self.access):
            here = found.order is not None and found.order.name == attr.name
            down = (not found.down) if here else attr.num or attr.type in ("date", "datetime")
            links.append(Link(attr.label, self.link(params, order=f"-{attr.name}" if down else attr.name), active=here))
        return links
