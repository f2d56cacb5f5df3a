"""What the rules of customer care plan for the coming days: sets at a time, once for each occasion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.org.models import Company
from zhike.records.models import HistoryEntry

from . import festivals, questions, texts
from .models import CareDay, CareItem, CareRule, ContactWish, CustomerWish

AHEAD = 7  # days before an item is due that it appears
MOST = 2_000  # new items of one rule in one run; the rest come with the next runs
BATCH = 500
LOOKED_BACK = 7  # days a change of level waits for a rule that was off or a job that stood still


@dataclass(slots=True)
class Wanted:
    """An occasion found: whose, which, when it is, and since how many years."""

    customer_id: int
    contact_id: int | None
    occasion: str
    name: str
    on: date
    years: int | None = None


def plan_all() -> int:
    """Plan the items of every rule that is on; returns how many are new."""
    return sum(plan_rule(rule) for rule in CareRule.objects.filter(enabled=True).order_by("pk"))


def plan_rule(rule: CareRule) -> int:
    """Plan what one rule asks for in the coming week. Bears repetition."""
    made, batch = 0, []
    for found in _wanted(rule):
        batch.append(found)
        if len(batch) == BATCH:
            made += _store(rule, batch, MOST - made)
            batch = []
        if made >= MOST:
            return made
    return made + (_store(rule, batch, MOST - made) if batch else 0)


def customers_of(rule: CareRule) -> Any:
    """The customers a rule is for: somebody's, in use, not lost, of its levels, and not asking to be left alone."""
    rows = Customer.objects.filter(enabled=True, owner__isnull=False).exclude(lifecycle="lost")
    rows = rows.filter(~Exists(CustomerWish.objects.filter(customer=OuterRef("pk"), opt_out=True)))
    codes = rule.level_codes()
    return rows.filter(level__in=codes) if codes else rows


def contacts_of(rule: CareRule) -> Any:
    """Their contacts who are still there and do not ask to be left alone."""
    rows = Contact.objects.filter(left=False, customer__in=customers_of(rule))
    return rows.filter(~Exists(ContactWish.objects.filter(contact=OuterRef("pk"), opt_out=True)))


def _wanted(rule: CareRule) -> Iterator[Wanted]:
    today = clock.today()
    reach = AHEAD + rule.days
    match rule.occasion:
        case CareRule.BIRTHDAY:
            yield from _birthdays(rule, today, reach)
        case CareRule.FESTIVAL:
            on = festivals.festival(rule.festival, today)
            if on is not None and on <= today + timedelta(days=reach):
                rows = contacts_of(rule).filter(primary=True).order_by("customer_id").values_list("customer_id", "pk")
                fresh = rows.filter(~Exists(CareItem.objects.filter(rule=rule, contact=OuterRef("pk"), occasion=rule.festival, occasion_on=on)))
                for customer, contact in fresh[: MOST * 4]:
                    yield Wanted(customer, contact, rule.festival, str(festivals.FESTIVALS[rule.festival][0]), on)
        case CareRule.ANNIVERSARY:
            yield from _days(rule, today, reach)
        case CareRule.SILENCE:
            yield from _silent(rule, today)
        case CareRule.LEVEL:
            yield from _changed_levels(rule, today)


def _birthdays(rule: CareRule, today: date, reach: int) -> Iterator[Wanted]:
    kept = Q()
    for month, day in festivals.month_days(today, reach):
        kept |= Q(birthday__month=month, birthday__day=day)
    by_moon = ContactWish.objects.filter(contact=OuterRef("pk"), lunar=True)
    rows = contacts_of(rule).annotate(_moon=Exists(by_moon))
    # A lunar day that is known by itself goes before the date of birth.
    rows = rows.filter(
        Q(lunar_month__isnull=False) | Q(Q(kept, _moon=False) | Q(_moon=True), birthday__isnull=False, birthday__lte=today)
    ).order_by("pk")
    columns = ("pk", "customer_id", "birthday", "_moon", "lunar_month", "lunar_day")
    for pk, customer, born, moon, month, day in rows.values_list(*columns).iterator(chunk_size=2_000):
        if month:
            on = festivals.next_after(today, month, day, by_moon=True)
        else:
            on = festivals.anniversary(born, today, by_moon=moon)
        if on is not None and on <= today + timedelta(days=reach):
            yield Wanted(customer, pk, "birthday", "", on, on.year - born.year if born else None)


def _days(rule: CareRule, today: date, reach: int) -> Iterator[Wanted]:
    rows = CareDay.objects.filter(Q(contact=None, customer__in=customers_of(rule)) | Q(contact__in=contacts_of(rule))).order_by("pk")
    for pk, customer, contact, name, first, moon in rows.values_list("pk", "customer_id", "contact_id", "name", "first_on", "lunar").iterator():
        on = festivals.anniversary(first, today, by_moon=moon)
        if on is not None and on <= today + timedelta(days=reach):
            yield Wanted(customer, contact, f"day:{pk}", name, on, on.year - first.year)


