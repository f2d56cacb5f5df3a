"""Rules of a plan: named conditions on a source row and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.fields import read_number
from zhike.base.text import clean_line

from .checks import Table
from .problems import PlanError
from .templates import Template, as_text

THEN = ("reject", "warn", "replace")
TESTS = ("missing", "equals", "in", "not_in", "contains", "starts", "matches", "duplicate", "longer_than", "above",
         "below", "not_number")


@dataclass(slots=True)
class Rule:
    """When a row meets `test`, it is rejected, kept with a warning, or mended."""

    name: str
    text: Mapping[str, str]
    value: Template
    test: str
    arg: Any
    then: str
    column: str = ""
    with_: Template | None = None
    count: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        return [*self.value.columns, *([self.column] if self.column else []),
                *(self.with_.columns if self.with_ else [])]

    def said(self) -> str:
        """What the rule says about a row, in the reader's language."""
        english = (get_language() or "").startswith("en")
        text = self.text.get("en" if english else "zh") or self.text.get("en") or self.text.get("zh") or ""
        return f"{self.name}: {text}" if text else self.name

    def meets(self, row: Mapping[str, Any], row_no: int) -> str | None:
        """The reason when the row meets the condition, else None."""
        text = clean_line(as_text(self.value.value(row)))
        if self.test == "duplicate":
            if not text:
                return None
            first = self.seen.setdefault(text, row_no)
            same = _("as in row %(n)s") % {"n": first}
            return None if first == row_no else f"{self.said()} ({same})"
        return self.said() if _TESTS[self.test](text, self.arg) is True else None


def _compare(above: bool) -> Callable[[str, Any], bool]:
    def test(text: str, arg: Any) -> bool:
        number = read_number(text)
        return number is not None and (number > arg if above else number < arg)

    return test


_TESTS: dict[str, Callable[[str, Any], bool]] = {
    "missing": lambda text, arg: (not text) is bool(arg),
    "equals": lambda text, arg: text == arg,
    "in": lambda text, arg: text in arg,
    "not_in": lambda text, arg: text not in arg,
    "contains": lambda text, arg: arg in text,
    "starts": lambda text, arg: text.startswith(arg),
    "matches": lambda text, arg: arg.fullmatch(text[:2_000]) is not None,
    "longer_than": lambda text, arg: len(text) > arg,
    "above": _compare(True),
    "below": _compare(False),
    "not_number": lambda text, arg: bool(text) and read_number(text) is None,
}


def read_rule(table: Table) -> Rule:
    """One [[section.rule]]."""
    name = table.text("name", need=True, limit=60)
    said = table.get("text", str, dict, default="")
    if isinstance(said, dict) and not set(said) <= {"zh", "en"}:
        raise table.wrong("text", _("`zh` and `en` are possible here."))
    when = table.child("when")
    if when is None:
        raise table.wrong("when", _("this key is missing."))
    column, value, test, arg = _condition(when)
    then = table.choice("then", THEN, need=True)
    with_ = table.template("with")
    target = table.text("column", column)
    if then == "replace" and (with_ is None or not target):
        raise table.wrong("with", _("`replace` needs `column` and `with`."))
    if then != "replace" and with_ is not None:
        raise table.wrong("with", _("this belongs to `then = \"replace\"`."))
    table.done()
    return Rule(name, said if isinstance(said, dict) else {"en": said, "zh": said}, value, test, arg, then,
                target if then == "replace" else "", with_)


def read_condition(table: Table) -> Rule:
    """A condition alone, for `where`: rows that do not meet it are left out."""
    _column, value, test, arg = _condition(table)
    return Rule("where", {}, value, test, arg, "keep")


def _condition(when: Table) -> tuple[str, Template, str, Any]:
    column = when.text("column")
    value = when.template("value") if not column else Template("{" + column + "}")
    if value is None:
        raise when.wrong("column", _("this key is missing."))
    tests = [key for key in TESTS if key in when.data]
    if len(tests) != 1:
        raise when.wrong("", _("exactly one condition is needed: %(list)s.") % {"list": ", ".join(TESTS)})
    test = tests[0]
    arg = _argument(when, test)
    when.done()
    return column, value, test, arg


def _argument(when: Table, test: str) -> Any:
    if test in ("missing", "duplicate", "not_number"):
        given = when.get(test, bool)
        if not given and test != "missing":
            raise when.wrong(test, _("only true is possible here."))
        return given
    if test in ("in", "not_in"):
        return [clean_line(str(item)) for item in when.get(test, list)]
    if test in ("longer_than", "above", "below"):
        return when.get(test, int)
    text = str(when.get(test, str, int))
    if test != "matches":
        return clean_line(text)
    try:
        return re.compile(text)
    except re.error as wrong:
        raise _bad_pattern(when, wrong) from None


def _bad_pattern(when: Table, wrong: re.error) -> PlanError:
    return when.wrong("matches", _("this pattern cannot be read: %(why)s") % {"why": wrong})
