"""Saved views through the pages: whose they are, what they show, and what they never do."""

import re
import secrets

import pytest

from zhike.records.models import SavedView

pytestmark = pytest.mark.django_db


def once():
    return {"_once": secrets.token_urlsafe(24)}


def save(client, query="level=A", code=303, **values):
    got = client.post(f"/views/customer/new/?{query}", {"name": "重点客户", "pinned": "on", **once(), **values})
    assert got.status_code == code, got.content.decode()[-800:]
    return got


def columns_of(html):
    return re.findall(r'<th[^>]*scope="col"[^>]*>', html)


@pytest.mark.both
def test_a_view_keeps_conditions_order_and_columns(sign_in, make):
    client = sign_in("rep")
    make.customer(name="甲级试验机床有限公司", level="A")
    make.customer(name="丙级试验机床有限公司", level="C")
    assert "存为视图" in client.get("/views/customer/new/?level=A").content.decode()
    go = save(client, "level=A&order=sort_name&columns=name", columns=["name", "uscc", "level"])["Location"]
    page = client.get(go).content.decode()
    assert "甲级试验机床" in page and "丙级试验机床" not in page
    assert "统一社会信用代码" in page and '<a href="/customers/?view=s' in page
    table = page[page.index("<thead"):page.index("</thead")]
    assert "客户级别" in table and "负责人" not in table
    # What is typed wins over the view.
    assert "丙级试验机床" in client.get(go + "&level=C").content.decode()


def test_the_default_view_opens_the_list_and_only_one_is_default(sign_in, make):
    client = sign_in("rep")
    make.customer(name="甲级试验机床有限公司", level="A")
    make.customer(name="丙级试验机床有限公司", level="C")
    save(client, default="on")
    save(client, "level=C", name="一般客户", default="on")
    assert SavedView.objects.filter(default=True).count() == 1
    page = client.get("/customers/").content.decode()
    assert "丙级试验机床" in page and "甲级试验机床" not in page


def test_shared_with_a_role_it_shows_everybody_their_own_rows(sign_in, make, people):
    make.customer(owner="rep", name="东区试验机床有限公司", level="A")
    make.customer(owner="rep_south", name="南区试验机床有限公司", level="A")
    boss, rep, stranger = sign_in("manager_east"), sign_in("rep"), sign_in("rep_south")
    role = people["rep"].roles.get(code="SR")
    view = save(boss, roles=[role.pk])["Location"]
    assert "重点客户" in rep.get("/customers/").content.decode()
    theirs = stranger.get(view).content.decode()
    assert "南区试验机床" in theirs and "东区试验机床" not in theirs
    # Only its owner changes it; for everybody else there is no such view.
    pk = SavedView.objects.get().pk
    for address in (f"/views/{pk}/edit/", f"/views/{pk}/delete/", "/views/999999/delete/"):
        assert rep.get(address).status_code == 404
        assert rep.post(address, {"name": "别人的", **once()}).status_code == 404
    assert SavedView.objects.get().name == "重点客户"


def test_a_private_view_is_nobody_elses(sign_in):
    view = save(sign_in("rep"))["Location"]
    other = sign_in("manager_east")
    assert "重点客户" not in other.get(view).content.decode()


def test_a_rep_cannot_share(sign_in, people):
    client = sign_in("rep")
    if "roles" in client.get("/views/customer/new/").content.decode().split("cks", 2)[-1]:
        pytest.fail("the form offers sharing")
    save(client, roles=[people["rep"].roles.first().pk])
    assert not SavedView.objects.get().roles.exists()


def test_deleted_and_brought_back(sign_in):
    client = sign_in("rep")
    save(client)
    pk = SavedView.objects.get().pk
    client.post(f"/views/{pk}/delete/", once())
    assert not SavedView.objects.exists()
    page = client.get("/customers/").content.decode()
    undo = re.search(r'/undo/[^"&\s\']+', page)
    assert undo, "the toast offers no way back"
    client.post(undo[0], once())
    assert SavedView.objects.get().name == "重点客户"


@pytest.mark.parametrize(("query", "values", "code"), [
    ("level=A", {"name": "　 "}, 422),
    ("level=A", {"name": "x" * 41}, 422),
    ("nosuch=1", {}, 422),
    ("owner__password=a", {}, 422),
    ("level=A", {"columns": ["password"]}, 422),
    ("q=" + "x" * 101, {}, 422),
])
def test_bad_input_is_refused_and_writes_nothing(sign_in, query, values, code):
    save(sign_in("rep"), query, code, **values)
    assert not SavedView.objects.exists()


def test_the_same_name_twice_is_refused(sign_in):
    client = sign_in("rep")
    save(client)
    assert "已有同名视图" in save(client, code=422).content.decode()
    assert SavedView.objects.count() == 1


def test_columns_in_the_address_hide_nothing_and_reveal_nothing(sign_in, make, people):
    from zhike.org.models import FieldRule

    make.customer(owner="rep", name="东区试验机床有限公司", uscc="")
    role = people["rep"].roles.get(code="SR")
    FieldRule.objects.create(role=role, kind="customer", field="industry", mode=FieldRule.HIDE)
    page = sign_in("rep").get("/customers/?columns=industry,level,nosuch&view=mine").content.decode()
    table = page[page.index("<thead"):page.index("</thead")]
    assert "客户名称" in table and "客户级别" in table and "行业" not in table


def test_a_link_column_costs_no_query_a_row(sign_in, make, django_assert_max_num_queries):
    client = sign_in("rep")
    head = make.customer(name="总公司试验有限公司")
    for n in range(12):
        make.customer(name=f"分公司{n}试验有限公司", parent=head)
    client.get("/customers/?columns=parent&view=mine")
    with django_assert_max_num_queries(16):
        client.get("/customers/?columns=parent&view=mine")