def _silent(rule: CareRule, today: date) -> Iterator[Wanted]:
    """Customers nobody has spoken with for so long, the longest silence first; with their primary contact."""
    limit = clock.start_of(today - timedelta(days=rule.days))
    rows = customers_of(rule).filter(facts__last_contact_at__lt=limit, created_at__lt=limit)
    rows = rows.filter(~Exists(CareItem.objects.filter(rule=rule, customer=OuterRef("pk"), status="planned")))
    found = list(rows.order_by("facts__last_contact_at", "pk").values_list("pk", "facts__last_contact_at", "created_at")[:MOST])
    for start in range(0, len(found), BATCH):
        some = found[start : start + BATCH]
        first = dict(contacts_of(rule).filter(primary=True, customer__in=[pk for pk, _at, _made in some]).values_list("customer_id", "pk"))
        for pk, at, created in some:
            since: datetime = created if at == clock.NEVER else at
            yield Wanted(pk, first.get(pk), "silence", "", clock.local(since).date() + timedelta(days=rule.days))


def _changed_levels(rule: CareRule, today: date) -> Iterator[Wanted]:
    """Customers whose level went from one to another lately, the last change of each; the rule's levels are those they have now."""
    since = clock.start_of(today - timedelta(days=rule.days + LOOKED_BACK))
    # Whoever was changed since then, found without the history of the whole house.
    rows = dict(customers_of(rule).filter(updated_at__gte=since).exclude(level="").order_by("-updated_at", "pk").values_list("pk", "level")[: MOST * 4])
    ids = list(rows)
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        changed = HistoryEntry.objects.filter(kind="customer", row_id__in=some, at__gte=since, diff__has_key="level").order_by("id")
        last = {pk: (at, diff["level"]) for pk, at, diff in changed.values_list("row_id", "at", "diff")}
        first = dict(contacts_of(rule).filter(primary=True, customer__in=list(last)).values_list("customer_id", "pk"))
        for pk, (at, (before, after)) in last.items():
            on = clock.local(at).date() + timedelta(days=rule.days)
            if before and after and before != after and after == rows[pk] and on <= today + timedelta(days=AHEAD):
                yield Wanted(pk, first.get(pk), "level", "", on)


def _store(rule: CareRule, batch: list[Wanted], most: int) -> int:
    """Make the items that are not there yet and that nothing suppresses."""
    keys = {(found.customer_id, found.contact_id, found.occasion, found.on) for found in batch}
    there = CareItem.objects.filter(rule=rule, customer__in={key[0] for key in keys}, occasion_on__in={key[3] for key in keys})
    known = set(there.values_list("customer_id", "contact_id", "occasion", "occasion_on"))
    customers = {row.pk: row for row in Customer.objects.filter(pk__in={key[0] for key in keys}).select_related("owner")}
    contacts = {row.pk: row for row in Contact.objects.filter(pk__in={key[1] for key in keys} - {None})}
    barred = {answer.row_id for answer in questions.care_suppressed.ask(list(customers.values()), by=None, channel=rule.channel)}
    busy = _busy(rule, batch)
    company, rows = str(Company.current()), []
    for found in batch:
        key = (found.customer_id, found.contact_id, found.occasion, found.on)
        customer = customers.get(found.customer_id)
        if key in known or customer is None or customer.pk in barred or len(rows) >= most:
            continue
        known.add(key)
        after = rule.occasion in (CareRule.SILENCE, CareRule.LEVEL)
        due = found.on if after else found.on - timedelta(days=rule.days)
        due = max(due, clock.today())
        whom = (found.customer_id, found.contact_id)
        if any(abs((due - other).days) < rule.gap_days for other in busy.get(whom, ())):
            continue
        busy.setdefault(whom, []).append(due)
        rows.append(_item(rule, found, customer, contacts.get(found.contact_id or 0), due, company))
    with transaction.atomic():
        CareItem.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _busy(rule: CareRule, batch: list[Wanted]) -> dict[tuple[int, int | None], list[date]]:
    """When the same people are or were attended to by any rule; what was skipped does not count."""
    near = timedelta(days=AHEAD + rule.gap_days + 1)
    items = CareItem.objects.filter(customer__in={found.customer_id for found in batch}, due_on__gte=clock.today() - near,
                                    due_on__lte=clock.today() + near).exclude(status="skipped")
    found: dict[tuple[int, int | None], list[date]] = {}
    for customer, contact, due in items.values_list("customer_id", "contact_id", "due_on"):
        found.setdefault((customer, contact), []).append(due)
    return found


def is_english(customer: Customer) -> bool:
    return customer.kind == Customer.OVERSEAS


def _item(rule: CareRule, found: Wanted, customer: Customer, contact: Contact | None, due: date, company: str) -> CareItem:
    english = is_english(customer)
    with translation.override("en" if english else "zh-hans"):
        name = found.name or str(_("not contacted lately") if rule.occasion == CareRule.SILENCE else dict(CareRule.OCCASIONS)[rule.occasion])
        if found.occasion in festivals.FESTIVALS:
            name = str(festivals.FESTIVALS[found.occasion][0])
    text = (rule.text_en or rule.text_zh) if english else (rule.text_zh or rule.text_en)
    if text:
        text = texts.render(text, texts.values_of(customer=customer, contact=contact, occasion=name, on=found.on, years=found.years,
                                                  sender=customer.owner, company=company, english=english))
    whom = contact.name if contact is not None else customer.short_name or customer.name
    return CareItem(
        rule=rule, title=f"{whom} · {name}"[:120], customer=customer, contact=contact, occasion=found.occasion, occasion_on=found.on, due_on=due,
        channel=rule.channel, text=text, owner_id=customer.owner_id, owner_dept_id=customer.owner_dept_id,
    )
