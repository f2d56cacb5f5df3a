"""Deleting, what forbids it, and the way back, through the front door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.activities.models import Activity
from zhike.base import clock
from zhike.collab.actions import files, trash
from zhike.collab.models import Attachment, Comment, TrashedRow
from zhike.customers.models import Contact, CustomerFacts
from zhike.records import history, registry, teams
from zhike.records.models import ExternalKey, SearchEntry, TeamGrant
from zhike.records.registry import kind_of

from . import things

KINDS = ("contact", "activity", "task")


@pytest.fixture
def delete(sign_in, once):
    def post(row, who="rep", client=None):
        return (client or sign_in(who)).post(f"/about/{kind_of(row).slug}/{row.pk}/delete/", {"_once": once()})

    return post


def values(row):
    """Every column of a row but those that say it has been touched."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "version"}


@pytest.mark.parametrize("kind", KINDS)
def test_deleted_and_brought_back_as_it_was(kind, make, delete, sign_in, once):
    row, rep = getattr(make, kind)(), sign_in("rep")
    model, before = type(row), values(type(row).objects.get(pk=row.pk))
    assert "30" in rep.get(f"/about/{kind_of(row).slug}/{row.pk}/delete/").content.decode()
    assert delete(row, client=rep).status_code == 303
    undo_url = rep.session["toasts"][-1]["undo_url"]
    assert not model.objects.filter(pk=row.pk).exists() and rep.get(kind_of(row).url(row)).status_code == 404
    assert not SearchEntry.objects.filter(kind=kind, row_id=row.pk).exists()
    page = rep.get("/trash/").content.decode()
    assert str(row) in page
    assert rep.post(undo_url, {"_once": once()}).status_code == 303
    back = model.objects.get(pk=row.pk)
    assert values(back) == before and back.version == row.version + 1
    assert [entry.action for entry in history.of(row)[:2]] == ["restore", "trash"]
    assert rep.get(kind_of(row).url(row)).status_code == 200
    assert SearchEntry.objects.filter(kind=kind, row_id=row.pk).exists() == (kind_of(row).search is not None)
    assert not TrashedRow.objects.exists() and rep.post(undo_url, {"_once": once()}).status_code == 422


def test_what_points_to_it_is_shown(make, delete, sign_in):
    contact = make.contact()
    opportunity = make.opportunity(contact.customer, contact=contact, name="要它的商机")
    page = sign_in("rep").get(f"/about/contacts/{contact.pk}/delete/").content.decode()
    assert f'href="/opportunities/{opportunity.pk}/"' in page and "要它的商机" in page
    assert delete(contact).status_code == 422 and Contact.objects.filter(pk=contact.pk).exists()


def test_what_one_may_not_see_is_only_counted(make, delete, sign_in):
    contact = make.contact()
    make.opportunity(contact.customer, owner="rep_south", contact=contact, name="别人的商机")
    contact.owner = make.people["manager_east"]
    customer = contact.customer
    customer.owner = make.people["manager_east"]
    customer.save()
    contact.save()
    client = sign_in("manager_east")
    page = client.get(f"/about/contacts/{contact.pk}/delete/").content.decode()
    seen = client.get("/opportunities/?view=all").content.decode()
    assert ("别人的商机" in page) == ("别人的商机" in seen)
    assert delete(contact, client=client).status_code == 422


def test_links_of_the_same_kind_are_emptied_and_filled_again(make, delete, sign_in, once):
    boss = make.contact(name="上级")
    below = make.contact(boss.customer, name="下级")
    Contact.objects.filter(pk=below.pk).update(reports_to=boss)
    rep = sign_in("rep")
    assert delete(boss, client=rep).status_code == 303
    below.refresh_from_db()
    assert below.reports_to_id is None
    assert rep.post(f"/trash/{TrashedRow.objects.get().pk}/restore/", {"_once": once()}).status_code == 303
    below.refresh_from_db()
    assert below.reports_to_id == boss.pk


