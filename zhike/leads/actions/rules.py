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

from ..assigning import MOST_RULES, PROVINCE, Assigner, Place
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


Placed = list[tuple[Place, list[Lead]]]


def _places(rows: Sequence[Lead]) -> Placed:
    """Where the rules say that these leads go, together by rule and receiver; the rules stay locked."""
    if not rows or not AssignRule.objects.filter(enabled=True).exists():
        return []
    assigner = Assigner(hold=True)
    assigner.know(rows)
    found: dict[tuple[int, int | None], tuple[Place, list[Lead]]] = {}
    for row in rows:
        place = assigner.pick(row)
        if place.rule is not None:
            found.setdefault((place.rule.pk, place.user.pk if place.user else None), (place, []))[1].append(row)
    for rule in assigner.rules:
        if rule.pk in assigner.moved:  # whose turn is next is no change of the rule
            AssignRule.objects.filter(pk=rule.pk).update(last_given=rule.last_given)
    return list(found.values())


def place_new(rows: Sequence[Lead]) -> Placed:
    """Give leads that are about to be stored, and that nobody owns, to whom the rules name; see `tell_placed`."""
    placed = _places([row for row in rows if row.owner_id is None and row.status == "new"])
    for place, part in placed:
        for row in part:
            row.owner_dept = place.user.department if place.user is not None else place.department
            row.owner = place.user
    return placed


def tell_placed(placed: Placed, *, by: Any, source: str) -> None:
    """Tell whom the rules have given something, and write it down; an import has a line of its own for each lead."""
    for place, rows in placed:
        assert place.rule is not None
        if source != "import":
            to = place.user or place.department
            history.write([history.entry(row, "lead-rule", by=by, args={"to": to, "reason": place.rule.name}) for row in rows])
        _tell(place, rows, by)


def _tell(place: Place, rows: Sequence[Lead], by: Any) -> None:
    stamp, rule = f"{clock.now():%Y%m%d%H%M%S%f}", place.rule
    assert rule is not None
    if place.user is not None:
        tell([place.user], "lead.by_rule", key=f"lead.by_rule:{rows[0].pk}:{stamp}", row=rows[0], by=by, rule=rule.name, names=names_of(rows))
    elif place.department is not None and place.department.manager is not None and place.department.manager.is_active:
        tell([place.department.manager], "lead.queued", key=f"lead.queued:{rows[0].pk}:{stamp}", row=rows[0], by=by,
             department=str(place.department), names=names_of(rows))


@transaction.atomic
def assign_by_rules(rows: Sequence[Lead], *, by: Any) -> list[Lead]:
    """Give stored leads that wait to whom the rules say; their new owners are told. Those that no rule names stay."""
    done: list[Lead] = []
    for start in range(0, len(rows), MOST):
        waiting = [row for row in held(rows[start : start + MOST]) if row.owner_id is None and row.status == "new"]
        for place, part in _places(waiting):
            changed = _hand(part, place, by)
            if changed:
                _tell(place, changed, by)
            done += changed
    return done


def _hand(rows: list[Lead], place: Place, by: Any) -> list[Lead]:
    assert place.rule is not None
    if place.user is not None:
        return give(rows, to=place.user, by=by, way="rule", reason=place.rule.name)
    values = {"owner_dept_id": place.department.pk if place.department is not None else None}
    return save.change_rows(registry.kind(Lead.KIND), rows, values, by=by, action="lead-queue", args={"reason": place.rule.name})


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
