"""Customers into a pool and out of it, through pages and programs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from zhike.api.tests.conftest import program  # noqa: F401 -- a fixture
from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.customers import actions, limits
from zhike.customers.models import Customer, HoldingLimit, Pool, PoolMember, PoolMove, PoolRequest
from zhike.notices.models import Message
from zhike.opportunities.models import Opportunity
from zhike.org.models import Department
from zhike.records import explain, history

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def give_back(client, once, row, pool, **more):
    return client.post(f"/customers/{row.pk}/return/", {"_once": once(), "pool": pool.pk, "cause": "no_reach", **more})


def test_given_back_by_hand_and_picked_by_a_colleague(make, make_pool, people, sign_in, once):
    pool, row = make_pool(), make.customer("rep", phone="021-55550001")
    contact = make.contact(row)
    deal = make.opportunity(row, status="open")
    Opportunity.objects.filter(pk=deal.pk).update(status="lost")
    plan, task = make.activity(row), make.task(customer=row)
    rep, colleague = sign_in("rep"), sign_in("rep_east2")
    page = rep.get(f"/customers/{row.pk}/return/")
    assert page.status_code == 200 and pool.name in text_of(page)
    assert give_back(rep, once, row, pool, remark="搬厂").status_code == 303
    row.refresh_from_db()
    assert (row.owner, row.owner_dept, row.pool, row.previous_owner) == (None, None, pool, people["rep"])
    entry = history.of(row).first()
    assert entry.action == "pool" and "搬厂" in entry.args["reason"]
    plan.refresh_from_db()
    task.refresh_from_db()
    assert plan.status == task.status == "cancelled" and pool.name in task.result and pool.name in plan.content
    assert Opportunity.objects.get(pk=deal.pk).owner == people["rep"]
    # The opportunity's link still leads somewhere: to what the pool shows.
    assert rep.get(f"/opportunities/{deal.pk}/").status_code == 200
    led = rep.get(f"/customers/{row.pk}/")
    assert led.status_code == 302 and rep.get(led["Location"]).status_code == 200
    assert Message.objects.filter(receiver=people["manager_east"], text_key="pool.came").exists()
    # A colleague finds it by name, sees the chosen fields only, and takes it.
    listed = text_of(colleague.get(f"/pools/{pool.pk}/?q={row.name[:4]}"))
    assert row.name in listed and "55550001" not in listed
    assert colleague.get(f"/contacts/{contact.pk}/").status_code == 404
    done = colleague.post(f"/pools/{pool.pk}/pick/", {"_once": once(), "ids": row.pk})
    assert done.status_code == 303 and done["Location"] == f"/customers/{row.pk}/"
    row.refresh_from_db()
    contact.refresh_from_db()
    assert row.owner == contact.owner == people["rep_east2"] and row.pool is None
    assert colleague.get(f"/customers/{row.pk}/").status_code == 200
    assert rep.get(f"/customers/{row.pk}/").status_code == 404
    # Who comes too late is told who was faster, and nothing changes.
    late = sign_in("rep_east3").post(f"/pools/{pool.pk}/pick/", {"_once": once(), "ids": row.pk})
    assert late.status_code == 422 and people["rep_east2"].name in text_of(late)
    assert PoolMove.objects.filter(customer=row).count() == 2


def test_members_see_the_chosen_fields_and_nothing_else(make_pool, in_pool, people, sign_in):
    pool = make_pool()
    row = in_pool(pool, level="A", source="tender", phone="021-55550002", address="示例路 7 号")[0]
    member, stranger = sign_in("rep_east2"), sign_in("rep_south")
    for page in (f"/pools/{pool.pk}/", f"/pools/{pool.pk}/customers/{row.pk}/"):
        text = text_of(member.get(page))
        assert row.name in text and "55550002" not in text and "示例路" not in text
        assert stranger.get(page).status_code == 404
    # Narrowing by a field that is not shown would tell it.
    assert row.name in text_of(member.get(f"/pools/{pool.pk}/?source=web"))
    assert row.name not in text_of(member.get(f"/pools/{pool.pk}/?level=B"))
    assert member.get(f"/pools/{pool.pk}/?level=nonsense").status_code == 400
    assert not Customer.objects.visible_to(people["rep_east2"]).filter(pk=row.pk).exists()
    assert row.name not in text_of(member.get("/customers/?view=all"))
    # Who keeps the pool reads all of it; when the pool opens its records every member does, and nobody changes it.
    assert Customer.objects.visible_to(people["manager_east"]).filter(pk=row.pk).exists()
    actions.change_pool(pool, {"open_detail": True}, by=people["admin"], version=None)
    for mode in ("plain", "few", "walk"):
        assert Customer.objects.visible_to(people["rep_east2"], mode).filter(pk=row.pk).exists()
        assert not Customer.objects.visible_to(people["rep_south"], mode).filter(pk=row.pk).exists()
    assert not Customer.objects.editable_by(people["rep_east2"]).filter(pk=row.pk).exists()
    assert member.get(f"/customers/{row.pk}/").status_code == 200
    seen = {seer.user.username: [reason.why for reason in seer.reasons] for seer in explain.who_sees(row)}
    assert seen["rep_east2"] == ["pool"] and "rep_south" not in seen
    actions.switch_pool(pool, enabled=False, by=people["admin"])
    assert not Customer.objects.visible_to(people["rep_east2"]).filter(pk=row.pk).exists()
    assert member.get(f"/pools/{pool.pk}/").status_code == 404


def test_what_may_not_go_into_a_pool(make, make_pool, people, sign_in, once):
    pool, rep = make_pool(), sign_in("rep")
    locked, busy, good = make.customer("rep"), make.customer("rep"), make.customer("rep")
    assert rep.post(f"/customers/{locked.pk}/lock/", {"_once": once()}).status_code == 303
    deal = make.opportunity(busy)
    for row, why in ((locked, locked.name), (busy, str(deal))):
        no = give_back(rep, once, row, pool)
        assert no.status_code == 422 and why in text_of(no)
        row.refresh_from_db()
        assert row.owner == people["rep"]
    assert give_back(sign_in("rep_east2"), once, good, pool).status_code == 404
    actions.switch_pool(pool, enabled=False, by=people["admin"])
    with pytest.raises(Refused, match=pool.name):
        actions.return_to_pool([good], pool, reason="x", by=people["rep"])
    assert give_back(rep, once, good, pool).status_code == 422
    bare = actions.create_pools([Pool(name="空公海")], by=people["admin"])[0]
    no = sign_in("admin").post(f"/settings/pools/{bare.pk}/switch/", {"_once": once()})
    assert no.status_code == 422 and "空公海" in text_of(no)
    assert not Pool.objects.get(pk=bare.pk).enabled


def test_limits_of_picking(make_pool, in_pool, people):
    pool = make_pool(pick_limit=2, pick_period="day", blocked_days=10)
    rows = in_pool(pool, 4)
    me = people["rep_east2"]
    with pytest.raises(Refused, match=pool.name):
        actions.pick_customers(pool, [row.pk for row in rows[:3]], by=me)
    assert len(actions.pick_customers(pool, [row.pk for row in rows[:2]], by=me)) == 2
    with pytest.raises(Refused) as no:
        actions.pick_customers(pool, [rows[2].pk], by=me)
    assert no.value.code == "pick.limit" and "2" in str(no.value)
    with pytest.raises(Refused) as no:
        actions.pick_customers(pool, [rows[2].pk], by=people["rep"])
    assert no.value.code == "blocked"
    # The day is named, not only how many days.
    assert f"{clock.local(clock.now() + timedelta(days=10)):%Y-%m-%d}" in str(no.value.message)
    with clock.freeze(clock.now() + timedelta(days=11)):
        assert actions.pick_customers(pool, [rows[2].pk], by=people["rep"])
        assert actions.pick_customers(pool, [rows[3].pk], by=me)
    with pytest.raises(Forbidden):
        actions.pick_customers(pool, [rows[3].pk], by=people["rep_south"])


def test_asked_for_and_decided(make_pool, in_pool, people, sign_in, once):
    pool = make_pool(pick_mode="apply")
    first, second = in_pool(pool, 2)
    member, keeper = sign_in("rep_east2"), sign_in("manager_east")
    assert member.post(f"/pools/{pool.pk}/pick/", {"_once": once(), "ids": first.pk}).status_code == 422
    asked = member.post(f"/pools/{pool.pk}/apply/", {"_once": once(), "ids": f"{first.pk},{second.pk}", "reason": "老客户介绍"})
    assert asked.status_code == 303
    assert member.post(f"/pools/{pool.pk}/apply/", {"_once": once(), "ids": first.pk}).status_code == 422
    rival = actions.apply_for_customers(pool, [first.pk], by=people["rep_east3"])[0]
    requests = {found.customer_id: found for found in PoolRequest.objects.filter(applicant=people["rep_east2"])}
    assert "老客户介绍" in text_of(keeper.get(f"/pools/{pool.pk}/requests/"))
    address = f"/pools/requests/{requests[first.pk].pk}/"
    assert member.post(address, {"_once": once(), "verdict": "approve"}).status_code == 404
    assert keeper.post(address, {"_once": once(), "verdict": "approve"}).status_code == 303
    first.refresh_from_db()
    rival.refresh_from_db()
    assert first.owner == people["rep_east2"] and rival.state == "refused" and people["rep_east2"].name in rival.answer
    address = f"/pools/requests/{requests[second.pk].pk}/"
    assert keeper.post(address, {"_once": once(), "verdict": "refuse"}).status_code == 422
    assert keeper.post(address, {"_once": once(), "verdict": "refuse", "answer": "留给华东二组"}).status_code == 303
    assert keeper.post(address, {"_once": once(), "verdict": "approve"}).status_code == 422
    second.refresh_from_db()
    assert second.pool == pool and "留给华东二组" in text_of(member.get(f"/pools/{pool.pk}/requests/"))


def test_assigned_by_who_keeps_it(make_pool, in_pool, people, sign_in, once):
    pool = make_pool(pick_mode="assign")
    row = in_pool(pool)[0]
    keeper, to = sign_in("manager_east"), people["rep_east4"]
    assert sign_in("rep_east4").post(f"/pools/{pool.pk}/assign/", {"_once": once(), "ids": row.pk, "to": to.pk}).status_code == 404
    gone = people["rep_east3"]
    gone.is_active = False
    gone.save()
    assert keeper.post(f"/pools/{pool.pk}/assign/", {"_once": once(), "ids": row.pk, "to": gone.pk}).status_code == 422
    assert keeper.post(f"/pools/{pool.pk}/assign/", {"_once": once(), "ids": row.pk, "to": to.pk}).status_code == 303
    row.refresh_from_db()
    assert row.owner == to and Message.objects.filter(receiver=to, text_key="pool.assigned").exists()
    assert keeper.post(f"/pools/{pool.pk}/assign/", {"_once": once(), "ids": 999999, "to": to.pk}).status_code == 404


def test_programs_take_and_give(make, make_pool, people, program):  # noqa: F811
    pool, row = make_pool(), make.customer("rep")
    rep, other = program("rep"), program("rep_east2")
    rep("POST", f"customers/{row.pk}/return-to-pool", {"pool": pool.pk, "reason": "价格"}, 204)
    got = other("GET", f"pools/{pool.pk}?expand=customers")
    assert [found["name"] for found in got["customers"]] == [row.name] and "phone" not in got["customers"][0]
    program("rep_south")("POST", f"pools/{pool.pk}/pick", {"customer": row.pk}, 404)
    other("POST", f"pools/{pool.pk}/pick", {"customer": row.pk})
    assert other("GET", f"customers/{row.pk}")["owner"]["id"] == people["rep_east2"].pk
    other("POST", f"customers/{row.pk}/lock", {})
    assert other("POST", f"customers/{row.pk}/return-to-pool", {"pool": pool.pk, "reason": "x"}, 422)["code"] == "refused"


def test_customer_limits_hold_at_every_door(make, make_pool, in_pool, people, sign_in, once):
    pool, admin = make_pool(), sign_in("admin")
    rep, east = people["rep_east2"], Department.objects.get(code="EAST")
    waiting = in_pool(pool)[0]
    own = make.customer("rep_east2")
    deal = make.customer("rep_east2")
    Customer.objects.filter(pk=deal.pk).update(lifecycle="deal")
    page = admin.post("/settings/pools/limits/", {"_once": once(), "owned_0": "500", "whom_1": f"d{east.pk}", "owned_1": "1", "locked_1": "0"})
    assert page.status_code == 303 and HoldingLimit.objects.count() == 2
    client = sign_in("rep_east2")
    doors = {
        "create": client.post("/customers/new/", {"_once": once(), "name": "测试门槛机械有限公司", "kind": "company"}),
        "pick": client.post(f"/pools/{pool.pk}/pick/", {"_once": once(), "ids": waiting.pk}),
        "transfer": sign_in("manager_east").post(f"/customers/{make.customer('manager_east').pk}/transfer/", {"_once": once(), "to": rep.pk}),
        "lock": client.post(f"/customers/{own.pk}/lock/", {"_once": once()}),
    }
    for door, answer in doors.items():
        text = text_of(answer)
        assert answer.status_code == 422 and rep.name in text, door
    with pytest.raises(Refused, match=rep.name):
        actions.assign_customers(pool, [waiting.pk], to=rep, by=people["manager_east"])
    assert Customer.objects.filter(owner=rep).count() == 2 and Customer.objects.get(pk=waiting.pk).pool == pool
    # A person's own limit comes before the department's; deal customers count where it says so.
    actions.set_limits([HoldingLimit(user=rep, most_owned=2, count_deals=True)], by=people["admin"])
    with pytest.raises(Refused):
        actions.pick_customers(pool, [waiting.pk], by=rep)
    actions.set_limits([HoldingLimit(user=rep, most_owned=2)], by=people["admin"])
    assert actions.pick_customers(pool, [waiting.pk], by=rep)
    assert limits.held([rep.pk])[rep.pk][:2] == (3, 2)


def test_a_transfer_ends_the_waiting(make_pool, in_pool, people, sign_in, once):
    pool = make_pool()
    row = in_pool(pool)[0]
    done = sign_in("admin").post(f"/customers/{row.pk}/transfer/", {"_once": once(), "to": people["rep_south"].pk, "keep_team": "on"})
    assert done.status_code == 303
    row.refresh_from_db()
    assert row.owner == people["rep_south"] and row.pool is None and row.held_since
    assert PoolMove.objects.filter(customer=row).values_list("way", flat=True).last() == "transfer"


def test_settings_of_a_pool_through_pages(make, people, sign_in, once):
    admin, east = sign_in("admin"), Department.objects.get(code="EAST")
    make.customer("rep", level="A")
    made = admin.post("/settings/pools/new/", {"_once": once(), "name": "新公海", "pick_mode": "pick", "pick_period": "day", "blocked_days": "0",
                                               "warn_days": "1、3，7", "keep_deals": "on", "keep_busy": "on"})
    assert made.status_code == 303, text_of(made)
    pool = Pool.objects.get(name="新公海")
    assert pool.warn_days == "7,3,1" and not pool.enabled
    base = f"/settings/pools/{pool.pk}/"
    assert admin.post(f"{base}members/member/", {"_once": once(), "departments": east.pk}).status_code == 303
    assert admin.post(f"{base}members/admin/", {"_once": once(), "users": people["manager_east"].pk}).status_code == 303
    assert admin.post(f"{base}rules/", {"_once": once(), "criterion_0": "follow_up", "days_0": "0"}).status_code == 422
    assert admin.post(f"{base}rules/", {"_once": once(), "criterion_0": "follow_up", "days_0": "30", "levels_0": "A",
                                        "criterion_1": "opportunity", "days_1": "60"}).status_code == 303
    assert [(rule.criterion, rule.days, rule.levels) for rule in pool.rules.all()] == [("follow_up", 30, ["A"]), ("opportunity", 60, [])]
    assert admin.post(f"{base}fields/", {"_once": once(), "fields": ["level", "phone"]}).status_code == 303
    with clock.freeze(clock.now() + timedelta(days=31)):
        counts = re.findall(r'<td class="num [^"]*"[^>]*>([0-9,]+)</td>', text_of(admin.get(base)))
        assert counts == ["1", "0"]  # of the two rules, each customer at its first
    assert admin.post(f"{base}switch/", {"_once": once()}).status_code == 303
    assert Pool.objects.get(pk=pool.pk).enabled
    assert admin.post(f"{base}members/member/", {"_once": once()}).status_code == 422
    assert admin.get(f"{base}members/nonsense/").status_code == 404
    assert admin.post(f"{base}edit/", {"_once": once(), "_version": Pool.objects.get(pk=pool.pk).version, "name": "新公海", "pick_mode": "pick",
                                       "pick_period": "day", "blocked_days": "0", "warn_days": "never"}).status_code == 422
    assert sign_in("rep").get(base).status_code == 403
    assert PoolMember.objects.filter(pool=pool).count() == 2


def test_a_pool_offers_its_way_out_in_every_row_and_says_how_much_is_left(make_pool, in_pool, sign_in):
    pool = make_pool(pick_limit=2, pick_period="week")
    row = in_pool(pool)[0]
    mine, keeper = sign_in("rep_east2"), sign_in("manager_east")
    page = mine.get(f"/pools/{pool.pk}/").content.decode()
    assert f"/pools/{pool.pk}/pick/?ids={row.pk}" in page and "还可以领取 2 个" in page
    assert "公海" in page.split('class="crumb')[1].split("</nav>")[0]
    # Where the keeper gives them out there is nothing to pick, but to assign.
    Pool.objects.filter(pk=pool.pk).update(pick_mode="assign")
    assert f"/pools/{pool.pk}/pick/" not in mine.get(f"/pools/{pool.pk}/").content.decode()
    assert f"/pools/{pool.pk}/assign/?ids={row.pk}" in keeper.get(f"/pools/{pool.pk}/").content.decode()
