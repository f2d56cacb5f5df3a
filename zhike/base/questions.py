"""Questions: declared below, answered above, before anything changes, for many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_questions: dict[str, Question] = {}


@dataclass(slots=True)
class Answer:
    """One reason or offer: the row it concerns, a text, where to look, and a count."""

    row_id: int
    text: Any
    url: str = ""
    count: int = 0
    key: str = ""
    data: Any = None


class Question:
    """Something an action must know from above. All answers are collected and shown together."""

    def __init__(self, name: str, *, doc: str) -> None:
        if name in _questions:
            raise ValueError(f"question {name} is declared twice")
        self.name = name
        self.doc = doc
        self._answerers: list[Callable[..., Sequence[Answer]]] = []
        _questions[name] = self

    def answered_by(self, answerer: Callable[..., Sequence[Answer]]) -> Callable[..., Sequence[Answer]]:
        """Register `answerer(rows, *, by, **args) -> answers`; it gets all rows in one call."""
        if answerer not in self._answerers:
            self._answerers.append(answerer)
        return answerer

    def ask(self, rows: Sequence[Any], *, by: Any, **args: Any) -> list[Answer]:
        return [answer for answerer in self._answerers for answer in answerer(rows, by=by, **args)]


def all_questions() -> dict[str, Question]:
    return dict(_questions)
