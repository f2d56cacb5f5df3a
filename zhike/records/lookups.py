"""Filters and orders as pages and API take them from a query string.

Only declared fields are accepted, and only those the person may see in the open: filtering by a
hidden or masked field would tell its value bit by bit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.org.access import Access, access_of, departments_below

from . import spans
from .attrs import NUMBERS, Attr
from .custom_rows import all_of
from .customs import CustomAttr
from .kinds import Kind

DATED = ("date", "datetime")
RANGED = (*DATED, *NUMBERS)
PARTS = ("", "from", "to", "within")  # what may stand behind a filter's name
EMPTIABLE = ("choice", "option", "date", "datetime")  # `none` stands for those without
MAX_VALUES = 100
_RELATIVE = re.compile(r"([+-]?\d{1,5})d")


@dataclass(slots=True)
class Used:
    """A filter in force: the field, and the values as they came."""

    name: str
    label: Any
    values: list[str]
    attr: Attr | None = None
    part: str = ""  # one of PARTS
    count: int = 1  # conditions it stands for


@dataclass(slots=True)
class Lookup:
    condition: Q = field(default_factory=Q)
    used: list[Used] = field(default_factory=list)
    extra: list[tuple[Any, list[str]]] = field(default_factory=list)
    typed: dict[int, Q] = field(default_factory=dict)  # custom field → what its typed value has to be

    def apply(self, queryset: Any, user: Any, *, probe: bool = False, typed: bool = True) -> Any:
        """The rows that meet the filters; `probe`: they are few, or only the first of them are wanted.

        Without `typed` the conditions on custom fields are left to the caller.
        """
        queryset = queryset.filter(self.condition) if self.condition else queryset
        if self.typed and typed:
            queryset = queryset.filter(all_of(self.typed, probe=probe))
        for found, values in self.extra:
            queryset = found.apply(queryset, values, user)
        return queryset


def refuse_value(label: Any, value: str, allowed: Sequence[Any] = ()) -> Refused:
    hint = ", ".join(str(choice) for choice in list(allowed)[:20])
    text = _("“%(value)s” is not possible for %(label)s.") % {"value": value[:60], "label": label}
    if hint:
        text += " " + _("Allowed: %(list)s") % {"list": hint}
    return Refused(text, code="filter.value")


def read_filters(kind: Kind, params: Mapping[str, list[str]], user: Any, *, ignore: Sequence[str] = ()) -> Lookup:
    """Turn `{"stage": ["3"], "amount__from": ["100"]}` into conditions; an unknown name refuses."""
    access, lookup = access_of(user), Lookup()
    allowed = {attr.name: attr for attr in kind.open(kind.filter_names(), access)}
    for key, values in params.items():
        values = [value for value in values if value != ""]
        if key in ignore or not values:
            continue
        if len(values) > MAX_VALUES:
            raise Refused(_("At most %(n)s values for one filter.") % {"n": MAX_VALUES}, code="filter.many")
        extra = kind.extra_filters.get(key)
        if extra is not None:
            codes = [code for code, _label in extra.choices]
            wrong = next((value for value in values if value not in codes), None)
            if wrong is not None:
                raise refuse_value(extra.label, wrong, codes)
            lookup.extra.append((extra, values))
            lookup.used.append(Used(key, extra.label, values))
            continue
        name, _sep, part = key.partition("__")
        attr = allowed.get(name)
        if attr is None or part not in PARTS or (part and attr.type not in (DATED if part == "within" else RANGED)):
            names = [*allowed, *(name for name, _item in kind.extra_filters.items())]
            raise Refused(
                _("There is no filter “%(key)s”. Possible: %(list)s") % {"key": key[:60], "list": ", ".join(names)},
                code="filter.unknown",
            )
        if not _take_typed(lookup, attr, part, values, user):
            lookup.condition &= condition(attr, part, values, user)
        lookup.used.append(Used(name, attr.label, values, attr, part))
    return lookup


def _take_typed(lookup: Lookup, attr: Attr, part: str, values: list[str], user: Any) -> bool:
    """Note a filter by a custom field beside the others of its kind, so that they are answered together; else False."""
    if not isinstance(attr, CustomAttr):
        return False
    parts, nothing = _parts(attr, part, values, user)
    wanted = [attr.sought(found, op) for found, op in parts]
    if nothing or None in wanted:
        return False
    for one in wanted:
        if one is not None:
            lookup.typed[attr.field_id] = lookup.typed.get(attr.field_id, Q()) & one
    return True


def condition(attr: Attr, part: str, values: list[str], user: Any) -> Q:
    """Rows whose field has one of the values, or with `part` begins (`from`) or ends (`to`) there or lies `within`; refuses wrong values."""
    if isinstance(attr, CustomAttr):
        return _custom(attr, part, values, user)
    path = attr.path
    if part == "within":
        first, last = span(attr, values[0])
        if attr.type == "datetime":
            return Q(**{f"{path}__gte": _start(first), f"{path}__lt": _start(last + timedelta(days=1))})
        return Q(**{f"{path}__gte": first, f"{path}__lte": last})
    if part:
        value = _typed(attr, values[0], end=part == "to")
        op = "gte" if part == "from" else "lt" if attr.type == "datetime" else "lte"
        return Q(**{f"{path}__{op}": value})
    if attr.link:
        ids: set[int] = set()
        nothing = False
        for value in values:
            if attr.type == "user" and value == "me":
                ids.add(user.pk)
            elif attr.type == "department" and value == "mine":
                ids.update(departments_below(user))
            elif value == "none":
                nothing = True
            else:
                ids.add(_id(attr, value))
        there = Q(**{f"{path}__in": sorted(ids)}) if ids or not nothing else Q()
        return there | Q(**{f"{path}__isnull": True}) if nothing else there
    if "none" in values and attr.type in EMPTIABLE and "none" not in [code for code, _label in attr.choices]:
        rest = [value for value in values if value != "none"]
        return empty(attr) | condition(attr, part, rest, user) if rest else empty(attr)
    if attr.type == "choice":
        codes = [str(code) for code, _label in attr.choices]
        for value in values:
            if value not in codes:
                raise refuse_value(attr.label, value, codes)
    if attr.type == "bool":
        wanted = [_bool(attr, value) for value in values]
        return Q(**{f"{path}__in": wanted})
    if attr.type == "datetime":
        here = day(attr, values[0])
        return Q(**{f"{path}__gte": _start(here), f"{path}__lt": _start(here + timedelta(days=1))})
    return Q(**{f"{path}__in": [_typed(attr, value) for value in values]})


def empty(attr: Attr) -> Q:
    """Rows without a value, however the field's table says so: NULL, an empty text, or its "never"."""
    if isinstance(attr, CustomAttr):
        return attr.condition([], none=True)
    found = Q(**{f"{attr.path}__isnull": True})
    if attr.never is not None:
        found |= Q(**{attr.path: attr.never})
    if attr.model_field is not None and attr.model_field.empty_strings_allowed:
        found |= Q(**{attr.path: ""})
    return found


