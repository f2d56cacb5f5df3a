"""How leads come in at the demo company: a form for a fair, rules who gets them, and one that became a customer."""

from __future__ import annotations

from collections.abc import Callable

from zhike.leads import actions
from zhike.leads.actions.forms import count, take_entry
from zhike.leads.models import AssignRule, Campaign, LeadForm
from zhike.org.models import Department, User

VISITORS = (
    ("林示例", "示例精密铸造有限公司", "13700009201", "五轴加工中心", 320500), ("周访客", "示例新能源装备有限公司", "13700009202", "机器人上下料", 330200),
    ("何来宾", "示例压缩机有限公司", "13700009203", "卧式加工中心", 440300), ("Example Visitor", "Example Motion GmbH", "+49 30 1234567", "5-axis machining", None),
)


def make_intake(users: dict[str, User], say: Callable[[str], None]) -> None:
    """A form with entries that the rules have given to people, and a rule for each part of the country."""
    keeper = users["marketing"]
    east, south = Department.objects.get(code="EAST"), Department.objects.get(code="SOUTH")
    actions.create_assign_rules([
        AssignRule(name="华东线索", provinces=["31", "32", "33", "34", "35", "36", "37"], way=AssignRule.ROUND, department=east, most_open=30),
        AssignRule(name="华南线索", provinces=["44", "45", "46"], way=AssignRule.ROUND, department=south, most_open=30),
        AssignRule(name="海外线索", words="5-axis, machining", way=AssignRule.USER, user=users["rep_west"]),
    ], by=keeper)
    form = actions.create_forms([LeadForm(
        title_zh="示例机床展 展台登记", title_en="Example Machine Fair: visitors", source="exhibition",
        campaign=Campaign.objects.filter(status__in=("approved", "in_progress")).order_by("pk").first(),
        asked=["company", "job_title", "mobile", "email", "region", "interest", "need"], must=["company", "mobile"],
        greeting_zh="欢迎来到启衡精密机械展台。留下联系方式，工程师会为您准备资料与报价。",
        greeting_en="Welcome to our stand. Leave your details and an engineer will prepare documents and a quotation.",
    )], by=keeper)[0]
    for i, (name, company, mobile, interest, region) in enumerate(VISITORS):
        for _look in range(3 + i):
            count(form, "shown")
        values = {"name": name, "company": company, "mobile": mobile, "interest": interest, **({"region_id": region} if region else {})}
        take_entry(form, values, token=f"demo-entry-{i:04d}")
    say("1 public form, 3 assignment rules")
