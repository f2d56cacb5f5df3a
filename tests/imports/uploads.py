"""Files for upload tests, and reading them the way the child does."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import xlsxwriter

from zhike.records.imports.problems import SourceError
from zhike.records.imports.uploads import child, sandbox, table
from zhike.records.imports.uploads.sandbox import Shape


def workbook(rows, *, merges=(), sheets=()) -> bytes:
    """An xlsx file; `merges` are (top, left, bottom, right, text), `sheets` (name, rows, hidden)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, lines, hidden in [("First", rows, False), *sheets]:
        sheet = book.add_worksheet(name)
        if hidden:
            sheet.hide()
        for y, row in enumerate(lines):
            for x, cell in enumerate(row):
                if cell is not None:
                    sheet.write(y, x, cell)
        if name == "First":
            for top, left, bottom, right, text in merges:
                sheet.merge_range(top, left, bottom, right, text)
    book.close()
    return out.getvalue()


def store(folder: Path, name: str, content: bytes | str, encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    path = folder / f"{sandbox.STORED}{Path(name).suffix.lower()}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def look_here(folder: Path, name: str, content: bytes | str, stored_as: str = "utf-8", **choices: Any) -> Shape:
    """What the child would find, in this process: for files that are not hostile."""
    path = store(folder, name, content, stored_as)
    (folder / "ask.json").write_text(json.dumps({"file": path.name, "language": "en", **choices}))
    data = child.answer(folder)
    if "refused" in data:
        raise SourceError(data["refused"].replace(path.name, name))
    return Shape(**json.loads(json.dumps(data)))


def rows_of(folder: Path) -> list[table.Line]:
    return list(table.read(folder / table.FILE))


def cells_of(folder: Path, shape: Shape) -> list[dict[str, Any]]:
    """Every row as heading → cell."""
    return [{column["name"]: line.cells[column["place"]] if column["place"] < len(line.cells) else None
             for column in shape.columns} for line in rows_of(folder)]
