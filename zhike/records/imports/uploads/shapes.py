"""What the values of a column look like: phones, mail addresses, dates, amounts, codes."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, time
from typing import Any

from zhike.base.text import clean_line, half_width

from ..problems import CellError
from ..templates import as_text
from . import limits

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_PHONE = re.compile(r"\+?\d{7,15}(?:[x转#]\d{1,6})?")
_DATE = re.compile(r"(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T].*)?")
_NUMBER = re.compile(r"[-+]?[¥$€]?\s?\d{1,3}(?:,?\d{3})*(?:\.\d+)?%?")
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_COMPANY = re.compile(r".*(?:公司|集团|工厂|厂|研究院|研究所|大学|医院|\b(?:inc|ltd|llc|corp|gmbh|co)\b\.?)", re.IGNORECASE)
_BOOL = {"true", "false", "yes", "no", "是", "否", "y", "n"}
_STRIP = str.maketrans("", "", " -()/.·\u2010\u2013")


def shape_of(value: Any) -> str:
    """One word for one value; "" for a text of no known form."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time):
        return ""
    try:
        text = half_width(as_text(value))
    except CellError:
        return ""
    bare = text.translate(_STRIP)
    if _MAIL.fullmatch(text):
        return "mail"
    if _DATE.fullmatch(text):
        return "date"
    if len(text) == 18 and _CREDIT.fullmatch(text.upper()):
        return "credit"
    if _MOBILE.fullmatch(bare):
        return "mobile"
    if _NUMBER.fullmatch(text) and not (text[:1] == "0" and len(text) > 6 and "." not in text):
        return "number"
    if _PHONE.fullmatch(bare.removeprefix("tel:")):
        return "phone"
    if _URL.match(text):
        return "url"
    if text.casefold() in _BOOL:
        return "bool"
    if _COMPANY.fullmatch(text):
        return "company"
    return ""


class Column:
    """What is learned about one column while its values pass by."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = 0
        self.longest = 0
        self.shapes: Counter[str] = Counter()
        self.examples: list[str] = []
        self.seen: set[str] = set()

    def look(self, value: Any) -> None:
        self.filled += 1
        if self.filled > limits.VALUES:
            return
        try:
            text = clean_line(as_text(value))
        except CellError as wrong:
            text = f"⚠ {wrong}"
        self.longest = max(self.longest, len(text))
        self.seen.add(text[:200])
        self.shapes[shape_of(value)] += 1
        if len(self.examples) < limits.EXAMPLES and text[: limits.LONGEST_EXAMPLE] not in self.examples:
            self.examples.append(text[: limits.LONGEST_EXAMPLE])

    def told(self) -> dict[str, Any]:
        looked = min(self.filled, limits.VALUES) or 1
        return {
            "name": self.name, "filled": self.filled, "longest": self.longest, "examples": self.examples,
            "distinct": len(self.seen),
            "shapes": {name: round(n / looked, 3) for name, n in self.shapes.most_common() if name},
        }
