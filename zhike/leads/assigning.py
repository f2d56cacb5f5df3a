"""Whose a lead would be by the rules: asked in their order, the first that fits and has somebody decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from zhike.base import clock
from zhike.org.models import Department, User

from .models import AssignRule, FormEntry, Lead, LeadPause
from .status import OPEN

PROVINCE = 10_000  # a region's number without city and district
MOST_RULES = 100


@dataclass(slots=True)
class Place:
    """Where a lead goes: to a colleague, or into the queue of a department; and which rules had nobody."""

    rule: AssignRule | None = None
    user: User | None = None
    department: Department | None = None
    passed: list[AssignRule] = field(default_factory=list)


def fits(rule: AssignRule, lead: Lead, form_id: int | None) -> bool:
    """Whether every condition that the rule gives holds for the lead."""
    if rule.sources and lead.source not in rule.sources:
        return False
    if rule.campaign_id and lead.campaign_id != rule.campaign_id:
        return False
    if rule.form_id and form_id != rule.form_id:
        return False
    if rule.provinces and (lead.region_id is None or str(lead.region_id // PROVINCE) not in rule.provinces):
        return False
    if rule.industries and lead.industry not in rule.industries:
        return False
    if rule.amount_from is not None and (lead.amount is None or lead.amount < rule.amount_from):
        return False
    if rule.amount_to is not None and (lead.amount is None or lead.amount > rule.amount_to):
        return False
    words = rule.word_list()
    if words:
        told = f"{lead.interest}\n{lead.need}\n{lead.product or ''}".casefold()
        return any(word in told for word in words)
    return True


class Assigner:
    """The rules as they are now, and how many open leads people have. Picks for one lead after the other.

    With `hold` the rules are locked until the transaction ends, so that two leads that come at once are given in
    turn and within the limits; without it nothing is written: a look at what would happen.
    """

    def __init__(self, *, hold: bool) -> None:
        rules: Any = AssignRule.objects.filter(enabled=True).order_by("pk")
        found = list(rules.select_for_update() if hold else rules)
        self.rules = sorted(found, key=lambda rule: (rule.order, rule.pk))[:MOST_RULES]
        self.moved: set[int] = set()  # rules whose turn has moved on
        self._people: dict[int, list[User]] = {}
        self._open: dict[int, int] = {}
        self._forms: dict[int, int] = {}

    def know(self, leads: Sequence[Lead]) -> None:
        """Look up by which form stored leads have come, all at once."""
        if any(rule.form_id for rule in self.rules):
            ids = [lead.pk for lead in leads if lead.pk and getattr(lead, "form", None) is None]
            for start in range(0, len(ids), 500):
                found = FormEntry.objects.filter(lead_number__in=ids[start : start + 500]).order_by("-pk")
                self._forms.update(found.values_list("lead_number", "form_id"))

    def pick(self, lead: Lead) -> Place:
        """Where this lead goes; a `Place` without a rule where none decides."""
        form = getattr(lead, "form", None)
        form_id = form.pk if form is not None else self._forms.get(lead.pk or 0)
        place = Place()
        for rule in self.rules:
            if not fits(rule, lead, form_id):
                continue
            if rule.way == AssignRule.QUEUE:
                place.rule, place.department = rule, rule.department
                return place
            user = self._next(rule)
            if user is not None:
                place.rule, place.user = rule, user
                return place
            place.passed.append(rule)
        return place

    def _next(self, rule: AssignRule) -> User | None:
        everybody = self._everybody(rule)
        if rule.way == AssignRule.ROUND and rule.last_given:
            order = [user.pk for user in everybody]
            after = order.index(rule.last_given) + 1 if rule.last_given in order else 0
            everybody = everybody[after:] + everybody[:after]
        for user in everybody:
            if not user.is_working or (rule.most_open and self._open.get(user.pk, 0) >= rule.most_open):  # type: ignore[attr-defined]
                continue
            self._open[user.pk] = self._open.get(user.pk, 0) + 1
            if rule.way == AssignRule.ROUND:
                rule.last_given = user.pk
                self.moved.add(rule.pk)
            return user
        return None

    def _everybody(self, rule: AssignRule) -> list[User]:
        """The people of a rule in their order, those who cannot now included: their turn is passed over, not forgotten."""
        if rule.pk not in self._people:
            if rule.way == AssignRule.USER:
                ids: list[int] = [rule.user_id] if rule.user_id else []
                found = list(_people(Q(pk__in=ids)))
            elif rule.people:
                place = {int(pk): i for i, pk in enumerate(rule.people)}
                found = sorted(_people(Q(pk__in=list(place))), key=lambda user: place[user.pk])
            else:
                boss = rule.department.manager_id if rule.department is not None else None
                path = rule.department.path if rule.department is not None else "-"
                found = list(_people(Q(department__path__startswith=path)))
                # Who leads the department hands out; they take their turn only where nobody else is.
                found = [user for user in found if user.pk != boss] or found
            self._mark(found)
            self._people[rule.pk] = found
        return self._people[rule.pk]

    def _mark(self, users: Iterable[User]) -> None:
        people = list(users)
        ids = [user.pk for user in people]
        today = clock.today()
        away = set(LeadPause.objects.filter(user__in=ids, starts_on__lte=today, until__gte=today).values_list("user_id", flat=True))
        able = set(User.objects.filter(pk__in=ids, is_active=True).filter(
            Q(is_admin=True) | Q(roles__permissions__kind=Lead.KIND, roles__permissions__action="edit")).values_list("pk", flat=True))
        new = [pk for pk in ids if pk not in self._open]
        counted = Lead.objects.filter(owner__in=new, status__in=OPEN).order_by().values_list("owner_id").annotate(n=Count("pk"))
        self._open.update(dict.fromkeys(new, 0) | dict(counted))
        for user in people:
            user.is_working = user.pk in able and user.pk not in away  # type: ignore[attr-defined]


def _people(condition: Q) -> Any:
    return User.objects.filter(condition).select_related("department").order_by("pk")


def would_go(leads: Sequence[Lead]) -> list[tuple[Lead, Place]]:
    """Where leads would go if they came now, in this order; nothing is written."""
    assigner = Assigner(hold=False)
    assigner.know(leads)
    return [(lead, assigner.pick(lead)) for lead in leads]
