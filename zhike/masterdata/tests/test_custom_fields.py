"""A field added by an administrator is met everywhere: forms, lists, filters, files, programs, history."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest

from zhike.base.refused import Forbidden, Refused
from zhike.customers.models import Customer
from zhike.masterdata.custom_fields import change_custom_field, create_custom_fields
from zhike.org.models import FieldRule, Role
from zhike.org.tokens import create_token
from zhike.records import customs, registry, save
from zhike.records.models import CustomField, CustomValue, HistoryEntry


@pytest.fixture
def add(people):
    def make(label="装机功率", type="quantity", on="customer", **more):
        return create_custom_fields([CustomField(on=on, label_zh=label, type=type, **more)], by=people["admin"])[0]

    return make


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version") if f'name="{name}"' in page}


def test_the_administrator_adds_one_by_hand(sign_in):
    admin = sign_in("admin")
    page = admin.get("/custom-fields/new/").content.decode()
    got = admin.post("/custom-fields/new/", {**hidden(page), "on": "customer", "label_zh": "付款习惯", "label_en": "Paying habit", "type": "choice",
                                             "choices_text": "early = 提前 | early\nlate = 拖延 | late\n现结", "order": "10", "on_create": "on", "on_list": "on",
                                             "filterable": "on"})
    assert got.status_code == 303, got.content.decode()[-800:]
    field = CustomField.objects.get()
    assert field.name == "c_paying_habit" and [code for code, *_rest in field.choices()] == ["early", "late", "现结"]
    assert sign_in("rep").get("/custom-fields/").status_code == 404
    rep = sign_in("rep")
    form = rep.get("/customers/new/").content.decode()
    assert "付款习惯" in form and 'value="late"' in form
    got = rep.post("/customers/new/", {**hidden(form), "name": "拖延测试有限公司", "c_paying_habit": "late"})
    assert got.status_code == 303
    row = Customer.objects.get(name="拖延测试有限公司")
    assert row.c_paying_habit == "late" and row.custom == {"c_paying_habit": "late"}
    listed = rep.get("/customers/?view=all&c_paying_habit=late").content.decode()
    assert "拖延测试有限公司" in listed and "拖延" in listed
    assert "拖延测试有限公司" not in rep.get("/customers/?view=all&c_paying_habit=early").content.decode()
    assert "付款习惯" in rep.get(f"/customers/{row.pk}/?tab=info").content.decode() or "付款习惯" in rep.get(f"/customers/{row.pk}/edit/").content.decode()


def test_a_change_is_a_change_with_history_and_conflict(add, make, sign_in):
    add()
    row = make.customer("rep", c_zhuangjigonglv=Decimal("12.5"))
    rep = sign_in("rep")
    page = rep.get(f"/customers/{row.pk}/edit/").content.decode()
    assert 'value="12.5' in page
    values = {**hidden(page), "name": row.name, "kind": row.kind, "c_zhuangjigonglv": "90"}
    assert rep.post(f"/customers/{row.pk}/edit/", values).status_code == 303
    row.refresh_from_db()
    assert row.c_zhuangjigonglv == Decimal("90") and row.version == 2
    entry = HistoryEntry.objects.filter(kind="customer", row_id=row.pk, action="edit").get()
    assert entry.diff == {"c_zhuangjigonglv": ["12.5", "90.0000"]}
    assert "装机功率" in rep.get(f"/customers/{row.pk}/history/").content.decode()
    late = {**hidden(rep.get(f"/customers/{row.pk}/edit/").content.decode()), "name": row.name, "kind": row.kind, "_version": "1", "c_zhuangjigonglv": "7"}
    assert rep.post(f"/customers/{row.pk}/edit/", late).status_code == 409
    bad = {**hidden(rep.get(f"/customers/{row.pk}/edit/").content.decode()), "name": row.name, "kind": row.kind, "c_zhuangjigonglv": "viel"}
    assert rep.post(f"/customers/{row.pk}/edit/", bad).status_code == 422


@pytest.mark.both
@pytest.mark.parametrize(("type", "more", "values", "asked", "found"), [
    ("quantity", {}, [Decimal("1.5"), Decimal("20"), None], {"c_x__from": "2"}, [1]),
    ("money", {}, [Decimal("0.01"), Decimal("999999999.99"), None], {"c_x__to": "1"}, [0]),
    ("percent", {}, [Decimal("0.1"), Decimal("0.5"), None], {"c_x__from": "0.2"}, [1]),
    ("int", {}, [-3, 7, None], {"c_x": "-3"}, [0]),
    ("date", {}, [date(2020, 2, 29), date(2026, 1, 1), None], {"c_x__from": "2026-01-01", "c_x__to": "2026-01-01"}, [1]),
    ("bool", {}, [True, False, None], {"c_x": "1"}, [0]),
    ("text", {}, ["甲-1", "乙", None], {"c_x": "甲-1"}, [0]),
    ("choice", {"choices_text": "a\nb"}, ["a", "b", None], {"c_x": ["a", "b"]}, [0, 1]),
    ("multi", {"choices_text": "a\nb\nc"}, [["a", "b"], ["c"], None], {"c_x": "b"}, [0]),
    ("user", {}, ["rep", "gm", None], {"c_x": "me"}, [0]),
    ("user", {}, ["rep", "gm", None], {"c_x": "none"}, [2]),
])
def test_every_type_is_kept_read_and_filtered(add, make, people, client, type, more, values, asked, found):
    add(type=type, name="c_x", filterable=True, **more)
    values = [people[value] if type == "user" and value else value for value in values]
    rows = [make.customer("rep", c_x=value) if value is not None else make.customer("rep") for value in values]
    rows[1].refresh_from_db()
    fresh = Customer.objects.get(pk=rows[0].pk)
    assert fresh.c_x == values[0] and Customer.objects.get(pk=rows[2].pk).c_x in (None, "", [], False)
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    got = client.get("/api/v1/customers", {**asked, "order": "created_at"}, headers=headers)
    assert got.status_code == 200, got.content
    assert sorted(item["id"] for item in got.json()["items"]) == sorted(rows[n].pk for n in found)
    wrong = client.get("/api/v1/customers", {"c_x__from" if type in ("date", "int", "money", "quantity", "percent") else "c_x": "½\x00"}, headers=headers)
    assert wrong.status_code == 400


@pytest.mark.both
def test_the_largest_amount_is_kept_and_bounds_go_inwards(add, make, people, client):
    add(type="money", name="c_x", filterable=True)
    largest = make.customer("rep", c_x=Decimal("9999999999999.99"))
    cent = make.customer("rep", c_x=Decimal("0.01"))
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}

    def found(**asked):
        got = client.get("/api/v1/customers", asked, headers=headers)
        assert got.status_code == 200, got.content
        return {item["id"] for item in got.json()["items"]}

    assert found(c_x__from="9999999999999") == {largest.pk} and Customer.objects.get(pk=largest.pk).c_x == Decimal("9999999999999.99")
    assert found(c_x="0.010") == {cent.pk} and found(c_x="0.011") == set()
    assert found(c_x__from="0.011", c_x__to="1") == set() and found(c_x__to="0.019") == {cent.pk}


def test_programs_read_write_and_learn_of_it(add, make, people, client):
    add(type="money", name="c_budget", filterable=True)
    add(label="产线", type="multi", name="c_lines", choices_text="a = 甲\nb = 乙")
    other = add(label="介绍人", type="ref", name="c_by", to="customer")
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    friend = make.customer("rep", name="介绍人有限公司")

    def send(method, path, body, code, **more):
        got = client.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers={**headers, **more})
        assert got.status_code == code, got.content
        return got.json()

    import json

    made = send("POST", "customers", json.dumps({"name": "自定义字段测试有限公司", "c_budget": "12.50", "c_lines": ["a"], "c_by": friend.pk}), 201)
    assert made["c_budget"] == "12.50" and made["c_lines"] == ["a"] and made["c_by"] == {"id": friend.pk, "text": friend.name}
    for body, field in (({"c_budget": "viel"}, "c_budget"), ({"c_lines": ["z"]}, "c_lines"), ({"c_lines": "a"}, "c_lines"), ({"c_by": 10**9}, "c_by"),
                        ({"c_gone": 1}, "c_gone")):
        assert send("PATCH", f"customers/{made['id']}", json.dumps(body), 422, **{"If-Match": "*"})["field"] == field
    document = client.get("/api/v1/openapi.json", headers=headers).json()
    fields = document["components"]["schemas"]["NewCustomer"]["properties"]
    assert fields["c_lines"]["items"]["enum"] == ["a", "b"] and fields[other.name]["title"] == "介绍人"


def test_exports_and_columns(add, make, sign_in):
    add(type="money", name="c_budget")
    add(label="产线", type="multi", name="c_lines", choices_text="a = 甲\nb = 乙")
    make.customer("manager_east", name="导出测试有限公司", c_budget=Decimal("1234.5"), c_lines=["a", "b"])
    got = sign_in("manager_east").get("/customers/export/?format=csv&view=all&q=导出测试&columns=name,c_budget,c_lines")
    rows = list(csv.reader(io.StringIO(b"".join(got.streaming_content).decode("utf-8-sig"))))
    assert rows[0][1:] == ["装机功率", "产线"] and rows[1][1:] == ["1234.50", "甲, 乙"] or rows[1][1:] == ["1234.5", "甲, 乙"]


def test_field_rights_hold_for_it(add, make, people, sign_in, client):
    add(type="money", name="c_secret", filterable=True, on_list=True)
    row = make.customer("rep", c_secret=Decimal("77777.77"))
    role = Role.objects.get(code="SR")
    FieldRule.objects.create(role=role, kind="customer", field="c_secret", mode=FieldRule.HIDE)
    rep = sign_in("rep")
    for url in (f"/customers/{row.pk}/", f"/customers/{row.pk}/edit/", "/customers/?view=all", f"/customers/{row.pk}/history/",
                "/customers/?view=all&columns=name,c_secret"):
        assert "77,777" not in rep.get(url).content.decode() and "77777" not in rep.get(url).content.decode(), url
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    assert "c_secret" not in client.get(f"/api/v1/customers/{row.pk}", headers=headers).json()
    assert client.get("/api/v1/customers?c_secret__from=1", headers=headers).status_code == 400
    assert rep.get("/customers/?c_secret__from=1").status_code == 400


def test_many_rows_at_once_and_through_an_import(add, make, people):
    add(type="choice", name="c_k", choices_text="a\nb", filterable=True)
    rows = [make.customer("rep") for _ in range(3)]
    save.change_rows(registry.kind("customer"), rows, {"c_k": "b"}, by=people["rep"], action="edit")
    assert CustomValue.objects.filter(text="b").count() == 3 and Customer.objects.get(pk=rows[0].pk).c_k == "b"
    from zhike.records import bulk
    from zhike.records.imports.importer import importer

    outcome = bulk.edit_rows(registry.kind("customer"), rows, {"c_k": "a"}, by=people["rep"])
    assert len(outcome.changed) == 3 and CustomValue.objects.filter(text="a").count() == 3
    lines = list(HistoryEntry.objects.filter(batch=outcome.batch))
    assert bulk.restore(registry.kind("customer"), "c_k", lines, by=people["rep"])[0] == 3
    assert Customer.objects.get(pk=rows[0].pk).c_k == "b"

    target = importer("customer").targets()["c_k"]
    assert target.type == "choice" and [code for code, _label in target.choices] == ["a", "b"]


def test_a_formula_follows_its_fields(add, make, people):
    add(type="money", name="c_price", on="opportunity")
    add(label="毛利", type="formula", name="c_margin", on="opportunity", formula="amount - c_price * 1.1", filterable=True)
    row = make.opportunity(owner="rep", amount=Decimal("100.00"), c_price=Decimal("50.00"))
    assert row.c_margin == Decimal("45.000000")
    save.change_row(row, {"amount": Decimal("200.00")}, by=people["rep"], version=None)
    assert type(row).objects.get(pk=row.pk).c_margin == Decimal("145.000000")
    assert CustomValue.objects.get().number == 145_000_000
    save.change_row(row, {"c_price": None}, by=people["rep"], version=None)
    assert type(row).objects.get(pk=row.pk).c_margin is None and not CustomValue.objects.exists()


@pytest.mark.parametrize("formula", ["", "amount +", "__import__('os')", "amount.real", "amount ** 9", "[1]", "amount if 1 else 2", "'a' * 9",
                                     "nothing + 1", "name + 1", "amount + True", "+".join(["amount"] * 80), "(" * 300 + "1" + ")" * 300])
def test_a_formula_is_arithmetic_and_nothing_else(add, formula):
    with pytest.raises(Refused) as no:
        add(type="formula", name="c_f", on="opportunity", formula=formula)
    assert no.value.field == "formula"


def test_division_by_nothing_is_no_result(add, make):
    add(type="int", name="c_n", on="opportunity")
    add(label="单价", type="formula", name="c_each", on="opportunity", formula="amount / c_n")
    assert make.opportunity(owner="rep", c_n=0).c_each is None
    assert make.opportunity(owner="rep", c_n=7, amount=Decimal("1.00")).c_each == Decimal("0.142857")


@pytest.mark.parametrize(("values", "field"), [
    ({"on": "nothing"}, "on"), ({"on": "custom_field"}, "on"), ({"name": "power"}, "name"), ({"name": "c_Größe"}, "name"), ({"type": "choice"}, "choices_text"),
    ({"type": "choice", "choices_text": "a\na"}, "choices_text"), ({"type": "choice", "choices_text": "a b = x"}, "choices_text"),
    ({"type": "choice", "choices_text": "\n".join(f"a{n}" for n in range(501))}, "choices_text"), ({"type": "ref"}, "to"), ({"type": "ref", "to": "region"}, "to"),
    ({"type": "long", "filterable": True}, "filterable"), ({"type": "nonsense"}, "type"), ({"label": ""}, "label_zh"),
])
def test_a_wrong_definition_is_refused(add, values, field):
    with pytest.raises(Refused) as no:
        add(**values)
    assert no.value.field == field and not CustomField.objects.exists()


def test_codes_and_types_are_fixed_and_choices_retire(add, make, people, sign_in):
    field = add(type="choice", name="c_k", choices_text="a = 甲\nb = 乙", on_create=True)
    with pytest.raises(Refused):
        add(name="c_k")
    row = make.customer("rep", c_k="a")
    for name, value in (("type", "int"), ("name", "c_l"), ("on", "contact")):
        with pytest.raises(Refused) as no:
            change_custom_field(field, {name: value}, by=people["admin"], version=None)
        assert no.value.field == name
    with pytest.raises(Forbidden):
        change_custom_field(field, {"label_zh": "别的"}, by=people["rep"], version=None)
    change_custom_field(field, {"choices_text": "b = 乙"}, by=people["admin"], version=None)
    rep = sign_in("rep")
    assert "甲" in rep.get("/customers/?view=all&columns=name,c_k").content.decode()
    assert 'value="a"' not in rep.get("/customers/new/").content.decode()
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}", "If-Match": "*"}
    for body, code in (('{"c_k": "a"}', 200), ('{"c_k": "z"}', 422)):
        got = rep.generic("PATCH", f"/api/v1/customers/{row.pk}", body, content_type="application/json", headers=headers)
        assert got.status_code == code, got.content
    change_custom_field(field, {"enabled": False}, by=people["admin"], version=None)
    assert "c_k" not in rep.get("/customers/new/").content.decode() and Customer.objects.get(pk=row.pk).custom == {"c_k": "a"}
    assert rep.get("/customers/?c_k=a").status_code == 400


def test_the_filterable_side_is_made_when_wanted(add, make, people):
    field = add(type="int", name="c_n")
    make.customer("rep", c_n=5)
    assert not CustomValue.objects.exists()
    change_custom_field(field, {"filterable": True}, by=people["admin"], version=None)
    assert CustomValue.objects.get().number == 5
    change_custom_field(field, {"filterable": False}, by=people["admin"], version=None)
    assert not CustomValue.objects.exists()


def test_required_ones_are_asked_for(add, sign_in, people, client):
    add(type="int", name="c_n", required=True)
    rep = sign_in("rep")
    page = rep.get("/customers/new/").content.decode()
    got = rep.post("/customers/new/", {**hidden(page), "name": "没有数字有限公司"})
    assert got.status_code == 422 and not Customer.objects.filter(name="没有数字有限公司").exists()
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    got = client.post("/api/v1/customers", '{"name": "没有数字有限公司"}', content_type="application/json", headers=headers)
    assert got.status_code == 422 and got.json()["field"] == "c_n"


def test_there_is_an_end_to_them(add, monkeypatch):
    monkeypatch.setattr(customs, "MOST", 2)
    monkeypatch.setattr(customs, "MOST_FILTERS", 1)
    add(name="c_a", filterable=True)
    with pytest.raises(Refused):
        add(name="c_b", filterable=True)
    add(name="c_b")
    with pytest.raises(Refused):
        add(name="c_d")


def test_lists_ask_no_more_for_links_of_many_rows(add, make, people, client, django_assert_max_num_queries):
    add(type="ref", name="c_by", to="customer", on_list=True)
    friend = make.customer("rep")
    for _ in range(8):
        make.customer("rep", c_by=friend)
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    client.get("/api/v1/customers", headers=headers)
    with django_assert_max_num_queries(22):
        client.get("/api/v1/customers", headers=headers)


def test_required_of_a_role_and_of_a_stage(add, make, people, sign_in, client):
    role = people["rep"].roles.first()
    admin = sign_in("admin")
    page = admin.get("/custom-fields/new/").content.decode()
    assert f'name="required_roles" value="{role.code}"' in page
    got = admin.post("/custom-fields/new/", {**hidden(page), "on": "customer", "label_zh": "开发方式", "type": "text", "name": "c_how", "order": "10",
                                             "required_roles": [role.code]})
    assert got.status_code == 303, got.content.decode()[-600:]
    assert CustomField.objects.get().required_roles == [role.code]
    wrong = admin.post("/custom-fields/new/", {**hidden(admin.get("/custom-fields/new/").content.decode()), "on": "customer", "label_zh": "某项", "type": "text",
                                               "order": "10", "required_roles": ["nosuch"]})
    assert wrong.status_code == 422
    for who, want in (("rep", 422), ("admin", 303)):  # asked of representatives, of nobody else
        form = sign_in(who).get("/customers/new/").content.decode()
        got = sign_in(who).post("/customers/new/", {**hidden(form), "name": f"分角色必填{who}有限公司"})
        assert got.status_code == want and "c_how" in form
        if who == "rep":
            assert 'id="id_c_how_error"' in got.content.decode()
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    got = client.post("/api/v1/customers", '{"name": "分角色必填接口有限公司"}', content_type="application/json", headers=headers)
    assert got.status_code == 422 and got.json()["field"] == "c_how"
    got = client.post("/api/v1/customers", '{"name": "分角色必填接口有限公司", "c_how": "展会"}', content_type="application/json", headers=headers)
    assert got.status_code == 201


def test_a_stage_is_not_left_without_the_custom_field_its_gate_names(add, make, people):
    from zhike.opportunities import gates
    from zhike.opportunities.models import Criterion

    add(label="技术协议号", type="text", on="opportunity", name="c_spec")
    row = make.opportunity(make.customer("rep"))
    row.stage.criteria.all().delete()
    Criterion.objects.create(stage=row.stage, code="spec", name_zh="技术协议号已填", name_en="specification number", kind=Criterion.FIELD, field="c_spec")
    assert gates.missing(row, by=people["rep"]) == ["技术协议号已填"]
    save.change_row(row, {"c_spec": "TX-1"}, by=people["rep"], version=None)
    assert gates.missing(row, by=people["rep"]) == []
