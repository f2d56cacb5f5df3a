"""From raw rows to the table: heading found or chosen, columns named and looked at, rows written down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.text import clean_line

from ..problems import CellError, SourceError
from ..readers import QUOTED, RESULT_COLUMNS, RESULT_COLUMNS_ZH
from ..templates import BadCell, as_text
from . import headings, limits, shapes, table

_TOTAL = re.compile(r"(?:合计|总计|小计|共计|total|grand total|sum)\s*[:：]?", re.IGNORECASE)


@dataclass(slots=True)
class Choice:
    """What the person chose: the number of the heading line as in the file (0: none), and of its lines."""

    header: int | None = None
    lines: int | None = None


def write(
    path: Path, folder: Path, rows: Iterator[tuple[int, list[Any]]], merges: Sequence[headings.Merge], choice: Choice,
    *, ragged: bool,
) -> dict[str, Any]:
    """Write FOLDER/rows.jsonl; the facts about the table. `ragged`: a longer row is a broken one (text files)."""
    rows = _limited(path, rows)
    sample = list(islice(rows, limits.SAMPLE))
    if not any(not headings.empty(cell) for _n, cells in sample for cell in cells):
        raise SourceError(_("%(file)s: the file holds no rows.") % {"file": path.name})
    at, lines = _heading(path, sample, merges, choice)
    width = max(len(cells) for _n, cells in sample)
    names = headings.read(sample, at, lines, width, merges) if lines else headings.unique([""] * width)
    head_width = max((x + 1 for x in range(width) if lines and any(
        x < len(cells) and not headings.empty(cells[x]) for _n, cells in sample[at : at + lines])), default=width)
    ours = next((found for found in (RESULT_COLUMNS, RESULT_COLUMNS_ZH) if found[1] in names), ())
    results = [x for x, name in enumerate(names) if name in ours]
    columns = [shapes.Column(name) for name in names]
    heads = [_plain(cell) for cell in (sample[at][1] if lines else [])]
    count = 0
    with (folder / "rows.part").open("w", encoding="ascii") as out:
        for number, cells in chain(sample[at + lines if lines else 0 :], rows):
            if all(headings.empty(cell) for x, cell in enumerate(cells) if x not in results):
                continue
            count += 1
            if count > limits.MAX_ROWS:
                raise SourceError(_("%(file)s: more than %(n)s rows; split the file.")
                                  % {"file": path.name, "n": f"{limits.MAX_ROWS:,}"})
            line = table.Line(number, cells)
            if results:
                _unquote(cells)
            if heads and [_plain(cell) for cell in cells[: len(heads)]] == heads:
                line.skip = _("repeats the heading")
            elif _is_total(cells):
                line.skip = _("a row of totals")
            if ragged and lines and len(cells) > head_width and any(not headings.empty(cell) for cell in cells[head_width:]):
                line.fault = (_("the row has more cells (%(n)s) than the heading (%(m)s).")
                              % {"n": len(cells), "m": head_width})
            while len(columns) < len(cells):
                columns.append(shapes.Column(headings.letters(len(columns))))
            if not line.skip and not line.fault:
                for x, cell in enumerate(cells):
                    if not headings.empty(cell):
                        columns[x].look(cell)
            out.write(table.dump(line))
    (folder / "rows.part").replace(folder / table.FILE)
    told = []
    for x, column in enumerate(columns):
        named = lines and x < head_width and any(
            x < len(cells) and not headings.empty(cells[x]) for _n, cells in sample[at : at + lines])
        if x not in results and (column.filled or named):
            told.append({"place": x, **column.told()})
    if len(told) > limits.MAX_COLUMNS:
        raise SourceError(_("%(file)s: %(n)s columns; at most %(limit)s are possible.")
                          % {"file": path.name, "n": len(told), "limit": limits.MAX_COLUMNS})
    return {
        "header": sample[at][0] if lines else 0, "header_lines": lines, "columns": told, "rows": count,
        "again": bool(results),
        "preview": [[number, [_shown(cell) for cell in cells[:30]]] for number, cells in sample[: limits.PREVIEW]],
    }


def _heading(path: Path, sample: Sequence[headings.Row], merges: Sequence[headings.Merge], choice: Choice) -> tuple[int, int]:
    if choice.header is None:
        return headings.find(sample, merges)
    if choice.header == 0:
        return -1, 0
    for i, (number, cells) in enumerate(sample):
        if number == choice.header and any(not headings.empty(cell) for cell in cells):
            lines = choice.lines or 1
            return i, min(max(lines, 1), headings.TALLEST, len(sample) - i)
    raise SourceError(_("%(file)s: line %(line)s holds no heading.") % {"file": path.name, "line": choice.header})


def _limited(path: Path, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    """Empty ends of rows cut off; too wide ones refused before they are kept."""
    for number, cells in rows:
        while cells and headings.empty(cells[-1]):
            cells.pop()
        if len(cells) > 4 * limits.MAX_COLUMNS:
            raise SourceError(_("%(file)s: %(n)s columns; at most %(limit)s are possible.")
                              % {"file": path.name, "n": len(cells), "limit": limits.MAX_COLUMNS})
        yield number, cells


def _unquote(cells: list[Any]) -> None:
    """A result file that was mended comes back: its quotes before = + - @ are ours."""
    for x, cell in enumerate(cells):
        if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in QUOTED:
            cells[x] = cell[1:]


def _is_total(cells: Sequence[Any]) -> bool:
    first = next((cell for cell in cells if not headings.empty(cell)), None)
    return isinstance(first, str) and _TOTAL.fullmatch(clean_line(first)) is not None


def _plain(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, BadCell) else clean_line(str(cell))


def _shown(cell: Any) -> str:
    try:
        return clean_line(as_text(cell))[:40]
    except CellError:
        return "⚠"
