"""What activities and tasks answer to the apps below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from zhike.base.questions import Answer
from zhike.base.refused import Refused
from zhike.collab import events as trash
from zhike.customers import events as customer_events
from zhike.customers import line_rights, moving, questions
from zhike.customers.actions import refresh_facts
from zhike.customers.models import LineOwner
from zhike.leads import questions as lead_questions
from zhike.opportunities.line_access import of_my_lines
from zhike.records import along, ownership, registry, save, visibility

from .actions.activities import refresh_all
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


@lead_questions.contact_facts.answered_by
def lead_contact_facts(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """First and latest done and earliest planned activity of each lead; three grouped queries and their texts."""
    answers: list[Answer] = []
    ids = [row.pk for row in rows]
    for key, states, pick in (("first", ("done",), Min("at")), ("last", ("done",), Max("at")), ("next", ("planned", "in_progress"), Min("at"))):
        rows_ = Activity.objects.filter(lead__in=ids, status__in=states)
        found = dict(rows_.values("lead_id").annotate(moment=pick).order_by().values_list("lead_id", "moment"))
        texts = {} if key == "first" else {
            (lead, at): text for lead, at, text in rows_.filter(at__in=set(found.values())).values_list("lead_id", "at", "subject")}
        answers += [Answer(lead, "", key=key, data=(at, texts.get((lead, at), ""))) for lead, at in found.items()]
    return answers


@questions.contact_used.answered_by
def activities_of_contacts(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """Activities with these people."""
    counted = Activity.objects.filter(contact__in=rows).values_list("contact_id").annotate(n=Count("pk")).order_by()
    return [Answer(contact, _("%(n)s activities") % {"n": n}, count=n, key="activities") for contact, n in counted]


moving.add_link("activities.Task", "about_id", kind_column="about_kind")
moving.add_link("activities.Attendee", "contact_number", kind="contact", once=("activity_number",))


@visibility.add_branch
def tasks_i_gave(model: Any, user: Any, edit: bool) -> Any:
    """Whoever gave a task follows it."""
    return Task.objects.filter(giver=user).values("pk") if model is Task else None


@visibility.add_branch
def parts_of_my_tasks(model: Any, user: Any, edit: bool) -> Any:
    """Whoever gave a task or does it reads what became of its parts, whoever got them."""
    if model is not Task or edit:
        return None
    return Task.objects.filter(parent__in=Task.objects.filter(Q(giver=user) | Q(owner=user)).order_by().values("pk")).order_by().values("pk")


def _of_my_lines(model: Any, user: Any, edit: bool) -> Any:
    """Whoever looks after a line of a customer reads what was talked there, but not about other lines' opportunities."""
    if model is not Activity or edit or not line_rights.switched_on():
        return None
    about = Q(opportunity__isnull=True) | Q(opportunity__in=of_my_lines(user))
    return Activity.objects.filter(about, customer_id__in=line_rights.customers_of(user)).order_by().values("pk")


def _of_lines(row: Any) -> set[int]:
    return set(LineOwner.objects.filter(customer=row.customer_id).order_by().values_list("owner_id", flat=True))


visibility.add_branch(_of_my_lines, name="line-activity", whom=_of_lines)

along.goes_along(
    "lead", along.Along("activities_planned", "activity", _("Planned activities"), "lead", Q(status__in=("planned", "in_progress"))),
)
for _kind in ("customer", "opportunity"):
    along.goes_along(
        _kind,
        along.Along("activities_planned", "activity", _("Planned activities"), _kind, Q(status__in=("planned", "in_progress"))),
        along.Along("tasks_open", "task", _("Open tasks"), _kind, Q(status__in=("open", "accepted"))),
    )


@customer_events.customers_pooled.invariant
def plans_end(rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], pool: str, reason: str) -> None:
    """Open tasks and plans of the former owner are cancelled, with a note; whoever takes the customer begins anew."""
    for model, states, note in ((Task, ("open", "accepted"), "result"), (Activity, ("planned", "in_progress"), "content")):
        found = model.objects.filter(customer__in=[row.pk for row in rows], status__in=states).order_by("pk")
        mine = [row for row in found if row.owner_id == old_owners[row.customer_id]]
        text = _("The customer went into the pool “%(pool)s”.") % {"pool": pool}
        save.change_rows(registry.kind(model.KIND), mine, {"status": "cancelled"}, by=by, action="cancel",
                         args={"pool": pool, "reason": reason})
        for row in mine:
            setattr(row, note, "\n".join(part for part in (getattr(row, note), str(text)) if part))
        model.objects.bulk_update(mine, [note], batch_size=500)
    refresh_facts(row.pk for row in rows)


@ownership.owner_changed.invariant
def logs_stay(
    rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str
) -> None:
    """What somebody wrote about their own days is nobody else's."""
    if rows[0].KIND == "worklog":
        raise Refused(_("A work log stays with its author."))


@trash.rows_trashed.invariant
def what_took_place_stays(rows: Sequence[Any], *, by: Any) -> None:
    """What took place is deleted within a day by its author, later by a manager."""
    check_deletable([row for row in rows if row.KIND == "activity"], by)


@trash.rows_trashed.invariant
@trash.rows_restored.invariant
def contacts_counted_anew(rows: Sequence[Any], *, by: Any) -> None:
    """Last and next contact of a customer or lead follow an activity into the trash and out of it."""
    refresh_all([row for row in rows if row.KIND == "activity"])
