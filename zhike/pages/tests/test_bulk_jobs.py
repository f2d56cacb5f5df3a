"""More rows than one waits for: changed and handed over in the background, each with its outcome, and back again."""

import html
import re
import secrets

import pytest

from zhike.customers.models import Customer
from zhike.org.models import FieldRule
from zhike.pages import whole
from zhike.records import jobs
from zhike.records.models import HistoryEntry, Job, JobRefusal, TeamGrant
from zhike.records.teams import share_row

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(whole, "AT_ONCE", 3)


@pytest.fixture
def twelve(make, people):
    rows = [make.customer(owner="rep", name=f"后台批改{n:02}机床有限公司", level="ABC"[n % 3]) for n in range(12)]
    alien = make.customer(owner="rep_south", name="后台批改只读有限公司", level="A")
    share_row(alien, [people["rep"]], by=people["rep_south"])
    return [*rows, alien]


def open_dialog(client, query, action="change"):
    got = client.get(f"/customers/{action}/?all=1&{query}")
    assert got.status_code == 200, got.content.decode()[-500:]
    return fields(got.content.decode())


def fields(page):
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(all|query)" value="([^"]*)"', page)}


def post(client, url, **values):
    return client.post(url, {"_once": secrets.token_urlsafe(24), **values})


def change(client, level, query="view=all&q=后台批改"):
    hidden = open_dialog(client, query)
    second = post(client, "/customers/change/", field="level", **hidden)
    assert second.status_code == 200 and fields(second.content.decode()) == hidden
    return post(client, "/customers/change/?field=level", level=level, **hidden)


def finish():
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def levels(rows):
    return [Customer.objects.get(pk=row.pk).level for row in rows]


def test_changed_with_outcome_and_taken_back(sign_in, twelve):
    client, before = sign_in("rep"), levels(twelve)
    got = change(client, "B")
    assert got.status_code == 303
    page = client.get(got["Location"]).content.decode()
    job = Job.objects.get()
    assert "已转入后台进行" in page and f'href="/jobs/{job.pk}/"' in page and levels(twelve) == before
    job = finish()
    assert job.state == Job.DONE, job.message
    assert (job.total, job.done, job.refused) == (13, 13, 1)
    assert levels(twelve) == ["B"] * 12 + ["A"]
    assert JobRefusal.objects.get().text == "后台批改只读有限公司"
    lines = HistoryEntry.objects.filter(kind="customer", action="edit", channel="system")
    assert lines.count() == 8 and len(set(lines.values_list("batch", flat=True))) == 1
    assert f"/jobs/{job.pk}/undo/" in client.get("/jobs/").content.decode()
    Customer.objects.filter(pk=twelve[0].pk).update(level="C")  # somebody was there meanwhile
    assert post(client, f"/jobs/{job.pk}/undo/").status_code == 303
    back = finish()
    assert (back.state, back.done, back.refused) == (Job.DONE, 8, 1), back.message
    assert levels(twelve) == ["C", *before[1:]]
    assert "/undo/" not in client.get("/jobs/").content.decode()
    assert post(client, f"/jobs/{job.pk}/undo/")["Location"] == "/jobs/" and Job.objects.count() == 2


def test_rights_are_those_of_the_moment_it_runs(sign_in, twelve, people):
    change(sign_in("rep"), "B")
    user = people["rep"]
    for role in user.roles.all():
        FieldRule.objects.create(role=role, kind="customer", field="level", mode=FieldRule.READ)
    job = finish()
    assert job.state == Job.FAILED and "B" not in set(levels(twelve[::3]))
    Customer.objects.filter(pk=twelve[0].pk).update(owner=people["rep_south"])
    FieldRule.objects.filter(field="level").delete()
    jobs.retry(job, by=user)
    job = finish()
    assert job.state == Job.DONE and job.total == 12 and levels(twelve)[0] == "A"


def test_the_conditions_are_the_lists_own(sign_in, twelve):
    client = sign_in("rep")
    hidden = open_dialog(client, "level=C&q=后台批改")
    assert "level=C" in hidden["query"]
    post(client, "/customers/change/?field=level", level="A", **hidden)
    finish()
    assert levels(twelve) == ["A", "B", "A"] * 4 + ["A"]


@pytest.mark.parametrize(("query", "code"), [("owner__password=x", 400), ("q=" + "多" * 3000, 400), ("q=没有这样的", 400)])
def test_nonsense_is_refused_before_a_job_starts(sign_in, twelve, query, code):
    client = sign_in("rep")
    got = client.post("/customers/change/?field=level", {"all": "1", "query": query, "level": "A", "_once": secrets.token_urlsafe(24)})
    assert got.status_code in (400, 422) and not Job.objects.exists()
    assert client.get(f"/customers/change/?all=1&{query}").status_code == code


def test_a_bad_value_starts_nothing(sign_in, twelve):
    assert change(sign_in("rep"), "nosuch").status_code == 422
    assert not Job.objects.exists()


def test_who_may_not_has_no_such_page(sign_in, twelve):
    for action in ("change", "transfer"):
        assert sign_in("auditor").get(f"/customers/{action}/?all=1&view=all").status_code == 403


def test_handed_over_with_what_hangs_on_it_and_given_back(sign_in, twelve, make, people):
    deal = make.opportunity(customer=twelve[0], owner="rep")
    client, to = sign_in("rep"), people["rep_east2"]
    page = client.get("/customers/transfer/?all=1&view=all&q=后台批改").content.decode()
    assert 'name="children" value="opportunities_open"' in page or 'value="opportunities_open"' in page
    hidden = fields(page)
    got = post(client, "/customers/transfer/", to=to.pk, children=["opportunities_open"], stays="write", stays_as="joint", **hidden)
    assert got.status_code == 303, got.content.decode()[-500:]
    job = finish()
    assert (job.state, job.done, job.refused) == (Job.DONE, 13, 1), job.message
    assert Customer.objects.filter(pk__in=[row.pk for row in twelve], owner=to).count() == 12
    deal.refresh_from_db()
    assert deal.owner == to
    assert {(grant.kind, grant.level, grant.role) for grant in TeamGrant.objects.filter(user=people["rep"], created_by=people["rep"])} == {
        ("customer", "write", "joint"), ("opportunity", "write", "joint")}
    assert post(client, f"/jobs/{job.pk}/undo/").status_code == 303
    back = finish()
    assert (back.state, back.refused) == (Job.DONE, 0), back.message
    deal.refresh_from_db()
    assert deal.owner == people["rep"]
    assert Customer.objects.filter(pk__in=[row.pk for row in twelve], owner=people["rep"]).count() == 12
    assert TeamGrant.objects.filter(user=people["rep"]).count() == 1  # the place in the team of another's customer


def test_the_list_offers_all_however_many(sign_in, twelve, monkeypatch):
    from zhike.pages.lists import ListPage

    monkeypatch.setattr(ListPage, "page_size", 5)
    page = sign_in("rep").get("/customers/?view=all&q=后台批改").content.decode()
    assert 'data-count="13"' in page and "选择全部 13" in page
