"""What must be there before a stage may be left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import questions
from .models import Criterion, Opportunity


@dataclass(slots=True)
class Checked:
    criterion: Criterion
    done: bool
    note: str = ""


def checklist(row: Opportunity, *, by: Any) -> list[Checked]:
    """The present stage's criteria with what is done; ticks, filled fields, documents from above."""
    criteria = list(row.stage.criteria.all())
    ticks = {tick.criterion_id: tick for tick in row.ticks.select_related("by")}
    found = []
    for criterion in criteria:
        if criterion.kind == Criterion.TICK:
            tick = ticks.get(criterion.pk)
            found.append(Checked(criterion, tick is not None, str(tick.by) if tick else ""))
        elif criterion.kind == Criterion.FIELD:
            value = row.lines.exists() if criterion.field == "lines" else getattr(row, criterion.field)
            found.append(Checked(criterion, bool(value)))
        else:
            answers = questions.criterion_met.ask([row], by=by, criterion=criterion)
            found.append(Checked(criterion, bool(answers), str(answers[0].text) if answers else ""))
    return found


def missing(row: Opportunity, *, by: Any) -> list[str]:
    return [str(item.criterion) for item in checklist(row, by=by) if item.criterion.required and not item.done]
