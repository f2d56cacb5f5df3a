"""Actions by name, what comes along with a record, and many records at once."""

from __future__ import annotations

import json

import pytest

from zhike.activities.models import Activity
from zhike.customers.models import Customer
from zhike.opportunities.models import Opportunity
from zhike.records.models import HistoryEntry


def test_an_opportunity_through_its_stages(program, make):
    row = make.opportunity(owner="rep")
    rep = program("rep")
    path = f"opportunities/{row.pk}"
    got = rep("GET", f"{path}?expand=stages,checklist,lines,customer&fields=name,stage")
    assert set(got) == {"id", "name", "stage", "version", "stages", "checklist", "lines", "customer"}
    assert got["customer"]["code"] and got["lines"] == []
    second = got["stages"][1]["id"]
    refused = rep("POST", f"{path}/move", {"to": second}, 422)
    assert refused["code"] == "stage.gate" and refused["items"]
    product = make.product()
    rep("POST", f"{path}/lines", {"lines": [{"product": product.pk, "quantity": "2", "target_price": 1000.5}], "take_sum": True})
    rep("PATCH", path, {"demand": "两台车床"}, If_Match="*")
    got = rep("GET", f"{path}?expand=checklist,lines")
    assert got["lines"][0]["amount"] == "2001.00" and got["amount"] == "2001.00"
    for item in got["checklist"]:
        if item["tick"]:
            rep("POST", f"{path}/tick", {"criterion": item["id"], "done": True})
    moved = rep("POST", f"{path}/move", {"to": second}, If_Match=rep.version(path))
    assert moved["stage"]["id"] == second
    assert rep("POST", f"{path}/move", {"to": got["stage"]["id"]}, 412, If_Match='"1"')["now"]["stage"]["id"] == second
    lost = rep("POST", f"{path}/lose", {"reason": "price", "lost_to": "none", "remark": "报价高"})
    assert lost["status"] == "lost"
    assert rep("POST", f"{path}/lose", {"reason": "price", "lost_to": "none", "remark": "again"}, 422)["code"] == "flow.lose"


@pytest.mark.parametrize(("name", "body", "field"), [
    ("lose", {"reason": "nonsense", "lost_to": "x", "remark": "x"}, "reason"), ("lose", {"reason": "price"}, "lost_to"),
    ("win", {"on": "2026-02-30", "reason": "x"}, "on"), ("win", {"on": "2999-01-01", "reason": "x"}, "on"),
    ("win", {"on": "2020-01-01", "reason": "x", "amount": "0.001"}, "amount"), ("move", {"to": 999999}, "to"),
    ("move", {"to": "1"}, "to"), ("move", {}, "to"), ("tick", {"criterion": 1}, "done"), ("lines", {"lines": {}}, "lines"),
    ("lines", {"lines": [{"quantity": "0"}]}, None), ("lines", {"lines": [{"text": "x", "quantity": "many"}]}, "lines"),
    ("lines", {"lines": [{"text": "x", "amount": "5"}]}, "lines"), ("lines", {"lines": [{"text": "x"}] * 201}, "lines"),
    ("suspend", {"reason": "x", "resume_on": "2020-01-01"}, "resume_on"), ("transfer", {"to": 999999}, "to"),
    ("transfer", {"to": 1, "checked": True}, "checked"), ("share", {"user": 1, "level": "owner"}, "level"),
])
def test_what_an_action_does_not_take_is_named(program, make, name, body, field):
    row = make.opportunity(owner="rep")
    told = program("rep")("POST", f"opportunities/{row.pk}/{name}", body, 422)
    assert told["field"] == field or field is None, told
    row.refresh_from_db()
    assert (row.status, row.version, row.lines.count()) == ("open", 1, 0)


def test_an_action_needs_sight_and_right(program, make):
    row = make.opportunity(owner="rep")
    south = program("rep_south")
    foreign = south("POST", f"opportunities/{row.pk}/resume", {}, 404)
    assert foreign == south("POST", "opportunities/987654/resume", {}, 404)
    assert program("auditor")("POST", f"opportunities/{row.pk}/void", {"reason": "x"}, 403)
    program("rep")("POST", f"opportunities/{row.pk}/nothing", {}, 404)
    program("rep")("GET", f"opportunities/{row.pk}/void", code=405)


