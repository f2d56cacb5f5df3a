"""Customer care and alerts of the demo company: rules, today's items, and the first scan."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.marketing import actions
from zhike.marketing.models import CareItem, CareRule
from zhike.marketing.planning import plan_all
from zhike.notices.actions import mark_handled, mark_read
from zhike.notices.jobs import scan_alerts
from zhike.notices.models import Message
from zhike.org.models import User

HELLO = "{{ salutation }}您好，"
RULES = (
    {"name": "生日问候", "occasion": "birthday", "days": 1, "channel": "phone", "text_zh": HELLO + "祝您生日快乐！{{ company }} {{ sender }}",
     "text_en": "Dear {{ salutation }}, happy birthday! {{ sender }}, {{ company }}"},
    {"name": "春节拜年", "occasion": "festival", "festival": "spring", "days": 5, "channel": "wechat",
     "text_zh": HELLO + "{{ occasion }}将至，祝阖家安康，新年顺利！{{ sender }}", "text_en": "Dear {{ salutation }}, a happy {{ occasion }}! {{ sender }}"},
    {"name": "圣诞问候（海外）", "occasion": "festival", "festival": "christmas", "days": 3, "channel": "email", "levels": "A",
     "text_zh": HELLO + "{{ occasion }}快乐！{{ sender }}", "text_en": "Dear {{ salutation }}, merry {{ occasion }}! {{ sender }}"},
    {"name": "建厂纪念日", "occasion": "anniversary", "days": 2, "channel": "visit",
     "text_zh": "贺{{ customer }}{{ occasion }}{% if years %} {{ years }} 周年{% endif %}"},
    {"name": "重点客户久未联系", "occasion": "silence", "days": 45, "levels": "A", "channel": "phone", "text_zh": HELLO + "近来设备运转可好？{{ sender }}"},
)


def make_care(users: dict[str, User], customers: list[Customer], contacts: list[Contact], chance: random.Random, say: Callable[[str], None]) -> None:
    """Some birthdays this week, days to remember, a few items done and skipped; then the alerts of the day."""
    today = clock.today()
    own = [contact for contact in contacts if contact.owner_id == users["rep"].pk][:14]
    near = [*own, *(contact for contact in contacts if contact.owner_id != users["rep"].pk)][:60]
    for i, contact in enumerate(near):
        on = today + timedelta(days=i % 9)
        day = 28 if (on.month, on.day) == (2, 29) else on.day
        contact.birthday = date(chance.randint(1965, 1998), on.month, day)
    Contact.objects.bulk_update(near, ["birthday"])
    for contact in near[50:]:
        actions.set_contact_wish(contact, lunar=True, opt_out=False, by=users["admin"])
    actions.set_contact_wish(near[20], lunar=False, opt_out=True, reason="示例：本人要求勿扰", by=users["admin"])
    actions.create_rules([CareRule(**values) for values in RULES], by=users["admin"])
    for i, customer in enumerate(customers[:8]):
        on = today + timedelta(days=i)
        actions.add_care_day(customer, name="建厂", first_on=date(2006 + i, on.month, min(on.day, 28)), by=users["admin"])
    made = plan_all()
    mine = list(CareItem.objects.filter(owner=users["rep"], status="planned").order_by("due_on", "pk")[:4])
    for item in mine[:2]:
        actions.finish_care(item, result="示例：已电话问候，客户很高兴。", by=users["rep"])
    for item in mine[2:3]:
        actions.skip_care(item, reason="示例：本周出差", by=users["rep"])
    say(f"{made} care items, {scan_alerts()} alerts")
    told = Message.objects.filter(receiver=users["rep"]).order_by("pk")
    mark_read(told.filter(pk__in=[row.pk for row in told[:6]]), by=users["rep"])
    mark_handled(told.filter(pk__in=[row.pk for row in told[:3]]), by=users["rep"])
