"""What a row points to must exist; asked for once for all rows, and answered with the field's name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.base.refused import Refused
from zhike.customers.models import Contact, Customer
from zhike.records import registry, save

pytestmark = pytest.mark.both


def new(people, i=0, **values):
    rep = people["rep"]
    return Customer(name=f"瑶池{i}号水泵有限公司", owner_id=rep.pk, owner_dept_id=rep.department_id, **values)


def test_a_link_to_nothing_is_refused(people):
    with pytest.raises(Refused) as no:
        save.create_rows(registry.kind("customer"), [new(people), new(people, 1, region_id=999999)], by=people["admin"])
    assert no.value.field == "region"


def test_a_missing_link_is_refused(people):
    with pytest.raises(Refused) as no:
        save.create_rows(registry.kind("contact"), [Contact(name="林示例", owner=people["rep"])], by=people["admin"])
    assert no.value.field == "customer"


def test_a_changed_link_is_looked_at_and_the_others_are_not(make, people):
    row = make.customer()
    with pytest.raises(Refused) as no:
        save.change_row(row, {"region_id": 999999}, by=people["admin"], version=None)
    assert no.value.field == "region"


def test_many_rows_ask_as_often_as_few(people):
    def queries(n, start):
        rows = [new(people, start + i) for i in range(n)]
        with CaptureQueriesContext(connection) as asked:
            save.create_rows(registry.kind("customer"), rows, by=people["admin"])
        return len([q for q in asked if q["sql"].startswith("SELECT")])

    queries(1, 1)  # the first record of a house stores the numbering rule
    assert queries(2, 0) == queries(40, 100)


def test_search_keys_follow_a_changed_name(make, people, sign_in):
    row = make.customer(name="瑶池甲子水泵有限公司")
    save.change_row(row, {"address": "示例路 1 号"}, by=people["admin"], version=None)
    assert "瑶池甲子" in sign_in("rep").get("/customers/?view=all&q=甲子").content.decode()
    save.change_row(row, {"name": "蓬莱乙丑水泵有限公司"}, by=people["admin"], version=None)
    assert "蓬莱乙丑" in sign_in("rep").get("/customers/?view=all&q=乙丑").content.decode()
    assert "蓬莱乙丑" not in sign_in("rep").get("/customers/?view=all&q=甲子").content.decode()
