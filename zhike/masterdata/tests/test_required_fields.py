"""A required field of the house's own stays filled, whichever door the change comes through."""

from __future__ import annotations

import re

import pytest

from zhike.activities.models import Activity
from zhike.base.refused import Refused
from zhike.customers.models import Customer
from zhike.masterdata.custom_fields import create_custom_fields
from zhike.org.models import Role
from zhike.org.tokens import create_token
from zhike.pages.tests.test_importing import Way
from zhike.records.imports.importer import importer
from zhike.records.models import CustomField


@pytest.fixture
def add(people):
    def make(label="信用评估", type="choice", on="customer", name="c_grade", **more):
        if type == "choice":
            more.setdefault("choices_text", "a = 甲\nb = 乙")
        return create_custom_fields([CustomField(on=on, label_zh=label, type=type, name=name, **more)], by=people["admin"])[0]

    return make


# Asked of everybody, or of one role: the doors do not differ.
BOTH_WAYS = pytest.mark.parametrize("how", ["everybody", "role"])


def asked(how):
    return {"required": True} if how == "everybody" else {"required_roles": ["SR"]}


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version") if f'name="{name}"' in page}


def edit(client, row, **values):
    page = client.get(f"/customers/{row.pk}/edit/").content.decode()
    return client.post(f"/customers/{row.pk}/edit/", {**hidden(page), "name": row.name, "kind": row.kind, **values})


@BOTH_WAYS
def test_the_edit_form_asks(add, make, sign_in, how):
    add(**asked(how))
    row, rep = make.customer("rep", c_grade="a"), sign_in("rep")
    got = edit(rep, row, c_grade="")
    assert got.status_code == 422 and 'id="id_c_grade_error"' in got.content.decode() and "信用评估" in got.content.decode()
    assert edit(rep, row, c_grade="b").status_code == 303
    row.refresh_from_db()
    assert row.c_grade == "b"
    if how == "role":
        assert edit(sign_in("admin"), row, c_grade="").status_code == 303  # of nobody else


@BOTH_WAYS
def test_a_cell_asks_and_other_cells_do_not(add, make, sign_in, how):
    add(on_list=True, **asked(how))
    row, rep = make.customer("rep", c_grade="a"), sign_in("rep")

    def cell(field, **values):
        url = f"/customers/{row.pk}/cell/{field}/"
        page = rep.get(url, headers={"HX-Request": "true"}).content.decode()
        return rep.post(url, {**hidden(page), **values}, headers={"HX-Request": "true"})

    assert cell("c_grade", c_grade="").status_code == 422
    assert cell("c_grade", c_grade="b").status_code == 200
    Customer.objects.filter(pk=row.pk).update(custom={})
    assert cell("remark", remark="缺评估的老客户").status_code == 200  # an old gap does not hold up the rest


@BOTH_WAYS
def test_a_bulk_change_asks(add, make, sign_in, once, how):
    add(**asked(how))
    rows, rep = [make.customer("rep", c_grade="a") for _ in range(2)], sign_in("rep")
    ids = [str(row.pk) for row in rows]
    got = rep.post("/customers/change/?field=c_grade", {"_once": once(), "ids": ids, "c_grade": ""})
    assert got.status_code == 422 and "c_grade" in got.content.decode() and set(Customer.objects.filter(pk__in=ids).values_list("custom__c_grade", flat=True)) == {"a"}


