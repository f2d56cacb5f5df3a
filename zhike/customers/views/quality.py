"""What is missing or wrong in a customer's data, on its page."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages.parts import Badge, Button, Card, Link, Mini
from zhike.records import guard

from .attention import known_gaps

SHOWN = 6
HINTS = {
    "uscc_shared": gettext_lazy("Fine for plants and branches of one group; else one of the records is wrong or doubled."),
    "uscc_region": gettext_lazy("The company may be registered elsewhere; else the code or the region is wrong."),
}


def card(page: Any) -> Card | None:
    """The score with what to do for it; None where nothing is missing. Read from the facts: no query."""
    found = known_gaps(page)
    if not found:
        return None
    facts, can = page.row.facts, guard.can_edit(page.user, page.row)
    minis = []
    for gap in found[:SHOWN]:
        address = f"{page.kind.list_url()}?gap={gap.code}&enabled=1"
        minis.append(Mini(capfirst(str(gap.label)), address, sub=HINTS.get(gap.code, ""),
                          badge=Badge(_("wrong") if gap.wrong else f"+{gap.weight}", "bad" if gap.wrong else "neutral", dot=False)))
    buttons = [Button(_("Complete"), page.kind.action_url("edit", page.row), "pencil", "g")] if can else []
    more = Link(_("%(n)s more") % {"n": len(found) - SHOWN}, page.kind.action_url("edit", page.row)) if len(found) > SHOWN and can else None
    return Card(_("Data quality"), key="quality", count=f"{facts.completeness}%", minis=minis, buttons=buttons, more=more)