def test_a_follow_up_and_a_task(program, make, people):
    customer, other = make.customer("rep"), make.customer("rep")
    stranger = make.contact(other)
    rep, boss = program("rep"), program("manager_east")
    log = f"customers/{customer.pk}/log"
    assert rep("POST", log, {"type": "phone", "content": "x", "contact": stranger.pk}, 422)["field"] == "contact"
    assert rep("POST", log, {"type": "pigeon", "content": "x"}, 422)["field"] == "type"
    rep("POST", log, {"type": "phone", "content": "谈了图纸", "next_contact_at": "2099-01-05T10:00:00+08:00", "next_action": "送样"})
    assert set(Activity.objects.filter(customer=customer).values_list("status", flat=True)) == {"done", "planned"}
    task = boss("POST", "tasks", {"title": "准备样机", "owner": people["rep"].pk, "due_at": "2099-01-05T10:00:00+08:00"}, 201)
    assert task["status"] == "open" and task["giver"]["id"] == people["manager_east"].pk
    assert rep("POST", f"tasks/{task['id']}/refuse", {}, 422)["field"] == "result"
    assert rep("POST", f"tasks/{task['id']}/accept")["status"] == "accepted"
    assert rep("POST", f"tasks/{task['id']}/finish", {"result": "已完成"})["result"] == "已完成"


def test_what_was_handed_over_may_be_out_of_sight(program, make, people):
    row = make.customer("rep")
    rep = program("rep")
    rep("POST", f"customers/{row.pk}/transfer", {"to": people["rep_south"].pk}, 204)
    rep("GET", f"customers/{row.pk}", code=404)
    assert program("rep_south")("GET", f"customers/{row.pk}")["owner"]["id"] == people["rep_south"].pk


def test_along_with_a_record_comes_only_what_one_may_see(program, make, people):
    hidden = make.customer("rep_south", name="看不见的母公司有限公司", phone="0755-55550123")
    row = make.customer("rep", parent=hidden)
    rep = program("rep")
    got = rep("GET", f"customers/{row.pk}?expand=parent,owner")
    assert set(got["parent"]) == {"id", "text"} and got["owner"]["username"] == "rep"
    assert rep("GET", "customers?expand=parent,secrets", code=400)["code"] == "expand.unknown"
    assert rep("GET", "customers?fields=password", code=400)["code"] == "fields.unknown"
    seen = program("gm")("GET", f"customers/{row.pk}?expand=parent&fields=name")
    assert seen["parent"]["name"] == hidden.name and set(seen) == {"id", "name", "parent", "version"}


def test_many_at_once_each_with_its_outcome(program, make, people):
    mine, foreign = make.customer("rep"), make.customer("rep_south")
    rep = program("rep")
    items = [
        {"name": "批量一号机械有限公司"}, {"name": ""}, {"id": mine.pk, "version": 1, "level": "A"}, {"id": mine.pk, "version": 1, "level": "B"},
        {"id": foreign.pk, "version": 1, "level": "A"}, "text", {"id": mine.pk, "level": "C"},
    ]
    got = rep("POST", "customers/batch", {"items": items})
    assert [outcome["status"] for outcome in got["outcomes"]] == [201, 422, 200, 412, 404, 422, 422]
    assert (got["done"], got["failed"]) == (2, 5)
    batches = set(HistoryEntry.objects.filter(kind="customer", channel="api").values_list("batch", flat=True))
    assert len(batches) == 1 and batches != {""}
    foreign.refresh_from_db()
    assert foreign.version == 1

    before = Customer.objects.count()
    told = rep("POST", "customers/batch", {"items": [{"name": "整批一号有限公司"}, {"name": ""}], "all_or_nothing": True}, 422)
    assert told["index"] == 1 and told["field"] == "name" and Customer.objects.count() == before
    for body in ({}, {"items": []}, {"items": [{}] * 501}, {"items": {}}, {"items": [{}], "more": 1}, {"items": [{}], "all_or_nothing": 1}):
        assert rep("POST", "customers/batch", body, 422)["code"].startswith("body.")


