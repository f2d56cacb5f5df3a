"""What activities and tasks answer to the apps below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from zhike.base.questions import Answer
from zhike.base.refused import Refused
from zhike.collab import events as trash
from zhike.customers import questions
from zhike.customers.actions import refresh_facts
from zhike.org.models import User
from zhike.records import ownership, registry, save, visibility

from .actions.rules import check_deletable
from .models import Activity, Task


@questions.contact_facts.answered_by
def contact_facts(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """Latest done and earliest planned activity of each customer; two grouped queries."""
    answers: list[Answer] = []
    for key, states, pick in (("last", ("done",), Max("at")), ("next", ("planned", "in_progress"), Min("at"))):
        found = dict(
            Activity.objects.filter(customer__in=[row.pk for row in rows], status__in=states)
            .values("customer_id").annotate(moment=pick).order_by().values_list("customer_id", "moment")
        )
        texts = {
            (customer, at): text
            for customer, at, text in Activity.objects.filter(
                customer__in=found, status__in=states, at__in=set(found.values())
            ).values_list("customer_id", "at", "subject")
        }
        answers += [Answer(customer, "", key=key, data=(at, texts.get((customer, at), ""))) for customer, at in found.items()]
    return answers


@visibility.add_branch
def tasks_i_gave(model: Any, user: Any, edit: bool) -> Any:
    """Whoever gave a task follows it."""
    return Task.objects.filter(giver=user).values("pk") if model is Task else None


@ownership.children_of.answered_by
def plans_of(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    if rows[0].KIND != "customer":
        return []
    owners = {row.owner_id for row in rows}
    answers = []
    for key, text, model, states in (
        ("activities_planned", _("Planned activities"), Activity, ("planned", "in_progress")),
        ("tasks_open", _("Open tasks"), Task, ("open", "accepted")),
    ):
        counted = model.objects.filter(customer__in=rows, status__in=states, owner__in=owners)
        grouped = counted.values("customer_id").annotate(n=Count("pk")).order_by()
        answers += [Answer(found["customer_id"], text, count=found["n"], key=key) for found in grouped]
    return answers


@ownership.owner_changed.invariant
def plans_follow(
    rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str
) -> None:
    if rows[0].KIND == "worklog":
        raise Refused(_("A work log stays with its author."))
    if rows[0].KIND != "customer":
        return
    owner = User.objects.get(pk=to)
    for key, model, states in (("activities_planned", Activity, ("planned", "in_progress")),
                               ("tasks_open", Task, ("open", "accepted"))):
        if key in children:
            found = [row for row in model.objects.filter(customer__in=rows, status__in=states)
                     if row.owner_id == old_owners[row.customer_id]]
            save.change_rows(registry.kind(model.KIND), found, {"owner_id": owner.pk, "owner_dept_id": owner.department_id},
                             by=by, action="transfer", batch=batch)


@trash.rows_trashed.invariant
def what_took_place_stays(rows: Sequence[Any], *, by: Any) -> None:
    """What took place is deleted within a day by its author, later by a manager."""
    check_deletable([row for row in rows if row.KIND == "activity"], by)


@trash.rows_trashed.invariant
@trash.rows_restored.invariant
def contacts_counted_anew(rows: Sequence[Any], *, by: Any) -> None:
    """Last and next contact of a customer follow an activity into the trash and out of it."""
    refresh_facts(row.customer_id for row in rows if row.KIND == "activity")
