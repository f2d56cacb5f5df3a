"""Many at once, with real transactions: what may happen once happens once, and nothing is lost."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.models import Contact, Customer, LifecycleChange
from zhike.opportunities.models import Opportunity, Stage, StageChange
from zhike.records import numbering, registry
from zhike.records.models import HistoryEntry, NumberCounter

pytestmark = [pytest.mark.long, pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def at_once(n, work):
    """Run `work(i)` in n threads that start together; gives results, exceptions among them."""
    barrier, found = threading.Barrier(n), [None] * n

    def run(i):
        try:
            barrier.wait(30)
            found[i] = work(i)
        except Exception as wrong:
            found[i] = wrong
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def twin(client):
    """A second browser window of the same person."""
    from django.test import Client

    other = Client()
    other.cookies = client.cookies.copy()
    return other


def test_numbers_are_unique_and_without_gaps(people):
    """Sixteen threads, every fifth transaction rolled back, the month turning in the middle."""
    kind, per_thread = registry.kind("customer"), 25

    class TakenBack(Exception):
        pass

    def work(thread):
        kept = []
        for i in range(per_thread):
            at = clock.now().replace(month=11 if i < per_thread // 2 else 12, day=15)
            try:
                with transaction.atomic():
                    numbers = numbering.issue(kind, 1 + i % 3, at=at)
                    if i % 5 == 4:
                        raise TakenBack
                kept += numbers
            except TakenBack:
                pass
        return kept

    results = at_once(16, work)
    assert all(isinstance(found, list) for found in results), results
    numbers = [number for found in results for number in found]
    assert len(numbers) == len(set(numbers))
    for series in {number.rsplit("-", 1)[0] for number in numbers}:
        places = sorted(int(number.rsplit("-", 1)[1]) for number in numbers if number.startswith(series))
        assert places == list(range(1, len(places) + 1)), series
        month = series.rsplit("-", 1)[1]
        assert NumberCounter.objects.get(series__contains=f":{kind.number_prefix}:{month}").last == len(places)


def test_fifty_identical_posts_make_one_row(make, sign_in, once):
    client = sign_in("rep")
    customer, token = make.customer("rep"), once()
    data = {"_once": token, "name": "只此一人", "customer": str(customer.pk)}
    before = HistoryEntry.objects.count()
    answers = at_once(50, lambda i: twin(client).post(reverse("contact-new"), data))
    made = Contact.objects.filter(name="只此一人")
    assert {getattr(answer, "status_code", answer) for answer in answers} == {303}, answers
    assert made.count() == 1
    assert {answer["Location"] for answer in answers} == {reverse("contact-detail", args=[made.get().pk])}
    assert HistoryEntry.objects.count() == before + 1


def test_two_editors_of_one_record(make, sign_in, once):
    """Of ten editors with the same version one wins; the others meet both values and keep their text."""
    row = make.customer("rep", remark="原文")
    client, url = sign_in("rep"), reverse("customer-edit", args=[row.pk])

    def work(i):
        data = {"_once": once(), "_version": str(row.version), "name": row.name, "kind": "company", "remark": f"第{i}位的修改"}
        return twin(client).post(url, data)

    answers = at_once(10, work)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [303] + [409] * 9, answers
    row.refresh_from_db()
    winner = next(i for i, answer in enumerate(answers) if answer.status_code == 303)
    assert row.remark == f"第{winner}位的修改" and row.version == 2
    for i, answer in enumerate(answers):
        if i != winner:
            text = answer.content.decode()
            assert f"第{i}位的修改" in text and f"第{winner}位的修改" in text
            assert 'name="_version" value="2"' in text
    assert HistoryEntry.objects.filter(kind="customer", row_id=row.pk, action="edit").count() == 1


def test_a_stage_move_raced_by_eight(make, people):
    row = make.opportunity(demand="有需求")
    target = Stage.objects.get(process=row.process_id, order=2)

    def work(i):
        from zhike.opportunities.actions import move_stage

        return move_stage(Opportunity.objects.get(pk=row.pk), target, by=people["rep"], version=row.version)

    answers = at_once(8, work)
    assert all(isinstance(answer, (Opportunity, Refused)) for answer in answers), answers
    row.refresh_from_db()
    assert row.stage_id == target.pk and row.version == 2
    assert StageChange.objects.filter(opportunity=row, target=target).count() == 1


def test_win_and_loss_of_one_opportunity(make, people):
    """Whoever comes first decides; the other is refused, and figures are those of one of them."""
    from zhike.opportunities import actions

    row = make.opportunity()
    boss, today = people["manager_east"], clock.today()

    def work(i):
        mine = Opportunity.objects.get(pk=row.pk)
        if i % 2:
            return actions.win_opportunity(mine, on=today, reason="价格", by=boss)
        return actions.lose_opportunity(mine, reason="price", lost_to="无", remark="记录", by=boss)

    answers = at_once(6, work)
    assert sum(isinstance(answer, Opportunity) for answer in answers) == 1, answers
    assert sum(isinstance(answer, Refused) for answer in answers) == 5, answers
    row.refresh_from_db()
    assert (row.status == "won") == (row.won_amount is not None) == (row.lost_at is None)


def test_finishing_and_cancelling_one_activity(make, people):
    from zhike.activities import actions
    from zhike.activities.models import Activity

    row = make.activity(days=0.5)
    start = threading.Barrier(6)

    def work(i):
        mine = Activity.objects.get(pk=row.pk)
        start.wait(30)
        if i % 2:
            return actions.finish_activity(mine, by=people["rep"], content="完成")
        return actions.cancel_activity(mine, by=people["rep"])

    answers = at_once(6, work)
    assert sum(isinstance(answer, Activity) for answer in answers) == 1, answers
    assert HistoryEntry.objects.filter(kind="activity", row_id=row.pk, action__in=["finish", "cancel"]).count() == 1


def test_first_contacts_of_one_customer(make, people):
    """Eight first contacts at once: all are stored, one is primary."""
    from zhike.customers.actions import create_contacts
    from zhike.records.visibility import owner_fields

    customer, rep = make.customer("rep"), people["rep"]
    answers = at_once(8, lambda i: create_contacts([Contact(customer=customer, name=f"林示例{i}", **owner_fields(rep))], by=rep))
    assert all(isinstance(answer, list) for answer in answers), answers
    assert Contact.objects.filter(customer=customer).count() == 8
    assert Contact.objects.filter(customer=customer, primary=True).count() == 1


def test_the_primary_contact_is_raced_for(make, people):
    from zhike.customers.actions import make_primary

    customer = make.customer("rep")
    contacts = [make.contact(customer, name=f"林示例{i}") for i in range(6)]
    rep = people["rep"]
    answers = at_once(6, lambda i: make_primary(Contact.objects.get(pk=contacts[i].pk), by=rep))
    assert all(isinstance(answer, Contact) for answer in answers), answers
    assert Contact.objects.filter(customer=customer, primary=True).count() == 1


def test_many_opportunities_take_one_step_of_the_life_cycle(make, people):
    customer, rep = make.customer("rep"), people["rep"]
    from zhike.opportunities.actions import create_opportunities
    from zhike.records.visibility import owner_fields

    def work(i):
        fresh = Customer.objects.get(pk=customer.pk)
        row = Opportunity(customer=fresh, name=f"商机{i}", type="new_project", amount=1,
                          expected_sign_date=clock.today() + timedelta(days=3), **owner_fields(rep))
        return create_opportunities([row], by=rep)

    answers = at_once(8, work)
    assert all(isinstance(answer, list) for answer in answers), answers
    steps = LifecycleChange.objects.filter(customer=customer).values_list("target", flat=True)
    assert sorted(steps) == ["opportunity", "target"]
    assert len({row.code for answer in answers for row in answer}) == 8


def test_undo_is_done_once(make, sign_in, people):
    from zhike.activities.actions import finish_activity
    from zhike.records import undo

    row = make.activity(days=0.5)
    at = row.at.isoformat()
    finish_activity(row, by=people["rep"])
    row.refresh_from_db()
    url = undo.url(people["rep"], "activities.restore", id=row.pk, version=row.version, at=at)
    client = sign_in("rep")
    answers = at_once(6, lambda i: twin(client).post(url, {"_once": f"undo-token-number-{i:06d}"}))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [303] + [422] * 5, answers
    assert HistoryEntry.objects.filter(kind="activity", row_id=row.pk, action="undo").count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_reader_is_not_held_up_by_a_writer(make):
    """WAL: a list opens while somebody else's transaction is open."""
    make.customer("rep")
    with transaction.atomic():
        Customer.objects.update(remark="写到一半")
        found = at_once(2, lambda i: Customer.objects.values_list("remark", flat=True)[0])
    assert found == ["", ""]


def test_the_house_runs_on_the_settings_it_says(db):
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        values = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
