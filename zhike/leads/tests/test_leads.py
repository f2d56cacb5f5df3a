"""Leads from the first note to their end, through the pages people use."""

import re
from datetime import timedelta

import pytest

from zhike.activities.actions import check_in, log_activity, plan_activities
from zhike.activities.models import Activity
from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.customers.models import Customer
from zhike.leads import actions
from zhike.leads.models import Lead, LeadKey
from zhike.notices.models import Message
from zhike.org.models import Department, FieldRule
from zhike.records.models import HistoryEntry, SearchEntry

pytestmark = pytest.mark.django_db


def note(client, once, **values):
    return client.post("/leads/new/", {"name": "林访客", "_once": once(), **values})


def test_a_rep_notes_a_lead_down_and_finds_it_again(sign_in, once):
    client = sign_in("rep")
    answer = note(client, once, company="华东示例精工有限公司", mobile="１３８ ００００ ８８８１", source="exhibition", interest="五轴机床")
    lead = Lead.objects.get(name="林访客")
    assert answer.status_code == 303 and answer.url == f"/leads/{lead.pk}/"
    assert lead.mobile == "13800008881" and lead.code.startswith("XS-") and lead.owner.username == "rep" and lead.status == "new"
    assert lead.assigned_at is not None and SearchEntry.objects.filter(kind="lead", row_id=lead.pk).exists()
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "华东示例精工有限公司" in page and f"/leads/{lead.pk}/log/" in page
    for query in ("huadong", "林访客", "8881", lead.code):
        assert lead.code in client.get("/leads/", {"q": query, "view": "all", "columns": "name,code"}).content.decode(), query


def test_the_same_number_is_shown_before_a_second_lead_is_made(sign_in, once, make, people):
    make.lead("rep_south", name="周某某", company="岭南示例重工有限公司", mobile="13800008882")
    client = sign_in("rep")
    answer = note(client, once, company="另一家示例公司", mobile="13800008882")
    text = answer.content.decode()
    assert answer.status_code == 422 and Lead.objects.count() == 1
    assert "岭南示例重工有限公司" not in text and "周*" in text and str(people["rep_south"]) in text  # masked, with its owner
    assert note(client, once, company="另一家示例公司", mobile="13800008882", despite="1").status_code == 303


@pytest.mark.parametrize("values", [{"company": "昆仑示例数控有限公司"}, {"mobile": "13800008883"}, {"email": "li@kunlun-sample.cn"}])
def test_a_lead_that_is_a_customer_already_is_shown(values, sign_in, once, make):
    customer = make.customer("rep", name="昆仑示例数控有限公司", email="info@kunlun-sample.cn")
    make.contact(customer, "rep", mobile="13800008883")
    answer = note(sign_in("rep"), once, **values)
    assert answer.status_code == 422 and "昆仑示例数控有限公司" in answer.content.decode() and not Lead.objects.exists()


def test_who_makes_a_customer_is_told_of_the_lead(sign_in, once, make):
    lead = make.lead("rep", company="蓬莱示例电机有限公司", mobile="13800008884")
    client = sign_in("rep_south")
    values = {"name": "蓬莱示例电机有限公司", "level": "B", "_once": once()}
    answer = client.post("/customers/new/", values)
    assert answer.status_code == 422 and "蓬***" in answer.content.decode().replace("蓬莱", "蓬*") or "蓬莱" in answer.content.decode()
    assert not Customer.objects.filter(name="蓬莱示例电机有限公司").exists()
    assert client.post("/customers/new/", {**values, "despite": "1", "_once": once()}).status_code == 303
    actions.invalidate_leads([lead], reason="no_demand", by=lead.owner)
    assert client.post("/customers/new/", {**values, "name": "另一家示例", "phone": "13800008884", "_once": once()}).status_code == 303


def test_a_customer_made_from_its_lead_is_not_held_up_by_it(make, people):
    from zhike.customers.actions import create_customer
    from zhike.records.visibility import owner_fields

    lead = make.lead("rep", company="方丈示例机电有限公司")
    row = Customer(name=lead.company, **owner_fields(people["rep"]))
    with pytest.raises(Refused):
        create_customer(row, by=people["rep"])
    row.from_lead = lead.pk
    create_customer(row, by=people["rep"])


def test_the_keys_of_a_lead_follow_its_changes(make, people):
    lead = make.lead("rep", mobile="13800008885", email="A@sample-firm.cn", website="https://www.sample-firm.cn")
    assert set(LeadKey.objects.filter(lead_number=lead.pk, what__in=("phone", "email", "domain")).values_list("value", flat=True)) == {
        "13800008885", "a@sample-firm.cn", "sample-firm.cn"}
    actions.change_lead(lead, {"mobile": "13800008886"}, by=people["rep"], version=lead.version)
    assert list(LeadKey.objects.filter(lead_number=lead.pk, what="phone").values_list("value", flat=True)) == ["13800008886"]


