"""Saved views through the pages: whose they are, what they show, and what they never do."""

import re
import secrets

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.customers.models import Customer
from zhike.pages.saved_views import ViewCounts
from zhike.records import patience, view_counts
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
    assert 'name="roles"' not in client.get("/views/customer/new/").content.decode()
    save(client, roles=[people["rep"].roles.first().pk])
    assert not SavedView.objects.get().roles.exists()


def test_deleted_and_brought_back(sign_in):
    client = sign_in("rep")
    save(client, default="on")
    pk = SavedView.objects.get().pk
    client.post(f"/views/{pk}/delete/", once())
    assert not SavedView.objects.exists()
    page = client.get("/customers/").content.decode()
    undo = re.search(r'/undo/[^"&\s\']+', page)
    assert undo, "the toast offers no way back"
    client.post(undo[0], once())
    assert SavedView.objects.get().name == "重点客户" and SavedView.objects.get().default


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


def test_the_order_of_columns_by_hand_is_kept_in_the_view(sign_in, make):
    client = sign_in("rep")
    make.customer(owner="rep", level="A")

    def heads(page):
        table = page[page.index("<thead"):page.index("</thead")]
        return [name for name in sorted(("客户名称", "行业", "客户级别", "生命周期"), key=table.find) if name in table]

    address = "/customers/?view=mine&columns=industry&columns=lifecycle&columns=level"
    page = client.get(address).content.decode()
    assert heads(page) == ["客户名称", "行业", "生命周期", "客户级别"]
    chooser = page[page.index("data-order"):]
    assert re.findall(r'name="columns" value="(\w+)"', chooser)[:4] == ["industry", "lifecycle", "level", "region"]  # shown ones first
    dialog = client.get("/views/customer/new/?columns=industry&columns=lifecycle&columns=level").content.decode()
    assert re.findall(r'name="columns" value="(\w+)"', dialog)[:4] == ["name", "industry", "lifecycle", "level"]
    go = save(client, "level=A&columns=industry", columns=["name", "level", "industry"])["Location"]
    assert heads(client.get(go).content.decode()) == ["客户名称", "客户级别", "行业"]
    usual = re.findall(r'name="columns" value="(\w+)" checked', client.get("/customers/").content.decode())
    turned = ["name", *reversed(usual)]
    kept = save(client, "level=A", name="反过来", columns=turned)["Location"]
    assert re.findall(r'name="columns" value="(\w+)" checked', client.get(kept).content.decode()) == turned[1:]


def test_pinned_views_stand_in_the_menu_with_a_capped_count(sign_in, make, people, monkeypatch):
    cache.clear()
    rows = [make.customer(owner="rep", level="A") for _i in range(3)]
    make.customer(owner="rep_south", level="A")
    client, boss = sign_in("rep"), sign_in("manager_east")
    pk = save(client)["Location"].rpartition("=s")[2]
    save(client, name="不固定的", pinned="")
    shared = save(boss, name="大家的", roles=[people["rep"].roles.get(code="SR").pk])["Location"].rpartition("=s")[2]
    for address in ("/customers/", f"/customers/{rows[0].pk}/", "/contacts/"):
        side = client.get(address).content.decode()
        side = side[side.index('id="side"'):side.index("</nav>")]
        assert "重点客户" in side and "大家的" in side and "不固定的" not in side
    assert "重点客户" not in client.get("/opportunities/").content.decode()  # another module is open
    counts = client.get("/views/counts/?menu=customers").content.decode()
    assert f'id="view-count-{pk}" hx-swap-oob="innerHTML">3<' in counts and f'id="view-count-{shared}" hx-swap-oob="innerHTML">3<' in counts
    assert "view-count" not in client.get("/views/counts/?menu=opportunities").content.decode()
    assert client.get("/views/counts/?menu=nosuch").status_code == 200
    south = sign_in("rep_south").get("/views/counts/?menu=customers").content.decode()
    assert f'id="view-count-{shared}" hx-swap-oob="innerHTML">1<' in south and f"view-count-{pk}" not in south  # their own rows
    cache.clear()
    monkeypatch.setattr(view_counts, "CAP", 2)
    assert ">2+<" in client.get("/views/counts/?menu=customers").content.decode()
    assert f'href="/customers/?view=s{pk}" aria-current="page"' in client.get(f"/customers/?view=s{pk}").content.decode()


