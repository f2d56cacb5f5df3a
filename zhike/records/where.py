"""Conditions with "any of" and "all of", as an address carries them in `where`.

    {"any": [["level", "in", "A", "B"], {"all": [["owner", "is", "me"], ["amount", "from", "100000"]]}]}

A list is one condition: field, operator, values. Groups stand one inside the other once, not deeper.
Fields are those the person may filter by in the open, and the texts their search may look into; what
is read here grants nothing that a plain filter would not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.org.access import access_of

from . import lookups
from .attrs import Attr
from .kinds import ExtraFilter, Kind

LONGEST = 2_000  # characters
MOST = 20  # conditions
TEXTS = ("text", "code", "phone", "email", "url")
LONGEST_TEXT = 100
_CLEAN = re.compile(r"[^\x00-\x1f\ud800-\udfff]*")  # what a database can be asked, and a message can repeat
OPERATORS = {
    "is": gettext_lazy("is"), "not": gettext_lazy("is not"), "in": gettext_lazy("is one of"), "from": gettext_lazy("from"),
    "within": gettext_lazy("is within"), "to": gettext_lazy("to"), "has": gettext_lazy("contains"), "empty": gettext_lazy("is empty"), "filled": gettext_lazy("is not empty"),
}
BARE = ("empty", "filled")  # operators without a value
SEVERAL = ("in",)


@dataclass(slots=True)
class Condition:
    field: str
    op: str
    values: list[str]

    def packed(self) -> list[str]:
        return [self.field, self.op, *self.values]


@dataclass(slots=True)
class Group:
    mode: str  # "all" or "any"
    items: list[Condition | Group]

    def packed(self) -> dict[str, Any]:
        return {self.mode: [item.packed() for item in self.items]}

    def conditions(self) -> list[Condition]:
        return [one for item in self.items for one in ([item] if isinstance(item, Condition) else item.conditions())]

    def text(self) -> str:
        """As an address carries it."""
        return json.dumps(self.packed(), ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class Field:
    """Something a condition can be about: a field, or a filter of a higher app."""

    name: str
    label: Any
    ops: tuple[str, ...]
    attr: Attr | None = None
    extra: ExtraFilter | None = None


def fields(kind: Kind, user: Any) -> dict[str, Field]:
    """What this person's conditions may be about."""
    access = access_of(user)
    names = list(kind.filter_names())
    if kind.search is not None:
        parts = {"names": kind.search.names, "codes": kind.search.codes, "phones": kind.search.phones}
        names += [name for part in kind.search_parts(access_of(user)) for name in parts.get(part, ())]
    found: dict[str, Field] = {}
    for attr in kind.open(list(dict.fromkeys(names)), access):
        ops = _operators(attr)
        if ops:
            found[attr.name] = Field(attr.name, attr.label, ops, attr)
    for name, extra in kind.extra_filters.items():
        found[name] = Field(name, extra.label, ("is", "not", "in"), extra=extra)
    return found


def _operators(attr: Attr) -> tuple[str, ...]:
    if attr.type in TEXTS:
        return ("has", "is", "not", "empty", "filled")
    if attr.type == "bool":
        return ("is",)
    if attr.type in lookups.DATED:
        return ("within", "from", "to", "is", "not", "empty", "filled")
    if attr.type in lookups.RANGED:
        return ("from", "to", "is", "not", "empty", "filled")
    if attr.type in ("choice", "option", "multi", "user", "department", "ref"):
        return ("is", "in", "not", "empty", "filled")
    return ()


def parse(text: str) -> Group:
    """The groups of an address, as far as their form goes; refuses what is no such thing."""
    if len(text) > LONGEST:
        raise Refused(_("The conditions are too long: at most %(n)s characters.") % {"n": f"{LONGEST:,}"}, code="where.long", field="where")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed() from None
    group = _group(found, 0)
    if len(group.conditions()) > MOST:
        raise Refused(_("At most %(n)s conditions are possible.") % {"n": MOST}, code="where.many", field="where")
    return group