def test_marketing_gives_a_lead_to_a_colleague_who_is_told(sign_in, once, people):
    answer = note(sign_in("marketing"), once, company="示例甲", give="colleague", to=people["rep_south"].pk)
    lead = Lead.objects.get()
    assert answer.status_code == 303 and lead.owner.username == "rep_south" and lead.owner_dept.code == "SOUTH"
    assert Message.objects.filter(receiver=people["rep_south"], text_key="lead.assigned").count() == 1


def test_a_lead_waits_in_a_queue_and_is_taken(sign_in, once, people):
    sales = Department.objects.get(code="SALES")
    note(sign_in("marketing"), once, company="示例乙", give="wait", queue=sales.pk)
    lead = Lead.objects.get()
    assert lead.owner is None and lead.owner_dept == sales and lead.assigned_at is None
    rep = sign_in("rep")
    assert lead.code in rep.get("/leads/?view=waiting&columns=name,code").content.decode()  # below the queue's department
    assert sign_in("presales").get(f"/leads/{lead.pk}/").status_code == 404
    assert sign_in("engineer").post(f"/leads/{lead.pk}/take/", {"_once": once()}).status_code in (403, 404)
    assert rep.post(f"/leads/{lead.pk}/take/", {"_once": once()}).status_code == 303
    lead.refresh_from_db()
    assert lead.owner == people["rep"] and lead.owner_dept.code == "EAST" and lead.assigned_at is not None
    late = sign_in("rep_south").post(f"/leads/{lead.pk}/take/", {"_once": once()})
    assert late.status_code == 404  # no longer theirs to see


def test_taking_at_the_same_time_tells_who_was_faster(make, people):
    lead = make.lead(None, owner_dept=Department.objects.get(code="SALES"))
    seen_before = Lead.objects.get(pk=lead.pk)
    actions.take_leads([lead], by=people["rep"])
    actions.assign_leads([Lead.objects.get(pk=lead.pk)], to=people["rep"], by=people["sales_head"])
    with pytest.raises(Refused) as no:
        actions.take_leads([seen_before], by=people["marketing"])
    assert "张三" in str(no.value)


def test_leads_of_the_house_queue_are_seen_by_marketing_alone(make, sign_in):
    lead = make.lead(None)
    assert sign_in("marketing").get(f"/leads/{lead.pk}/").status_code == 200
    for other in ("rep", "manager_east"):
        assert sign_in(other).get(f"/leads/{lead.pk}/").status_code == 404


def test_a_manager_assigns_within_the_department(make, people, sign_in, once):
    lead = make.lead("rep")
    client = sign_in("manager_east")
    assert client.post("/leads/assign/", {"ids": lead.pk, "to": people["rep_east2"].pk, "_once": once()}).status_code == 303
    lead.refresh_from_db()
    assert lead.owner.username == "rep_east2"
    assert HistoryEntry.objects.filter(kind="lead", row_id=lead.pk, action="lead-assign").count() == 1
    with pytest.raises(Forbidden):
        actions.assign_leads([lead], to=people["rep"], by=people["rep_east2"])
    with pytest.raises(Refused):
        actions.assign_leads([lead], to=people["warehouse"], by=people["manager_east"])  # does not work with leads


def test_plans_go_along_when_a_lead_changes_hands(make, people):
    lead = make.lead("rep")
    plan = make.activity(of_lead=lead, owner="rep", days=2)
    done = make.activity(of_lead=lead, owner="rep", days=-1, content="示例")
    actions.assign_leads([lead], to=people["rep_east2"], by=people["manager_east"])
    plan.refresh_from_db()
    done.refresh_from_db()
    assert plan.owner.username == "rep_east2" and done.owner.username == "rep"


