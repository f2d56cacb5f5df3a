"""What must be there before a stage may be left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from . import questions
from .models import Criterion, Opportunity
from .processes import course_of


@dataclass(slots=True)
class Checked:
    criterion: Criterion
    done: bool
    note: str = ""


def checklist(row: Opportunity, *, by: Any) -> list[Checked]:
    """The present stage's criteria with what is done; ticks, filled fields, documents from above."""
    criteria = course_of(row.process_id, by=by).criteria.get(row.stage_id, ())
    asks_ticks = any(criterion.kind == Criterion.TICK for criterion in criteria)
    ticks = {tick.criterion_id: tick for tick in row.ticks.select_related("by")} if asks_ticks else {}
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


def keep_filled(row: Opportunity, values: Mapping[str, Any]) -> None:
    """Refuse to empty a field that had to be filled to reach the present stage; what was never filled may stay so."""
    emptied = [name for name, value in values.items() if not value and getattr(row, name, None)]
    if not emptied:
        return
    asked = Criterion.objects.filter(
        stage__process=row.process_id, stage__order__lt=row.stage.order, kind=Criterion.FIELD, required=True, field__in=emptied)
    for criterion in asked.select_related("stage").order_by("stage__order")[:1]:
        raise Refused(_("“%(criterion)s” was needed to leave the stage “%(stage)s”: this cannot be emptied. Take the opportunity back a stage first.")
                      % {"criterion": criterion, "stage": criterion.stage}, field=criterion.field, code="stage.gate")


def missing(row: Opportunity, *, by: Any) -> list[str]:
    return [str(item.criterion) for item in checklist(row, by=by) if item.criterion.required and not item.done]