def contains(attr: Attr, text: str) -> Q:
    """Rows whose text has `text` somewhere in it, large or small letters alike."""
    if isinstance(attr, CustomAttr):
        return attr.condition([text], op="icontains")
    return Q(**{f"{attr.path}__icontains": text})


def _custom(attr: CustomAttr, part: str, values: list[str], user: Any) -> Q:
    """The same for a field an administrator added: its values stand in an index of their own."""
    parts, nothing = _parts(attr, part, values, user)
    asked = Q()
    for found, op in parts:
        asked &= attr.condition(found, op=op, none=nothing)
    return asked


def _parts(attr: CustomAttr, part: str, values: list[str], user: Any) -> tuple[list[tuple[list[Any], str]], bool]:
    """What is asked of a custom field as (values, operator), all of which hold; and whether rows without one are meant too."""
    if part == "within":
        first, last = span(attr, values[0])
        if attr.type == "datetime":
            return [([_start(first)], "gte"), ([_start(last + timedelta(days=1))], "lt")], False
        return [([first], "gte"), ([last], "lte")], False
    if part:
        value = _typed(attr, values[0], end=part == "to")
        return [([value], "gte" if part == "from" else "lt" if attr.type == "datetime" else "lte")], False
    nothing = "none" in values
    values = [value for value in values if value != "none"]
    found: list[Any]
    if attr.link:
        found = [user.pk if attr.type == "user" and value == "me" else _id(attr, value) for value in values]
    elif attr.type in ("choice", "multi"):
        codes = [str(code) for code, _label in attr.choices]
        wrong = next((value for value in values if value not in codes), None)
        if wrong is not None:
            raise refuse_value(attr.label, wrong, codes)
        found = [[value] for value in values] if attr.type == "multi" else list(values)
    elif attr.type == "bool":
        found = [_bool(attr, value) for value in values]
    elif attr.type == "datetime" and values:
        here = day(attr, values[0])
        return [([_start(here)], "gte"), ([_start(here + timedelta(days=1))], "lt")], False
    else:
        found = [_typed(attr, value) for value in values]
    return [(found, "in")], nothing


