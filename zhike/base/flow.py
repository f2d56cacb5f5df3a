"""Flow: the table of moves on a document's status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .refused import Refused


@dataclass(frozen=True, slots=True)
class State:
    code: str
    label: Any
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step: its name, the states it starts from, where it ends and who may do it."""

    name: str
    sources: tuple[str, ...]
    target: str
    permission: str
    label: Any


class Flow:
    """All states and moves of one status field. Buttons, guards and docs read the same table."""

    def __init__(self, field: str, states: Iterable[State], moves: Iterable[Move]) -> None:
        self.field = field
        self.states = {state.code: state for state in states}
        self.moves = {move.name: move for move in moves}
        for move in self.moves.values():
            unknown = {*move.sources, move.target} - self.states.keys()
            if unknown:
                raise ValueError(f"move {move.name} names unknown states {sorted(unknown)}")

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return [(state.code, state.label) for state in self.states.values()]

    def label(self, code: str) -> Any:
        return self.states[code].label

    def tone(self, code: str) -> str:
        return self.states[code].tone

    def state_of(self, row: Any) -> str:
        return getattr(row, self.field)

    def allowed(self, row: Any) -> list[Move]:
        """The moves open to the row in its present state, whoever asks."""
        state = self.state_of(row)
        return [move for move in self.moves.values() if state in move.sources]

    def check(self, row: Any, name: str) -> Move:
        """Return the move if the row may make it, else refuse and say from where it is possible."""
        move = self.moves[name]
        state = self.state_of(row)
        if state not in move.sources:
            raise Refused(
                _("“%(row)s” is %(state)s: “%(move)s” is only possible from %(sources)s.")
                % {
                    "row": row,
                    "state": self.states[state].label,
                    "move": move.label,
                    "sources": ", ".join(str(self.states[code].label) for code in move.sources),
                },
                code=f"flow.{name}",
            )
        return move
