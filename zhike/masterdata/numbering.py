"""What administrators do with numbering rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.base.text import clean_line
from zhike.org.models import Department
from zhike.records import guard, numbering, registry, save
from zhike.records.kinds import Kind
from zhike.records.models import NumberRule

FIELDS = ("pattern", "width", "start", "step", "reset")
FIXED = 20  # signs of fixed text
ROOM = 8  # digits the count may grow to
_TEXT = re.compile(r"[\w\-/.#()（）]*")
_FINE = {"": 0, "YYYY": 1, "YYYYMM": 2, "YYYYMMDD": 3}
_NEEDS = {"never": 0, "year": 1, "month": 2, "day": 3}


def kinds() -> list[Any]:
    """The kinds of records that have numbers, and further series of numbers."""
    return [*(kind for kind in registry.kinds() if kind.number_field), *numbering.SERIES]


def preview(kind: Kind, rule: NumberRule, *, by: Any, n: int = 3) -> list[str]:
    """The next numbers as they would be issued now to a record of the person's own department."""
    at = clock.now()
    code = by.department.code if by.department_id else ""
    last = numbering.last_of(rule, numbering.rule_for(kind), at)
    places = numbering.free_places(kind, rule, last, n, at, [code])
    return [numbering.text(rule, place, at, code) for place in places]


@transaction.atomic
def change_number_rule(kind: Kind, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change how new records of a kind are numbered; numbers that are there stay as they are.

    While the fixed text stays the same the count goes on where it stood. Raises `Refused` for a rule
    that could give a number twice or makes it too long, and `Conflict` when somebody was faster.
    """
    guard.require(by, registry.kind("number_rule"), "edit")
    values = {name: clean_line(value) if isinstance(value, str) else value for name, value in values.items()}
    row = numbering.held_rule(kind)
    before, would = copy(row), copy(row)
    for name, value in values.items():
        setattr(would, name, value)
    check(kind, would)
    diff = save.change_row(row, values, by=by, version=version)
    if diff:
        numbering.carry_on(before, would, clock.now())
    return diff


def check(kind: Kind, rule: NumberRule) -> None:
    """Refuse a rule that makes no numbers, the same number twice, or one that is too long."""
    parts = numbering.parts_of(rule.pattern)
    tokens = [piece for sort, piece in parts if sort == "token"]
    known = [*numbering.DATES, *(["DEPT"] if kind.owned else []), "SEQ"]
    wrong = next((piece for piece in tokens if piece not in known), None)
    if wrong is not None:
        raise _no(_("There is no part {%(part)s}. Possible: %(list)s") % {"part": wrong, "list": ", ".join(f"{{{name}}}" for name in known)})
    dates = [piece for piece in tokens if piece in numbering.DATES]
    if tokens.count("SEQ") != 1 or len(dates) > 1 or tokens.count("DEPT") > 1:
        raise _no(_("A number has {SEQ} once, and a date and a department at most once each."))
    fixed = "".join(piece for sort, piece in parts if sort == "text")
    if not _TEXT.fullmatch(fixed) or len(fixed) > FIXED:
        raise _no(_("Fixed text has at most %(n)s letters, digits and - _ / . # ( ).") % {"n": FIXED})
    if not 1 <= rule.width <= 10 or not 1 <= rule.step <= 1_000:
        return  # the table says so, in its own words
    if rule.reset not in _NEEDS or _FINE[dates[0] if dates else ""] < _NEEDS[rule.reset]:
        raise Refused(_("The count cannot restart so often: the date part does not tell these numbers apart. Use {YYYY}, {YYYYMM} or "
                        "{YYYYMMDD}, or restart less often."), field="reset")
    _check_ends(parts)
    code = Department.objects.order_by(Length("code").desc()).values_list("code", flat=True).first() or ""
    longest = len(numbering.text(rule, 10 ** (max(rule.width, ROOM) - 1), clock.now(), code))
    room = kind.model._meta.get_field(kind.number_field).max_length
    if longest > room:
        raise _no(_("Such a number can have %(n)s signs; there is room for %(room)s.") % {"n": longest, "room": room})


def _check_ends(parts: list[tuple[str, str]]) -> None:
    """The digits of the count must not run into those of a department's code: A1 0001 and A 10001 would be one number."""
    names = [piece for _sort, piece in parts]
    if "DEPT" not in names:
        return
    seq, dept = parts.index(("token", "SEQ")), parts.index(("token", "DEPT"))
    beside = parts[seq - 1] if dept < seq else parts[seq + 1]
    edge = beside[1][-1 if dept < seq else 0] if beside[0] == "text" else "0"
    if edge.isdigit():
        raise _no(_("Put a sign such as - between the department and the count."))


def _no(text: str) -> Refused:
    return Refused(text, field="pattern")
