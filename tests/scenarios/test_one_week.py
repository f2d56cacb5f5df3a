"""One week of a rep, a manager and a leaver, lived through pages: every press is of something the page shows."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from zhike.base import clock
from zhike.customers import actions as customers
from zhike.customers.models import Customer, Pool, PoolMember, PoolRule
from zhike.marketing.actions import create_rules
from zhike.marketing.models import CareRule
from zhike.notices.models import AlertRule, Message
from zhike.org.models import Department
from zhike.records import tasks

from .walking import Person

pytestmark = pytest.mark.long

CODE = "91350100M000100Y43"
MILL, SILENT, TWIN, POOLED, LEFT = ("开阳示例机床有限公司", "天璇示例泵业有限公司", "苏州示例轴承有限责任公司", "句芒示例液压有限公司", "瑶光示例模具有限公司")


def at(day: str, moment: str):
    """Stop the clock on a day of the week of 23 November 2026."""
    days = {"Mon": 23, "Tue": 24, "Wed": 25, "Thu": 26, "Fri": 27, "Sat": 28, "Next": 30}
    return clock.freeze(f"2026-11-{days[day]} {moment}")


def worker(day: str, moment: str) -> None:
    """What the background worker does at that time: tasks that wait, and jobs that are due."""
    with at(day, moment):
        tasks.run_due_jobs()
        while (found := DBTaskResult.objects.ready().first()) is not None:
            found.task.call(*found.task_result.args, **found.task_result.kwargs)
            DBTaskResult.objects.filter(pk=found.pk).update(status=TaskResultStatus.SUCCESSFUL)


@pytest.fixture
def week(make, people, sign_in):
    """The house as it was on the Friday before."""
    admin = people["admin"]
    with clock.freeze("2026-10-30 10:00"):
        silent = make.customer("rep", name=SILENT, level="C", phone="0512-55550002")
    with clock.freeze("2026-11-05 10:00"):
        mill = make.customer("rep", name=MILL, level="A", region_id=350100, phone="0591-55550001")
        make.contact(mill, "rep", name="林样本", job_title="采购经理", decision_role="buyer")
        make.customer("rep_east2", name=TWIN, level="B", phone="0512-55550003")
        left = make.customer("rep_east4", name=LEFT, level="B")
        make.contact(left, "rep_east4", name="陈演示")
    with clock.freeze("2026-11-10 10:00"):
        make.opportunity(mill, "rep", name="两条精加工线")
        born = make.contact(silent, "rep", name="周寿星", birthday=date(1980, 11, 28))
    with clock.freeze("2026-11-20 15:00"):
        pool = customers.create_pools([Pool(name="华东公海", pick_limit=1, pick_period=Pool.WEEK, visible_fields=["level", "region"])], by=admin)[0]
        customers.set_members(pool, PoolMember.ADMIN, users=[people["manager_east"]], by=admin)
        customers.set_members(pool, PoolMember.MEMBER, departments=[Department.objects.get(code="EAST")], by=admin)
        customers.set_rules(pool, [PoolRule(criterion="follow_up", days=30, levels=[])], by=admin)
        pool = customers.switch_pool(Pool.objects.get(pk=pool.pk), enabled=True, by=admin)
        given = [make.customer("rep_east2", name=name, phone="0512-55550004") for name in (POOLED, "祝融示例铸造有限公司")]
        customers.return_to_pool(given, pool, reason="联系不上", by=people["rep_east2"])
        create_rules([CareRule(name="生日问候", occasion="birthday", days=1, channel="phone", text_zh="{{ salutation }}，生日快乐！")], by=people["marketing"])
        make.task("manager_east", "rep", title="交样品清单")
    AlertRule.objects.exclude(code__in=("CU01", "CU02", "TK02")).update(enabled=False)
    AlertRule.objects.filter(code="CU01").update(enabled=True, digest=True, escalate_days=None, repeat_days=None)
    AlertRule.objects.filter(code="CU02").update(enabled=True, digest=False, escalate_days=None, repeat_days=None)
    AlertRule.objects.filter(code="TK02").update(enabled=True, digest=False, escalate_days=None, repeat_days=None)
    hats = {name: Person(sign_in(name), name) for name in ("rep", "manager_east", "finance", "presales", "admin", "rep_east2", "rep_east4", "rep_south")}
    return SimpleNamespace(**hats, boss=hats["manager_east"], pool=pool, mill=mill, silent=silent, born=born, left=left, people=people)


@pytest.mark.both
def test_one_week(week):
    monday(week)
    tuesday(week)
    wednesday(week)
    thursday(week)
    friday(week)
    somebody_leaves(week)


def monday(week):
    rep, stranger = week.rep, week.rep_south
    worker("Mon", "02:00")
    worker("Mon", "08:05")
    with at("Mon", "08:30"):
        # One digest of whom nobody called, told once however often the rule is looked at.
        rep.open("/").sees("早上好，张三", "交样品清单", "客户久未联系：1 条", "落入公海")
        rep.open("/pools/due/").sees(SILENT).misses(MILL)
        worker("Mon", "09:40")
        assert Message.objects.filter(receiver=week.people["rep"], text_key="alert.digest").count() == 1
        rep.open("/").click("客户久未联系：1 条").sees(MILL).misses(SILENT, TWIN)
        # Nobody wants to be told at night.
        rep.click("消息").click("偏好设置").press("保存", quiet_from="20", quiet_to="7")

    with at("Mon", "09:00"):
        # The visit of tomorrow is planned where the calendar is empty.
        rep.open("/").click("日历").misses(MILL)
        rep.click(where="at=2026-11-24T10").press("创建活动", subject="看现场", type="拜访", customer=MILL)
        rep.open("/calendar/?view=week&date=2026-11-24").sees("看现场")
        week.boss.open("/calendar/?view=week&date=2026-11-24&who=team").sees("看现场", "张三")
        stranger.open("/calendar/?view=week&date=2026-11-24").misses("看现场")
        stranger.open(f"/calendar/?view=week&date=2026-11-24&who={week.people['rep'].pk}", 404)

        # A customer of the pool: its chosen fields first, the whole record once it is picked. One a week.
        rep.open("/pools/").click("华东公海").sees(POOLED).click(POOLED).misses("55550004")
        rep.click("领取").sees("每周最多 1 个").press("领取").sees(POOLED, "55550004", "张三")
        week.picked = Customer.objects.get(name=POOLED)
        rep.open("/pools/").click("华东公海").misses(POOLED).click("祝融示例铸造有限公司").click("领取").press("领取", 422).sees("最多")
        stranger.open("/pools/").misses("华东公海")

        # A new one looks like a colleague's: whose it is, and no more. The rep says it is another firm.
        rep.open("/customers/").click("新建客户").press("创建客户", 422, name="苏州示例轴承有限公司", level="B", phone="0512-66660001")
        rep.sees("王五", "确定重复").misses(TWIN, "55550003")
        rep.press("创建客户", despite="on").sees("苏州示例轴承有限公司", "目标客户")
        week.mine = Customer.objects.get(name="苏州示例轴承有限公司")

    # The manager's task was due at three: found at night, told when the quiet hours are over, and once.
    late = Message.objects.filter(receiver=week.people["rep"], values__code="TK02")
    worker("Mon", "21:00")
    assert not late.exists() and Message.objects.filter(receiver=week.people["manager_east"], values__code="TK02").exists()
    worker("Tue", "07:10")
    worker("Tue", "08:30")
    assert late.count() == 1


def tuesday(week):
    rep, presales = week.rep, week.presales
    with at("Tue", "09:58"):
        # At the gate: the phone knows no position, and the visit begins all the same.
        rep.open("/").sees("看现场").click("看现场").click("拜访签到").sees("没有取得位置，仍可签到").press("拜访签到", place="三号门")
        rep.sees("进行中", "三号门", "无定位")
    with at("Tue", "11:30"):
        rep.click("完成").press("完成", content="看了两条老线，要换", result="有需求", next_contact_at="2026-11-27T14:00", next_action="送方案")
        rep.sees("已完成", "看了两条老线")
        rep.open(f"/customers/{week.mill.pk}/").sees("看了两条老线", "送方案")
        rep.open("/calendar/?view=week").sees("送方案")

        # Whom they talked to decides.
        rep.open(f"/customers/{week.mill.pk}/").click("新建联系人").press("创建联系人", name="郭总示例", job_title="总经理", decision_role="决策者")
        rep.open(f"/customers/{week.mill.pk}/").sees("郭总示例", "决策者")

        # Presales engineers do not see the customer until a task about it is theirs.
        presales.open(f"/customers/{week.mill.pk}/", 404)
        rep.click("任务", where=f"customer={week.mill.pk}").press("创建任务", title="核对节拍", owner="孙八", due_at="2026-11-26T18:00", customer=str(week.mill.pk))
    with at("Tue", "13:00"):
        presales.open("/").sees("核对节拍", "张三给你派了任务")
        presales.click("核对节拍").click(MILL).sees("看了两条老线").misses("两条精加工线")
        assert not presales.offered("编辑") and not presales.offered("新建联系人")
        presales.open("/tasks/").click("核对节拍").click("接受").press("接受").sees("进行中").click("完成").press("完成", result="55 秒可行")
        week.rep_south.open("/tasks/").misses("核对节拍")
    with at("Tue", "16:00"):
        rep.open("/").sees("孙八：55 秒可行")
        rep.open("/messages/").sees("孙八完成了任务“核对节拍”").click("孙八完成了任务“核对节拍”：55 秒可行").sees("55 秒可行").click("确认").press("确认").sees("已确认")
        # Why may he read it? Asked where the record is.
        rep.open(f"/customers/{week.mill.pk}/").click("谁能看到").sees("孙八", "李四").misses("郑春生")
    worker("Tue", "17:00")
    with at("Tue", "17:05"):
        rep.open("/messages/").sees("已处理")  # the alert is over since somebody went there
        rep.open("/messages/?state=unread").misses("客户久未联系")


def wednesday(week):
    rep, finance = week.rep, week.finance
    good = {"category": "主机厂", "uscc": CODE, "title": MILL, "bank": "示例银行", "account": "0012 3456", "payment_term": "month30"}
    with at("Wed", "09:00"):
        rep.open(f"/customers/{week.mill.pk}/").click("正式建档").press("提交申请", 422, **{**good, "uscc": "91350100M000100Y44"}).sees("统一社会信用代码")
        rep.press("提交申请", **good).sees("待财务审核")
        assert not rep.offered("通过建档")
        finance.open("/").sees(MILL).click("检查").sees("0012 3456").click("退回申请人").press("退回申请人", 422, reason="")
        finance.press("退回申请人", reason="账号少一位")
        assert not finance.open("/").offered("检查")
    with at("Wed", "11:00"):
        rep.open("/").sees("账号少一位").click("补正").sees("账号少一位").click("重新提交").press("重新提交", account="0012 34567")
        week.rep_east2.open("/openings/").misses(MILL)
    with at("Wed", "14:00"):
        finance.open("/").click("检查").click("通过建档").press("通过建档").sees("OEM-00001")
        rep.open(f"/customers/{week.mill.pk}/").sees("OEM-00001")
        assert not rep.offered("正式建档")
        rep.open("/customers/?q=OEM-00001").sees(MILL)

        # The buyer reports to the one who decides; nobody reports in a circle.
        rep.open(f"/customers/{week.mill.pk}/map/").click("林样本 的决策信息").press("保存", attitude="支持我方", influence="4", reports_to="郭总")
        rep.open(f"/customers/{week.mill.pk}/map/").sees("向 郭总示例 汇报", "支持我方").click("郭总示例 的决策信息").press("保存", 422, reports_to="林样本")
        week.rep_south.open(f"/customers/{week.mill.pk}/map/", 404)


def thursday(week):
    rep, boss, colleague = week.rep, week.boss, week.rep_east2
    worker("Thu", "02:00")
    with at("Thu", "09:00"):
        # The night has found the pair; the manager, who sees both, makes one of them and thinks again.
        rep.open("/customers/duplicates/", 403)
        boss.open("/customers/").click("疑似重复客户").sees(TWIN, "苏州示例轴承有限公司").click("对比并合并").sees("王五", "张三")
        kept = Customer.objects.get(name=TWIN)
        if "kept" in boss.form("合并")[0].values and boss.form("合并")[0].values["kept"] != [str(kept.pk)]:
            boss.click("保留这一条")
        boss.press("合并", **{"f-phone": str(week.mine.pk)}).sees(TWIN, "0512-66660001")
        rep.open(f"/customers/{week.mine.pk}/").sees(TWIN)
        assert rep.url == f"/customers/{kept.pk}/"
        week.rep_south.open(f"/customers/{week.mine.pk}/", 404)
        boss.open(f"/customers/{kept.pk}/").click("撤销合并").press("撤销合并")
        rep.open(f"/customers/{week.mine.pk}/").sees("苏州示例轴承有限公司")
        colleague.open(f"/customers/{kept.pk}/").sees("0512-55550003").open(f"/customers/{week.mine.pk}/", 404)

        # A birthday: done where it stands, and it is a contact with the customer.
        rep.open("/customers/").click("客户关怀").sees("周寿星 · 生日").click("周寿星 · 生日").sees("生日快乐").click("完成").press("完成", result="已电话祝贺", cost="0")
        rep.open("/care/").misses("周寿星 · 生日")
        rep.open(f"/customers/{week.silent.pk}/").sees("已电话祝贺")
        colleague.open("/care/").misses("周寿星")


def friday(week):
    rep, boss = week.rep, week.boss
    worker("Fri", "02:00")
    with at("Fri", "08:30"):
        # What nobody called for weeks is about to go; the picked one is not, nor the one with business.
        rep.open("/pools/").click("即将进入公海").sees(SILENT, "29 天后").misses(MILL)
    worker("Fri", "13:31")
    with at("Fri", "13:32"):
        rep.open("/messages/").sees("送方案")  # half an hour before
        rep.open("/").click("送方案").click("完成").press("完成", content="方案已送，周三答复", result="有效")
    with at("Fri", "17:30"):
        rep.open("/work-logs/").click("写工作日志").press("创建工作日志", first_day="2026-11-27")
        draft = rep.form("保存")[0].values["done"][0]
        assert f"{MILL}：看了两条老线，要换" in draft and f"{MILL}：方案已送" in draft and SILENT in draft and "苏州示例轴承有限公司" in draft
        assert TWIN not in draft and LEFT not in draft
        rep.press("保存", problem="样机没有").sees("草稿")
        boss.open("/messages/").misses("2026-11-23 的工作日志")
        rep.click("提交").press("提交").sees("已提交")
        rep.open("/work-logs/new/").press("创建工作日志", first_day="2026-11-25").sees("已提交")  # the same week has one
    with at("Fri", "18:00"):
        boss.open("/").sees("张三的工作日志")
        week.rep_east2.open("/").misses("张三的工作日志")
        boss.open("/messages/").click("张三 提交了 2026-11-23 的工作日志").sees("样机没有").click("标为已阅").press("标为已阅").click("点评").press("点评", text="下周一起去看样机")
        rep.open("/messages/").click("李四 点评了你 2026-11-23 的工作日志").sees("下周一起去看样机")
        week.rep_east2.open("/work-logs/").misses("张三")
        boss.open("/").open("/reports/duty/?first=2026-11-23&last=2026-11-27").sees("张三").click("张三").sees("2")
        week.rep_south.open("/reports/duty/?first=2026-11-23&last=2026-11-27").misses("张三")


def somebody_leaves(week):
    admin, leaver, heir = week.admin, week.rep_east4, week.rep_east2
    with at("Fri", "16:00"):
        leaver.open(f"/customers/{week.left.pk}/").click("计划活动", where=f"customer={week.left.pk}").press(
            "创建活动", subject="谈年度协议", type="拜访", at="2026-11-30T09:30", customer=str(week.left.pk))
        week.boss.open("/tasks/").click("派任务").press("创建任务", title="整理模具报价", owner="吴十", due_at="2026-12-01T18:00")
        heir.open(f"/customers/{week.left.pk}/", 404)
    with at("Fri", "18:30"):
        admin.open("/settings/users/").click(where=f"/settings/users/{week.people['rep_east4'].pk}/").click("其可见内容").sees(LEFT, "谈年度协议").misses(MILL)
        admin.open(f"/settings/users/{week.people['rep_east4'].pk}/").click("离职交接").press("预览", 422, to1=str(week.people["rep_east4"].pk))
        admin.open(admin.url).press("预览", 200, to1="王五", reason="离职").sees("王五 1", "尚未执行")
        assert week.people["rep_east4"].is_active
        admin.press("移交")
    worker("Fri", "18:31")
    with at("Fri", "18:40"):
        admin.open(admin.url).sees("账号已停用")
        leaver.open("/").sees("登录").misses("吴十")
        leaver.open(f"/customers/{week.left.pk}/").misses(LEFT)
        # Nothing goes to somebody who has left.
        admin.open(f"/customers/{week.mill.pk}/").click("转移").press("转移", 422, to=str(week.people["rep_east4"].pk))
    worker("Next", "08:00")
    with at("Next", "08:30"):
        heir.open("/").sees("谈年度协议", "整理模具报价")
        heir.open("/customers/").sees(LEFT).open(f"/customers/{week.left.pk}/").sees("陈演示")
        heir.open("/calendar/?view=day&date=2026-11-30").sees("谈年度协议")
        week.rep.open(f"/customers/{week.left.pk}/", 404)
        week.rep.open("/").misses("谈年度协议", "整理模具报价")
