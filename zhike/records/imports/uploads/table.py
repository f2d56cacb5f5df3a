"""The plain layout of an upload: one line of JSON a row, written by the child, read by everybody else.

A cell is a text, a number, true or false, nothing, or an object with one key: "d" a date, "t" a
moment, "h" a time of day, "e" a fault (the cell holds no value but this reason).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..templates import BadCell

FILE = "rows.jsonl"


@dataclass(slots=True)
class Line:
    """One row: its number in the file, its cells, why it is passed over or cannot be used."""

    number: int
    cells: list[Any]
    skip: str = ""
    fault: str = ""


def dump(line: Line) -> str:
    data: list[Any] = [line.number, [_out(cell) for cell in line.cells]]
    if line.skip or line.fault:
        data += [line.skip, line.fault]
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n"


def read(path: Path) -> Iterator[Line]:
    """The rows in the order of the file."""
    with path.open(encoding="ascii") as file:
        for text in file:
            number, cells, *more = json.loads(text)
            yield Line(number, [_in(cell) for cell in cells], *more)


def _out(cell: Any) -> Any:
    if cell is None or isinstance(cell, (str, bool, int)):
        return cell
    if isinstance(cell, float):
        return cell if cell == cell and abs(cell) != float("inf") else {"e": str(cell)}
    if isinstance(cell, datetime):
        return {"t": cell.isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time):
        return {"h": cell.isoformat()}
    if isinstance(cell, BadCell):
        return {"e": cell.why}
    if isinstance(cell, Decimal):
        return str(cell)
    return str(cell)


def _in(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    (mark, text), = cell.items()
    if mark == "t":
        return datetime.fromisoformat(text)
    if mark == "d":
        return date.fromisoformat(text)
    if mark == "h":
        return time.fromisoformat(text)
    return BadCell(text)
