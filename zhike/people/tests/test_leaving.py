"""Somebody leaves: what they own is counted, spread, handed over by a job that survives a kill, and the account ends."""

from __future__ import annotations

import pytest
from django.urls import reverse

from zhike.customers.models import Contact, Customer
from zhike.org.models import ApiToken, SignedIn, User
from zhike.org.tokens import create_token
from zhike.people import leaving
from zhike.records import history, job_context, jobs, registry
from zhike.records.models import HistoryEntry, Job, TeamGrant
from zhike.records.teams import share_row

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def estate(make, people):
    """Six customers of rep with what hangs on them, an opportunity under another's customer, a place in a team."""
    rows = [make.customer("rep") for _n in range(6)]
    for row in rows:
        make.contact(row), make.opportunity(row), make.activity(row), make.activity(row, days=-3)
    lost = make.opportunity(rows[0])
    type(lost).objects.filter(pk=lost.pk).update(status="lost")
    make.task("manager_east", "rep")
    abroad = make.customer("rep_south")
    make.opportunity(abroad, "rep")
    share_row(abroad, [people["rep"]], by=people["rep_south"])
    return rows


def page(client, user, once=None, **data):
    address = reverse("user-hand-over", args=[user.pk])
    return client.post(address, {"_once": once(), **data}) if once else client.get(address)


def finish():
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def owned(username):
    return {kind.name: n for kind in registry.kinds() if kind.owned and (n := kind.model.objects.filter(owner__username=username).count())}


def test_one_screen_shows_everything(estate, people, sign_in):
    text = page(sign_in("admin"), people["rep"]).content.decode()
    for name, count in (("customer.open", 6), ("contact.open", 6), ("opportunity.open", 7), ("opportunity.closed", 1),
                        ("activity.open", 6), ("activity.closed", 6), ("task.open", 1)):
        assert f'name="how.{name}"' in text, name
        lot = next(lot for lot in leaving.lots_of(people["rep"]) if lot.key == name)
        assert lot.count == count, name
    assert 'name="how.task.closed"' not in text


def test_the_preview_tells_and_does_nothing(estate, people, sign_in, once):
    before = owned("rep")
    data = {"to1": people["rep_east2"].pk, "to2": people["rep_west"].pk, "do": "preview"}
    got = page(sign_in("admin"), people["rep"], once, **data)
    text = got.content.decode()
    assert got.status_code == 200 and text.count(f"{people['rep_east2'].name} 3") >= 3
    assert owned("rep") == before and not Job.objects.exists() and people["rep"].is_active


def test_everything_goes_and_the_account_ends(estate, people, sign_in, once):
    sign_in("rep")
    create_token(people["rep"])
    data = {"to1": people["rep_east2"].pk, "to2": people["rep_west"].pk, "leaves": "on", "reason": "离职", "do": "go"}
    assert page(sign_in("admin"), people["rep"], once, **data).status_code == 303
    job = finish()
    assert (job.state, job.refused) == (Job.DONE, 0), job.message
    assert owned("rep") == {}
    assert {row.owner.username for row in Customer.objects.filter(pk__in=[row.pk for row in estate])} == {"rep_east2", "rep_west"}
    for contact in Contact.objects.filter(customer__in=[row.pk for row in estate]).select_related("customer"):
        assert contact.owner_id == contact.customer.owner_id  # each with its customer
    deal = registry.kind("opportunity").model.objects.get(customer__owner=people["rep_south"])
    assert deal.owner == people["rep_south"]  # to the owner of the customer it hangs on
    assert not people["rep"].is_active and not SignedIn.objects.filter(user=people["rep"]).exists()
    assert not ApiToken.objects.filter(user=people["rep"], revoked_at__isnull=True).exists()
    assert not TeamGrant.objects.filter(user=people["rep"]).exists()
    line = history.of(estate[0]).first()
    assert line.action == "transfer" and line.args["reason"] == "离职" and line.args["from"]["id"] == people["rep"].pk
    assert history.of(people["rep"]).first().args["teams"] == 1
    again = page(sign_in("admin"), people["rep"]).content.decode()
    assert job.message.splitlines()[0] in again  # the result stands on the screen
    # Back to somebody who has left: refused, row by row.
    jobs.take_back(job, by=people["admin"])
    back = finish()
    assert back.refused and owned("rep") == {}


