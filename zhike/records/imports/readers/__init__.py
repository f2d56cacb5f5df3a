"""Source files: found below --source, told apart by what they hold, read row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.text import clean_line

from ..files import FileSpec
from ..problems import SourceError
from ..templates import BadCell
from . import limits, parquet, sheets, text

RESULT_COLUMNS = ("_row", "_result", "_record", "_reason")
RESULT_COLUMNS_ZH = ("_行号", "_结果", "_记录", "_原因")  # as people who read Chinese take the file away
QUOTED = tuple("=+-@\t\r＝＋－＠")
SHEETS = ("xlsx", "xls", "xlsb", "ods", "xlsm")


@dataclass(slots=True)
class Header:
    """The heading of a file: its columns as they are written, cleaned."""

    columns: list[str]
    places: list[int]
    from_results: bool = False


def locate(spec: FileSpec, source: Path) -> Path | None:
    """The file of a plan below the source folder; None when it is optional and absent."""
    root = source.resolve()
    for name in spec.paths:
        path = (source / name).resolve()
        if not path.is_relative_to(root):
            raise SourceError(_("%(path)s leads out of the source folder.") % {"path": name})
        if path.is_file():
            if path.stat().st_size > limits.MAX_BYTES:
                raise SourceError(_("%(file)s: larger than %(n)s MB; split the file.")
                                  % {"file": name, "n": limits.MAX_BYTES // 1024 // 1024})
            return path
    if spec.optional:
        return None
    raise SourceError(_("%(source)s has no file %(path)s.") % {"source": source, "path": " / ".join(spec.paths)})


def _format(path: Path, spec: FileSpec) -> str:
    """Text, sheet or parquet, by the first bytes; a name that says otherwise is refused."""
    with path.open("rb") as file:
        head = file.read(8)
    ending = path.suffix.lower().lstrip(".")
    told = spec.format or ending
    real = "parquet" if head[:4] == b"PAR1" else "sheet" if head[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else "text"
    if told in SHEETS:
        return "sheet"
    if told == "parquet":
        return "parquet"
    if real != "text":
        raise SourceError(_("%(file)s: this is not text but a %(real)s file; write its format into the plan.")
                          % {"file": path.name, "real": "Parquet" if real == "parquet" else "xlsx / xls / ods"})
    return "text"


def records(path: Path, spec: FileSpec) -> Iterator[Any]:
    """First the `Header`, then (row number, cells) of every row that is not empty.

    Row numbers are those people see in the file. Empty rows are passed over.
    """
    kind = _format(path, spec)
    found = {"sheet": lambda: sheets.rows(path, spec), "text": lambda: text.rows(path, spec),
             "parquet": lambda: parquet.rows(path)}[kind]()
    header: Header | None = None
    count = 0
    for i, (number, cells) in enumerate(found, 1):
        if header is None:
            if (number if kind == "sheet" else i) < spec.header:
                continue
            header = _header(path, cells)
            yield header
            continue
        values = [_plain(cells[place], spec, header) if place < len(cells) else None for place in header.places]
        extra = cells[len(header.columns) :] if not header.from_results else []
        if not any(value not in (None, "") for value in values):
            continue
        if any(value not in (None, "") for value in extra) and len(cells) > max(header.places) + 1:
            values[0] = BadCell(_("the row has more cells (%(n)s) than the heading (%(m)s).")
                                % {"n": len(cells), "m": len(header.columns)})
        count += 1
        if count > limits.MAX_ROWS:
            raise SourceError(_("%(file)s: more than %(n)s rows; split the file.")
                              % {"file": path.name, "n": limits.MAX_ROWS})
        yield number, values
    if header is None:
        raise SourceError(_("%(file)s: the file has no heading line.") % {"file": path.name})


def _header(path: Path, cells: list[Any]) -> Header:
    names = [clean_line(str(cell)) if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise SourceError(_("%(file)s: the heading line is empty.") % {"file": path.name})
    results = "_result" in names and "_reason" in names
    columns, places = [], []
    for place, name in enumerate(names):
        if results and name in RESULT_COLUMNS:
            continue
        columns.append(name or f"#{place + 1}")
        places.append(place)
    return Header(columns, places, results)


def _plain(value: Any, spec: FileSpec, header: Header) -> Any:
    if isinstance(value, str):
        if value in spec.null:
            return ""
        # A result file that was mended comes back: its quotes before = + - @ are ours.
        if header.from_results and value[:1] == "'" and value[1:2] in QUOTED:
            return value[1:]
    elif spec.null and value is not None and str(value) in spec.null:
        return ""
    return value
