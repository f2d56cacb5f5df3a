"""Where the table of a sheet begins: titles above it passed over, headings of two lines put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from zhike.base.text import clean_line

from ..templates import BadCell

LOOK = 30  # rows among which the heading is sought
LONGEST = 60
TALLEST = 6  # lines of one heading
_VALUE = re.compile(r"[-+]?[\d.,:/%\s¥$€-]*\d[\d.,:/%\s¥$€-]*|true|false", re.IGNORECASE)
Row = tuple[int, Sequence[Any]]
Merge = tuple[int, int, int, int]


@dataclass(slots=True)
class Heading:
    """Where the heading stands in the sample (-1 when there is none), how many lines it has, its names by place."""

    at: int
    lines: int
    names: list[str] = field(default_factory=list)


def empty(cell: Any) -> bool:
    return cell is None or isinstance(cell, str) and not cell.strip()


def is_label(cell: Any) -> bool:
    """Whether a cell could be a heading: a short text that is no number, date or mail address."""
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    return 0 < len(text) <= LONGEST and "@" not in text[1:] and not _VALUE.fullmatch(text)


def find(sample: Sequence[Row], merges: Sequence[Merge] = ()) -> tuple[int, int]:
    """(place of the heading in the sample, its lines); (-1, 0) when the rows begin at once."""
    filled = [sum(not empty(cell) for cell in cells) for _number, cells in sample]
    width = max(filled, default=0)
    enough = max(2, width // 2) if width > 1 else 1
    for i, (_number, cells) in enumerate(sample[:LOOK]):
        if filled[i] < enough:
            continue
        labels = [clean_line(cell) for cell in cells if is_label(cell)]
        if len(labels) * 2 < filled[i] or len(set(labels)) * 2 < len(labels):
            return -1, 0
        return _with_groups(sample, i, merges)
    return next((i for i, n in enumerate(filled) if n), -1), 1


def _with_groups(sample: Sequence[Row], at: int, merges: Sequence[Merge]) -> tuple[int, int]:
    number, cells = sample[at]
    # Cells merged downwards tell how many lines the heading has.
    tall = max((m[2] for m in merges if m[0] == number), default=number) - number + 1
    lines = sample[at : at + tall]
    if 2 <= tall <= TALLEST and len(lines) == tall and lines[-1][0] == number + tall - 1 and all(
        is_label(cell) or empty(cell) or isinstance(cell, str) for _n, row in lines for cell in row
    ):
        return at, tall
    # A line of groups above: a cell merged over some columns, or names for what is empty here.
    if at and sample[at - 1][0] == number - 1:
        above = sample[at - 1][1]
        groups = [m for m in merges if m[0] == number - 1 == m[2] and m[3] > m[1]]
        whole = len([cell for cell in above if not empty(cell)]) < 2
        fills = [x for x, cell in enumerate(cells) if empty(cell) and x < len(above) and is_label(above[x])]
        if not whole and (groups or fills) and all(is_label(cell) or empty(cell) for cell in above):
            return at - 1, 2
    if at + 1 < len(sample) and sample[at + 1][0] == number + 1 and _is_second_line(sample, at, merges):
        return at, 2
    return at, 1


def _is_second_line(sample: Sequence[Row], at: int, merges: Sequence[Merge]) -> bool:
    """Whether the row below the heading names columns inside the heading's groups."""
    number, cells = sample[at]
    below = sample[at + 1][1]
    names = {x for x, cell in enumerate(below) if not empty(cell)}
    if not names or not all(is_label(below[x]) for x in names):
        return False
    groups = [m for m in merges if m[0] == number == m[2] and m[3] > m[1]]
    if groups:
        inside = {x for m in groups for x in range(m[1], m[3] + 1)}
        return len(names & inside) >= 2 and names <= inside
    if any(m[0] == number and m[2] > number for m in merges):
        return False
    gaps = {x for x in range(len(below)) if x >= len(cells) or empty(cells[x])}
    starts = {x - 1 for x in gaps if x - 1 not in gaps}
    if not names & gaps or not names <= gaps | starts or any(re.search(r"\d", str(below[x])) or len(str(below[x])) > 20
                                                               for x in names):
        return False
    rest = sample[at + 2 : at + 12]
    return any(not is_label(row[x]) and not empty(row[x]) for _n, row in rest for x in names if x < len(row))


def read(sample: Sequence[Row], at: int, lines: int, width: int, merges: Sequence[Merge] = ()) -> list[str]:
    """The name of every column: unique, never empty; groups before their columns ("Contact / Phone")."""
    parts: list[list[str]] = [[] for _x in range(width)]
    for line in range(lines):
        number, cells = sample[at + line]
        texts = [_label(cells[x]) if x < len(cells) else "" for x in range(width)]
        if line < lines - 1:
            texts = _spread(texts, number, merges, lines)
        for x, text in enumerate(texts):
            if text and (not parts[x] or parts[x][-1] != text):
                parts[x].append(text)
    return unique([" / ".join(part) for part in parts])


def unique(names: Sequence[str]) -> list[str]:
    """Empty names become the letters of their columns, repeated ones get a number."""
    found: list[str] = []
    seen: set[str] = set()
    for x, name in enumerate(names):
        name = base = name or letters(x)
        n = 1
        while name.casefold() in seen:
            n += 1
            name = f"{base} ({n})"
        seen.add(name.casefold())
        found.append(name)
    return found


def _spread(texts: list[str], number: int, merges: Sequence[Merge], lines: int) -> list[str]:
    """A group's name stands in its first column and counts for all of them."""
    found = list(texts)
    told = [m for m in merges if m[0] <= number <= m[2]]
    if told:
        for _top, left, _bottom, right in told:
            for x in range(max(left, 0), min(right + 1, len(found))):
                found[x] = texts[left] if 0 <= left < len(texts) else ""
        return found
    if lines > 1:
        for x in range(1, len(found)):
            found[x] = found[x] or found[x - 1]
    return found


def _label(cell: Any) -> str:
    if cell is None or isinstance(cell, BadCell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return clean_line(str(cell))[:LONGEST]


def letters(place: int) -> str:
    """The name a spreadsheet gives a column: A, B, … Z, AA."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text
