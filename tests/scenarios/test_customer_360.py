"""The customer's page as people compare systems by it: figures that lead to their lists, what needs attention,
owners so far, a timeline that loses nothing, one box for what happened and what is to be done; all of it within rights."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.activities.actions import create_activities
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.collab.models import Comment
from zhike.customers.models import CustomerFacts, PoolWarning, SuspectedPair
from zhike.notices.models import AlertHit, AlertRule, Message
from zhike.opportunities.models import Opportunity
from zhike.org.backends import BACKEND
from zhike.org.models import FieldRule, Role
from zhike.records import ownership, teams
from zhike.records.visibility import owner_fields


@pytest.fixture
def look(sign_in):
    def read(row, who="rep", rest="", **headers):
        answer = sign_in(who).get(f"/customers/{row.pk}/{rest}", headers=headers)
        assert answer.status_code == 200, answer.status_code
        return answer.content.decode()

    return read


def hide(field, mode=FieldRule.HIDE, kind="opportunity", role="SR"):
    FieldRule.objects.update_or_create(role=Role.objects.get(code=role), kind=kind, field=field, defaults={"mode": mode})


def won(make, customer, day, amount):
    row = make.opportunity(customer)
    Opportunity.objects.filter(pk=row.pk).update(status="won", won_at=day, won_amount=Decimal(amount))
    return row


def card(text, key):
    found = re.search(rf'<section class="cd" id="card-{key}">(.*?)</section>', text, re.S)
    return found[1] if found else ""


def figures(text):
    """Label → (value, address) of the strip beneath the name."""
    strip = re.search(r'<dl class="facts">(.*?)</dl>', text, re.S)[1]
    found = {}
    for label, value in re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", strip, re.S):
        link = re.search(r'href="([^"]+)"', value)
        found[label] = (re.sub(r"<[^>]+>", "", value).strip(), link and link[1].replace("&amp;", "&"))
    return found


def test_every_figure_opens_what_it_counts(make, look, sign_in):
    customer = make.customer("rep", phone="0512-55550000")
    for name in ("林甲", "林乙"):
        make.contact(customer, name=name)
    make.opportunity(customer, amount=Decimal("500000"))
    won(make, customer, clock.today() - timedelta(days=5), "80000")
    won(make, customer, clock.today() - timedelta(days=500), "70000")
    make.activity(customer, days=-1)
    make.activity(customer, days=2, subject="去看夹具")
    found = figures(look(customer))
    assert set(found) == {"进行中商机", "近 12 月成交", "联系人", "资料完整度", "负责人", "最近联系", "下次联系时间"}
    assert found["近 12 月成交"][0] == "8.00 万" and found["联系人"][0] == "2" and found["进行中商机"][0] == "1 个 · 50.00 万"
    rep = sign_in("rep")
    for label, (_value, address) in found.items():
        assert address, label
        assert rep.get(address.split("#")[0]).status_code == 200, label
    listed = rep.get(found["近 12 月成交"][1]).content.decode()
    assert len(set(re.findall(r'data-row="(\d+)"', listed))) == 1
    listed = rep.get(found["进行中商机"][1]).content.decode()
    assert len(set(re.findall(r'data-row="(\d+)"', listed))) == 1


def test_basic_data_shows_what_is_known_and_folds_the_rest(make, look):
    customer = make.customer("rep", short_name="测机", uscc="91350100M000100Y43", name_en="")
    text = card(look(customer), "basic")
    shown, _fold, folded = text.partition('<details class="fold">')
    assert "测机" in shown and "9135****0Y43" in shown
    assert "英文名称" in folded and "英文名称" not in shown


def test_collaborators_are_those_whose_time_is_not_over(make, look, people):
    customer = make.customer("rep")
    teams.share_row(customer, [people["presales"]], by=people["rep"])
    teams.share_row(customer, [people["engineer"]], expires_at=clock.now() - timedelta(days=1), by=people["rep"])
    text = card(look(customer), "basic")
    assert str(people["presales"]) in text and str(people["engineer"]) not in text


def test_deals_over_time_as_bars_and_as_a_table(make, look):
    customer = make.customer("rep")
    assert not card(look(customer), "trend")
    won(make, customer, clock.today().replace(day=1), "120000")
    won(make, customer, clock.today().replace(day=1) - timedelta(days=40), "60000")
    text = card(look(customer), "trend")
    assert text.count('class="won"') == 2 and text.count('<th scope="row"') == 12
    assert text.count("12.00 万") == 2 and text.count("6.00 万") == 2  # in the bar's title and in the table
    hide("won_amount")
    text = look(customer)
    assert not card(text, "trend") and "近 12 月成交" not in figures(text) and "12.00 万" not in text


def test_hidden_amounts_stand_nowhere_on_the_page(make, look):
    customer = make.customer("rep")
    make.opportunity(customer, amount=Decimal("7770000"), name="保密线")
    # However an amount is written; the page's own random tokens may hold three sevens.
    written = ("777.00", "7,770,000", "7770000", "777 万")
    assert any(said in look(customer, rest="opportunities/") for said in written)
    for mode in (FieldRule.HIDE, FieldRule.MASK):
        hide("amount", mode)
        for rest in ("", "opportunities/"):
            text = re.sub(r"[0-9a-f]{24,}", "", look(customer, rest=rest))  # a token may hold any digits
            assert "保密线" in text or rest == ""
            assert not any(said in text for said in written), (mode, rest)


def test_hidden_fields_of_the_customer_stand_in_no_figure(make, look):
    customer = make.customer("rep")
    make.activity(customer, days=-1)
    make.activity(customer, days=2)
    for field in ("owner", "completeness", "last_contact", "next_contact"):
        hide(field, kind="customer")
    assert not {"负责人", "资料完整度", "最近联系", "下次联系时间"} & set(figures(look(customer)))
    assert "历任负责人" not in look(customer, rest="owners/")


def test_what_needs_attention_is_said_first(make, look, people):
    customer, twin = make.customer("rep"), make.customer("rep")
    CustomerFacts.objects.filter(customer=customer).update(completeness=30)
    PoolWarning.objects.create(customer=customer, due_on=clock.today() + timedelta(days=2), before=3)
    low, high = sorted((customer, twin), key=lambda row: row.pk)
    SuspectedPair.objects.create(low=low, high=high, verdict="likely", found_at=clock.now())
    Opportunity.objects.filter(pk=make.opportunity(customer, name="拖着的线").pk).update(expected_sign_date=date(2026, 1, 5))
    text = card(look(customer), "attention")
    for words in ("资料完整度 30%", "放进公海", "拖着的线"):
        assert words in text, words
    assert "疑似重复" not in text  # a rep does not merge
    assert "可能重复" in card(look(customer, "manager_east"), "attention")
    assert "放进公海" in card(look(customer, "manager_east"), "attention")
    SuspectedPair.objects.update(different=True)
    assert "可能重复" not in card(look(customer, "manager_east"), "attention")
    make.activity(customer, days=-0.01)  # contacted since the warning
    PoolWarning.objects.update(due_on=clock.today() + timedelta(days=2), before=4)
    assert "放进公海" not in card(look(customer), "attention")


def test_open_alerts_of_a_record_are_shown_to_whom_they_belong(make, look, people):
    row = make.opportunity(owner="rep")
    from zhike.notices.alerting import all_alerts

    code = next(alert.code for alert in all_alerts() if alert.kind == "opportunity" and not alert.page_tells)
    rule, _new = AlertRule.objects.get_or_create(code=code)
    hit = AlertHit.objects.create(rule=rule, row_id=row.pk, key="k", receiver=people["rep"], opened_at=clock.now())
    from django.test import Client

    def read(who):
        client = Client()
        client.force_login(people[who], backend=BACKEND)
        return card(client.get(f"/opportunities/{row.pk}/").content.decode(), "attention")

    assert f"/messages/alerts/{rule.pk}/" in read("rep")
    assert f"/messages/alerts/{rule.pk}/" not in read("manager_east")
    AlertHit.objects.filter(pk=hit.pk).update(later=clock.now() + timedelta(days=1))
    assert not read("rep")


def test_tabs_stand_in_the_order_of_the_trade(make, look):
    customer = make.customer("rep")
    text = look(customer)
    tabs = re.findall(r'<a href="[^"]*/customers/\d+/([a-z]*)/?"', re.search(r'<nav class="tabs".*?</nav>', text, re.S)[0])
    assert tabs == ["", "contacts", "map", "activities", "opportunities", "care", "files", "discussion", "owners", "history"]


def test_owners_so_far(make, look, people, sign_in):
    with clock.freeze("2026-03-01 09:00"):
        customer = make.customer("rep")
    with clock.freeze("2026-05-01 09:00"):
        ownership.transfer_rows([customer], to=people["rep_east2"], by=people["manager_east"], reason="片区调整")
    text = card(look(customer, "manager_east", "owners/"), "owners")
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr id=.*?</tr>", text, re.S)]
    assert len(rows) == 2
    assert "王五" in rows[0] and "2026-05-01 09:00" in rows[0] and "至今" in rows[0] and "李四" in rows[0] and "片区调整" in rows[0]
    assert "张三" in rows[1] and "2026-03-01 09:00" in rows[1] and "2026-05-01 09:00" in rows[1] and "61 天" in rows[1]


def test_the_team_is_changed_from_its_tab(make, look, people, sign_in, once):
    customer = make.customer("rep")
    boss = sign_in("manager_east")
    teams.share_row(customer, [people["presales"]], role="presales", by=people["rep"])
    text = card(look(customer, "manager_east", "owners/"), "team")
    out = re.search(r'href="([^"]*level=out)"', text)[1].replace("&amp;", "&")
    form = boss.get(out, headers={"HX-Request": "true"}).content.decode()
    assert f'<option value="{people["presales"].pk}" selected>' in form and '<option value="out" selected>' in form
    assert boss.post(out.split("?")[0], {"_once": once(), "user": people["presales"].pk, "level": "out"}).status_code in (200, 303)
    assert not teams.team_of(customer)
    assert "level=out" not in look(customer, "desk", "owners/")  # who only reads changes nothing


def test_older_goes_on_exactly_where_the_page_before_ended(make, look, people):
    """150 talks at one moment, remarks and more of later and earlier: all of them once, none twice."""
    customer = make.customer("rep")
    at = clock.now().replace(microsecond=0) - timedelta(days=3)
    rows = [Activity(customer=customer, type="phone", subject="来电", content=f"谈话{i:03d}完", status="done",
                     at=at if i < 150 else at - timedelta(hours=i), **owner_fields(people["rep"])) for i in range(170)]
    create_activities(rows, by=people["rep"])
    for i in range(60):
        Comment.objects.create(kind="customer", row_id=customer.pk, text=f"留言{i:03d}完", created_by=people["rep"], created_at=at)
    seen, rest = [], ""
    for _turn in range(12):
        text = card(look(customer, rest=rest), "timeline")
        seen += re.findall(r'<div class="ink2 pre">((?:谈话|留言)\d{3}完)</div>', text)
        older = re.search(r'hx-get="[^"]*/customers/\d+/([^"]+)"[^>]*hx-target="closest .tl-o"', text)
        if older is None:
            break
        rest = older[1].replace("&amp;", "&")
    assert older is None
    assert len(seen) == len(set(seen)) == 230


@pytest.mark.parametrize("bad", ["x", "1-x", "-1--1", "99999999999999999-0", "0-99999", "1e9-0", "%00", "1-1-1"])
def test_an_older_that_makes_no_sense_is_the_beginning(make, look, bad):
    customer = make.customer("rep")
    make.activity(customer, days=-1, content="刚谈过")
    text = look(customer, rest=f"?older={bad}&timeline=nonsense")
    assert "刚谈过" in text or bad.startswith(("0-",))


def test_chips_sort_people_deals_service_and_system(make, look, people):
    customer = make.customer("rep")
    make.activity(customer, days=-1, content="打过电话了")
    make.opportunity(customer, name="新线一条")
    Comment.objects.create(kind="customer", row_id=customer.pk, text="请留意", created_by=people["rep"], created_at=clock.now())
    ownership.transfer_rows([customer], to=people["rep_east2"], by=people["manager_east"], stays="read", reason="换片区")
    shown = {chip: card(look(customer, "manager_east", f"?timeline={chip}"), "timeline") for chip in ("talk", "deal", "service", "system", "all")}
    for words, chip in (("打过电话了", "talk"), ("请留意", "talk"), ("新线一条", "deal"), ("换片区", "system")):
        for name, text in shown.items():
            assert (words in text) is (name in (chip, "all")), (words, name)
    assert "进入机会客户" in shown["deal"]  # the step of the life cycle


def test_a_long_text_opens_in_place(make, look):
    customer = make.customer("rep")
    make.activity(customer, days=-1, content="很长的记录" * 100 + "结尾")
    text = card(look(customer), "timeline")
    assert '<details class="lng">' in text and "结尾" in text


def test_hidden_contents_of_an_activity_stay_hidden_in_the_timeline(make, look):
    customer = make.customer("rep")
    make.activity(customer, days=-1, content="机密内容", subject="拜访一次")
    hide("content", kind="activity")
    text = look(customer)
    assert "机密内容" not in text and "拜访一次" in text


def test_a_task_from_the_box(make, look, people, sign_in, once):
    customer, rep = make.customer("rep"), sign_in("rep")

    def post(**values):
        return rep.post(f"/customers/{customer.pk}/log/", {"_once": once(), "type": "task", **values})

    day = clock.today() + timedelta(days=2)
    assert post(content="寄样本", due_on="").status_code == 422
    assert post(content="", due_on=day).status_code == 422
    assert post(content="寄样本", due_on=clock.today() - timedelta(days=2)).status_code == 422
    assert post(content="寄样本", due_on=day, assignee=999999).status_code == 422
    assert not Task.objects.exists() and not Activity.objects.exists()
    assert post(content="寄样本\n两份，含价目", due_on=day, assignee=people["assistant"].pk).status_code == 303
    task = Task.objects.get()
    assert (task.title, task.owner_id, task.giver_id, task.customer_id) == ("寄样本", people["assistant"].pk, people["rep"].pk, customer.pk)
    assert task.detail == "寄样本\n两份，含价目" and clock.local(task.due_at).date() == day


def test_a_colleague_named_in_a_follow_up_is_told_and_may_read_it(make, people, sign_in, once):
    customer = make.customer("rep")
    rep, desk = sign_in("rep"), people["desk"]
    answer = rep.post(f"/customers/{customer.pk}/log/", {"_once": once(), "type": "phone", "content": f"@{desk.name} 请寄保修卡", "mention": str(desk.pk)})
    assert answer.status_code == 303
    row = Activity.objects.get(customer=customer)
    told = Message.objects.get(receiver=desk, text_key="activity.mention")
    assert told.row_id == row.pk and Activity.objects.visible_to(desk).filter(pk=row.pk).exists()
    stranger = people["rep_south"]
    answer = rep.post(f"/customers/{customer.pk}/log/", {"_once": once(), "type": "phone", "content": f"@{stranger.name} 看一下", "mention": ["x", "-1", "9" * 30]})
    assert answer.status_code == 422 and stranger.name in answer.content.decode()
    assert Activity.objects.filter(customer=customer).count() == 1


def test_new_offers_what_hangs_on_the_customer(make, look):
    customer = make.customer("rep")
    head = re.search(r'<div class="hd">.*?</dl>', look(customer), re.S)[0]
    for address in (f"/contacts/new/?customer={customer.pk}", f"/opportunities/new/?customer={customer.pk}", f"/tasks/new/?customer={customer.pk}",
                    f"/activities/new/?customer={customer.pk}", f"/customers/{customer.pk}/addresses/new/"):
        assert address in head, address
    assert f"/contacts/new/?customer={customer.pk}" not in re.search(r'<div class="hd">.*?</dl>', look(customer, "auditor"), re.S)[0]


def test_five_hundred_activities_ask_as_often_as_five(make, people, sign_in):
    few, many = make.customer("rep"), make.customer("rep")
    for customer, n in ((few, 5), (many, 500)):
        contact = make.contact(customer)
        opportunity = make.opportunity(customer)
        won(make, customer, clock.today(), "1000")
        create_activities([
            Activity(customer=customer, contact=contact, opportunity=opportunity, type="phone", subject="谈话", status="done",
                     at=clock.now() - timedelta(hours=i + 1), **owner_fields(people["rep"])) for i in range(n)
        ], by=people["rep"])
    rep, asked = sign_in("rep"), {}
    for name, customer in (("few", few), ("many", many)):
        rep.get(f"/customers/{customer.pk}/")
        with CaptureQueriesContext(connection) as found:
            assert rep.get(f"/customers/{customer.pk}/").status_code == 200
        asked[name] = len(found)
    assert asked["few"] == asked["many"], asked