@pytest.mark.both
def test_a_key_counts_once(program, make, people):
    rep = program("rep")
    body = {"name": "只此一家机械有限公司"}
    first = rep("POST", "customers", body, 201, Idempotency_Key="order-0001")
    again = rep("POST", "customers", body, 201, Idempotency_Key="order-0001")
    assert first == again and rep.last["Idempotency-Replayed"] == "true" and rep.last["ETag"] == '"1"'
    assert Customer.objects.filter(name=body["name"]).count() == 1
    assert rep("POST", "customers", {"name": "别家机械有限公司"}, 422, Idempotency_Key="order-0001")["code"] == "idempotency.reused"
    # Another person's key is another key; a refused request may be put right under its own.
    program("manager_east")("POST", "customers", {"name": "东区机械有限公司"}, 201, Idempotency_Key="order-0001")
    rep("POST", "customers", {"name": ""}, 422, Idempotency_Key="order-0002")
    rep("POST", "customers", {"name": "改正机械有限公司"}, 201, Idempotency_Key="order-0002")
    assert rep("POST", "customers", body, 422, Idempotency_Key="short")["code"] == "idempotency.key"
    # A change repeated is the change that was, not one too late.
    path = f"customers/{first['id']}"
    for _ in range(2):
        assert rep("PATCH", path, {"level": "A"}, If_Match='"1"', Idempotency_Key="order-0003")["version"] == 2
    rep("POST", f"{path}/log", {"type": "phone", "content": "一次"}, Idempotency_Key="order-0004")
    rep("POST", f"{path}/log", {"type": "phone", "content": "一次"}, Idempotency_Key="order-0004")
    assert Activity.objects.filter(customer=first["id"]).count() == 1


@pytest.mark.both
def test_who_wants_nothing_back_gets_the_version_alone(program, people):
    rep = program("rep")
    made = rep("POST", "customers", {"name": "少言机械有限公司"}, 201, Prefer="return=minimal", Idempotency_Key="brief-0001")
    assert set(made) == {"id"} and rep.last["ETag"] == '"1"' and rep.last["Preference-Applied"] == "return=minimal"
    path = f"customers/{made['id']}"
    where = rep.last["Location"]
    assert where == f"/api/v1/{path}"
    assert rep("POST", "customers", {"name": "少言机械有限公司"}, 201, Prefer="return=minimal", Idempotency_Key="brief-0001") == made
    assert rep.last["Location"] == where
    assert rep("PATCH", path, {"level": "A"}, 204, If_Match='"1"', Prefer='respond-async, RETURN="minimal"') is None and rep.last["ETag"] == '"2"'
    assert rep("GET", path)["level"] == "A"
    assert rep("PATCH", path, {"level": "B"}, 200, If_Match='"2"', Prefer="return=representation")["level"] == "B"
    # Handed over and out of sight: there is no version to tell.
    assert rep("POST", f"{path}/transfer", {"to": people["rep_south"].pk}, 204, Prefer="return=minimal") is None
    assert "ETag" not in rep.last
    rep("GET", path, code=404)


def test_the_document_names_what_the_person_may_do(program):
    rep = program("rep")("GET", "openapi.json")
    assert rep["openapi"] == "3.1.0" and {"post", "get"} <= set(rep["paths"]["/customers"])
    assert "/opportunities/{id}/void" not in rep["paths"] and "/opportunities/{id}/win" in rep["paths"]
    assert "standard_cost" not in rep["components"]["schemas"]["Product"]["properties"]
    assert rep["components"]["schemas"]["NewOpportunity"]["required"] == ["name", "customer", "type", "amount"]
    reader = program("rep", scope="read")("GET", "openapi.json")
    assert {method for path in reader["paths"].values() for method in path} <= {"get", "parameters"}
    ids = [entry["operationId"] for path in rep["paths"].values() for method, entry in path.items() if method != "parameters"]
    assert len(ids) == len(set(ids))
    text = json.dumps(rep)
    refs = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert refs <= set(rep["components"]["schemas"])


def test_a_disabled_customer_is_no_place_for_a_deal(program, make):
    row = make.customer("rep")
    boss = program("manager_east")
    boss("POST", f"customers/{row.pk}/disable")
    assert Opportunity.objects.filter(customer=row).count() == 0
    assert boss("POST", f"customers/{row.pk}/enable")["enabled"] is True
