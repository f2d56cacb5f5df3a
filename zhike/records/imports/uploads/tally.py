"""What became of the rows of an upload: counts, reasons, examples; kept as JSON so that a run can go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..results import OUTCOMES, Results

PROBLEMS = 200  # rows named on the page; all of them are in the result file
REASONS = 60  # different reasons that are counted
CHANGES = 200


@dataclass(slots=True)
class Tally:
    """`rows` were taken, `size` bytes of the result file belong to them."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    doubtful: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    problems: list[list[Any]] = field(default_factory=list)  # row number, result, record, reason
    changes: list[list[Any]] = field(default_factory=list)  # row number, record, [[field, before, after], …]
    fields: dict[str, int] = field(default_factory=dict)  # field → how many rows change it
    rows: int = 0
    size: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})

    def note(self, number: int, result: str, record: str, reason: str) -> None:
        self.rows += 1
        self.counts[result] += 1
        if not reason or result == "unchanged":
            return
        if result not in ("skipped", "failed"):
            self.doubtful += 1
        if reason in self.reasons or len(self.reasons) < REASONS:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.problems) < PROBLEMS:
            self.problems.append([number, result, record, reason[:500]])

    def change(self, number: int, record: str, diff: Sequence[tuple[str, str, str]]) -> None:
        for name, _before, _after in diff:
            self.fields[name] = self.fields.get(name, 0) + 1
        if len(self.changes) < CHANGES:
            self.changes.append([number, record, [list(part) for part in diff]])


class Tallied(Results):
    """The result file of an upload; counts as it writes."""

    def __init__(self, path: Path, tally: Tally) -> None:
        super().__init__(path, kept=tally.size)
        self.tally = tally
        self.counts = Counter(tally.counts)

    def add(
        self, number: int, cells: Sequence[Any], result: str, record: str, reason: str, *, doubtful: bool = False
    ) -> None:
        super().add(number, cells, result, record, reason, doubtful=doubtful)
        self.tally.note(number, result, record, reason if doubtful or result in ("skipped", "failed") else "")

    def flush(self) -> None:
        self.tally.size = self.size()
