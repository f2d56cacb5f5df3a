"""Deleting many rows of a list at once: what each became, and the way back for all."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.activities.models import Activity, Task
from zhike.collab.actions import trash, trash_many
from zhike.collab.models import TrashedRow
from zhike.customers.models import Contact, CustomerFacts
from zhike.opportunities.models import OpportunityContact
from zhike.records import history, jobs, registry, teams
from zhike.records.models import ExternalKey, HistoryEntry, Job, JobRefusal, SearchEntry
from zhike.records.registry import kind_of

pytestmark = pytest.mark.django_db
KINDS = ("contact", "activity", "task")


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "version"}


@pytest.fixture
def delete(sign_in, once):
    def post(rows, who="rep", client=None, code=303, **more):
        kind = registry.kind(more.pop("kind", None) or kind_of(rows[0]).name)
        got = (client or sign_in(who)).post(f"/about/{kind.slug}/delete/", {"_once": once(), **({"ids": [row.pk for row in rows]} if rows else {}), **more})
        assert got.status_code == code, got.content.decode()[-800:]
        return got.content.decode()

    return post


@pytest.mark.both
@pytest.mark.parametrize("kind", KINDS)
def test_many_are_deleted_and_brought_back_as_they_were(kind, make, delete, sign_in, once):
    rows, rep = [getattr(make, kind)() for _n in range(5)], sign_in("rep")
    model = type(rows[0])
    ids = [row.pk for row in rows]
    before = {row.pk: values(row) for row in model.objects.filter(pk__in=ids)}
    ExternalKey.objects.create(kind=kind, row_id=ids[0], system="erp", key="K-1")
    assert f'/about/{registry.kind(kind).slug}/delete/"' in rep.get(f"{registry.kind(kind).list_url()}?view=all").content.decode()
    dialog = rep.get(f"/about/{registry.kind(kind).slug}/delete/?ids={','.join(map(str, ids))}").content.decode()
    assert "30" in dialog and dialog.count('name="ids"') == 5
    delete(rows, client=rep)
    assert not model.objects.filter(pk__in=ids).exists() and TrashedRow.objects.count() == 5
    assert not SearchEntry.objects.filter(kind=kind, row_id__in=ids).exists() and not ExternalKey.objects.filter(kind=kind, row_id__in=ids).exists()
    lines = HistoryEntry.objects.filter(kind=kind, action="trash", row_id__in=ids)
    assert lines.count() == 5 and len(set(lines.values_list("batch", flat=True))) == 1
    back = rep.session["toasts"][-1]["undo_url"]
    assert rep.post(back, {"_once": once()}).status_code == 303
    assert {row.pk: values(row) for row in model.objects.filter(pk__in=ids)} == before
    assert [entry.action for entry in history.of(model.objects.get(pk=ids[3]))[:2]] == ["restore", "trash"]
    assert SearchEntry.objects.filter(kind=kind, row_id__in=ids).exists() == (registry.kind(kind).search is not None)
    assert ExternalKey.objects.filter(kind=kind, row_id=ids[0], key="K-1").exists() and not TrashedRow.objects.exists()
    assert rep.post(back, {"_once": once()}).status_code == 422


def test_what_is_needed_stays_and_is_named(make, delete, sign_in):
    needed, free = make.contact(name="被需要的人"), make.contact(name="没人需要的人")
    make.opportunity(needed.customer, contact=needed)
    dialog = sign_in("rep").get(f"/about/contacts/delete/?ids={needed.pk},{free.pk}").content.decode()
    assert "被需要的人" in dialog and "没人需要的人" not in dialog
    text = delete([needed, free], code=422)
    assert "被需要的人" in text and f'name="ids" value="{needed.pk}"' in text and f'value="{free.pk}"' not in text
    assert list(Contact.objects.values_list("pk", flat=True)) == [needed.pk]
    assert "被需要的人" in delete([needed], code=422) and TrashedRow.objects.count() == 1


def test_what_is_nothing_without_the_record_goes_along(make, delete, sign_in, once):
    first, second = make.contact(name="有角色的人"), make.contact(name="没角色的人")
    deal = make.opportunity(first.customer)
    OpportunityContact.objects.create(opportunity=deal, contact=first, decision_role="user")
    rep = sign_in("rep")
    delete([first, second], client=rep)
    assert not OpportunityContact.objects.exists() and TrashedRow.objects.count() == 2
    assert rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()}).status_code == 303
    assert OpportunityContact.objects.get().contact_id == first.pk and Contact.objects.count() == 2


def test_rights_are_asked_for_every_row(make, delete, people, sign_in):
    mine, shared, hidden = make.contact(owner="rep"), make.contact(owner="rep_south"), make.contact(owner="rep_south")
    teams.share_row(shared, [people["rep"]], by=people["rep_south"])
    delete([mine, hidden], code=404)
    delete([mine, shared], code=422)
    assert set(Contact.objects.values_list("pk", flat=True)) == {shared.pk, hidden.pk}
    delete([shared], who="auditor", code=403)
    assert "/about/contacts/delete/" not in sign_in("auditor").get("/contacts/?view=all").content.decode()
    assert sign_in("rep").get("/about/contacts/delete/").status_code == 400  # none chosen
    assert sign_in("admin").get("/about/customers/delete/?ids=1").status_code == 404  # a kind that is only closed


def test_links_among_them_come_back_too(make, delete, sign_in, once):
    boss = make.contact(name="上级")
    one, two = (make.contact(customer=boss.customer, name=name) for name in ("下级甲", "下级乙"))
    Contact.objects.filter(pk__in=[one.pk, two.pk]).update(reports_to=boss)
    rep = sign_in("rep")
    delete([boss, one], client=rep)
    two.refresh_from_db()
    assert two.reports_to_id is None
    assert rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()}).status_code == 303
    assert set(Contact.objects.filter(reports_to=boss).values_list("pk", flat=True)) == {one.pk, two.pk}


def test_what_belongs_to_a_trashed_one_waits_for_it(make, people):
    boss = make.contact(name="上级")
    one = make.contact(customer=boss.customer, name="下级")
    Contact.objects.filter(pk=one.pk).update(reports_to=boss)
    kind, by = registry.kind("contact"), people["rep"]
    trash_many.trash_rows(kind, [one], by=by)
    trash.trash_row(Contact.objects.get(pk=boss.pk), by=by)
    done, refused = trash_many.restore_rows(kind, [one.pk], by=by)
    assert done == 0 and len(refused) == 1 and refused[0][0].pk == one.pk
    assert trash_many.restore_rows(kind, [one.pk, boss.pk], by=by) == (2, [])
    assert Contact.objects.get(pk=one.pk).reports_to_id == boss.pk


def test_last_contact_follows_into_the_trash(make, delete, sign_in, once):
    customer = make.customer()
    rows = [make.activity(customer=customer) for _n in range(3)]
    before = CustomerFacts.objects.filter(customer=customer).values().get()
    rep = sign_in("rep")
    delete(rows, client=rep)
    assert not Activity.objects.exists() and CustomerFacts.objects.filter(customer=customer).values().get() != before
    rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()})
    assert CustomerFacts.objects.filter(customer=customer).values().get() == before


def test_as_many_statements_for_sixty_as_for_six(make, people):
    kind = registry.kind("task")
    rows = [make.task() for _n in range(66)]
    counts = []
    for part in (rows[:6], rows[6:]):
        with CaptureQueriesContext(connection) as asked:
            trash_many.trash_rows(kind, part, by=people["rep"])
        with CaptureQueriesContext(connection) as back:
            assert trash_many.restore_rows(kind, [row.pk for row in part], by=people["rep"])[0] == len(part)
        counts.append((len(asked), len(back)))
    assert counts[0] == counts[1]


def test_all_matches_go_in_the_background_and_come_back(make, delete, sign_in, once, monkeypatch):
    from zhike.pages import whole

    monkeypatch.setattr(whole, "AT_ONCE", 3)
    rows = [make.task(title=f"要删的任务{n}") for n in range(7)]
    other = make.task(title="别的任务", priority="high")
    rep = sign_in("rep")
    delete([], client=rep, kind="task", all="1", query="priority=normal")
    job = Job.objects.get(name="collab.trash")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done" and set(Task.objects.values_list("pk", flat=True)) == {other.pk}, job.text
    assert TrashedRow.objects.count() == 7 and not JobRefusal.objects.exists()
    assert rep.post(f"/jobs/{job.pk}/undo/", {"_once": once()}).status_code == 303
    jobs.run(Job.objects.latest("pk").pk)
    assert Task.objects.filter(pk__in=[row.pk for row in rows]).count() == 7 and not TrashedRow.objects.exists()
