"""A cell of a list changed where it stands: who may, what is said when not, and the way back."""

import re
import secrets

import pytest

from zhike.customers.models import Customer
from zhike.opportunities.models import Opportunity
from zhike.org.models import FieldRule
from zhike.records.models import HistoryEntry
from zhike.records.teams import share_row

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


def cell(client, row, field, kind="customers", code=200, **headers):
    got = client.get(f"/{kind}/{row.pk}/cell/{field}/", headers={**HX, **headers})
    assert got.status_code == code, got.content.decode()[-600:]
    return got.content.decode()


def save(client, row, field, value, kind="customers", code=200, version=None, query="", **more):
    got = client.post(
        f"/{kind}/{row.pk}/cell/{field}/",
        {field: value, "_version": row.version if version is None else version, "_once": secrets.token_urlsafe(24), **more},
        headers={**HX, "HX-Current-URL": f"http://testserver/{kind}/{query}"},
    )
    assert got.status_code == code, got.content.decode()[-600:]
    return got


@pytest.mark.both
def test_a_cell_gives_its_control_saves_shows_the_row_and_is_taken_back(sign_in, make):
    client = sign_in("rep")
    row = make.customer(owner="rep", level="A", name="就地改的试验机床有限公司")
    page = client.get("/customers/").content.decode()
    assert f'data-cells="/customers/{row.pk}/cell/"' in page and 'data-cell="level"' in page
    form = cell(client, row, "level")
    assert 'name="level"' in form and f'name="_version" value="{row.version}"' in form and "<html" not in form
    got = save(client, row, "level", "B", query="?columns=level&columns=industry")
    text = got.content.decode()
    assert f'id="row-{row.pk}"' in text and text.count("<td") == 4  # the tick, the name, the two columns of that list
    row.refresh_from_db()
    assert row.level == "B"
    line = HistoryEntry.objects.get(kind="customer", row_id=row.pk, action="edit")
    assert line.diff == {"level": ["A", "B"]}
    client.post(re.search(r"/undo/[^\"]+", got.headers["HX-Trigger"])[0], {"_once": secrets.token_urlsafe(24)})
    row.refresh_from_db()
    assert row.level == "A"


def test_the_same_value_changes_nothing_and_offers_no_way_back(sign_in, make):
    row = make.customer(owner="rep", level="A")
    got = save(sign_in("rep"), row, "level", "A")
    assert "HX-Trigger" not in got.headers
    assert not HistoryEntry.objects.filter(kind="customer", row_id=row.pk, action="edit").exists()


def test_somebody_was_faster(sign_in, make, people):
    row = make.customer(owner="rep", level="A")
    save(sign_in("manager_east"), row, "level", "C")
    client = sign_in("rep")
    text = save(client, row, "level", "B", code=409).content.decode()
    assert str(people["manager_east"]) in text and "data-theirs" in text and "data-cell-form" in text
    row.refresh_from_db()
    assert row.level == "C"
    assert f'name="_version" value="{row.version}"' in text  # saving again is meant now
    save(client, row, "level", "B")
    row.refresh_from_db()
    assert row.level == "B"


def test_what_is_wrong_is_said_at_the_cell(sign_in, make):
    client = sign_in("rep")
    row = make.customer(owner="rep", level="A", name="就地改的试验机床有限公司")
    text = save(client, row, "name", "", code=422).content.decode()
    assert 'class="fe"' in text and "data-cell-form" in text and 'class="nt bad errors"' not in text
    save(client, row, "level", "nosuch", code=422)
    chance = make.opportunity(make.customer(owner="rep"), amount="1000")
    text = save(client, chance, "amount", "1e400", kind="opportunities", code=422).content.decode()
    assert 'class="fe"' in text
    row.refresh_from_db()
    assert (row.name, row.level) == ("就地改的试验机床有限公司", "A")


