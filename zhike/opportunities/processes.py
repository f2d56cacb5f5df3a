"""Sales processes with their stages and what leaving one asks for: known in memory until one is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zhike.org.known import Known, watch

from .models import Criterion, Opportunity, Process, Stage

for table in ("process", "stage", "criterion"):
    watch(f"opportunities_{table}")


@dataclass(frozen=True, slots=True)
class Course:
    """One process from its first stage to its last; `criteria` by the number of their stage, in order."""

    process: Process
    stages: tuple[Stage, ...]
    criteria: dict[int, tuple[Criterion, ...]]

    def stage(self, pk: int) -> Stage | None:
        return next((stage for stage in self.stages if stage.pk == pk), None)


_courses: Known[Course] = Known(most=100)
_enabled: Known[tuple[Process, ...]] = Known(most=1)


def course_of(process_id: int, *, by: Any) -> Course:
    """The process as it is for everybody; nobody may change these objects."""
    return _courses.get(by, process_id, lambda: _read(process_id))


def _read(process_id: int) -> Course:
    process = Process.objects.get(pk=process_id)
    stages = tuple(Stage.objects.filter(process=process_id).order_by("order"))
    for stage in stages:
        stage.process = process
    criteria: dict[int, list[Criterion]] = {}
    for criterion in Criterion.objects.filter(stage__process=process_id).order_by("stage__order", "order"):
        criteria.setdefault(criterion.stage_id, []).append(criterion)
    return Course(process, stages, {pk: tuple(found) for pk, found in criteria.items()})


def enabled_processes(*, by: Any) -> tuple[Process, ...]:
    """Processes open to new opportunities, by code, the newest version first."""
    return _enabled.get(by, None, lambda: tuple(Process.objects.filter(enabled=True).order_by("code", "-version")))


def on_course(row: Opportunity, *, by: Any) -> Course:
    """The course of an opportunity, which then knows its process and stage without asking."""
    course = course_of(row.process_id, by=by)
    row.process = course.process
    stage = course.stage(row.stage_id)
    if stage is not None:
        row.stage = stage
    return course
