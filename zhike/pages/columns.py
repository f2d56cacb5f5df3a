"""Which columns a list can show and which it shows."""

from __future__ import annotations

from collections.abc import Sequence

from zhike.org.access import Access
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

MOST = 30


def choosable(kind: Kind, access: Access) -> list[Attr]:
    """The columns to choose from: the usual ones, what higher apps add, then every other field.

    Fields that the person's roles hide are not among them.
    """
    own = [*kind.columns, *(attr.name for attr in kind.attrs), *kind.api]
    # A sort key says the same as the name it sorts by.
    names = [name for name in dict.fromkeys(own) if not name.startswith("sort_")]
    extra = [attr for attr in kind.extra_columns if access.field_mode(kind.name, attr.name) != "hide"]
    shown = kind.shown(names, access)
    usual = [attr for attr in shown if attr.name in kind.columns]
    return [*usual, *extra, *(attr for attr in shown if attr.name not in kind.columns)]


def chosen_columns(kind: Kind, access: Access, asked: Sequence[str]) -> list[Attr]:
    """The columns of `asked` (names, or names with commas between) in the order asked; without any the usual ones.

    Unknown and hidden ones are left out, since a shared view may name what not everybody sees. The
    first usual column always stands first: it leads to the record.
    """
    names = [name for text in asked for name in text.split(",") if name][:MOST]
    usual = [*kind.shown(kind.columns, access),
             *(attr for attr in kind.extra_columns if access.field_mode(kind.name, attr.name) != "hide")]
    if not names:
        return usual
    known = {attr.name: attr for attr in choosable(kind, access)}
    found = [known[name] for name in dict.fromkeys(names) if name in known]
    return [*usual[:1], *(attr for attr in found if attr not in usual[:1])]
