"""The parts a page is made of.

Pages are declared in Python and say *what* is shown; the templates in ``jinja2/pages/`` know *how*.
A part holds finished values: text already translated, money already formatted, links already
checked against the person's rights. Nothing in here queries a database, so a template that loops
over parts can never cause a query of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst
from markupsafe import Markup, escape

Text = str | Markup
NOTHING = Markup('<span class="mut none">—</span>')  # an empty cell


@dataclass(slots=True)
class Badge:
    """A state: a dot and a word. `tone` is neutral, info, wait, good, bad, violet or teal."""

    text: Text
    tone: str = "neutral"
    dot: bool = True
    outline: bool = False


@dataclass(slots=True)
class Button:
    """Something to press. `url` alone makes a link; with `post` a form post with a once-token.

    `dialog` marks a GET whose answer opens in the dialog (forms and action pages).
    `reason` is why it is disabled and is shown beside it.
    """

    label: Text
    url: str = ""
    icon: str = ""
    style: str = "d"  # p primary, d outlined, t text, g ghost, x dangerous
    post: bool = False
    dialog: bool = False
    key: str = ""
    reason: Text = ""
    id: str = ""
    menu: bool = False  # lives under "…"
    phone: bool = False  # repeated in the phone's bottom action bar
    attrs: dict[str, str] = field(default_factory=dict)  # data-* only
    fields: dict[str, str] = field(default_factory=dict)  # hidden inputs of a post


@dataclass(slots=True)
class Link:
    label: Text
    url: str = ""
    active: bool = False
    count: Text = ""
    icon: str = ""
    key: str = ""
    children: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class Option:
    label: Text
    url: str = ""
    value: str = ""
    selected: bool = False


@dataclass(slots=True)
class Chip:
    """A filter in the bar above a list: `label` and the chosen value; coloured when used."""

    key: str
    label: Text
    value: Text = ""
    on: bool = False
    options: list[Option] = field(default_factory=list)
    search_url: str = ""  # server-side options when there are more than ten
    input: str = ""  # "", "date-range", "number-range": free input instead of options
    name: str = ""
    form_value: str = ""
    shown: bool = True  # in the bar; the others wait under "add a condition"


@dataclass(slots=True)
class Column:
    key: str
    label: Text
    num: bool = False
    sort_url: str = ""
    sorted: str = ""  # "", "ascending", "descending"
    priority: int = 1  # 1 always shown, 2 dropped beside a peek, 3 dropped first
    primary: bool = False  # the sticky first text column
    said: bool = False  # on a phone the heading stands before the value, which does not say by itself what it is
    width: str = ""  # class: w-s, w-m, w-l


@dataclass(slots=True)
class Cell:
    """One cell. `html` is safe markup, made by `cells`; `text` is the plain value."""

    html: Text
    num: bool = False
    cls: str = ""
    edits: str = ""  # the field that can be changed right here


@dataclass(slots=True)
class Row:
    id: int
    url: str
    cells: list[Cell]
    peek_url: str = ""
    cells_url: str = ""  # where a cell of this row is changed: the field's name comes behind it
    selected: bool = False
    card: dict[str, Text] = field(default_factory=dict)  # phone: title, badge, amount, line, next


@dataclass(slots=True)
class Pager:
    text: Text = ""
    prev_url: str = ""
    next_url: str = ""
    page_text: Text = ""


@dataclass(slots=True)
class Empty:
    """What stands where nothing is: `why` is first, nomatch or failed."""

    title: Text
    text: Text = ""
    icon: str = "inbox"
    action: Button | None = None
    why: str = "nomatch"


@dataclass(slots=True)
class Fact:
    """A labelled value. On record heads (`facts`) and in cards (`fl`)."""

    label: Text
    value: Text
    url: str = ""
    tone: str = ""
    hint: Text = ""
    locked: Text = ""  # source and time when another system owns the value


@dataclass(slots=True)
class Step:
    """One step of a status path: state is done, cur or todo."""

    label: Text
    state: str = "todo"
    note: Text = ""
    url: str = ""


@dataclass(slots=True)
class Tab:
    key: str
    label: Text
    url: str
    count: Text = ""
    active: bool = False


@dataclass(slots=True)
class Mini:
    """A one-line row of a rail card."""

    title: Text
    url: str = ""
    badge: Badge | None = None
    value: Text = ""
    sub: Text = ""
    avatar: str = ""
    buttons: list[Button] = field(default_factory=list)


@dataclass(slots=True)
class Card:
    """A box on a page. Exactly one of facts, minis, table, html, timeline, checklist is filled."""

    title: Text
    key: str = ""
    sub: Text = ""
    count: Text = ""
    facts: list[Fact] = field(default_factory=list)
    minis: list[Mini] = field(default_factory=list)
    table: Table | None = None
    checklist: list[Check] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    filters: list[Link] = field(default_factory=list)  # chips in the card's head
    html: Markup | None = None
    template: str = ""  # a template of the app, given the card as `card`
    data: Any = None
    buttons: list[Button] = field(default_factory=list)
    more: Link | None = None
    empty: Text = ""
    folded: list[Fact] = field(default_factory=list)  # behind "more": what is empty or rarely looked at


@dataclass(slots=True)
class Check:
    """An item of a stage gate: done or not, required or not, and the way to do it."""

    label: Text
    done: bool
    required: bool = True
    note: Text = ""
    button: Button | None = None


@dataclass(slots=True)
class Table:
    columns: list[Column]
    rows: list[Row]
    foot: list[Cell] = field(default_factory=list)
    pager: Pager | None = None
    empty: Empty | None = None
    label: Text = ""

    def cells(self, row: Row) -> Markup:
        """The cells of a row in one piece: a table of fifty rows is drawn four hundred cells at a time."""
        styles = [f"p{column.priority} " for column in self.columns]
        said = [f' data-label="{escape(capfirst(str(column.label)))}"' if (column.said or column.num) and column.label else "" for column in self.columns]
        cells = list(zip(styles, said, row.cells, strict=False))
        # What a phone's card shows under the name stands in two columns; one that is left over has the line.
        shown = [i for i, (style, label, cell) in enumerate(cells) if i and style == "p1 " and (label or cell.html != NOTHING)]
        sides = {i: "mr " if n % 2 else "mw " if n == len(shown) - 1 else "" for n, i in enumerate(shown)}
        return Markup("".join([
            f'<td class="{"num " if cell.num else ""}{style}{sides.get(i, "")}{cell.cls}"{label}{_editable(cell)}>{escape(cell.html)}</td>'
            for i, (style, label, cell) in enumerate(cells)
        ]))


def _editable(cell: Cell) -> str:
    return f' data-cell="{cell.edits}"' if cell.edits else ""


@dataclass(slots=True)
class Event:
    """One line of a timeline."""

    icon: str
    title: Text
    at: Text
    at_full: Text = ""
    by: Text = ""
    text: Text = ""
    tone: str = "info"
    badge: Badge | None = None
    link: Link | None = None
    chips: list[Link] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    more: Text = ""  # the whole of a long text of which `text` is the beginning
    below: Text = ""  # files and pictures


@dataclass(slots=True)
class Day:
    """A day of a timeline with its events."""

    label: Text
    events: list[Event]


@dataclass(slots=True)
class Notice:
    """An inline notice in a region: tone info, wait, good or bad."""

    text: Text
    tone: str = "info"
    icon: str = ""
    button: Button | None = None


@dataclass(slots=True)
class Lane:
    """A column of a board."""

    key: str
    name: Text
    count: Text
    total: Text
    weighted: Text
    rate: Text
    share: int  # 0-100, rounded; the bar is an SVG
    cards: list[BoardCard]
    drop_text: Text = ""
    more_url: str = ""
    more_text: Text = ""
    new_url: str = ""
    tone: str = "info"


@dataclass(slots=True)
class BoardCard:
    id: int
    url: str
    title: Text
    sub: Text
    amount: Text
    close: Text
    age: Text
    owner: str
    late: bool = False
    score: Text = ""
    version: int = 0
    move_url: str = ""
    moves: list[Option] = field(default_factory=list)


@dataclass(slots=True)
class Band:
    """A layer of the funnel: widths are per mille of the widest, drawn as one SVG polygon."""

    key: str
    name: Text
    value: Text
    note: Text
    url: str
    top: int
    bottom: int
    shade: int  # 1 (lightest) to 8
    selected: bool = False


@dataclass(slots=True)
class Shell:
    """What stands around every page; made once a request by `pages.shell`."""

    menus: list[Link]
    crumbs: list[Link]
    pinned: list[Link] = field(default_factory=list)
    new_items: list[Link] = field(default_factory=list)
    bottom: list[Link] = field(default_factory=list)
    phone_new: str = ""
    user_name: str = ""
    user_mark: str = ""
    user_role: Text = ""
    unread: int = 0
    theme: str = "auto"
    density: str = "normal"
    language: str = "zh-hans"
    company: Text = ""
    demo: bool = False
