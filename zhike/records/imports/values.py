"""From the value of a cell to the value of a field, strictly: what is not sure is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.chinese import phones
from zhike.base.fields import read_number
from zhike.base.text import clean_block, clean_line, half_width
from zhike.records import options

from .importer import Target
from .problems import CellError
from .templates import as_text

_TRUE = {"true", "1", "yes", "y", "t", "是", "有", "真"}
_FALSE = {"false", "0", "no", "n", "f", "否", "无", "假"}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BARE_URL = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?")


def _text(value: Any, target: Target, **_options: Any) -> Any:
    text = as_text(value)
    field: Any = target.field
    tidy = getattr(field, "tidy", clean_block if target.type == "block" else clean_line)
    text = tidy(text)
    if isinstance(field, models.URLField) and _BARE_URL.fullmatch(text):
        text = f"https://{text}"
    limit = getattr(field, "max_length", None)
    if limit and len(text) > limit:
        raise CellError(_("at most %(limit)s characters are possible; these are %(length)s.")
                        % {"limit": limit, "length": len(text)})
    return text


def _phone(value: Any, target: Target, **options_: Any) -> str:
    return _text(phones.normalise(as_text(value)), target, **options_)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise CellError(_("“%(value)s” is not a number.") % {"value": value})
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    text = as_text(value)
    found = read_number(text)
    if found is None:
        raise CellError(_("“%(value)s” is not a number such as 1,234.50.") % {"value": text[:60]})
    return found


def _exact(value: Any, target: Target, *, places: int | None = None, **_options: Any) -> Decimal | None:
    number = _number(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    try:
        return target.field.to_python(number)  # type: ignore[union-attr]
    except ValidationError as wrong:
        raise CellError(" ".join(wrong.messages)) from None


def _int(value: Any, target: Target, **_options: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value() or abs(number) > 2**31 - 1:
        raise CellError(_("“%(value)s” is not a whole number.") % {"value": as_text(value)[:60]})
    return int(number)


def _bool(value: Any, target: Target, **_options: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = half_width(as_text(value)).casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise CellError(_("“%(value)s” is neither yes nor no.") % {"value": text[:60]})


def _moment(value: Any, form: str) -> datetime:
    """A naive or aware moment; a plain date is its midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, float):
        raise CellError(_("the number %(value)s is not a date; format the column as a date in the workbook.")
                        % {"value": as_text(value)})
    text = half_width(as_text(value))
    try:
        if form:
            return datetime.strptime(text, form)  # noqa: DTZ007
        day, _space, rest = text.replace("T", " ", 1).partition(" ")
        found = _DAY.fullmatch(day) or _COMPACT.fullmatch(day)
        if found is None:
            raise ValueError
        at = datetime.combine(date(int(found[1]), int(found[2]), int(found[3])), time())
        if rest:
            clock_time = _TIME.fullmatch(rest.strip())
            if clock_time is None:
                return datetime.fromisoformat(text)
            at = at.replace(hour=int(clock_time[1]), minute=int(clock_time[2]), second=int(clock_time[3] or 0))
        return at
    except ValueError:
        raise CellError(_("“%(value)s” is not a date such as 2026-03-18.") % {"value": text[:60]}) from None


def _year(at: date) -> None:
    if not 1900 <= at.year <= 2999:
        raise CellError(_("the year %(year)s lies outside 1900 to 2999.") % {"year": at.year})


def _date(value: Any, target: Target, *, form: str = "", **_options: Any) -> date:
    at = _moment(value, form)
    _year(at)
    return clock.local(at).date() if at.tzinfo else at.date()


def _datetime(value: Any, target: Target, *, form: str = "", **_options: Any) -> datetime:
    at = _moment(value, form)
    _year(at)
    return at if at.tzinfo else at.replace(tzinfo=clock.zone())


def _no_choice(text: str, labels: Iterable[Any]) -> CellError:
    return CellError(_("“%(value)s” is not a choice. Possible: %(list)s")
                     % {"value": text[:60], "list": _(", ").join(str(label) for label in labels)})


def _choice(value: Any, target: Target, *, friendly: bool = False, **_options: Any) -> str:
    text = clean_line(as_text(value))
    for code, label in target.choices:
        if text == code or text == str(label):
            return str(code)
    for code, name in target.named:
        if text.casefold() == name.casefold():
            return code
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for code, label in target.choices:
                if text.casefold() == str(label).casefold():
                    return str(code)
    if friendly:
        raise _no_choice(text, (label for _code, label in target.choices))
    raise CellError(_("“%(value)s” is not a choice. Allowed: %(list)s")
                    % {"value": text[:60], "list": ", ".join(str(code) for code, _label in target.choices)})


def _list(value: Any, target: Target, **_options: Any) -> list[str]:
    """Several codes in one cell, separated by commas."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return [part.strip() for part in re.split(r"[,，;；]", as_text(value)) if part.strip()]


def _multi(value: Any, target: Target, **options: Any) -> list[str]:
    """Several choices in one cell, by code or name, separated by commas, semicolons or 、."""
    texts = [part for text in (value if isinstance(value, list) else [as_text(value)]) for part in re.split(r"[,，;；、\n]", str(text))]
    return list(dict.fromkeys(_choice(text, target, **options) for text in texts if text.strip()))


_CONVERT: dict[str, Callable[..., Any]] = {
    "text": _text, "block": _text, "phone": _phone, "exact": _exact, "int": _int, "bool": _bool, "date": _date,
    "datetime": _datetime, "choice": _choice, "list": _list,
}


class Converter:
    """Converts cells; `extra_options` are option-list entries a dry run would have added."""

    def __init__(self, *, friendly: bool = False) -> None:
        """`friendly`: faults name choices by their labels, for people who never see the codes."""
        self.friendly = friendly
        self.extra_options: dict[str, set[str]] = {}
        self._options: dict[str, tuple[dict[str, str], dict[str, str]]] = {}

    def forget_options(self) -> None:
        self._options.clear()

    def convert(self, value: Any, target: Target, **how: Any) -> Any:
        """The typed value, or `CellError` with the reason; empty is the caller's business."""
        if target.type == "option":
            return self._option(value, target)
        if target.type == "choice":
            return _choice(value, target, friendly=self.friendly)
        if target.type == "multi":
            return _multi(value, target, friendly=self.friendly)
        return _CONVERT[target.type](value, target, **how)

    def _option(self, value: Any, target: Target) -> str:
        text = clean_line(as_text(value))
        name = target.dictionary
        if name not in self._options:
            zh = options.labels(name, "zh-hans")
            en = options.labels(name, "en")
            by_label = {label.casefold(): code for labels in (en, zh) for code, label in labels.items()}
            by_label |= {label: code for labels in (en, zh) for code, label in labels.items()}
            self._options[name] = (zh, by_label)
        codes, by_label = self._options[name]
        if text in codes or text in self.extra_options.get(name, ()):
            return text
        found = by_label.get(text) or by_label.get(text.casefold())
        if found:
            return found
        if self.friendly:
            labels = options.labels(name, get_language() or "zh-hans", enabled_only=True)
            raise _no_choice(text, labels.values())
        known = [*codes, *sorted(self.extra_options.get(name, ()))]
        raise CellError(_("“%(value)s” is not in the list “%(name)s”. Allowed: %(list)s")
                        % {"value": text[:60], "name": name, "list": ", ".join(known[:40])})