@BOTH_WAYS
def test_programs_are_asked(add, make, people, client, how):
    add(**asked(how))
    row = make.customer("rep", c_grade="a")
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}", "If-Match": "*"}

    def send(method, path, body):
        return client.generic(method, f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    for empty in ('""', "null"):
        got = send("PATCH", f"customers/{row.pk}", f'{{"c_grade": {empty}}}')
        assert got.status_code == 422 and got.json()["field"] == "c_grade"
    assert send("PATCH", f"customers/{row.pk}", '{"remark": "别的字段"}').status_code == 200
    got = send("POST", "customers/batch", f'{{"items": [{{"id": {row.pk}, "version": 2, "c_grade": ""}}, {{"name": "批量缺评估有限公司"}}]}}').json()
    assert [found["status"] for found in got["outcomes"]] == [422, 422] and {found["field"] for found in got["outcomes"]} == {"c_grade"}


@BOTH_WAYS
def test_a_file_of_rows_is_asked(add, make, people, sign_in, how):
    add(**asked(how))
    if how == "role":
        people["manager_east"].roles.add(Role.objects.get(code="SR"))
    row = make.customer("manager_east", c_grade="a", name="已评估有限公司")
    way = Way(sign_in("manager_east"), people["manager_east"])
    # Without a column for it nothing begins.
    assert "信用评估" in way.send("客户名称\n没有列有限公司\n").check(code=422).got.content.decode()
    way.send("客户名称,信用评估\n有评估有限公司,甲\n没评估有限公司,\n已评估有限公司,\n").check(by="name", empties="on").take()
    assert way.counts() == {"created": 1, "failed": 2}
    assert "信用评估" in way.client.get(way.url("result")).content.decode()
    assert Customer.objects.filter(name="有评估有限公司").exists() and not Customer.objects.filter(name="没评估有限公司").exists()
    row.refresh_from_db()
    assert row.c_grade == "a"


def test_history_from_elsewhere_is_restated_as_it_was(add):
    add(on="opportunity", required=True)
    assert importer("opportunity").asked_of(None) == {} and not importer("opportunity").targets()["c_grade"].required


def test_several_choices_come_from_one_cell(add, people, sign_in):
    add(type="multi", name="c_lines", label="产线", choices_text="a = 车床 | Lathes\nb = 铣床")
    way = Way(sign_in("manager_east"), people["manager_east"]).send('客户名称,产线\n多选有限公司,"车床、b；lathes"\n错选有限公司,刨床\n').check().take()
    assert way.counts() == {"created": 1, "failed": 1}, way.upload.outcome
    assert Customer.objects.get(name="多选有限公司").c_lines == ["a", "b"] and not Customer.objects.filter(name="错选有限公司").exists()


def test_the_composer_of_follow_ups_asks(add, make, sign_in, people, once, client):
    add(on="activity", type="text", name="c_mood", label="客户态度", required=True)
    row, rep = make.customer("rep"), sign_in("rep")
    page = rep.get(f"/customers/{row.pk}/").content.decode()
    assert 'name="c_mood"' in page and "客户态度" in page
    got = rep.post(f"/customers/{row.pk}/log/", {"type": "phone", "content": "打了电话", "_once": once()})
    assert got.status_code == 422 and not Activity.objects.exists()
    assert rep.post(f"/customers/{row.pk}/log/", {"type": "phone", "content": "打了电话", "c_mood": "热情", "_once": once()}).status_code == 303
    assert Activity.objects.get().c_mood == "热情"
    page = rep.get(f"/activities/log/?customer={row.pk}").content.decode()
    assert 'name="c_mood"' in page
    got = rep.post("/activities/log/", {**hidden(page), "customer": row.pk, "type": "phone", "content": "再打一次"})
    assert got.status_code == 422
    assert rep.post("/activities/log/", {**hidden(page), "customer": row.pk, "type": "phone", "content": "再打一次", "c_mood": "冷淡"}).status_code == 303
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    got = client.generic("POST", f"/api/v1/customers/{row.pk}/log", '{"type": "phone", "content": "程序记录"}', content_type="application/json", headers=headers)
    assert got.status_code == 422 and got.json()["field"] == "c_mood" and Activity.objects.count() == 2


def test_what_a_stage_needed_is_not_emptied_behind_it(add, make, people, sign_in):
    from zhike.opportunities import actions
    from zhike.opportunities.models import Criterion, Stage

    add(on="opportunity", type="text", name="c_spec", label="技术协议号")
    row = make.opportunity(make.customer("rep"), c_spec="TX-1")
    Criterion.objects.filter(stage__process=row.process_id).delete()
    Criterion.objects.create(stage=row.stage, code="spec", name_zh="技术协议号已填", name_en="specification number", kind=Criterion.FIELD, field="c_spec")
    actions.change_opportunity(row, {"c_spec": ""}, by=people["rep"], version=None)  # still before the gate
    actions.change_opportunity(row, {"c_spec": "TX-2"}, by=people["rep"], version=None)
    row = actions.move_stage(row, Stage.objects.get(process=row.process_id, order=row.stage.order + 1), by=people["rep"])
    with pytest.raises(Refused) as no:
        actions.change_opportunity(row, {"c_spec": ""}, by=people["rep"], version=None)
    assert no.value.field == "c_spec" and "技术协议号已填" in str(no.value.message)
    actions.change_opportunity(row, {"c_spec": "TX-3"}, by=people["rep"], version=None)
