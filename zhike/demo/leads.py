"""Campaigns and leads of the demo company, in every state, with their follow-ups."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from zhike.activities.actions import log_activity
from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.leads import actions
from zhike.leads.models import Campaign, Lead
from zhike.marketing.actions import convert_lead
from zhike.masterdata.models import Region
from zhike.opportunities.actions import win_opportunity
from zhike.opportunities.models import Opportunity
from zhike.org.models import Department, User
from zhike.products.models import Product
from zhike.records.visibility import owner_fields

from . import words

LEADS = 120
# name, type, where it stands, days from today it began, days it lasts, budget, place
CAMPAIGNS = (
    ("示例春季机床展", "exhibition", "summarised", -210, 4, 180_000, "示例会展中心 3 号馆"),
    ("示例精密制造研讨会", "seminar", "summarised", -160, 1, 36_000, "示例酒店"),
    ("示例行业媒体广告", "advert", "done", -120, 60, 48_000, ""),
    ("示例秋季工博会", "exhibition", "done", -45, 5, 260_000, "示例博览中心 6 号馆"),
    ("示例官网推广", "online", "in_progress", -60, 120, 60_000, ""),
    ("示例数控改造邮件", "mailing", "in_progress", -12, 30, 6_000, ""),
    ("示例经销商大会", "dealer_meeting", "approved", 20, 2, 90_000, "示例度假村"),
    ("示例海外展会", "exhibition", "draft", 75, 4, 320_000, "示例展馆"),
)
SOURCES = {"exhibition": "exhibition", "seminar": "campaign", "advert": "campaign", "online": "web", "mailing": "campaign", "dealer_meeting": "dealer"}
TRADES = ("机电", "自动化", "重工", "新能源", "铸造", "工具", "紧固件", "齿轮", "泵阀", "精工")
NEEDS = ("想了解加工中心的交期和价格。", "旧机床改造，预算待定。", "二期扩产，需要上下料方案。", "展位上留了名片，要样本。", "询问夹具定制。", "年底前要到货两台。")
INTERESTS = ("立式加工中心", "卧式加工中心", "数控改造", "上下料机器人", "专用夹具", "数控磨床")
TALKS = ("电话沟通需求，对方要求发样本。", "加了微信，已发产品手册。", "约定下周带工程师上门。", "确认了预算和时间，近期询价。", "暂时没有计划，下季度再联系。")
REPS = ("rep", "rep_east2", "rep_east3", "rep_south", "rep_south2", "rep_west", "rep_west2")
# How many of the 120 end where: waiting, new, following, converted, invalid.
ENDS = ("waiting", "new", "following", "converted", "invalid")
WEIGHTS = (14, 22, 36, 26, 22)


def make_leads(users: dict[str, User], products: list[Product], say: Callable[[str], None]) -> None:
    """Eight campaigns and what came of them; chance of its own, so that the rest of the company stays as it is."""
    chance = random.Random(20260407)
    with transaction.atomic():
        campaigns = make_campaigns(users)
        n = len(_live(users, products, campaigns, chance))
        for row in campaigns:  # what is over is summed up when its leads are known
            if row.name in {name for name, _t, state, *_rest in CAMPAIGNS if state == "summarised"}:
                actions.summarise_campaign(row, summary="示例：到场观众多，合格线索集中在改造与上下料；明年提前两个月预约。",
                                           cost=round((row.budget or Decimal(0)) * Decimal("0.94"), 2), by=users["marketing"])
    say(f"{len(campaigns)} campaigns, {n} leads")


def make_campaigns(users: dict[str, User]) -> list[Campaign]:
    """The campaigns, each as far as its time has come."""
    by, boss, made = users["marketing"], users["gm"], []
    for name, kind, state, begins, lasts, budget, place in CAMPAIGNS:
        first = clock.today() + timedelta(days=begins)
        with clock.freeze(clock.now() + timedelta(days=min(begins, 0) - 20)):
            row = actions.create_campaigns([Campaign(
                name=name, type=kind, starts_on=first, ends_on=first + timedelta(days=lasts - 1), place=place, budget=Decimal(budget),
                audience="示例：设备、工艺与采购负责人", goal_leads=max(8, budget // 12_000), goal_opportunities=max(2, budget // 60_000),
                goal_amount=Decimal(budget) * 12, description="示例活动：展示新机型，收集需求。", **owner_fields(by),
            )], by=by)[0]
            if state != "draft":
                row = actions.approve_campaign(row, by=boss)
        if state in ("in_progress", "done", "summarised"):
            with clock.freeze(clock.now() + timedelta(days=begins)):
                row = actions.start_campaign(row, by=by)
        if state in ("done", "summarised"):
            with clock.freeze(clock.now() + timedelta(days=begins + lasts)):
                row = actions.finish_campaign(row, by=by)
        made.append(row)
    return made


def _live(users: dict[str, User], products: list[Product], campaigns: list[Campaign], chance: random.Random) -> list[Lead]:
    regions = list(Region.objects.filter(pk__in=[int(code) for code in words.REGION_CODES]).order_by("pk"))
    over = [row for row in campaigns if row.starts_on and row.starts_on <= clock.today()]
    queues = [Department.objects.get(code="SALES"), Department.objects.get(code="EAST"), None]
    firms = [(myth, trade) for myth in words.MYTH for trade in TRADES]
    chance.shuffle(firms)
    ends = [end for end, n in zip(ENDS, WEIGHTS, strict=True) for _i in range(n)]
    chance.shuffle(ends)
    taken: set[int] = set()
    made = []
    for i, end in enumerate(ends):
        campaign = chance.choice(over) if chance.random() < 0.7 else None
        age = chance.randint(0, 3) if end == "waiting" else chance.randint(0, 8) if end == "new" else chance.randint(9, 150)
        moment: Any = clock.local(clock.now() - timedelta(days=age)).replace(hour=chance.randint(8, 17), minute=chance.choice((0, 10, 25, 40)), second=0, microsecond=0)
        moment = min(moment, clock.now() - timedelta(minutes=30))
        owner = None if end == "waiting" else users[chance.choice(REPS)]
        row = _lead(i, firms[i], campaign, chance, regions, products)
        if owner is not None:
            row.owner, row.owner_dept = owner, owner.department
        else:
            row.owner_dept = chance.choice(queues)
        with clock.freeze(moment):
            row = actions.create_leads([row], by=users["marketing"] if i % 3 or owner is None else owner, source="demo", checked=True)[0]
        if owner is not None:
            _go_on(row, end, owner, moment, taken, chance)
        made.append(row)
    return made


def _lead(i: int, firm: tuple[str, str], campaign: Campaign | None, chance: random.Random, regions: list[Region], products: list[Product]) -> Lead:
    myth, trade = firm
    person = words.SURNAMES[i % len(words.SURNAMES)] + words.GIVEN[(i * 7) % len(words.GIVEN)]
    return Lead(
        name=person, company=f"{myth}{trade}{chance.choice(('有限公司', '有限责任公司', '厂'))}" if i % 11 else "",
        job_title=chance.choice(words.TITLES), mobile=f"1390000{3000 + i:04d}" if i % 9 else "", phone="" if i % 9 else f"021-5555{4000 + i:04d}",
        email=f"lead{i:03d}@example.com" if i % 2 else "", wechat=f"sample_{i:03d}" if i % 4 == 0 else "",
        region=chance.choice(regions) if regions else None, industry=chance.choice(("machinery", "metal", "automotive", "electrical", "plastics")),
        source=SOURCES[campaign.type] if campaign is not None else chance.choice(("web", "phone", "referral", "tender", "cold")), campaign=campaign,
        interest=chance.choice(INTERESTS), product=chance.choice(products) if i % 5 == 0 else None, need=chance.choice(NEEDS),
        amount=Decimal(chance.randint(5, 180)) * 10_000 if i % 3 else None, heat=chance.choice(("hot", "warm", "warm", "cold", "")),
        expected_on=clock.today() + timedelta(days=chance.randint(20, 160)) if i % 4 else None,
    )


def _go_on(row: Lead, end: str, owner: User, start: Any, taken: set[int], chance: random.Random) -> None:
    """What the owner did with it: talks, and where it ended."""
    at, yesterday = start, clock.now() - timedelta(days=1)
    for step in range(chance.randint(1, 3) if end in ("following", "converted") else 1 if end == "invalid" and chance.random() < 0.6 else 0):
        at = min(at + timedelta(days=chance.randint(1, 6), hours=1), clock.now() - timedelta(hours=2))
        with clock.freeze(at):
            coming = at + timedelta(days=chance.randint(4, 9)) if end == "following" and step == 0 and at > yesterday else None
            log_activity(lead=row, type=chance.choice(("phone", "wechat", "phone", "email")), content=chance.choice(TALKS), by=owner,
                         result="effective", next_contact_at=coming)
    if end == "following" and chance.random() < 0.7:
        day = clock.local(clock.now() + timedelta(days=chance.randint(0, 6))).replace(hour=17, minute=0, second=0, microsecond=0)
        log_activity(lead=row, type="phone", content=chance.choice(TALKS), by=owner, next_contact_at=max(day, clock.local(clock.now()) + timedelta(minutes=30)),
                     at=clock.now() - timedelta(hours=chance.randint(3, 60)))
    at = min(at + timedelta(days=1), clock.now() - timedelta(minutes=10))
    with clock.freeze(at):
        if end == "invalid":
            actions.invalidate_leads([row], reason=chance.choice(("no_reach", "no_demand", "no_fit", "spam", "competitor", "wrong_number")),
                                     remark="示例：三次未接通" if chance.random() < 0.3 else "", by=owner)
        elif end == "converted":
            mine = Customer.objects.filter(owner=owner, pool=None).exclude(pk__in=taken).order_by("pk").first()
            if mine is not None:
                taken.add(mine.pk)
                _convert(row, mine, owner, at, yesterday, chance)


def _convert(row: Lead, customer: Customer, owner: User, at: Any, yesterday: Any, chance: random.Random) -> None:
    """What the lead became at a customer who is known: mostly an opportunity, and some of these were won."""
    opportunity = None
    if row.amount and chance.random() < 0.8:
        opportunity = Opportunity(name=f"{row.interest}（线索）", type="new_project", amount=row.amount, source=row.source, demand=row.need,
                                  expected_sign_date=clock.local(yesterday).date() + timedelta(days=chance.randint(20, 90)))
    contact = Contact.objects.filter(customer=customer).order_by("pk").first()
    made = convert_lead(row, customer=customer, contact=contact, opportunity=opportunity, by=owner, version=None, despite_duplicates=True)
    won = at + timedelta(days=25)
    if made.opportunity is not None and won < yesterday and chance.random() < 0.7:
        with clock.freeze(won):
            win_opportunity(made.opportunity, on=clock.today(), reason="方案与服务", by=User.objects.get(username="sales_head"), amount=row.amount)