def test_the_first_follow_up_moves_a_lead_and_keeps_its_dates(make, people, sign_in, once):
    lead = make.lead("rep")
    client = sign_in("rep")
    day = (clock.today() + timedelta(days=3)).isoformat()
    answer = client.post(f"/leads/{lead.pk}/log/", {"type": "phone", "content": "问了产能", "next_on": day, "next_action": "寄样本", "_once": once()})
    assert answer.status_code == 303 and answer.url == f"/leads/{lead.pk}/"
    lead.refresh_from_db()
    assert lead.status == "following" and lead.last_contact_text == "问了产能" and lead.first_contact_at == lead.last_contact_at
    assert lead.next_contact_text == "寄样本" and clock.local(lead.next_contact_at).date().isoformat() == day
    assert Activity.objects.filter(lead=lead, customer=None).count() == 2
    text = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "问了产能" in text and "寄样本" in text
    for page in ("/", "/activities/?view=mine", "/calendar/", "/work-logs/new/"):
        assert client.get(page).status_code == 200, page
    plan = Activity.objects.get(lead=lead, status="planned")
    assert client.get(f"/activities/{plan.pk}/").status_code == 200
    assert client.get(f"/activities/{plan.pk}/party/").status_code == 200
    assert client.post(f"/activities/{plan.pk}/finish/", {"content": "样本已寄", "_once": once()}).status_code == 303
    lead.refresh_from_db()
    assert lead.next_contact_at is None and lead.last_contact_text == "寄样本"


