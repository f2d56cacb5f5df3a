"""Templates: “{FirstName} {LastName}”, “{code|after:.|upper}”, or plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.text import clean_block

from .problems import CellError, allowed

_PART = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")
# Excel keeps 15 digits; what is longer has lost its tail before it came here.
EXACT_FLOAT = 10**15


class BadCell:
    """A cell that holds no value but a fault: #REF!, too long; using it fails the row."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why

    def __str__(self) -> str:
        return self.why


def as_text(value: Any) -> str:
    """The text of a cell: whole floats without “.0” or exponent, dates as ISO, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, BadCell):
        raise CellError(value.why)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise CellError(_("“%(value)s” is not a number.") % {"value": value})
        if abs(value) >= EXACT_FLOAT:
            raise CellError(
                _("%(value)s was stored as a number with more than 15 digits: the last ones are lost. "
                  "Format the column as text in the workbook and enter it again.") % {"value": f"{value:.0f}"}
            )
        return f"{int(value)}" if value.is_integer() else f"{Decimal(repr(value)):f}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        raise CellError(_("This cell holds binary data, not text."))
    return str(value)


def _before(text: str, mark: str) -> str:
    return text.split(mark, 1)[0]


def _after(text: str, mark: str) -> str:
    return text.split(mark, 1)[1] if mark in text else ""


def _slug(text: str, _arg: str) -> str:
    return re.sub(r"[^\w]+", ".", text.strip().lower()).strip(".")


FILTERS = {
    "upper": lambda text, _arg: text.upper(),
    "lower": lambda text, _arg: text.lower(),
    "digits": lambda text, _arg: re.sub(r"[^0-9]", "", text),
    "slug": _slug,
    "before": _before,
    "after": _after,
    "left": lambda text, arg: text[: int(arg)],
    "right": lambda text, arg: text[-int(arg) :],
}
_WITH_ARG = {"before", "after", "left", "right"}


class Template:
    """A text with {column} places; alone in a template, a column keeps its type."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str | tuple[str, list[tuple[str, str]]]] = []
        at = 0
        for found in _PART.finditer(text):
            self._plain(text[at : found.start()])
            at = found.end()
            if found[1] is None:
                self._plain(found[0][0], escaped=True)
            else:
                name, *filters = found[1].split("|")
                self.parts.append((name.strip(), [self._filter(item) for item in filters]))
        self._plain(text[at:])
        self.columns = [part[0] for part in self.parts if not isinstance(part, str)]
        self.alone = self.parts[0][0] if len(self.parts) == 1 and self.columns and not self.parts[0][1] else None

    def _plain(self, text: str, *, escaped: bool = False) -> None:
        if not escaped and ("{" in text or "}" in text):
            raise ValueError(_("“%(text)s”: a bracket is not closed; write {{ for a bracket itself.") % {"text": text})
        if text:
            self.parts.append(text)

    def _filter(self, item: str) -> tuple[str, str]:
        name, _sep, arg = item.partition(":")
        name = name.strip()
        if name not in FILTERS:
            raise ValueError(_("there is no filter “%(name)s”.") % {"name": name} + " " + allowed(name, FILTERS))
        if (name in _WITH_ARG) != bool(arg) or (name in ("left", "right") and not arg.isdigit()):
            raise ValueError(_("the filter “%(name)s” is written %(form)s.") % {
                "name": name, "form": f"{name}:n" if name in ("left", "right") else f"{name}:x" if name in _WITH_ARG else name
            })
        return name, arg

    def value(self, row: Mapping[str, Any]) -> Any:
        """The value for one row; "" when all its columns are empty."""
        if self.alone is not None:
            found = row[self.alone]
            if isinstance(found, BadCell):
                raise CellError(f"{self.alone}: {found.why}")
            return "" if found is None else found.strip() if isinstance(found, str) else found
        return self.string(row)

    def string(self, row: Mapping[str, Any]) -> str:
        texts: list[str] = []
        filled = not self.columns
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            text = as_text(row[part[0]]).strip()
            for name, arg in part[1]:
                text = FILTERS[name](text, arg)
            filled = filled or bool(text)
            texts.append(text)
        return clean_block("".join(texts)).strip() if filled else ""
