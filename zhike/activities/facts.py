"""A period's facts of one person: what a work log is drafted from, and the figures that go with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.opportunities.models import Opportunity, StageChange
from zhike.opportunities.status import STATUS
from zhike.org.access import access_of
from zhike.pages import formats
from zhike.records import options, registry
from zhike.records.models import HistoryEntry

from .models import Activity, Task
from .models.activities import OPEN
from .models.tasks import OPEN as TASKS_OPEN

LINES = 60  # of one kind; more are counted
MADE = ("lead", "customer", "contact", "opportunity")


def _span(first: date, last: date) -> tuple[Any, Any]:
    return clock.start_of(first), clock.start_of(last + timedelta(days=1))


def _lines(rows: Any, line: Any) -> list[str]:
    found = list(rows[: LINES + 1])
    texts = [line(row) for row in found[:LINES]]
    if len(found) > LINES:
        texts.append(_("and %(n)s more") % {"n": rows.count() - LINES})
    return texts


def done_text(user: Any, first: date, last: date) -> str:
    """What the person did between two days, from what is recorded: activities, tasks, new records."""
    start, end = _span(first, last)
    types = options.labels("activity_type", get_language() or "zh-hans")
    one_day = first == last

    def when(at: Any) -> str:
        return formats.hm(at) if one_day else formats.short(clock.local(at).date())

    done = Activity.objects.filter(owner=user, status="done", at__gte=start, at__lt=end).select_related("customer", "lead").order_by("at", "pk")
    parts = _lines(done, lambda row: formats.labelled(
        f"{when(row.at)} {capfirst(types.get(row.type, row.type))} {row.partner}", (row.content or row.subject).splitlines()[0][:120]))
    parts += _moves(user, start, end, when)
    finished = Task.objects.filter(owner=user, finished_at__gte=start, finished_at__lt=end).order_by("finished_at", "pk")
    parts += _lines(finished, lambda row: _("%(at)s task done: %(task)s") % {"at": when(row.finished_at), "task": row.title})
    for name, ids in _made(user, start, end).items():
        kind = registry.kind(name)
        names = [str(row) for row in kind.visible(user).filter(pk__in=ids).order_by("pk")[:20]]
        if names:
            more = _(" and %(n)s more") % {"n": len(ids) - len(names)} if len(ids) > len(names) else ""
            parts.append(_("New %(kind)s: %(names)s") % {"kind": kind.label, "names": formats.listed(names) + more})
    return "\n".join(f"- {part}" for part in parts)


def _moves(user: Any, start: Any, end: Any, when: Callable[[Any], str]) -> list[str]:
    """How far the person brought opportunities: the last step of each in these days."""
    if not access_of(user).may("opportunity", "view"):
        return []
    steps = StageChange.objects.filter(by=user, at__gte=start, at__lt=end, source__isnull=False).select_related("opportunity", "target").order_by("at", "pk")
    last = {step.opportunity_id: step for step in steps[:1000]}
    seen = set(Opportunity.objects.visible_to(user).filter(pk__in=last).values_list("pk", flat=True))
    found = [step for pk, step in last.items() if pk in seen]
    lines = [formats.labelled(
        f"{when(step.at)} {registry.kind('opportunity').label} {step.opportunity}",
        STATUS.label(step.status) if step.status != "open" else _("now at “%(stage)s”") % {"stage": step.target}) for step in found[:LINES]]
    return [*lines, *([_("and %(n)s more") % {"n": len(found) - LINES}] if len(found) > LINES else [])]


def _made(user: Any, start: Any, end: Any) -> dict[str, list[int]]:
    access = access_of(user)
    kinds = [name for name in MADE if access.may(name, "view")]
    rows = HistoryEntry.objects.filter(by=user, action="create", kind__in=kinds, at__gte=start, at__lt=end).order_by("pk")
    found: dict[str, list[int]] = {}
    for name, row_id in rows.values_list("kind", "row_id")[:1000]:
        found.setdefault(name, []).append(row_id)
    return found


def plan_text(user: Any, first: date, last: date) -> str:
    """What the person has planned between two days, and the open tasks due by then."""
    start, end = _span(first, last)
    planned = Activity.objects.filter(owner=user, status__in=OPEN, at__gte=start, at__lt=end).select_related("customer", "lead").order_by("at", "pk")
    parts = _lines(planned, lambda row: formats.labelled(f"{formats.short(clock.local(row.at).date())} {row.partner}", row.subject))
    tasks = Task.objects.filter(owner=user, status__in=TASKS_OPEN, due_at__lt=end).order_by("due_at", "pk")
    parts += _lines(tasks, lambda row: _("due %(at)s: %(task)s") % {"at": formats.short(clock.local(row.due_at).date()), "task": row.title})
    return "\n".join(f"- {part}" for part in parts)


def figures(user: Any, first: date, last: date) -> dict[str, int]:
    """Counts of a period: contacts by type, customers touched, tasks done, opportunities won and their amount in 元, records made."""
    start, end = _span(first, last)
    rows = list(Activity.objects.filter(owner=user, status="done", at__gte=start, at__lt=end).values_list("type", "customer_id")[:5000])
    found = {f"type:{code}": n for code, n in Counter(code for code, _customer in rows).items()}
    found |= {"customers": len({customer for _code, customer in rows if customer}),
              "tasks": Task.objects.filter(owner=user, finished_at__gte=start, finished_at__lt=end).count()}
    won = Opportunity.objects.filter(owner=user, status="won", won_at__gte=first, won_at__lte=last).aggregate(n=Count("pk"), amount=Sum("won_amount"))
    if won["n"]:
        found |= {"won": won["n"], "won_amount": int(won["amount"] or 0)}
    return found | {f"new:{name}": len(ids) for name, ids in _made(user, start, end).items()}
