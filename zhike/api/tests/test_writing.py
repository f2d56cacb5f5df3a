"""Records made and changed by a program: the rights, rules and refusals of the pages."""

from __future__ import annotations

import pytest
from django.test import Client

from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.records.models import HistoryEntry

NEW = {"name": "试金石精密机械有限公司", "level": "B", "phone": "0512-55550199"}


def test_a_customer_made_and_changed(program, people):
    rep = program("rep")
    made = rep("POST", "customers", NEW, 201)
    assert rep.last["Location"] == f"/api/v1/customers/{made['id']}" and rep.last["ETag"] == '"1"'
    row = Customer.objects.get(pk=made["id"])
    assert (row.owner, row.owner_dept) == (people["rep"], people["rep"].department)
    assert row.code == made["code"] and made["lifecycle"] == "target"
    assert HistoryEntry.objects.get(kind="customer", row_id=row.pk, action="create").channel == "api"

    changed = rep("PATCH", f"customers/{row.pk}", {"level": "A"}, If_Match='"1"')
    assert (changed["level"], changed["phone"], changed["version"]) == ("A", made["phone"], 2)
    assert rep.last["ETag"] == '"2"'
    # What was read can be sent back as it came: links as {id, text}, money as text.
    region = rep("GET", "regions?q=苏州&limit=1")["items"][0]
    again = rep("PATCH", f"customers/{row.pk}", {"region": {"id": region["id"], "text": "…"}}, If_Match="*")
    assert again["region"]["id"] == region["id"]
    assert rep("PATCH", f"customers/{row.pk}", {"region": None}, If_Match="*")["region"] is None


def test_the_same_customer_is_found_before_a_second_is_made(program, make):
    make.customer("rep_south", name="试金石精密机械有限公司")
    rep = program("rep")
    told = rep("POST", "customers", NEW, 422)
    assert told["code"] == "duplicate" and told["items"][0]["id"] is None and "试金石" not in told["items"][0]["text"]
    assert rep("POST", "customers", {**NEW, "despite_duplicates": "yes"}, 422)["field"] == "despite_duplicates"
    rep("POST", "customers", {**NEW, "despite_duplicates": True}, 201)


def test_an_old_version_is_told_what_the_record_is_now(program, make):
    row = make.customer("rep", name="试金石甲有限公司")
    rep, boss = program("rep"), program("manager_east")
    boss("PATCH", f"customers/{row.pk}", {"level": "A"}, If_Match='"1"')
    told = rep("PATCH", f"customers/{row.pk}", {"level": "C"}, 412, If_Match='"1"')
    assert told["code"] == "version" and told["now"]["level"] == "A" and told["now"]["version"] == 2
    # The version is looked at before the rules: a program that is late must not be told of its values first.
    assert rep("PATCH", f"customers/{row.pk}", {"name": ""}, 412, If_Match='"1"')["code"] == "version"
    assert rep("PATCH", f"customers/{row.pk}", {"level": "C"}, 428)["code"] == "version.missing"
    assert rep("PATCH", f"customers/{row.pk}", {"level": "C"}, 422, If_Match="2")["code"] == "version.form"
    row.refresh_from_db()
    assert row.level == "A"


@pytest.mark.parametrize(("body", "field"), [
    ({"name": 7}, "name"), ({"name": ["x"]}, "name"), ({"name": ""}, "name"), ({}, "name"), ({"name": "x" * 500}, "name"),
    ({"name": "试", "region": "苏州"}, "region"), ({"name": "试", "region": True}, "region"), ({"name": "试", "region": 1.5}, "region"),
    ({"name": "试", "region": 99}, "region"), ({"name": "试", "level": "Z"}, "level"), ({"name": "试金石有限公司", "uscc": "91310000"}, "uscc"),
    ({"name": "试", "owner": 1}, "owner"), ({"name": "试", "lifecycle": "deal"}, "lifecycle"), ({"name": "试", "code": "X"}, "code"),
    ({"name": "试", "nonsense": 1}, "nonsense"), ({"name": "half \ud83d"}, "name"), ({"name": "试", "email": "nowhere"}, "email"),
    ({"name": "试", "parent": 999999999}, "parent"),
])
def test_what_a_field_does_not_take_is_named(program, body, field):
    import json

    before = Customer.objects.count()
    told = program("rep")("POST", "customers", json.dumps(body), 422)
    assert told["field"] == field, told
    assert Customer.objects.count() == before


@pytest.mark.parametrize("body", [
    b"", b"[]", b"null", b"{", b'"x"', b"\xff\xfe{}", b'{"name": NaN}', b'{"name": "a", "name": "b"}', b'{"name": ' + b"9" * 5000 + b"}",
    b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
])
def test_what_is_no_json_object_is_refused(program, body):
    told = program("rep")("POST", "customers", body, 422)
    assert told["code"] in ("body.json", "invalid") and not Customer.objects.filter(name="b").exists()