def test_the_date_a_column_only_mirrors_is_changed_in_its_field(sign_in, make):
    client = sign_in("rep")
    chance = make.opportunity(make.customer(owner="rep"), amount="1000")
    assert 'data-cell="expected_sign_date"' in client.get("/opportunities/?view=all").content.decode()
    save(client, chance, "expected_sign_date", "2026-12-24", kind="opportunities")
    found = Opportunity.objects.get(pk=chance.pk)
    assert str(found.expected_sign_date) == str(found.sign_key) == "2026-12-24"


@pytest.mark.parametrize("field", ["owner", "owner_dept", "lifecycle", "code", "version", "enabled", "last_contact", "nosuch", "custom"])
def test_fields_that_are_not_for_this(sign_in, make, field):
    client = sign_in("admin")
    row = make.customer(owner="rep")
    before = Customer.objects.filter(pk=row.pk).values().get()
    cell(client, row, field, code=404)
    save(client, row, field, "1", code=404)
    assert Customer.objects.filter(pk=row.pk).values().get() == before


def test_flow_and_stage_are_not_for_this(sign_in, make):
    client = sign_in("admin")
    chance = make.opportunity(make.customer(owner="rep"))
    for field in ("status", "stage", "process", "win_rate", "weighted_amount"):
        cell(client, chance, field, kind="opportunities", code=404)


def test_rows_one_only_reads_have_no_such_cells(sign_in, make, people):
    mine = make.customer(owner="rep", level="A")
    shared = make.customer(owner="rep_south", level="A")
    hidden = make.customer(owner="rep_south", level="A")
    share_row(shared, [people["rep"]], by=people["rep_south"])
    client = sign_in("rep")
    page = client.get("/customers/?view=all").content.decode()
    assert f"/customers/{mine.pk}/cell/" in page and f'id="row-{shared.pk}"' in page
    assert f"/customers/{shared.pk}/cell/" not in page
    cell(client, shared, "level", code=403)
    save(client, shared, "level", "C", code=403)
    cell(client, hidden, "level", code=404)
    save(client, hidden, "level", "C", code=404)
    assert set(Customer.objects.values_list("level", flat=True)) == {"A"}
    page = sign_in("auditor").get("/customers/?view=all").content.decode()
    assert "data-cell" not in page
    cell(sign_in("auditor"), mine, "level", code=403)


@pytest.mark.parametrize("mode", ["mask", "read", "hide"])
def test_fields_one_may_not_write_have_no_control(sign_in, make, people, mode):
    row = make.customer(owner="rep", level="A", phone="13800138000")
    role = people["rep"].roles.first()
    FieldRule.objects.create(role=role, kind="customer", field="phone", mode=mode)
    client = sign_in("rep")
    page = client.get("/customers/?columns=phone").content.decode()
    assert 'data-cell="phone"' not in page
    assert "13800138000" not in cell(client, row, "phone", code=404)
    save(client, row, "phone", "13900139000", code=404)
    row.refresh_from_db()
    assert row.phone.endswith("13800138000")


def test_without_scripts_the_cell_is_a_form_of_one_field(sign_in, make):
    client = sign_in("rep")
    row = make.customer(owner="rep", level="A")
    page = client.get(f"/customers/{row.pk}/cell/level/").content.decode()
    assert "<html" in page and page.count('name="level"') == 1 and 'name="industry"' not in page
    got = client.post(f"/customers/{row.pk}/cell/level/", {"level": "C", "_version": row.version, "_once": secrets.token_urlsafe(24)})
    assert got.status_code == 303
    row.refresh_from_db()
    assert row.level == "C"


def test_the_row_as_it_is_now(sign_in, make):
    client = sign_in("rep")
    row = make.customer(owner="rep", name="就地改的试验机床有限公司")
    got = client.get(f"/customers/{row.pk}/cell/level/?row", headers={**HX, "HX-Current-URL": "http://testserver/customers/"})
    assert "就地改的试验机床有限公司" in got.content.decode() and "<tr" in got.content.decode()
    for odd in ("http://testserver/customers/?" + "&".join(f"a{i}=1" for i in range(500)), "::", "http://[", "http://testserver/tasks/?columns=x"):
        got = client.get(f"/customers/{row.pk}/cell/level/?row", headers={**HX, "HX-Current-URL": odd})
        assert got.status_code == 200, odd

