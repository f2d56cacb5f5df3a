"""Which columns a list can show and which it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language

from zhike.org.access import Access
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

MOST = 30


def heading(attr: Attr) -> Any:
    """What stands over a column: the field and, where it has one, its unit."""
    if not attr.unit:
        return attr.label
    chinese = (get_language() or "zh").startswith("zh")
    return f"{attr.label}（{attr.unit}）" if chinese else f"{attr.label} ({attr.unit})"


def usual(kind: Kind, access: Access) -> list[Attr]:
    """The columns a list shows when nobody asks for others: its own, then those higher apps add."""
    extra = [attr for attr in kind.extra_columns if access.field_mode(kind.name, attr.name) != "hide"]
    return [*kind.shown(kind.column_names(), access), *extra]


def choosable(kind: Kind, access: Access) -> list[Attr]:
    """The columns to choose from: the usual ones, what higher apps add, then every other field.

    Fields that the person's roles hide are not among them.
    """
    # A sort key says the same as the name it sorts by.
    names = [name for name in dict.fromkeys([*(attr.name for attr in kind.attrs), *kind.api_names()])
             if not name.startswith("sort_") and name not in kind.column_names()]
    return [*usual(kind, access), *kind.shown(names, access)]


def chosen_columns(kind: Kind, access: Access, asked: Sequence[str]) -> list[Attr]:
    """The columns of `asked` (names, or names with commas between) in the order asked; without any the usual ones.

    Unknown and hidden ones are left out, since a shared view may name what not everybody sees. The
    first usual column always stands first: it leads to the record.
    """
    names = [name for text in asked for name in text.split(",") if name][:MOST]
    standard = usual(kind, access)
    if not names:
        return standard
    known = {attr.name: attr for attr in choosable(kind, access)}
    found = [known[name] for name in dict.fromkeys(names) if name in known]
    return [*standard[:1], *(attr for attr in found if attr not in standard[:1])]


def ordered(kind: Kind, access: Access, shown: Sequence[Attr]) -> tuple[list[Attr], list[Attr]]:
    """The columns to arrange: those shown in their order, and the others; the first column has its place and is in neither."""
    there = [attr.name for attr in shown]
    return list(shown[1:]), [attr for attr in choosable(kind, access)[1:] if attr.name not in there]
