"""What became of the rows of an upload: counts, reasons, examples; kept as JSON so that a run can go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..problems import CellError
from ..results import OUTCOMES, Results
from ..templates import as_text

PROBLEMS = 200  # rows named on the page; all of them are in the result file
REASONS = 60  # different reasons that are counted
CHANGES = 200


@dataclass(slots=True)
class Tally:
    """`rows` were taken, `size` bytes of the result file belong to them."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    doubtful: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    problems: list[list[Any]] = field(default_factory=list)  # row number, result, record, reason, name
    changes: list[list[Any]] = field(default_factory=list)  # row number, record, [[field, before, after], …]
    fields: dict[str, int] = field(default_factory=dict)  # field → how many rows change it
    rows: int = 0
    size: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})

    def note(self, number: int, result: str, record: str, reason: str, name: str = "") -> None:
        """Count a row; `name` is what the person knows it by."""
        self.rows += 1
        self.counts[result] += 1
        if not reason or result == "unchanged":
            return
        if result not in ("skipped", "failed"):
            self.doubtful += 1
        for one in dict.fromkeys(reason.split("; ")):  # a row may have several
            if one in self.reasons or len(self.reasons) < REASONS:
                self.reasons[one] = self.reasons.get(one, 0) + 1
        if len(self.problems) < PROBLEMS:
            self.problems.append([number, result, record, reason[:500], name[:120]])

    def change(self, number: int, record: str, diff: Sequence[tuple[str, str, str]]) -> None:
        for name, _before, _after in diff:
            self.fields[name] = self.fields.get(name, 0) + 1
        if len(self.changes) < CHANGES:
            self.changes.append([number, record, [list(part) for part in diff]])


class Tallied(Results):
    """The result file of an upload; counts as it writes."""

    def __init__(self, path: Path, tally: Tally, *, named_by: int = -1) -> None:
        """`named_by`: the cell that a person knows a row by."""
        super().__init__(path, kept=tally.size)
        self.tally, self.named_by = tally, named_by
        self.counts = Counter(tally.counts)

    def add(
        self, number: int, cells: Sequence[Any], result: str, record: str, reason: str, *, doubtful: bool = False
    ) -> None:
        super().add(number, cells, result, record, reason, doubtful=doubtful)
        name = _named(cells[self.named_by]) if 0 <= self.named_by < len(cells) else ""
        self.tally.note(number, result, record, reason if doubtful or result in ("skipped", "failed") else "", name)

    def flush(self) -> None:
        self.tally.size = self.size()


def _named(cell: Any) -> str:
    """What a cell says, as far as it says something."""
    try:
        return as_text(cell)
    except CellError:
        return ""