def _malformed() -> Refused:
    return Refused(
        _("The conditions cannot be read. They look like %(example)s")
        % {"example": '{"any":[["level","in","A","B"],{"all":[["owner","is","me"],["created_at","from","-60d"]]}]}'},
        code="where.form", field="where",
    )


def _group(found: Any, depth: int) -> Group:
    if not isinstance(found, dict) or len(found) != 1:
        raise _malformed()
    mode, items = next(iter(found.items()))
    if mode not in ("all", "any") or not isinstance(items, list) or not items:
        raise _malformed()
    if depth > 1:
        raise Refused(_("Groups of conditions stand one inside the other once, not deeper."), code="where.deep", field="where")
    return Group(mode, [_group(item, depth + 1) if isinstance(item, dict) else _condition(item) for item in items])


def _condition(item: Any) -> Condition:
    if not isinstance(item, list) or len(item) < 2 or any(type(part) is not str or not _CLEAN.fullmatch(part) for part in item):
        raise _malformed()
    name, op, *values = item
    return Condition(name, op, values)


def read(kind: Kind, text: str, user: Any) -> tuple[Q, Group]:
    """The condition an address asks for, checked against the kind and the person's rights."""
    group = parse(text)
    return question(kind, group, user), group


def question(kind: Kind, group: Group, user: Any) -> Q:
    """Checked groups as a database condition; refuses unknown fields, operators and values in words."""
    return _joined(kind, group, fields(kind, user), user)


def _joined(kind: Kind, group: Group, known: dict[str, Field], user: Any) -> Q:
    parts = [_joined(kind, item, known, user) if isinstance(item, Group) else _asked(kind, item, known, user) for item in group.items]
    found = parts[0]
    for part in parts[1:]:
        found = found & part if group.mode == "all" else found | part
    return found


def _asked(kind: Kind, one: Condition, known: dict[str, Field], user: Any) -> Q:
    field = known.get(one.field)
    if field is None:
        raise Refused(
            _("There is no filter “%(key)s”. Possible: %(list)s") % {"key": one.field[:60], "list": ", ".join(known)},
            code="filter.unknown", field="where",
        )
    if one.op not in field.ops:
        raise Refused(
            _("“%(op)s” is not possible for %(label)s. Possible: %(list)s")
            % {"op": one.op[:20], "label": field.label, "list": ", ".join(field.ops)},
            code="where.operator", field="where",
        )
    _counted(field, one)
    if one.op in BARE and field.attr is not None:
        found = lookups.empty(field.attr)
        return found if one.op == "empty" else ~found
    for value in one.values:
        if not 0 < len(value) <= LONGEST_TEXT:
            raise lookups.refuse_value(field.label, value)
    if field.extra is not None:
        return _beyond(kind, field.extra, one, user)
    assert field.attr is not None
    if one.op == "has":
        return lookups.contains(field.attr, one.values[0])
    part = one.op if one.op in ("from", "to", "within") else ""
    found = lookups.condition(field.attr, part, one.values, user)
    return ~found if one.op == "not" else found


def _counted(field: Field, one: Condition) -> None:
    least, most = (0, 0) if one.op in BARE else (1, lookups.MAX_VALUES if one.op in SEVERAL else 1)
    if len(one.values) < least:
        raise Refused(_("Give a value for %(label)s.") % {"label": field.label}, code="where.value", field="where")
    if len(one.values) > most:
        raise Refused(_("Too many values for %(label)s.") % {"label": field.label}, code="where.values", field="where")


def _beyond(kind: Kind, extra: ExtraFilter, one: Condition, user: Any) -> Q:
    """A filter of a higher app: it narrows rows, so its rows are asked for by their ids."""
    codes: Sequence[str] = [code for code, _label in extra.choices]
    wrong = next((value for value in one.values if value not in codes), None)
    if wrong is not None:
        raise lookups.refuse_value(extra.label, wrong, codes)
    rows = extra.apply(kind.model._default_manager.all(), one.values, user).order_by().values("pk")
    return ~Q(pk__in=rows) if one.op == "not" else Q(pk__in=rows)