def test_what_belongs_to_something_in_the_trash_waits_for_it(make, delete, sign_in, once):
    contact = make.contact()
    activity = make.activity(contact.customer, contact=contact)
    rep = sign_in("rep")
    assert delete(activity, client=rep).status_code == delete(contact, client=rep).status_code == 303
    first, second = TrashedRow.objects.get(kind="activity"), TrashedRow.objects.get(kind="contact")
    assert rep.post(f"/trash/{first.pk}/restore/", {"_once": once()}).status_code == 422
    assert rep.post(f"/trash/{second.pk}/restore/", {"_once": once()}).status_code == 303
    assert rep.post(f"/trash/{first.pk}/restore/", {"_once": once()}).status_code == 303
    assert Activity.objects.get(pk=activity.pk).contact_id == contact.pk


def test_a_primary_contact_steps_behind(make, delete, sign_in, once):
    first = make.contact()
    assert first.primary
    rep = sign_in("rep")
    delete(first, client=rep)
    second = make.contact(first.customer, name="后来者")
    assert second.primary
    rep.post(f"/trash/{TrashedRow.objects.get().pk}/restore/", {"_once": once()})
    assert not Contact.objects.get(pk=first.pk).primary and Contact.objects.get(pk=second.pk).primary


def test_figures_follow(make, delete, sign_in, once):
    activity = make.activity(days=-2)
    facts = CustomerFacts.objects.get(customer=activity.customer)
    assert abs(facts.last_contact_at - activity.at) < timedelta(seconds=1)
    rep = sign_in("rep")
    delete(activity, client=rep)
    facts.refresh_from_db()
    assert facts.last_contact_at == clock.NEVER
    rep.post(f"/trash/{TrashedRow.objects.get().pk}/restore/", {"_once": once()})
    facts.refresh_from_db()
    assert facts.last_contact_at == activity.at


def test_keys_of_other_systems_are_free_meanwhile(make, delete, sign_in, once):
    row = make.contact()
    ExternalKey.objects.create(system="old", kind="contact", key="7", row_id=row.pk, marks={"name": "x"})
    rep = sign_in("rep")
    delete(row, client=rep)
    assert not ExternalKey.objects.filter(kind="contact", row_id=row.pk).exists()
    rep.post(f"/trash/{TrashedRow.objects.get().pk}/restore/", {"_once": once()})
    assert ExternalKey.objects.get(kind="contact", row_id=row.pk).marks == {"name": "x"}


def test_who_may(make, delete, sign_in, once):
    row = make.contact()
    for who, want in (("rep_south", 404), ("warehouse", 404), ("auditor", 403), ("desk", 403)):
        assert delete(row, who=who).status_code == want, who
    assert Contact.objects.filter(pk=row.pk).exists()
    rep = sign_in("rep")
    delete(row, client=rep)
    kept = TrashedRow.objects.get()
    for who in ("rep_south", "auditor", "desk", "gm"):
        client = sign_in(who)
        assert str(row) not in client.get("/trash/").content.decode(), who
        assert client.post(f"/trash/{kept.pk}/restore/", {"_once": once()}).status_code == 404 == client.post("/trash/987654/restore/", {"_once": once()}).status_code
    assert str(row) in sign_in("manager_east").get("/trash/").content.decode()
    assert sign_in("manager_east").post(f"/trash/{kept.pk}/restore/", {"_once": once()}).status_code == 303


def test_what_is_ticked_comes_back_together(make, delete, sign_in, once):
    contact = make.contact()
    activity = make.activity(contact.customer, contact=contact)
    other, rep = make.task(), sign_in("rep")
    for row in (activity, contact, other):
        assert delete(row, client=rep).status_code == 303
    ids = list(TrashedRow.objects.values_list("pk", flat=True))
    got = rep.post("/trash/?kind=contact", {"_once": once(), "ids": ids})
    assert (got.status_code, got.headers.get("Location")) == (303, "/trash/?kind=contact"), got.content.decode()[-600:]
    assert not TrashedRow.objects.exists() and Activity.objects.get(pk=activity.pk).contact_id == contact.pk
    assert history.of(other).first().action == "restore"


def test_what_is_not_ones_own_does_not_come_back(make, delete, sign_in, once):
    row, rep = make.contact(), sign_in("rep")
    delete(row, client=rep)
    kept = TrashedRow.objects.get()
    for who, ids, want in (("rep_south", [kept.pk], 422), ("rep", [], 422), ("rep", ["x"], 422), ("rep", range(1, 300), 422), ("rep", [987654], 422)):
        assert sign_in(who).post("/trash/", {"_once": once(), "ids": ids}).status_code == want, (who, ids)
    assert TrashedRow.objects.get().pk == kept.pk


