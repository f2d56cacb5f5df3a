"""What people do with opportunities that has consequences."""

from .lines import replace_lines, set_lines
from .making import (
    change_opportunities,
    change_opportunity,
    create_opportunities,
    process_for,
    unmake_opportunity,
)
from .restating import restate_change, restate_history
from .results import (
    lose_opportunity,
    resume_opportunity,
    suspend_opportunity,
    unlose_opportunity,
    unwin_opportunity,
    void_opportunity,
    win_opportunity,
)
from .stages import move_stage, tick_criterion

__all__ = [
    "change_opportunities",
    "change_opportunity",
    "create_opportunities",
    "lose_opportunity",
    "move_stage",
    "process_for",
    "replace_lines",
    "restate_change",
    "restate_history",
    "resume_opportunity",
    "set_lines",
    "suspend_opportunity",
    "tick_criterion",
    "unlose_opportunity",
    "unmake_opportunity",
    "unwin_opportunity",
    "void_opportunity",
    "win_opportunity",
]
