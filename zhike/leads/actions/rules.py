"""Assignment rules: kept in their order, and followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.masterdata.models import Region
from zhike.notices.actions import declare, tell
from zhike.org.access import access_of
from zhike.org.models import User
from zhike.records import guard, history, registry, save

from ..assigning import MOST_RULES, PROVINCE, Assigner
from ..models import AssignRule, Lead, LeadPause
from .queue import MOST, give, held, names_of

LONGEST_PAUSE = 366
MOST_PEOPLE = 200
declare("lead.by_rule", gettext_lazy("Leads for you by the rule “%(rule)s”: %(names)s"))
declare("lead.queued", gettext_lazy("Leads wait in the queue of %(department)s: %(names)s"))


def _kind() -> Any:
    return registry.kind(AssignRule.KIND)


def _check(row: AssignRule, values: Mapping[str, Any]) -> None:
    provinces = values.get("provinces") or []
    known = {str(pk // PROVINCE) for pk in Region.objects.filter(level=1).values_list("pk", flat=True)} if provinces else set()
    if any(code not in known for code in provinces):
        raise Refused(_("Choose from the list."), field="provinces")
    people = values.get("people") or []
    if len(people) > MOST_PEOPLE or not all(str(pk).isascii() and str(pk).isdigit() for pk in people):
        raise Refused(_("Choose from the list."), field="people")
    if people and User.objects.filter(pk__in=[int(pk) for pk in people]).count() != len(set(people)):
        raise Refused(_("Choose from the list."), field="people")


@transaction.atomic
def create_assign_rules(rows: Sequence[AssignRule], *, by: Any) -> Sequence[AssignRule]:
    """Add rules behind those that are there. Raises `Refused` without the right, or past a hundred."""
    guard.require(by, _kind(), "add")
    there = AssignRule.objects.aggregate(last=Max("order"))["last"] or 0
    if AssignRule.objects.count() + len(rows) > MOST_RULES:
        raise Refused(_("At most %(n)s rules.") % {"n": MOST_RULES}, code="rules.many")
    for place, row in enumerate(rows, 1):
        _check(row, {"provinces": row.provinces, "people": row.people})
        row.order = there + place
    return save.create_rows(_kind(), rows, by=by)


@transaction.atomic
def change_assign_rule(row: AssignRule, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a rule; leads that it has given stay where they are."""
    guard.require_rows(by, [row], "edit")
    _check(row, values)
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def move_rule(row: AssignRule, *, up: bool, by: Any) -> AssignRule:
    """Let a rule be asked one place earlier, or later."""
    guard.require_rows(by, [row], "edit")
    rows = sorted(AssignRule.objects.select_for_update().order_by("pk"), key=lambda rule: (rule.order, rule.pk))
    at = next(i for i, rule in enumerate(rows) if rule.pk == row.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
        for place, rule in enumerate(rows, 1):
            if rule.order != place:
                save.change_row(rule, {"order": place}, by=by, version=None, action="rule-order")
    row.refresh_from_db()
    return row


@transaction.atomic
def remove_rule(row: AssignRule, *, by: Any) -> None:
    """Drop a rule; leads that it has given stay where they are."""
    guard.require_rows(by, [row], "edit")
    history.log(row, "rule-removed", by=by, args={"name": row.name})
    AssignRule.objects.filter(pk=row.pk).delete()


@transaction.atomic
def assign_by_rules(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """Give leads that wait to whom the rules say; their new owners are told. Others, and those no rule names, stay.

    Whoever presses the button has the right to assign; for leads that have just come in it is a consequence.
    """
    done: list[Lead] = []
    for start in range(0, len(rows), MOST):
        done += _assign(rows[start : start + MOST], by)
    return done


def _assign(rows: Sequence[Lead], by: Any) -> list[Lead]:
    forms = {row.pk: row.form for row in rows if getattr(row, "form", None) is not None}  # type: ignore[attr-defined]
    if not AssignRule.objects.filter(enabled=True).exists():
        return []
    waiting = [row for row in held(rows) if row.owner_id is None and row.status == "new"]
    assigner = Assigner(hold=True)
    for row in waiting:
        row.form = forms.get(row.pk)
    assigner.know(waiting)
    groups: dict[tuple[int, int | None, int | None], list[Lead]] = {}
    places: dict[tuple[int, int | None, int | None], Any] = {}
    for row in waiting:
        place = assigner.pick(row)
        if place.rule is None:
            continue
        key = (place.rule.pk, place.user.pk if place.user else None, place.department.pk if place.department else None)
        groups.setdefault(key, []).append(row)
        places[key] = place
    done: list[Lead] = []
    for key, part in groups.items():
        done += _hand(part, places[key], by)
    for rule in assigner.rules:
        if rule.pk in assigner.moved:  # whose turn is next is no change of the rule
            AssignRule.objects.filter(pk=rule.pk).update(last_given=rule.last_given)
    now = {row.pk: row for row in done}
    for row in rows:
        if row.pk in now:
            for name in ("owner", "owner_dept", "assigned_at", "version", "updated_at"):
                setattr(row, name, getattr(now[row.pk], name))
    return done


def _hand(rows: list[Lead], place: Any, by: Any) -> list[Lead]:
    rule, stamp = place.rule, f"{clock.now():%Y%m%d%H%M%S%f}"
    if place.user is not None:
        changed = give(rows, to=place.user, by=by, way="rule", reason=rule.name)
        if changed:
            tell([place.user], "lead.by_rule", key=f"lead.by_rule:{changed[0].pk}:{stamp}", row=changed[0], by=by, rule=rule.name,
                 names=names_of(changed))
        return changed
    department = place.department
    changed = save.change_rows(registry.kind(Lead.KIND), rows, {"owner_dept_id": department.pk}, by=by, action="lead-queue", args={"reason": rule.name})
    for row in changed:
        row.owner_dept = department
    if department.manager is not None and department.manager.is_active and changed:
        tell([department.manager], "lead.queued", key=f"lead.queued:{changed[0].pk}:{stamp}", row=changed[0], by=by,
             department=str(department), names=names_of(changed))
    return changed


@transaction.atomic
def assign_waiting(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """The same by hand, for chosen leads. Raises `Refused` where none of them waits, or no rule names anybody."""
    guard.require_rows(by, rows, "assign")
    if all(row.owner_id is not None or row.status != "new" for row in rows):
        raise Refused(_("None of these leads waits for an owner."), code="rules.none_waits")
    done = assign_by_rules(rows, by=by)
    if not done:
        raise Refused(_("No rule names anybody for these leads. Assign them yourself, or add a rule."), code="rules.nobody")
    return done


@transaction.atomic
def pause_leads(user: User, *, starts_on: date, until: date, reason: str = "", by: Any) -> LeadPause:
    """Let the rules pass somebody over for some days: oneself, or whom one keeps the rules for."""
    _may_pause(user, by)
    if until < clock.today() or until < starts_on:
        raise Refused(_("The last day lies before the first, or is over."), field="until")
    if (until - starts_on).days > LONGEST_PAUSE:
        raise Refused(_("At most %(n)s days.") % {"n": LONGEST_PAUSE}, field="until")
    found, _made = LeadPause.objects.update_or_create(user=user, defaults={
        "starts_on": starts_on, "until": until, "reason": reason.strip()[:100], "set_by": by, "set_at": clock.now()})
    history.log_list(AssignRule.KIND, "pause", by=by, args={"user": user, "from": starts_on, "until": until})
    return found


@transaction.atomic
def end_pause(user: User, *, by: Any) -> None:
    """The rules give leads to somebody again."""
    _may_pause(user, by)
    if LeadPause.objects.filter(user=user).delete()[0]:
        history.log_list(AssignRule.KIND, "pause-over", by=by, args={"user": user})


def _may_pause(user: User, by: Any) -> None:
    if user.pk != by.pk and not access_of(by).may(AssignRule.KIND, "edit"):
        raise Forbidden(_("You pause only yourself; who keeps the rules pauses others."))
