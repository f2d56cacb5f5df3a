"""One field of many records at once: what each row became, and the way back."""

import re
import secrets

import pytest

from zhike.customers.models import Customer
from zhike.pages import each_row
from zhike.records.models import HistoryEntry
from zhike.records.teams import share_row

pytestmark = pytest.mark.django_db


def change(client, rows, field, code=303, kind="customers", **values):
    got = client.post(f"/{kind}/change/?field={field}",
                      {"ids": [row.pk for row in rows], "_once": secrets.token_urlsafe(24), **values})
    assert got.status_code == code, got.content.decode()[-900:]
    return got.content.decode()


@pytest.mark.both
def test_level_of_many_changed_with_history_and_taken_back(sign_in, make):
    client = sign_in("rep")
    rows = [make.customer(owner="rep", level=level) for level in ("A", "B", "C", "C")]
    first = client.post("/customers/change/", {"ids": [row.pk for row in rows], "field": "level",
                                               "_once": secrets.token_urlsafe(24)})
    assert first.status_code == 200 and "?field=level" in first.content.decode()
    change(client, rows, "level", level="B")
    assert set(Customer.objects.filter(pk__in=[r.pk for r in rows]).values_list("level", flat=True)) == {"B"}
    lines = HistoryEntry.objects.filter(kind="customer", action="edit", row_id__in=[r.pk for r in rows])
    assert lines.count() == 3 and len(set(lines.values_list("batch", flat=True))) == 1  # B was B before
    page = client.get("/customers/").content.decode()
    assert "3" in page
    Customer.objects.filter(pk=rows[3].pk).update(level="A")  # somebody was there meanwhile
    client.post(re.search(r'/undo/[^"&\s\']+', page)[0], {"_once": secrets.token_urlsafe(24)})
    assert [Customer.objects.get(pk=row.pk).level for row in rows] == ["A", "B", "C", "A"]


def test_rows_one_may_not_change_are_named_and_the_others_done(sign_in, make, people):
    mine = make.customer(owner="rep", name="自己的试验机床有限公司", level="A")
    shared = make.customer(owner="rep_south", name="只读的试验机床有限公司", level="A")
    share_row(shared, [people["rep"]], by=people["rep_south"])
    text = change(sign_in("rep"), [mine, shared], "level", code=422, level="C")
    assert "只读的试验机床有限公司" in text
    mine.refresh_from_db(), shared.refresh_from_db()
    assert (mine.level, shared.level) == ("C", "A")


def test_how_many_more_refused_is_said(sign_in, make, people, monkeypatch):
    monkeypatch.setattr(each_row, "REASONS", 2)
    mine = make.customer(owner="rep", level="A")
    shared = [make.customer(owner="rep_south", level="A") for _n in range(5)]
    for row in shared:
        share_row(row, [people["rep"]], by=people["rep_south"])
    text = change(sign_in("rep"), [mine, *shared], "level", code=422, level="C")
    assert sum(f"{row.name}：" in text for row in shared) == 2 and "还有 3 项" in text
    none = change(sign_in("rep"), shared[:3], "level", code=422, level="C")
    assert "还有 1 项" in none


def test_a_reason_that_names_its_row_names_it_once(sign_in, make):
    row = make.opportunity(owner="rep", name="有结果的试验商机")
    type(row).objects.filter(pk=row.pk).update(status="won")
    text = change(sign_in("rep"), [row], "amount", code=422, kind="opportunities", amount="5")
    assert text.split('class="blockers"')[1].split("</ul>")[0].count("有结果的试验商机") == 1


def test_a_strangers_row_is_not_there(sign_in, make):
    hidden = make.customer(owner="rep_south", level="A")
    change(sign_in("rep"), [hidden], "level", code=404, level="C")
    hidden.refresh_from_db()
    assert hidden.level == "A"


@pytest.mark.parametrize("field", ["owner", "lifecycle", "name", "uscc", "version", "created_by", "enabled", "nosuch"])
def test_fields_that_are_not_for_this(sign_in, make, field):
    row = make.customer(owner="rep", name="自己的试验机床有限公司")
    before = Customer.objects.filter(pk=row.pk).values().get()
    change(sign_in("rep"), [row], field, code=422, **{field: "1"})
    assert Customer.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("value", ["nosuch", "A" * 500, "\x00"])
def test_bad_values(sign_in, make, value):
    row = make.customer(owner="rep", level="A")
    change(sign_in("rep"), [row], "level", code=422, level=value)
    row.refresh_from_db()
    assert row.level == "A"


def test_who_may_not_edit_has_no_such_page(sign_in, make):
    row = make.customer(owner="rep", level="A")
    client = sign_in("auditor")
    assert 'href="/customers/change/' not in client.get("/customers/?view=all").content.decode()
    got = client.post("/customers/change/?field=level", {"ids": [row.pk], "level": "C", "_once": secrets.token_urlsafe(24)})
    assert got.status_code == 403
    row.refresh_from_db()
    assert row.level == "A"


@pytest.mark.parametrize(("here", "to"), [
    ("http://testserver/customers/?level=A&order=sort_name", "/customers/?level=A&order=sort_name"),
    ("http://evil.example/customers/?level=A", "/customers/"),
    ("http://testserver/contacts/?left=0", "/customers/"),
    ("javascript:alert(1)", "/customers/"),
])
def test_back_to_the_list_as_it_was(sign_in, make, here, to):
    row = make.customer(owner="rep", level="A")
    got = sign_in("rep").post("/customers/change/?field=level",
                              {"ids": [row.pk], "level": "C", "_once": secrets.token_urlsafe(24)},
                              headers={"HX-Request": "true", "HX-Current-URL": here})
    assert got.status_code == 204 and got["HX-Redirect"] == to
