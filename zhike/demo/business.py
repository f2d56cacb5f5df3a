"""Opportunities and activities of the demo company, lived through the same actions people use."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from zhike.activities.actions import (
    change_log,
    comment_log,
    create_activities,
    give_tasks,
    open_log,
    submit_log,
)
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.customers import actions as customer_actions
from zhike.customers.actions import refresh_facts
from zhike.customers.models import Contact, Customer
from zhike.notices.actions import mark_read
from zhike.notices.models import Message
from zhike.opportunities import actions as opportunities
from zhike.opportunities.models import Opportunity, OpportunityLine, Stage, Tick
from zhike.org.models import User
from zhike.products.models import Product
from zhike.records.visibility import owner_fields

from . import words

OPPORTUNITIES = 210
ACTIVITIES = 5100
TYPES = ("new_project", "new_project", "new_project", "retrofit", "repeat", "spare", "supply")


def make_business(
    users: dict[str, User], customers: list[Customer], contacts: list[Contact], products: list[Product],
    chance: random.Random, say: Callable[[str], None],
) -> None:
    """Live through a year: opportunities in every state, then visits and calls around them."""
    by_customer: dict[int, list[Contact]] = {}
    for contact in contacts:
        by_customer.setdefault(contact.customer_id, []).append(contact)
    with transaction.atomic():
        rows = [live(customers, by_customer, products, users, chance) for _i in range(OPPORTUNITIES)]
        deals = make_deals(rows, users)
        make_openings(rows, users)
    say(f"{len(rows)} opportunities, {deals} deal customers")
    with transaction.atomic():
        made = make_activities(customers, by_customer, rows, users, chance)
        make_tasks(users, customers, chance)
        refresh_facts(row.pk for row in customers)
        n, lost = show_needs(customers), lose_some(rows, users)
        make_logs(users)
    say(f"{made} activities, {n} potential customers, {lost} lost ones")


def live(
    customers: list[Customer], contacts: dict[int, list[Contact]], products: list[Product], users: dict[str, User],
    chance: random.Random,
) -> Opportunity:
    """One opportunity from its first day to where it stands now."""
    customer = chance.choice(customers)
    owner = User.objects.select_related("department").get(pk=customer.owner_id)
    end = chance.choices(("open", "won", "lost", "suspended", "void"), (60, 22, 13, 3, 2))[0]
    # Where it stands today is decided first, then the way back to its first day: few wait too long.
    reach = chance.choices(range(6), weights=[10, 8, 6, 4, 3, 2])[0]
    rests = [chance.randint(3, 16) for _stage in range(6)]
    age = sum(rests[: reach + 1]) + (chance.randint(20, 300) if end in ("won", "lost", "void") else 0)
    start = clock.now() - timedelta(days=age)
    amount = Decimal(chance.randint(8, 260)) * 10_000
    sign = clock.local(start).date() + timedelta(days=age + chance.randint(-6, 90) if end in ("open", "suspended") else 60)
    with clock.freeze(start):
        row = opportunities.create_opportunities(
            [Opportunity(
                name=chance.choice(words.PROJECTS), customer=customer, type=chance.choice(TYPES), amount=amount,
                contact=contacts[customer.pk][0], demand="示例需求：提高产能，降低单件成本。",
                expected_sign_date=max(sign, clock.today()), source=chance.choice(("exhibition", "referral", "web", "phone")),
                **owner_fields(owner),
            )],
            by=owner, checked=True,
        )[0]
    with clock.freeze(start + timedelta(hours=1)):
        chosen = chance.sample(products, chance.randint(1, 4))
        row = opportunities.set_lines(row, [
            OpportunityLine(product=product, quantity=Decimal(chance.randint(1, 6)), target_price=product.list_price, line_no=0)
            for product in chosen
        ], by=owner, version=None, take_sum=True)
        amount = row.amount
    stages = list(Stage.objects.filter(process=row.process_id).order_by("order"))
    reach = len(stages) - 1 if end == "won" else min(reach, len(stages) - 1)
    at = start
    for stage, rest in zip(stages[1 : reach + 1], rests, strict=False):
        at += timedelta(days=rest)
        with clock.freeze(at):
            Tick.objects.bulk_create([Tick(opportunity=row, criterion=c, by=owner) for c in row.stage.criteria.all() if c.kind == "tick"])
            row = opportunities.move_stage(row, stage, by=owner, reason="")
    at = min(at + timedelta(days=chance.randint(1, 9)), clock.now() - timedelta(hours=1))
    with clock.freeze(at):
        if end == "won":
            opportunities.win_opportunity(row, on=clock.today(), reason="方案与服务", by=owner, amount=amount)
        elif end == "lost":
            opportunities.lose_opportunity(row, reason=chance.choice(("price", "delivery", "technical", "budget")), lost_to="示例竞品厂", remark="示例复盘：报价偏高。", by=owner)
        elif end == "suspended":
            opportunities.suspend_opportunity(row, reason="客户预算推迟", resume_on=clock.today() + timedelta(days=chance.randint(20, 60)), by=owner)
        elif end == "void":
            opportunities.void_opportunity(row, reason="重复登记", by=users["admin"])
    return row


def make_deals(opened: list[Opportunity], users: dict[str, User]) -> int:
    """Customers whose order was won: opened formally, then the contract signed, and most of these delivered to.

    There are no contracts yet: the two steps of the life cycle that a contract makes are made here in their stead.
    """
    first: dict[int, Opportunity] = {}
    for row in Opportunity.objects.filter(pk__in=[row.pk for row in opened], status="won").select_related("owner").order_by("won_at", "pk"):
        first.setdefault(row.customer_id, row)
    made = 0
    for row in first.values():
        customer = Customer.objects.select_related("owner").get(pk=row.customer_id)
        if not customer.uscc or customer.lifecycle != "opportunity":
            continue
        reached = customer.lifecycle_changes.latest("at").at
        signed = max(clock.start_of(row.won_at or clock.today()) + timedelta(hours=10), reached + timedelta(hours=4))
        if signed > clock.now() - timedelta(days=2):
            continue
        with clock.freeze(signed):
            applied = customer_actions.apply_opening(customer, opening_values(customer), by=customer.owner)
        with clock.freeze(signed + timedelta(hours=20)):
            customer_actions.accept_opening(applied, by=users["finance"])
        with clock.freeze(signed + timedelta(hours=30)):
            customer_actions.advance_lifecycle([customer], "close_deal", by=customer.owner, cause=row, reason="示例：合同已双签")
        delivered = signed + timedelta(days=40 + 7 * (made % 5))
        made += 1
        if delivered < clock.now():
            with clock.freeze(delivered):
                customer_actions.advance_lifecycle([customer], "start_service", by=customer.owner, cause=row, reason="示例：首份合同已交付验收")
    for name in (*{row.owner.username for row in first.values()}, "finance"):  # long ago, and read since
        old = Message.objects.filter(receiver=users[name], created_at__lt=clock.now() - timedelta(days=1))
        mark_read(old, by=users[name])
    return made


def opening_values(customer: Customer) -> dict[str, Any]:
    """What an application to open a customer formally says."""
    return {
        "category": customer.category, "uscc": customer.uscc, "title": customer.name, "tax_no": customer.uscc, "bank": "示例银行示例支行",
        "account": f"0000 1234 {customer.pk:04d}", "payment_term": customer.payment_term, "currency": "CNY",
        "credit_limit": Decimal(200_000), "address": customer.address,
    }


def make_openings(opened: list[Opportunity], users: dict[str, User]) -> None:
    """Some customers with business are opened formally; one application waits, one came back."""
    seen: set[int] = set()
    for row in opened:
        customer = Customer.objects.select_related("owner").get(pk=row.customer_id)
        if len(seen) >= 12 or customer.pk in seen or not customer.uscc or customer.formal_code or customer.lifecycle not in ("opportunity", "deal", "service"):
            continue
        seen.add(customer.pk)
        made = customer_actions.apply_opening(customer, opening_values(customer), by=customer.owner)
        if len(seen) % 4 == 1:
            customer_actions.return_opening(made, reason="示例：账号与开户许可证不一致，请核对。", by=users["finance"])
        elif len(seen) % 4 != 2:
            customer_actions.accept_opening(made, by=users["finance"])


def make_activities(customers: list[Customer], contacts: dict[int, list[Contact]], opened: list[Opportunity],
                    users: dict[str, User], chance: random.Random) -> int:
    """Past contacts with customers, and plans of the coming fortnight."""
    now, rows = clock.now(), []
    mine: dict[int, list[Opportunity]] = {}
    for row in opened:
        mine.setdefault(row.customer_id, []).append(row)
    # The rep has lost sight of these: 120 days without contact take them into the pool within the week.
    alone = [row for row in customers if row.owner_id == users["rep"].pk and row.pk not in mine and row.level != "A"]
    quiet = {row.pk: 113 + 2 * i for i, row in enumerate(alone[-4:])}
    for i in range(ACTIVITIES):
        customer = chance.choice(customers)
        type_code = chance.choices(tuple(words.SUBJECTS), (4, 6, 1, 3, 2))[0]
        planned = i < 260
        moment: Any = clock.local(now) + timedelta(days=chance.randint(-2, 13) if planned else -chance.randint(0, 350))
        moment = moment.replace(hour=chance.randint(8, 17), minute=chance.choice((0, 15, 30, 45)), second=0, microsecond=0)
        if planned and moment.weekday() > 4:
            moment += timedelta(days=7 - moment.weekday())
        if not planned and moment > now:
            moment = now - timedelta(hours=1)
        if customer.pk in quiet:
            if planned:
                continue
            moment = clock.local(now).replace(minute=30, second=0, microsecond=0) - timedelta(days=quiet[customer.pk])
            quiet[customer.pk] += 9
        rows.append(Activity(
            customer=customer, contact=chance.choice(contacts[customer.pk]), type=type_code, subject=words.SUBJECTS[type_code],
            opportunity=chance.choice(mine[customer.pk]) if customer.pk in mine and chance.random() < 0.6 else None,
            status="planned" if planned else "done", at=moment, content="" if planned else chance.choice(words.NOTES[type_code]),
            result="" if planned else chance.choice(("effective", "effective", "ineffective", "has_demand")),
            place="示例工业园" if type_code == "visit" else "", done_at=None if planned else moment, planned_at=None,
            checked_in_at=moment if type_code == "visit" and not planned else None, check_in_place="示例工业园东门" if type_code == "visit" and not planned and i % 3 else "",
            checked_in_by_id=customer.owner_id if type_code == "visit" and not planned else None,
            check_in_lat=31_298_000 + i if type_code == "visit" and not planned and i % 2 else None,
            check_in_lng=120_585_000 + i if type_code == "visit" and not planned and i % 2 else None,
            remind_before=30 if planned and i % 4 == 0 else None, owner_id=customer.owner_id, owner_dept_id=customer.owner_dept_id,
        ))
    return len(create_activities(rows, by=users["admin"], checked=True, facts=False))


def show_needs(customers: list[Customer]) -> int:
    """Half of the customers who told of a need, and have no opportunity yet, are potential ones since that talk."""
    known, n = {row.pk: row for row in customers}, 0
    told = Activity.objects.filter(customer__in=known, customer__lifecycle="target", status="done", result="has_demand").order_by("at", "pk")
    first: dict[int, Activity] = {}
    for row in told.select_related("owner"):
        first.setdefault(row.customer_id or 0, row)
    for pk, row in first.items():
        if pk % 2:
            with clock.freeze(row.at):
                n += len(customer_actions.advance_lifecycle([known[pk]], "show_demand", by=row.owner, cause=row))
    return n


def lose_some(opened: list[Opportunity], users: dict[str, User]) -> int:
    """Customers whose only project went elsewhere: the manager has written some of them off."""
    gone = [row.pk for row in opened]
    rows = Customer.objects.filter(pk__in=Opportunity.objects.filter(pk__in=gone, status="lost").values("customer_id"), lifecycle="opportunity")
    rows = rows.exclude(pk__in=Opportunity.objects.filter(status__in=("open", "suspended", "won")).values("customer_id")).order_by("pk")[:8]
    for i, row in enumerate(rows):
        with clock.freeze(clock.now() - timedelta(days=6 + 19 * i)):
            customer_actions.lose_customer(row, reason=("competitor", "price", "closed", "product")[i % 4], by=users["sales_head"])
    return len(rows)


def make_tasks(users: dict[str, User], customers: list[Customer], chance: random.Random) -> None:
    """A few tasks across departments."""
    titles = ("准备投标文件", "核对技术协议", "补充图纸", "确认交期", "整理样品反馈", "安排参观样板线")
    people = ("rep", "presales", "rep_south", "assistant", "rep_west", "presales2")
    for i in range(24):
        giver = users[("manager_east", "rep", "manager_south", "sales_head")[i % 4]]
        owner = users[people[i % 6]]
        own = [customer for customer in customers if customer.owner_id == giver.pk]
        row = Task(title=titles[(i + i // 6) % 6], due_at=clock.local(clock.now() + timedelta(days=chance.randint(1, 12))).replace(hour=17, minute=0, second=0, microsecond=0),
                   checklist=[["收集资料", False], ["核对", False], ["回复", False]] if i % 3 == 0 else [], priority=chance.choice(("normal", "high")),
                   customer=own[i % len(own)] if own else None, giver=giver, **owner_fields(owner))
        give_tasks([row], by=giver)


def make_logs(users: dict[str, User]) -> None:
    """Weekly logs of the last weeks: read, commented, handed in, and a draft."""
    for name, weeks in (("rep", (3, 2, 1, 0)), ("rep_south", (2, 1)), ("rep_east2", (1,))):
        for back in weeks if name in users else ():
            if back:
                hand_in(users[name], back, comment="跟得紧，下周一起去一趟。" if back > 1 else "")
            else:
                open_log(period="weekly", day=clock.today(), by=users[name])


def hand_in(user: User, back: int, *, comment: str = "", **values: Any) -> None:
    """Somebody's log of `back` weeks ago, handed in on its Friday and perhaps commented on the Monday after."""
    monday = clock.today() - timedelta(days=clock.today().weekday(), weeks=back)
    with clock.freeze(clock.start_of(monday + timedelta(days=4)) + timedelta(hours=17, minutes=40)):
        row = open_log(period="weekly", day=monday, by=user)
        if values:
            change_log(row, values, by=user, version=None)
        submit_log(row, by=user)
    if comment and user.manager is not None:
        with clock.freeze(clock.start_of(monday + timedelta(days=7)) + timedelta(hours=9)):
            comment_log(row, text=comment, by=user.manager)