def test_what_stays_keeps_the_account(estate, people, sign_in, once):
    data = {"to1": people["rep_east2"].pk, "how.customer.open": "to1", "how.opportunity.open": "stay", "leaves": "on", "do": "go"}
    page(sign_in("admin"), people["rep"], once, **data)
    job = finish()
    assert job.state == Job.DONE and people["rep"].is_active
    assert owned("rep") == {"opportunity": 7}  # the lost one went along with its customer
    assert job.message.count("\n") >= 5
    # And nobody is disabled behind the screen's back.
    got = sign_in("admin").post(reverse("user-disable", args=[people["rep"].pk]), {"_once": once()})
    assert got.status_code == 422 and people["rep"].is_active


def test_closed_work_may_stay(estate, people, sign_in, once):
    closed = {"how.opportunity.closed": "stay", "how.activity.closed": "stay"}
    page(sign_in("admin"), people["rep"], once, to1=people["rep_east2"].pk, leaves="on", do="go", **closed)
    job = finish()
    assert owned("rep") == {"opportunity": 1, "activity": 6} and not people["rep"].is_active, job.message


def test_a_whole_department(estate, people, sign_in, once):
    south = people["rep_south"].department
    page(sign_in("admin"), people["rep"], once, department=south.pk, do="go")
    finish()
    receivers = {row.owner.department_id for row in Customer.objects.filter(pk__in=[row.pk for row in estate])}
    assert receivers == {south.pk} and owned("rep") == {} and people["rep"].is_active


def test_regions_stay_together(make, people, sign_in, once):
    here = make.customer("rep_west", region_id=330000)
    rows = [make.customer("rep", region_id=region) for region in (330100, 330200, 320100, 320500, None)]
    data = {"to1": people["rep_east2"].pk, "to2": people["rep_west"].pk, "how.customer.open": "region", "do": "go"}
    page(sign_in("admin"), people["rep"], once, **data)
    finish()
    got = [Customer.objects.get(pk=row.pk).owner.username for row in rows]
    assert got[:2] == ["rep_west"] * 2 and got[2] == got[3] == "rep_east2" and got[4] == "rep_west" or got[4] == "rep_east2"
    assert Customer.objects.get(pk=here.pk).owner.username == "rep_west"


@pytest.mark.parametrize("wrong", [{"to1": "rep"}, {"to1": "gone"}, {"how.customer.open": "to3"}, {"how.customer.open": "7"},
                                   {"to1": "x"}, {"department": "-1"}])
def test_bad_choices_start_nothing(wrong, estate, people, sign_in, once):
    User.objects.filter(username="rep_west").update(is_active=False)
    ids = {"rep": people["rep"].pk, "gone": people["rep_west"].pk}
    got = page(sign_in("admin"), people["rep"], once, do="go", **{name: ids.get(value, value) for name, value in wrong.items()})
    assert got.status_code == 422 and not Job.objects.exists()


def test_nobody_without_the_right(estate, people, sign_in, once):
    for username in ("rep", "manager_east", "gm", "auditor"):
        assert page(sign_in(username), people["rep"]).status_code == 403
        assert page(sign_in(username), people["rep"], once, do="go", to1=people["rep_west"].pk).status_code == 403
    assert not Job.objects.exists()


def test_a_receiver_disabled_meanwhile_gets_nothing(estate, people, sign_in, once):
    page(sign_in("admin"), people["rep"], once, to1=people["rep_east2"].pk, leaves="on", do="go")
    User.objects.filter(username="rep_east2").update(is_active=False)
    job = finish()
    assert job.state == Job.DONE and owned("rep")["customer"] == 6 and people["rep"].is_active
    assert not owned("rep_east2")


def test_it_goes_on_after_a_kill(estate, people, sign_in, once, monkeypatch):
    monkeypatch.setattr(job_context, "CHUNK", 5)
    monkeypatch.setattr(job_context.Context.store, "__kwdefaults__", {"size": 5})
    page(sign_in("admin"), people["rep"], once, to1=people["rep_east2"].pk, leaves="on", do="go")
    from zhike.people import jobs as body

    real, seen = body._portion, []

    def dies(*args):
        seen.append(args)
        if len(seen) in (3, 6):
            raise KeyboardInterrupt  # as abrupt as a kill for everything that catches errors
        return real(*args)

    monkeypatch.setattr(body, "_portion", dies)
    job = Job.objects.latest("pk")
    for _kill in range(2):
        with pytest.raises(KeyboardInterrupt):
            jobs.run(job.pk)
    assert owned("rep") and people["rep"].is_active
    job = finish()
    assert job.state == Job.DONE and owned("rep") == {} and not people["rep"].is_active
    lines = HistoryEntry.objects.filter(batch=job.kept["batch"], action="transfer")
    assert lines.count() == len({(line.kind, line.row_id) for line in lines}) == job.done  # each once
