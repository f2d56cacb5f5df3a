"""Looking a house over: one line for each thing that can be wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .house import House

OK, ATTENTION, BROKEN = "ok", "attention", "broken"
STATES = {OK: gettext_lazy("ok"), ATTENTION: gettext_lazy("attention"), BROKEN: gettext_lazy("broken")}


@dataclass(frozen=True)
class Finding:
    """One line of the report. `name` is stable, for programs; `text` and `remedy` are for people."""

    name: str
    state: str
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Examined:
    """What a check may look at. `deep` may read everything, which takes long; `head` is a published seal."""

    house: House
    deep: bool = False
    head: str = ""


Check = Callable[[Examined], Iterator[Finding]]


def examine(examined: Examined, checks: Iterable[Check]) -> list[Finding]:
    """Run the checks; one that fails is itself a finding and does not stop the others."""
    found: list[Finding] = []
    for check in checks:
        name = check.__name__
        try:
            found += check(examined)
        except (DatabaseError, OSError) as wrong:
            why = str(wrong).strip().split("\n")[0][:200]
            found.append(Finding(name, BROKEN, _("%(name)s could not be checked: %(why)s") % {"name": name, "why": why}))
            if isinstance(wrong, DatabaseError):
                connection.close()
    return found


def as_json(found: list[Finding]) -> dict[str, Any]:
    """The report for programs: the worst state and every line."""
    return {"state": worst(found), "findings": [asdict(finding) for finding in found]}


def worst(found: list[Finding]) -> str:
    states = {finding.state for finding in found}
    return next((state for state in (BROKEN, ATTENTION) if state in states), OK)


def lines(found: list[Finding]) -> Iterator[str]:
    """The report for people, and a last line that sums it up."""
    marks = {OK: "✓", ATTENTION: "!", BROKEN: "✗"}
    for finding in found:
        yield f"{marks[finding.state]} {STATES[finding.state]} · {finding.text}"
        if finding.remedy:
            yield f"    → {finding.remedy}"
    count = {state: sum(finding.state == state for finding in found) for state in STATES}
    yield _("%(ok)d ok, %(attention)d to look at, %(broken)d broken") % count
