"""Taking every match of a list, not only the page before one's eyes."""

import re
import secrets

import pytest

from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def sixty(make):
    for n in range(60):
        make.customer(owner="rep", name=f"批量试验机床{n:02}有限公司", level="A" if n < 55 else "C")
    make.customer(owner="rep_south", name="南区批量试验机床有限公司", level="A")


def test_every_match_is_handed_over_and_nothing_else(sign_in, people, sixty):
    client = sign_in("manager_east")
    page = client.get("/customers/?level=A&q=批量试验").content.decode()
    query = re.search(r'data-bulk-all="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "选择全部 55" in page
    form = client.get(f"/customers/transfer/?{query}").content.decode()
    ids = re.findall(r'name="ids" value="(\d+)"', form)
    assert len(ids) == 55 and "（55）" in form
    to = people["manager_east"]
    got = client.post("/customers/transfer/", {"ids": ids, "to": to.pk, "_once": secrets.token_urlsafe(24)})
    assert got.status_code == 303, got.content.decode()[-800:]
    moved = Customer.objects.filter(owner=to, name__startswith="批量试验")
    assert moved.count() == 55 and not moved.filter(level="C").exists()
    assert Customer.objects.get(name__startswith="南区批量").owner == people["rep_south"]


@pytest.mark.parametrize(("query", "text"), [
    ("all=1&q=没有这样的客户名称", "请至少选择一行"),
    ("all=1&nosuch=1", "nosuch"),
    ("all=1&owner__password=x", "owner__password"),
])
def test_nothing_or_nonsense_is_refused(sign_in, sixty, query, text):
    got = sign_in("manager_east").get(f"/customers/transfer/?{query}")
    assert got.status_code in (400, 422) and text in got.content.decode()


def test_a_list_too_long_is_refused_in_words(sign_in, sixty, monkeypatch):
    from zhike.pages import whole

    monkeypatch.setattr(whole, "MOST", 50)
    got = sign_in("manager_east").get("/customers/transfer/?all=1&q=批量试验")
    assert got.status_code == 400 and "超过 50 行" in got.content.decode()
    assert "批量试验" in sign_in("rep").get("/customers/?view=mine").content.decode()