def test_the_menu_asks_nothing_of_the_database(sign_in, make):
    client = sign_in("rep")
    row = make.customer(owner="rep")
    client.get(f"/customers/{row.pk}/edit/")
    with CaptureQueriesContext(connection) as without:
        client.get(f"/customers/{row.pk}/edit/")
    for n in range(5):
        save(client, name=f"视图{n}")
    client.get(f"/customers/{row.pk}/edit/")  # read once after the change
    with CaptureQueriesContext(connection) as with_views:
        assert "视图4" in client.get(f"/customers/{row.pk}/edit/").content.decode()
    assert len(with_views) == len(without)


def tabs_of(page):
    return dict(re.findall(r'id="tab-count-(\w+)">(.*?)<', page))


def test_tabs_say_how_many_once_the_page_stands(sign_in, make, people, monkeypatch):
    cache.clear()
    client, boss = sign_in("rep"), sign_in("manager_east")
    for _i in range(3):
        make.customer(owner="rep", level="A")
    make.customer(owner="rep_south", level="A")
    pk = save(boss, roles=[people["rep"].roles.get(code="SR").pk])["Location"].rpartition("=s")[2]
    client.get("/customers/")
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/customers/").content.decode()
    assert tabs_of(page)["mine"] == "3" and tabs_of(page)[f"s{pk}"] == ""  # only what is counted anyway
    assert 'hx-get="/views/counts/?list=customer"' in page
    answer = client.get("/views/counts/?list=customer").content.decode()
    counts = dict(re.findall(r'id="tab-count-(\w+)" hx-swap-oob="innerHTML">(.*?)<', answer))
    assert counts["mine"] == "3" and counts[f"s{pk}"] == "3"  # their own rows
    with CaptureQueriesContext(connection) as again:
        page = client.get("/customers/?level=A").content.decode()
    assert tabs_of(page) == counts and "views/counts/?list" not in page and len(again) <= len(asked)
    with CaptureQueriesContext(connection) as kept:
        client.get("/views/counts/?list=customer")
    assert len(kept) <= 6  # what is known is not counted again
    # Whoever writes something meets new numbers at once.
    level = Customer.objects.filter(level="A").first()
    client.post("/customers/change/?field=level", {"ids": [level.pk], "level": "B", **once()})
    assert tabs_of(client.get("/customers/?view=all").content.decode())[f"s{pk}"] == ""
    assert f'id="tab-count-s{pk}" hx-swap-oob="innerHTML">2<' in client.get("/views/counts/?list=customer").content.decode()
    monkeypatch.setattr(ViewCounts, "BUDGET", 0)
    assert "tab-count" not in client.get("/views/counts/?list=customer").content.decode()
    for name in ("nosuch", "product_line", "%00"):
        assert client.get(f"/views/counts/?list={name}").status_code == 404


@pytest.mark.both
def test_a_view_that_takes_too_long_has_no_number_and_is_not_tried_again(sign_in, make, monkeypatch):
    cache.clear()
    for _i in range(3):
        make.customer(owner="rep")
    client, asked = sign_in("rep"), []

    def slow(rows, cap):
        asked.append(cap)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) SELECT MAX(i) FROM n")
            else:
                cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(view_counts, "PATIENCE", 0.05)
    with monkeypatch.context() as now:
        now.setattr(view_counts.listing, "capped_count", slow)
        answer = client.get("/views/counts/?list=customer").content.decode()
    assert 'id="tab-count-mine" hx-swap-oob="innerHTML"><' in answer and asked
    monkeypatch.setattr(view_counts, "PATIENCE", 10)
    assert 'id="tab-count-mine" hx-swap-oob="innerHTML"><' in client.get("/views/counts/?list=customer").content.decode()
    assert Customer.objects.count() == 3  # the connection goes on


def test_what_fails_for_another_reason_is_not_taken_for_slow(db):
    from django.db import OperationalError

    with pytest.raises(OperationalError), patience.at_most(60):
        raise OperationalError("the disk is full")