def test_an_activity_needs_a_customer_or_a_lead(make, sign_in, once):
    client = sign_in("rep")
    at = (clock.local(clock.now()) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    values = {"subject": "示例", "type": "phone", "at": at}
    assert client.post("/activities/new/", {**values, "_once": once()}).status_code == 422
    lead, customer = make.lead("rep"), make.customer("rep")
    assert client.post("/activities/new/", {**values, "lead": lead.pk, "customer": customer.pk, "_once": once()}).status_code == 422
    assert client.post("/activities/new/", {**values, "lead": lead.pk, "_once": once()}).status_code == 303
    page = client.get(f"/activities/new/?lead={lead.pk}").content.decode()
    assert page.index(lead.company) < page.index('name="at"') < page.index('name="opportunity"')
    other = make.lead("rep_south")
    assert client.post("/activities/new/", {**values, "lead": other.pk, "_once": once()}).status_code == 422


def test_closed_leads_are_not_followed_up(make, people):
    lead = make.lead("rep")
    actions.invalidate_leads([lead], reason="spam", by=people["rep"])
    with pytest.raises(Refused):
        log_activity(lead=lead, type="phone", content="示例", by=people["rep"])


def test_invalid_and_back(make, people, sign_in, once):
    lead = make.lead("rep")
    client = sign_in("rep")
    assert client.post(f"/leads/{lead.pk}/invalidate/", {"reason": "nonsense", "_once": once()}).status_code == 422
    assert client.post(f"/leads/{lead.pk}/invalidate/", {"reason": "no_demand", "remark": "停产", "_once": once()}).status_code == 303
    lead.refresh_from_db()
    assert (lead.status, lead.invalid_reason, lead.invalid_remark) == ("invalid", "no_demand", "停产")
    assert "停产" in client.get(f"/leads/{lead.pk}/").content.decode()
    assert client.post(f"/leads/{lead.pk}/reopen/", {"_once": once()}).status_code == 303
    lead.refresh_from_db()
    assert (lead.status, lead.invalid_reason, lead.invalid_at) == ("new", "", None)


def test_a_converted_lead_stays_as_it_was(make, people, sign_in, once):
    lead = make.lead("rep")
    customer = make.customer("rep", name="示例转化客户")
    actions.mark_converted(lead, customer=customer, by=people["rep"])
    assert lead.status == "converted" and lead.converted_by == people["rep"]
    with pytest.raises(Refused):
        actions.change_lead(lead, {"name": "改名"}, by=people["rep"], version=lead.version)
    text = sign_in("rep").get(f"/leads/{lead.pk}/").content.decode()
    assert f"/customers/{customer.pk}/" in text and "composer" not in text
    row = log_activity(lead=lead, type="phone", content="示例", by=people["rep"])
    assert row.customer_id == customer.pk  # it goes on with the customer


def test_who_has_the_customer_reads_the_lead_it_came_from(make, people, sign_in):
    lead = make.lead("rep")
    customer = make.customer("rep_south")
    actions.mark_converted(lead, customer=customer, by=people["admin"])
    assert sign_in("rep_south").get(f"/leads/{lead.pk}/").status_code == 200


def test_transfer_by_the_house_s_own_page_counts_the_time_anew(make, people, sign_in, once):
    lead = make.lead("rep")
    Lead.objects.filter(pk=lead.pk).update(assigned_at=clock.now() - timedelta(days=9))
    answer = sign_in("manager_east").post(f"/leads/{lead.pk}/transfer/", {"to": people["rep_east2"].pk, "stays": "", "_once": once()})
    lead.refresh_from_db()
    assert answer.status_code == 303 and lead.owner.username == "rep_east2" and clock.now() - lead.assigned_at < timedelta(minutes=5)


def test_a_lead_without_follow_ups_goes_into_the_trash_and_comes_back_with_its_keys(make, people):
    from zhike.collab.actions import trash

    lead = make.lead("rep", mobile="13800008887")
    kept = trash.trash_row(lead, by=people["rep"])
    assert not Lead.objects.exists() and not LeadKey.objects.filter(value="13800008887").exists()
    trash.restore_row(kept, by=people["rep"])
    assert LeadKey.objects.filter(value="13800008887").count() == 1
    busy = make.lead("rep")
    make.activity(of_lead=busy, owner="rep")
    with pytest.raises(Refused):
        trash.trash_row(busy, by=people["rep"])


def test_the_change_log_tells_moments_as_people_read_them(sign_in, make, people):
    lead = make.lead("rep", name="沈某某")
    with clock.freeze(clock.local(clock.now()).replace(year=2026, month=3, day=5, hour=9, minute=7)):
        actions.assign_leads([lead], to=people["rep_east2"], by=people["manager_east"])
    page = sign_in("manager_east").get(f"/leads/{lead.pk}/history/").content.decode()
    assert "09:07" in page and "+00:00" not in page and "01:07:" not in page


def test_a_colleague_named_in_a_follow_up_of_a_lead_is_told(sign_in, make, people, once):
    lead = make.lead("rep", name="韩某某")
    client, manager, stranger = sign_in("rep"), people["manager_east"], people["rep_south"]
    said = {"type": "phone", "content": f"请 @{manager.name} 看一下", "mention": [manager.pk], "_once": once()}
    assert client.post(f"/leads/{lead.pk}/log/", said).status_code == 303
    assert "韩某某" in Message.objects.get(receiver=manager, text_key="activity.mention").values["customer"]
    blind = {"type": "phone", "content": f"@{stranger.name} 看一下", "mention": [stranger.pk], "_once": once()}
    assert client.post(f"/leads/{lead.pk}/log/", blind).status_code == 422
    assert Activity.objects.filter(lead=lead).count() == 1


def test_a_visit_to_a_lead_is_checked_in_and_shown(sign_in, make, people):
    lead = make.lead("rep", name="杨某某")
    plan = Activity(lead=lead, type="visit", subject="看样机", at=clock.now() + timedelta(hours=1), owner=people["rep"])
    plan_activities([plan], by=people["rep"])
    check_in(plan, by=people["rep"], lat=31_230_000, lng=121_470_000)
    client = sign_in("rep")
    assert "签到" in client.get(f"/activities/{plan.pk}/").content.decode()
    # There is no customer yet whose place this could become.
    assert client.get(f"/activities/{plan.pk}/take-place/").status_code == 404


@pytest.mark.parametrize("mode", ["hide", "mask"])
def test_the_head_of_a_lead_tells_only_what_the_roles_leave_open(sign_in, make, people, mode):
    lead = make.lead("rep", job_title="设备科长", heat="hot", amount="345678")
    log_activity(lead=lead, type="phone", content="聊过", next_contact_at=clock.now() + timedelta(days=3), by=people["rep"])
    client, address = sign_in("rep"), f"/leads/{lead.pk}/"

    def head():
        return client.get(address).content.decode().split('<nav class="tabs"')[0]

    before = head()
    assert all(text in before for text in ("负责人", "最近联系", "下次联系", "345,678", "设备科长", "热"))
    for name in ("owner", "last_contact", "next_contact", "amount", "job_title", "heat"):
        FieldRule.objects.create(role=people["rep"].roles.first(), kind="lead", field=name, mode=mode)
    after = head()
    assert not [text for text in ("负责人", "最近联系", "下次联系", "345,678", "设备科长") if text in after]


def test_a_manager_opens_the_leads_of_the_department(make, sign_in):
    make.lead("rep", company="示例东部线索有限公司")
    make.lead("rep_south", company="示例南部线索有限公司")
    page = sign_in("manager_east").get("/leads/").content.decode()
    assert "示例东部线索有限公司" in page and "示例南部线索有限公司" not in page
    assert 'view=department' in page


def test_one_first_step_at_a_time(make, sign_in):
    waiting, mine = make.lead(None), make.lead("rep")
    page = sign_in("marketing").get(f"/leads/{waiting.pk}/").content.decode().split('class="hd"')[1].split('class="tabs"')[0]
    assert page.count("btn-p") == 1 and f"/leads/{waiting.pk}/convert/" in page  # taking it comes first
    page = sign_in("rep").get(f"/leads/{mine.pk}/").content.decode().split('class="hd"')[1].split('class="tabs"')[0]
    assert re.search(rf'btn-p[^>]*href="/leads/{mine.pk}/convert/"', page)
