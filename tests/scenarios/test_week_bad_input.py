"""What people get wrong in the week: refused where they are, in words, with what they typed still there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers import actions, jobs
from zhike.customers.models import Customer, Opening, Pool, PoolMember, PoolRule
from zhike.org.models import Department

from .walking import Person

CODES = ("91350100M000100Y43", "91110108551385082Q")


@pytest.fixture
def hat(sign_in):
    return lambda username: Person(sign_in(username), username)


@pytest.fixture
def applied(make, people):
    """`applied(0)`: a customer of the rep whose opening waits for finance."""

    def made(i=0, name=""):
        row = make.customer("rep", level="C", **({"name": name} if name else {}))
        deal = make.opportunity(row)
        row = Customer.objects.get(pk=row.pk)
        actions.apply_opening(row, {"category": "oem", "uscc": CODES[i], "title": row.name, "tax_no": CODES[i], "bank": "示例银行",
                                    "account": "0012", "payment_term": "month30", "currency": "CNY", "credit_limit": Decimal(1)}, by=people["rep"])
        type(deal).objects.filter(pk=deal.pk).update(status="lost")
        return row

    return made


@pytest.fixture
def pool(people):
    admin = people["admin"]
    row = actions.create_pools([Pool(name="华东公海")], by=admin)[0]
    actions.set_members(row, PoolMember.ADMIN, users=[people["manager_east"]], by=admin)
    actions.set_members(row, PoolMember.MEMBER, departments=[Department.objects.get(code="EAST")], by=admin)
    actions.set_rules(row, [PoolRule(criterion="follow_up", days=30, levels=[])], by=admin)
    return actions.switch_pool(Pool.objects.get(pk=row.pk), enabled=True, by=admin)


@pytest.mark.parametrize(("values", "said"), [
    ({"name": "甲"}, "至少两个"), ({"name": "20261123"}, "数字"), ({"name": "　\u200b "}, "客户名称"),
    ({"name": "示例试验有限公司", "uscc": "91350100M000100Y44"}, "统一社会信用代码"), ({"name": "示例试验有限公司", "uscc": "9135010"}, "统一社会信用代码"),
])
def test_a_customer_that_is_none(hat, values, said):
    rep = hat("rep").open("/customers/new/")
    rep.press("创建客户", 422, **values, phone="0512-55550009").sees(said)
    assert rep.form("创建客户")[0].values["phone"] == ["0512-55550009"] and not Customer.objects.exists()


def test_a_code_of_another_province_is_only_pointed_out(hat):
    rep = hat("rep").open("/customers/new/").press("创建客户", name="示例试验有限公司", uscc=CODES[0], region="昆山市")
    rep.sees("示例试验有限公司", "省份")


def test_parents_in_a_ring(hat, make):
    rep = hat("rep")
    top = make.customer("rep", name="示例控股集团有限公司")
    low = make.customer("rep", name="示例传动有限公司", parent=top)
    rep.open(f"/customers/{top.pk}/edit/").press("保存", 422, parent=str(low.pk)).sees("上级客户")
    rep.open(f"/customers/{top.pk}/edit/").press("保存", 422, parent=str(top.pk))
    top.refresh_from_db()
    assert top.parent_id is None


def test_a_step_back_needs_a_reason(hat, make):
    row = make.customer("rep")
    Customer.objects.filter(pk=row.pk).update(lifecycle="potential")
    boss = hat("manager_east").open(f"/customers/{row.pk}/").click("变更阶段")
    back = next(value for value in boss.form("变更阶段")[0].options["move"].values() if value != "show_demand")
    boss.press("变更阶段", 422, move=back).sees("原因")
    assert Customer.objects.get(pk=row.pk).lifecycle == "potential"


def test_what_finance_is_at_work_on_goes_into_no_pool(hat, applied, pool):
    row = applied()
    rep = hat("rep").open(f"/customers/{row.pk}/").click("退回公海").press("退回", 422)
    rep.sees(row.name, "等财务审核")
    with clock.freeze(clock.now() + timedelta(days=40)):
        jobs.run_pools()
        assert Customer.objects.get(pk=row.pk).pool_id is None
    Opening.objects.update(status="withdrawn")
    with clock.freeze(clock.now() + timedelta(days=40)):
        jobs.run_pools()
        assert Customer.objects.get(pk=row.pk).pool_id == pool.pk


@pytest.mark.both
def test_two_that_are_both_applied_for_are_not_merged(hat, applied, people):
    one, other = applied(0), applied(1)
    boss = hat("manager_east").open(f"/customers/merge/?ids={one.pk},{other.pk}")
    boss.press("合并", 422).sees("正式客户建档")
    assert Customer.objects.filter(pk__in=[one.pk, other.pk]).count() == 2
    with pytest.raises(Refused):
        actions.merge_rows(one, [other], by=people["admin"])
    actions.withdraw_opening(Opening.objects.get(customer=other), by=people["rep"])
    boss.open(f"/customers/merge/?ids={one.pk},{other.pk}").press("合并")
    assert Opening.objects.filter(customer__in=[one.pk, other.pk]).values("customer").distinct().count() == 1


def test_contacts_of_elsewhere_and_times_that_will_not_do(hat, make):
    mine, other = make.customer("rep"), make.customer("rep")
    stranger = make.contact(other, name="陈别处")
    rep = hat("rep").open(f"/activities/new/?customer={mine.pk}")
    soon = (clock.local(clock.now()) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    past = (clock.local(clock.now()) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    rep.press("创建活动", 422, subject="看现场", type="拜访", customer=str(mine.pk), contact=str(stranger.pk), at=soon).sees("联系人")
    rep.press("创建活动", 422, contact="", at=past).sees("记录")
    assert rep.form("创建活动")[0].values["subject"] == ["看现场"]
    plan = make.activity(mine, days=2)
    rep.open(f"/activities/{plan.pk}/").click("改期").press("改期", 422, to=past)
    rep.open("/tasks/new/").press("创建任务", 422, title="昨天就该做", owner="孙八", due_at=past).sees("更晚")
