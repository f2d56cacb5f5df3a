"""What makes the week of the demo company alive: twins to tell apart, tasks on their way, logs of several people, an opening that came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from zhike.activities.actions import (
    create_activities,
    move_task,
)
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.customers import actions
from zhike.customers.duplicates.pairs import find_pairs
from zhike.customers.models import Customer
from zhike.org.models import User
from zhike.records.visibility import owner_fields

from .business import hand_in

# owner of the one, owner of the twin, how the twin's name is written
TWINS = (
    ("rep", "rep_east2", "形式"), ("rep_east2", "rep_east3", "地区"), ("rep_east3", "rep", "电话"), ("rep_south", "rep_south2", "形式"),
)
FORMS = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司")


@transaction.atomic
def make_week(users: dict[str, User], customers: Sequence[Customer], say: Callable[[str], None]) -> None:
    """Add what the pages of the rep's day and of customers need to have something to show."""
    make_twins(users, customers)
    full_calendar(users, customers)
    move_tasks(users)
    more_logs(users)
    own_opening(users, customers)
    say(f"{find_pairs()} suspected pairs")


def other_form(name: str) -> str:
    """The same firm with another legal form."""
    form = next(form for form in FORMS if name.endswith(form))
    return name.removesuffix(form) + ("有限公司" if form == "有限责任公司" else "有限责任公司")


def make_twins(users: dict[str, User], customers: Sequence[Customer]) -> None:
    """Customers that two colleagues have entered, a little differently."""
    used: set[int] = set()
    for first, second, how in TWINS:
        row = next(row for row in customers if row.owner_id == users[first].pk and row.region_id and not row.uscc and row.pk not in used)
        used.add(row.pk)
        name = {"形式": other_form(row.name), "地区": f"{row.region.name if row.region else ''}{row.name}", "电话": f"{row.name[:2]}设备厂（示例）"}[how]
        with clock.freeze(clock.now() - timedelta(days=30)):
            actions.create_customers([Customer(
                name=name, level="C", region=row.region, phone=row.phone if how != "地区" else "", source="web", **owner_fields(users[second]))],
                by=users["admin"], source="demo")


# hour, minute, minutes it takes, type, subject
DAY = ((9, 30, 90, "visit", "现场拜访"), (13, 30, 30, "phone", "回访报价"), (15, 0, 60, "meeting", "技术交流"), (16, 30, 30, "wechat", "发送资料"))


def full_calendar(users: dict[str, User], customers: Sequence[Customer]) -> None:
    """This week and the next of the rep and of a colleague, two to four entries a working day; what is over is done."""
    now = clock.now()
    monday = clock.today() - timedelta(days=clock.today().weekday())
    rows = []
    for name, skip in (("rep", 3), ("rep_east2", 2)):
        own = [row for row in customers if row.owner_id == users[name].pk and row.level == "A"]
        for i in range(10):
            day = monday + timedelta(days=i + (2 if i > 4 else 0))
            for j, (hour, minute, takes, type_code, subject) in enumerate(DAY):
                if (i + j) % 4 == skip:
                    continue
                at = datetime.combine(day, time(hour, minute), tzinfo=clock.zone())
                over = at + timedelta(minutes=takes) < now
                rows.append(Activity(
                    customer=own[(i * 4 + j) % len(own)], type=type_code, subject=subject, at=at, ends_at=at + timedelta(minutes=takes),
                    status="done" if over else "planned", done_at=at if over else None, content="示例：按计划完成。" if over else "",
                    result="effective" if over else "", place="示例工业园" if type_code == "visit" else "", remind_before=None if over else 30,
                    **owner_fields(users[name])))
    create_activities(rows, by=users["admin"], checked=True)


def move_tasks(users: dict[str, User]) -> None:
    """Some tasks are accepted, some done and waiting for the giver's word, one is refused."""
    for i, row in enumerate(Task.objects.select_related("owner", "giver", "customer").order_by("pk")[:24]):
        step = ("", "accept", "finish", "accept", "confirm", "", "accept", "finish", "refuse")[i % 9]
        with clock.freeze(clock.now() - timedelta(hours=26 - i)):
            if step in ("accept", "finish", "confirm"):
                row = move_task(row, "accept", by=row.owner)
            if step in ("finish", "confirm"):
                row = move_task(row, "finish", by=row.owner, result="示例：已完成，资料在附件。")
            if step == "confirm":
                move_task(row, "confirm", by=row.giver)
            if step == "refuse":
                move_task(row, "refuse", by=row.owner, result="示例：本周在现场，请改派同事。")


def more_logs(users: dict[str, User]) -> None:
    """Logs of other reps: some wait to be read, one asks for help, and whoever is not named owes one."""
    hand_in(users["rep_east3"], 2, comment="示例：思路清楚，报价前先和技术对一遍。")
    hand_in(users["rep_east3"], 1, problem="示例：样机还没有到，客户催了两次。", need_help=True)
    hand_in(users["rep_west"], 1)
    hand_in(users["rep_west2"], 2, comment="示例：下周把报价推进一步。")


def own_opening(users: dict[str, User], customers: Sequence[Customer]) -> None:
    """Two applications of the rep: one waits for finance, one came back and waits on the workbench."""
    rep = users["rep"]
    ready = Customer.objects.filter(owner=rep, lifecycle__in=("opportunity", "deal", "service"), formal_code="", openings=None).exclude(uscc="").order_by("pk")
    for i, found in enumerate(ready[:2]):
        made = actions.apply_opening(found, {
            "category": found.category, "uscc": found.uscc, "title": found.name, "tax_no": found.uscc, "bank": "示例银行示例支行",
            "account": f"0000 1234 {found.pk:04d}", "payment_term": found.payment_term, "currency": "CNY", "credit_limit": Decimal(300_000),
            "address": found.address,
        }, by=rep)
        if i == 0:
            actions.return_opening(made, reason="示例：开户行写到支行一级，并补上账期审批。", by=users["finance"])
