"""DetailPage: one record, one page; head, facts, path, tabs and cards, with slots for higher apps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base.slots import Slot
from zhike.records import guard, history, routes
from zhike.records.kinds import Kind

from . import cells, changes, reveal, stars
from .parts import Badge, Button, Card, Day, Fact, Link, Notice, Step, Tab
from .views import PageView

# What higher apps put beside the name on every record's page: function(page) → badges.
head_badges: Slot[Callable[[Any], list[Badge]]] = Slot("details.head_badges")
_classes: dict[str, type[DetailPage]] = {}
_WORST = {"bad": 0, "wait": 1}


def detail_class(kind: Kind) -> type[DetailPage] | None:
    return _classes.get(kind.name)


@dataclass(slots=True)
class DetailParts:
    """What `pages/detail.html` draws."""

    title: Any
    mark: str = ""
    icon: str = ""
    badges: list[Badge] = field(default_factory=list)
    subtitle: Any = ""
    star: stars.Star | None = None
    actions: list[Button] = field(default_factory=list)
    creates: list[Button] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    path: list[Step] = field(default_factory=list)
    path_label: Any = ""
    tabs: list[Tab] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    layout: str = "c2"
    left: list[Card] = field(default_factory=list)
    main: list[Card] = field(default_factory=list)
    rail: list[Card] = field(default_factory=list)
    composer: Any = None
    tab_html: Any = ""
    attention: list[Notice] = field(default_factory=list)
    version: int = 0
    url: str = ""

    @property
    def attention_card(self) -> Card:
        """Comes first on every screen: what is late or about to go wrong."""
        return Card(_("Needs attention"), key="attention", notices=self.attention)


@dataclass(slots=True)
class TabSpec:
    """A tab a page or a higher app offers: `count(page)` and `fill(page, parts)`."""

    key: str
    label: Any
    fill: Callable[[Any, DetailParts], None]
    count: Callable[[Any], Any] | None = None
    kind: str = ""  # shown to those who may view this kind


class DetailPage(PageView):
    """The page of one record. Subclasses override the parts they know better than the kind."""

    template = "pages/detail.html"
    fragment = "pages/tab.html"
    layout: ClassVar[str] = "c2"
    row: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind_name:
            _classes[cls.kind_name] = cls

    @classmethod
    def for_row(cls, request: HttpRequest, row: Any) -> Self:
        """The page object of a row that has been checked already, e.g. for the peek."""
        made = cls()
        made.request, made.user, made.row = request, request.user, row
        return made

    def get(self, request: HttpRequest, pk: int, tab: str = "", **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(pk)
        return self.show(tab or request.GET.get("tab", ""))

    def show(self, tab: str = "", *, notices: Sequence[Notice] = (), status: int = 200) -> HttpResponse:
        """The answer with one tab open; `notices` say above it what a post from there came to."""
        specs = self.tab_specs()
        chosen = next((spec for spec in specs if spec.key == (tab or specs[0].key)), None)
        if chosen is None:
            raise Http404
        parts = self.top(specs, chosen)
        parts.notices = [*notices, *parts.notices]
        chosen.fill(self, parts)
        return self.answer(parts, status=status)

    # The head

    def top(self, specs: list[TabSpec], chosen: TabSpec) -> DetailParts:
        tabs = [
            Tab(spec.key, spec.label, self.tab_url(spec.key), self._count(spec), active=spec is chosen) for spec in specs
        ]
        return DetailParts(
            title=str(self.row), mark=self.mark(), icon=self.kind.icon, badges=[*self.badges(), *(badge for more in head_badges for badge in more(self))],
            subtitle=self.subtitle(), star=stars.star(self.kind, self.row, self.user), actions=self.actions(), creates=self.creates(), facts=self.facts(), path=self.path(),
            path_label=self.path_label(), tabs=tabs, notices=self.notices(), layout=self.layout,
            version=self.row.version, url=self.kind.url(self.row),
        )

    def _count(self, spec: TabSpec) -> str:
        if spec.count is None:
            return ""
        n = spec.count(self)
        return str(n) if n else ""

    def tab_url(self, key: str) -> str:
        first = self.tab_specs()[0].key
        return self.kind.url(self.row) if key == first else reverse(f"{self.kind.name}-tab", args=[self.row.pk, key])

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(str(self.row))]

    def mark(self) -> str:
        """The letter in the square before the name; without one the kind's icon stands there."""
        return ""

    def context(self) -> dict[str, Any]:
        """What "New" fills in beforehand when it is pressed on this page."""
        return {self.kind.name: self.row.pk}

    def badges(self) -> list[Badge]:
        if self.kind.flow is None:
            return []
        state = self.kind.flow.state_of(self.row)
        return [Badge(self.kind.flow.label(state), self.kind.flow.tone(state))]

    def subtitle(self) -> Any:
        return getattr(self.row, self.kind.number_field, "") if self.kind.number_field else ""

    def actions(self) -> list[Button]:
        """At most three buttons in the open, the rest under "…"; the primary one comes last."""
        buttons: list[Button] = []
        if guard.can_edit(self.user, self.row):
            buttons.append(Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", "d", key="e", menu=True))
        if self.kind.owned and guard.can_edit(self.user, self.row, "transfer"):
            buttons.append(Button(_("Transfer"), self.kind.action_url("transfer-one", self.row), "user-share", dialog=True, menu=True))
            buttons.append(Button(_("Team"), self.kind.action_url("share", self.row), "users", dialog=True, menu=True))
        for contribution in self.kind.buttons:
            buttons.extend(contribution(self))
        return buttons

    def creates(self) -> list[Button]:
        """What "New" on this page offers: records that hang on this one."""
        return [button for contribution in self.kind.creates for button in contribution(self)]

    def facts(self) -> list[Fact]:
        return [fact for contribution in self.kind.facts for fact in contribution(self)]

    def path(self) -> list[Step]:
        return []

    def path_label(self) -> Any:
        return ""

    def notices(self) -> list[Notice]:
        return []

    def latest(self) -> list[Day]:
        """The newest events, for the peek."""
        return []

    # Tabs

    def tab_specs(self) -> list[TabSpec]:
        own = [*self.own_tabs(), *self.kind.tabs]
        own = [spec for spec in own if not spec.kind or self.access.may(spec.kind, "view")]
        return [*own, TabSpec("history", _("Changes"), fill_history)]

    def own_tabs(self) -> list[TabSpec]:
        return [TabSpec("summary", _("Summary"), type(self).fill_summary)]

    def fill_summary(self, parts: DetailParts) -> None:
        parts.main.extend(self.fact_cards())
        for contribution in self.kind.cards:
            contribution(self, parts)
        parts.attention.extend(self.attention())

    def attention(self) -> list[Notice]:
        """What is late, wrong or about to go wrong, the worst first."""
        found = [notice for contribution in self.kind.attention for notice in contribution(self)]
        return sorted(found, key=lambda notice: _WORST.get(notice.tone, 9))

    def fact_cards(self) -> list[Card]:
        """The kind's sections as cards of labelled values; what is empty waits behind "more"."""
        cards: list[Card] = []
        for i, section in enumerate(self.kind.all_sections()):
            attrs = self.kind.shown(section.fields, self.access)
            facts = [Fact(attr.label, cells.fact(self.kind, attr, self.row, self.access),
                          hint=reveal.button(self.kind, attr, self.row, self.access)) for attr in attrs]
            buttons = []
            if i == 0 and routes.known(f"{self.kind.name}-edit", of_record=True) and guard.can_edit(self.user, self.row):
                buttons = [Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", "g")]
            if facts:
                full, empty = told(facts)
                cards.append(Card(section.title, facts=full, folded=empty, buttons=buttons))
        return cards


def told(facts: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """The facts that say something and those that are empty; a single dash among them is not worth a fold."""
    empty = [fact for fact in facts if fact.value == cells.DASH]
    return (facts, []) if len(empty) < 2 else ([fact for fact in facts if fact.value != cells.DASH], empty)


def fill_history(page: DetailPage, parts: DetailParts) -> None:
    """The change log of the record: who did what when, field by field."""
    entries = list(history.of(page.row)[:200])
    days = changes.days(page.kind, entries, page.access)
    parts.layout = "c1"
    parts.main.append(Card(_("Changes"), template="pages/timeline.html", data=days, empty=_("Nothing has changed yet.")))