def _id(attr: Attr, value: str) -> int:
    found = number(value)
    if found is None:
        raise refuse_value(attr.label, value)
    return found


def _bool(attr: Attr, value: str) -> bool:
    if value not in ("1", "0", "true", "false"):
        raise refuse_value(attr.label, value, ["1", "0"])
    return value in ("1", "true")


def _start(here: date) -> datetime:
    return datetime.combine(here, time.min, tzinfo=clock.zone())


def span(attr: Attr, value: str) -> tuple[date, date]:
    """The first and last day of a span counted from today; refuses what is none."""
    found = spans.read(value)
    if found is None:
        raise refuse_value(attr.label, value, [*spans.CHOICES, "-30d", "+7d"])
    return found


def day(attr: Attr, value: str) -> date:
    """A date, or one counted from today: today, -60d, +7d, month, quarter, year (their first day)."""
    today = clock.today()
    relative = _RELATIVE.fullmatch(value)
    try:
        if relative:
            return today + timedelta(days=int(relative[1]))
        match value:
            case "today":
                return today
            case "month":
                return today.replace(day=1)
            case "quarter":
                return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
            case "year":
                return today.replace(month=1, day=1)
        found = parse_date(value)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 1900 <= found.year <= 2999:
        raise refuse_value(attr.label, value, ["2026-03-18", "today", "-60d", "month", "quarter", "year"])
    return found


def _typed(attr: Attr, value: str, *, end: bool = False) -> Any:
    if attr.type == "date":
        return day(attr, value)
    if attr.type == "datetime":
        here = day(attr, value)
        return _start(here + timedelta(days=1)) if end else _start(here)
    if attr.num:
        try:
            number = Decimal(value)
            if not number.is_finite() or abs(number) >= Decimal(10) ** 13:
                raise InvalidOperation
        except InvalidOperation:
            raise refuse_value(attr.label, value) from None
        return int(number) if attr.type == "int" else number
    if "\x00" in value or len(value) > 300:
        raise refuse_value(attr.label, value)
    return value


def read_order(kind: Kind, value: str, access: Access) -> tuple[Attr | None, bool]:
    """The sort field and whether it runs downwards; None stands for the order of entry."""
    name = value or kind.order
    down = name.startswith("-")
    name = name.lstrip("-")
    if name == "id":
        return None, down
    allowed = {attr.name: attr for attr in kind.sorts(access)}
    if name not in allowed:
        if not value:  # the default order is hidden from this person
            return None, True
        raise Refused(
            _("There is no order “%(key)s”. Possible: %(list)s")
            % {"key": value[:60], "list": ", ".join([*allowed, "id"])},
            code="order.unknown",
        )
    return allowed[name], down