def test_one_that_has_to_wait_is_named_and_the_others_come_back(make, delete, sign_in, once):
    contact = make.contact()
    activity, task, rep = make.activity(contact.customer, contact=contact, subject="等着的拜访"), make.task(), sign_in("rep")
    for row in (activity, contact, task):
        delete(row, client=rep)
    ids = list(TrashedRow.objects.exclude(kind="contact").values_list("pk", flat=True))
    got = rep.post("/trash/", {"_once": once(), "ids": ids})
    assert got.status_code == 422 and "等着的拜访" in got.content.decode()
    assert sorted(TrashedRow.objects.values_list("kind", flat=True)) == ["activity", "contact"]


def test_the_trash_is_paged_and_narrowed(make, delete, sign_in, people):
    row, rep = make.contact(name="要找的人"), sign_in("rep")
    delete(row, client=rep)
    rep.get("/")  # where the toast was shown
    first = TrashedRow.objects.get()
    TrashedRow.objects.bulk_create(
        TrashedRow(kind="task", row_id=900_000 + n, title=f"任务{n}", owner=people["rep"], data={}, deleted_at=clock.now(), deleted_by=people["rep"]) for n in range(60))
    page = rep.get("/trash/").content.decode()
    assert page.count('name="ids"') == 50 and "要找的人" not in page
    older = rep.get("/trash/", {"before": TrashedRow.objects.order_by("-pk")[49].pk}).content.decode()
    assert older.count('name="ids"') == 11 and f'formaction="/trash/{first.pk}/restore/"' in older
    assert str(row.customer) in older
    assert rep.get("/trash/?kind=contact").content.decode().count('name="ids"') == 1 == rep.get("/trash/?q=要找").content.decode().count('name="ids"')
    for wrong in ("kind=customer", "kind=x", "before=x", "before=1e9"):
        assert rep.get(f"/trash/?{wrong}").status_code == 404


def test_kinds_that_are_never_deleted(make, people, sign_in):
    from zhike.base.refused import Refused

    for row in (make.customer(), make.opportunity()):
        with pytest.raises(Refused):
            trash.trash_row(row, by=people["admin"])
        assert sign_in("admin").get(f"/about/{kind_of(row).slug}/{row.pk}/delete/").status_code == 404


def test_after_a_month_it_is_gone_with_all_that_hung_on_it(make, delete, attach, sign_in, people, once, stored):
    row, rep = make.contact(), sign_in("rep")
    attach(row, things.upload("名片.pdf"), client=rep)
    rep.post(f"/about/contacts/{row.pk}/comment/", {"text": "话", "_once": once()})
    teams.share_row(row, [people["gm"]], by=people["admin"])
    delete(row, client=rep)
    found = Attachment.objects.get()
    assert rep.get(f"/files/{found.pk}/").status_code == 404  # in the trash nothing of it is served
    with clock.freeze(clock.now() + timedelta(days=29)):
        assert trash.purge_trash() == 0
    with clock.freeze(clock.now() + timedelta(days=31)):
        assert trash.purge_trash() == 1
    assert not TrashedRow.objects.exists() and not Comment.objects.exists() and not TeamGrant.objects.filter(kind="contact", row_id=row.pk).exists()
    with clock.freeze(clock.now() + timedelta(days=62)):
        files.purge_files()
    with clock.freeze(clock.now() + timedelta(days=64)):
        files.sweep()
    assert stored() == [] and not Attachment.objects.exists()
    assert history.of(row)[0].action == "trash"


def test_what_kinds_of_the_trash_are_pointed_to_by(db):
    """A kind that may be deleted has no parts that a delete would tear off unseen."""
    from zhike.collab import references

    deletable = [kind for kind in registry.kinds() if kind.deletable]
    assert sorted(kind.name for kind in deletable) == sorted([*KINDS, "lead"])
    for kind in deletable:
        assert kind.owned
        for field in references.pointing(kind.model):
            # What is nothing without the record (wishes of care, a part in an opportunity) is declared and goes along.
            along = (field.model._meta.label, field.name) in {(model._meta.label, one.field) for model, one in references.companions_of(kind.model)}
            assert references.may_be_emptied(field) or registry.has(getattr(field.model, "KIND", "")) or along, field
