"""The result file of a section: the rows as they came, with what became of each and why."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .problems import CellError
from .readers import QUOTED, RESULT_COLUMNS
from .templates import BadCell, as_text

OUTCOMES = ("created", "updated", "unchanged", "skipped", "failed")


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(QUOTED) else text


def _cell(value: Any) -> str:
    if isinstance(value, BadCell):
        return safe(f"#{value.why}")
    try:
        return safe(as_text(value))
    except CellError:
        return safe(str(value)[:200])


class Results:
    """Writes DATA/imports/<plan>-<time>/<section>.csv row by row and counts the outcomes."""

    def __init__(self, path: Path, *, kept: int = 0) -> None:
        """`kept`: go on behind so many bytes of a file that was begun before."""
        self.path = path
        self.counts: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.doubtful = 0
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # With a byte-order mark: spreadsheet programs on Chinese Windows need it.
        if kept:
            os.truncate(path, kept)
        self._file = path.open("a" if kept else "w", encoding="utf-8" if kept else "utf-8-sig", newline="",
                               errors="backslashreplace")
        path.chmod(0o600)
        self._writer = csv.writer(self._file)
        self._headed = bool(kept)

    def head(self, columns: Sequence[str]) -> None:
        if not self._headed:
            self._headed = True
            self._writer.writerow([*(safe(name) for name in columns), *RESULT_COLUMNS])

    def add(
        self, number: int, cells: Sequence[Any], result: str, record: str, reason: str, *, doubtful: bool = False
    ) -> None:
        self.counts[result] += 1
        if doubtful and result not in ("skipped", "failed"):
            self.doubtful += 1
        self._writer.writerow([*map(_cell, cells), number, result, safe(record), safe(reason)])

    def flush(self) -> None:
        self._file.flush()

    def size(self) -> int:
        """How many bytes are written."""
        self._file.flush()
        return self.path.stat().st_size

    def close(self) -> None:
        self._file.close()