def test_size_and_form(program):
    rep = program("rep")
    assert rep("POST", "customers", b'{"name": "' + b"x" * (2 * 1024 * 1024) + b'"}', 422)["code"] == "body.size"
    got = rep.client.post("/api/v1/customers", {"name": "试"})
    assert got.status_code == 422 and got.json()["code"] == "body.type"


def test_money_is_exact(program, make):
    customer = make.customer("rep")
    rep = program("rep")
    body = {"name": "测试线", "customer": customer.pk, "type": "new_project", "amount": "1234567.89", "expected_sign_date": "2099-01-31"}
    made = rep("POST", "opportunities", body, 201)
    assert made["amount"] == "1234567.89" and made["stage"] and made["process"]
    raw = f'{{"name": "测试线二", "customer": {customer.pk}, "type": "new_project", "amount": 0.1}}'
    assert rep("POST", "opportunities", raw, 201)["amount"] == "0.10"
    for amount in ("12.345", "1e400", "-1", "١٢", True, [1]):
        assert rep("POST", "opportunities", {**body, "amount": amount}, 422)["field"] == "amount", amount
    assert Opportunity.objects.filter(customer=customer).count() == 2


def test_times_say_their_offset(program, make):
    customer = make.customer("rep")
    rep = program("rep")
    body = {"subject": "测试拜访", "type": "visit", "customer": customer.pk, "at": "2099-03-01T09:00:00+08:00"}
    assert rep("POST", "activities", body, 201)["at"] == "2099-03-01T01:00:00Z"
    for at in ("2099-03-01T09:00:00", "2099-03-01", "tomorrow", 5, "9999-12-31T23:59:59-23:59"):
        assert rep("POST", "activities", {**body, "at": at}, 422)["field"] == "at", at


def test_rights_are_those_of_the_person(program, make, people):
    row = make.customer("rep")
    assert program("auditor")("POST", "customers", NEW, 403)["code"] == "forbidden"
    assert program("auditor")("PATCH", f"customers/{row.pk}", {"level": "A"}, 403, If_Match="*")
    south = program("rep_south")
    foreign = south("PATCH", f"customers/{row.pk}", {"level": "A"}, 404, If_Match="*")
    assert foreign == south("PATCH", "customers/987654", {"level": "A"}, 404, If_Match="*")
    assert south("PATCH", f"customers/{row.pk}", {"level": "A"}, 404) == foreign
    assert south("POST", "contacts", {"name": "林示例", "customer": row.pk}, 422)["field"] == "customer"
    assert not Contact.objects.filter(customer=row).exists()


def test_fields_one_may_only_read_are_not_written(program, make, people):
    """Costs are hidden from sales and kept by finance."""
    row = make.product()
    told = program("rep")("PATCH", f"products/{row.pk}", {"standard_cost": "1"}, 403, If_Match="*")
    assert told["code"] == "forbidden"
    changed = program("finance")("PATCH", f"products/{row.pk}", {"standard_cost": "12.5"}, If_Match="*")
    assert changed["standard_cost"] == "12.50"


def test_what_is_kept_elsewhere_is_not_written_here(program):
    boss = program("admin")
    for address in ("regions", "users", "departments"):
        assert boss("POST", address, {"name": "x"}, 405)["code"] == "method"
    for method in ("PUT", "DELETE"):
        boss(method, "customers/1", {}, 405)
    assert boss.last["Allow"] == "GET, PATCH, HEAD, OPTIONS" or "PATCH" in boss.last["Allow"]


def test_a_stranger_learns_nothing():
    for method in ("post", "put", "patch", "delete"):
        got = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/customers", data="{}", content_type="application/json")
        assert got.status_code == 401 and got.json()["code"] == "token"


test_a_stranger_learns_nothing = pytest.mark.django_db(test_a_stranger_learns_nothing)


def test_a_token_reaches_as_far_as_it_was_made_for(program, make):
    row = make.customer("rep")
    reader = program("rep", scope="read")
    assert reader("POST", "customers", NEW, 403)["code"] == "scope"
    assert reader("PATCH", f"customers/{row.pk}", {"level": "A"}, 403, If_Match="*")["code"] == "scope"
    assert reader("POST", f"customers/{row.pk}/disable", {}, 403)["code"] == "scope"
    assert reader("POST", "customers/batch", {"items": [NEW]}, 403)["code"] == "scope"
    narrow = program("rep", kinds=["contact"])
    assert narrow("GET", "customers", code=403)["code"] == "scope"
    assert narrow("GET", "reports/funnel", code=403)["code"] == "scope"
    assert [kind["name"] for kind in narrow("GET", "meta")["kinds"]] == ["contact"]
    narrow("POST", "contacts", {"name": "林示例", "customer": row.pk}, 201)


def test_a_busy_program_is_told_to_wait(program, monkeypatch):
    from zhike.api import rates

    monkeypatch.setattr(rates, "PER_MINUTE", 3)
    rep, other = program("rep"), program("rep")
    for _ in range(3):
        rep("GET", "meta")
    told = rep("GET", "meta", code=429)
    assert told["code"] == "rate" and 1 <= int(rep.last["Retry-After"]) <= 60
    other("GET", "meta")
