"""A merge leaves nothing behind: every column of the house that can hold a customer or a contact is accounted for."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from zhike.activities.actions import people as attendance
from zhike.activities.models import Attendee, Task
from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab import references
from zhike.collab.actions.trash import restore_row, trash_row
from zhike.customers import actions, moving
from zhike.customers.models import Contact, Customer, Opening, PoolMove, PoolRequest, PoolWarning
from zhike.marketing.models import CareDay, CareItem, CareRule, ContactWish, CustomerWish
from zhike.notices import rules, scanning
from zhike.notices.models import AlertHit, AlertRule, Message, Outgoing
from zhike.records.models import SavedView

pytestmark = pytest.mark.both

# Columns that hold a number of some record without being a foreign key, and what a merge does with each.
MOVED = {
    "collab.Comment": "kind and row_id", "collab.Attachment": "kind and row_id", "collab.TagLink": "kind and row_id", "collab.GroupRecord": "kind and row_id",
    "records.TeamGrant": "kind and row_id", "records.Favourite": "kind and row_id", "records.ExternalKey": "kind and row_id", "notices.Message": "kind and row_id",
    "notices.Outgoing": "kind and row_id", "activities.Task": "about_kind and about_id", "activities.Attendee": "contact_number",
    "records.SavedView": "the conditions", "notices.AlertRule": "the conditions",
}
KEPT = {
    "records.HistoryEntry": "follows the old number (`history.of` reads both)", "records.SearchEntry": "written anew", "records.CustomValue": "written anew",
    "records.JobRefusal": "what a past job said", "records.JobChunk": "a running job finds the record gone and says so",
    "records.Job": "the same", "leads.LeadKey": "names a lead", "leads.FormEntry": "names a lead", "collab.TrashedRow": "a deleted record comes back to the kept one (`forwarding`)",
    "customers.MergedRow": "the merge's own", "customers.Merge": "the merge's own", "customers.ReachKey": "written anew",
    "customers.LifecycleChange": "its cause is a document or a merge", "notices.AlertHit": "closed at once; the next scan looks at the kept one",
    "activities.WorkLog": "figures of a past period", "org.User": "preferences name no record", "records.ImportUpload": "a past import",
}
ALSO = {"kind", "row_id", "row", "about_id", "about_kind", "contact_number", "activity_number", "source_id", "cause_id", "kept_id", "ids"}
NO_RECORD = {"leads.AssignRule", "org.SecondFactor", "org.Passkey", "records.HistorySeal", "records.NumberRule", "records.ImportMemory", "org.RolePermission", "org.Scope", "org.FieldRule", "org.WorkCalendarDay",
             "customers.Customer", "customers.Address", "opportunities.Criterion", "collab.Tag", "django_tasks_database.DBTaskResult"}


def loose_columns():
    """Models with a column that may hold the number of any record, found by type and name."""
    for model in apps.get_models():
        if model._meta.app_label not in {config.label for config in apps.get_app_configs() if config.name.startswith("zhike.")}:
            continue
        for field in model._meta.concrete_fields:
            if field.primary_key or field.related_model is not None:
                continue
            number = isinstance(field, models.BigIntegerField) and not hasattr(field, "places") and type(field) is models.BigIntegerField
            if (number and field.name not in ("gaps", "size")) or field.name in ("query", "conditions", "ids"):
                yield model._meta.label, field.name


def test_every_loose_column_is_accounted_for():
    unknown = {(label, name) for label, name in loose_columns() if label not in MOVED and label not in KEPT and label not in NO_RECORD}
    assert not unknown, "say in MOVED or KEPT what a merge does with these"
    linked = {model._meta.label for model in moving.link_models()} | {link.model for link in (*moving.links_to("customer"), *moving.links_to("contact"))}
    linked |= set(moving._queries)
    assert linked == set(MOVED)


def test_every_foreign_key_is_moved_or_made_anew():
    for model in (Customer, Contact):
        every = {(field.model._meta.label, field.name) for field in references.pointing(model)}
        moved = {(field.model._meta.label, field.name) for field in moving.foreign_keys(model)}
        left = {label for label, _name in every - moved}
        assert left <= moving.LEFT_ALONE and left <= {"customers.NameKey", "customers.ReachKey", "customers.CustomerFacts", "customers.SuspectedPair"}


@pytest.fixture
def full(make, people):
    """Two customers, and everything that can hang on the second."""
    rep = people["rep"]
    kept, other = make.customer("rep", name="示例归并甲有限公司"), make.customer("rep", name="示例归并乙有限公司")
    stays, goes = make.contact(kept, "rep", name="甲示例"), make.contact(other, "rep", name="乙示例", mobile="13900000071")
    visit = make.activity(other, "rep", contact=goes)
    attendance.set_attendees(visit, [goes], by=rep)
    make.opportunity(other, "rep", contact=goes, final_user=other)
    task = make.task("manager_east", "rep")
    Task.objects.filter(pk=task.pk).update(about_kind="customer", about_id=other.pk)
    pool = make.pool()
    PoolMove.objects.create(pool=pool, customer=other, way=PoolMove.TAKEN, at=clock.now())
    PoolRequest.objects.create(pool=pool, customer=other, applicant=rep, at=clock.now())
    PoolWarning.objects.create(customer=other, due_on=clock.today(), before=7)
    Customer.objects.filter(pk=other.pk).update(lifecycle="opportunity")
    other.refresh_from_db()
    actions.create_openings([Opening(customer=other, category="direct", title=other.name, bank="示例银行", account="622200001", payment_term="month30",
                                     uscc="91350100M000100Y43", tax_no="91350100M000100Y43")], by=rep)
    rule = CareRule.objects.create(name="示例关怀", occasion="birthday", channel="phone", text_zh="您好")
    care = {"rule": rule, "title": "生日", "occasion": "birthday", "occasion_on": clock.today(), "due_on": clock.today(), "channel": "phone",
            "owner": rep, "owner_dept": rep.department}
    CareItem.objects.create(customer=other, contact=goes, **care)
    CareDay.objects.create(customer=other, contact=goes, name="厂庆", first_on=clock.today())
    ContactWish.objects.create(contact=goes, opt_out=True)
    CustomerWish.objects.create(customer=other, opt_out=True)
    view = SavedView.objects.create(kind="opportunity", owner=rep, name="示例视图", query=f"customer={other.pk}&status=open")
    rules.ensure_rules()
    AlertRule.objects.filter(code="OP01").update(conditions=f"customer={other.pk}")
    message = Message.objects.create(receiver=rep, category="task", text_key="x", key="示例", kind="customer", row_id=other.pk, created_at=clock.now())
    letter = Outgoing.objects.create(channel="mail", address="x@example.com", body="您好", kind="contact", row_id=goes.pk, key="示例",
                                     created_at=clock.now(), next_try_at=clock.now())
    return {"kept": kept, "other": other, "stays": stays, "goes": goes, "task": task, "view": view, "message": message, "letter": letter}


def test_all_of_it_moves_and_comes_back(full, people):
    kept, other, stays, goes = (full[name] for name in ("kept", "other", "stays", "goes"))
    admin = people["admin"]
    of_customer = actions.merge_rows(kept, [other], by=admin)
    for field in moving.foreign_keys(Customer):
        assert not field.model._base_manager.filter(**{field.attname: other.pk}).exists(), field
    for model in moving.link_models():
        assert not model._base_manager.filter(kind="customer", row_id=other.pk).exists(), model
    full["task"].refresh_from_db()
    full["view"].refresh_from_db()
    full["message"].refresh_from_db()
    assert full["task"].about_id == kept.pk and full["view"].query == f"customer={kept.pk}&status=open" and full["message"].row_id == kept.pk
    assert AlertRule.objects.get(code="OP01").conditions == f"customer={kept.pk}"
    assert Opening.objects.get().customer_id == kept.pk and CareDay.objects.get().customer_id == kept.pk
    of_contact = actions.merge_rows(Contact.objects.get(pk=stays.pk), [Contact.objects.get(pk=goes.pk)], by=admin)
    assert set(Attendee.objects.values_list("contact_number", flat=True)) <= {stays.pk}
    full["letter"].refresh_from_db()
    assert full["letter"].row_id == stays.pk and ContactWish.objects.get().contact_id == stays.pk and CareItem.objects.get().contact_id == stays.pk
    for field in moving.foreign_keys(Contact):
        assert not field.model._base_manager.filter(**{field.attname: goes.pk}).exists(), field
    actions.undo_merge(of_contact, by=admin)
    assert ContactWish.objects.get().contact_id == goes.pk
    actions.undo_merge(of_customer, by=admin)
    full["task"].refresh_from_db()
    full["view"].refresh_from_db()
    assert full["task"].about_id == other.pk and full["view"].query == f"customer={other.pk}&status=open"
    assert CustomerWish.objects.get().customer_id == other.pk and Opening.objects.get().customer_id == other.pk


def test_doubles_step_aside_or_are_named(full, make, people):
    kept, other, rep = full["kept"], full["other"], people["rep"]
    item = CareItem.objects.get()
    CareItem.objects.filter(pk=item.pk).update(contact=None)
    CareItem.objects.create(rule=item.rule, title="生日", customer=kept, contact=None, occasion=item.occasion, occasion_on=item.occasion_on,
                            due_on=item.due_on, channel="phone", owner=rep, owner_dept=rep.department)
    made = actions.merge_rows(kept, [other], by=people["admin"])
    assert CareItem.objects.count() == 1
    actions.undo_merge(made, by=people["admin"])
    assert CareItem.objects.count() == 2
    # Two applications that wait are a question for people, not for a merge.
    Customer.objects.filter(pk=kept.pk).update(lifecycle="opportunity")
    Opening.objects.create(customer=kept, title="示例", applied_at=clock.now(), applicant=rep)
    with pytest.raises(Refused) as no:
        actions.merge_rows(kept, [other], by=people["admin"])
    assert no.value.code == "merge.once"


def test_alerts_of_a_merged_customer_are_over_at_once(make, people):
    with clock.freeze("2026-01-05 10:00"):
        kept, other = make.customer("rep"), make.customer("rep")
    rules.ensure_rules()
    AlertRule.objects.exclude(code="CU01").update(enabled=False)
    scanning.scan_rule(AlertRule.objects.get(code="CU01"))
    assert set(AlertHit.objects.filter(closed_at=None).values_list("row_id", flat=True)) == {kept.pk, other.pk}
    actions.merge_rows(kept, [other], by=people["admin"])
    assert set(AlertHit.objects.filter(closed_at=None).values_list("row_id", flat=True)) == {kept.pk}


def test_a_contact_with_care_is_deleted_with_it_and_comes_back(make, people):
    customer = make.customer("rep")
    contact = make.contact(customer, "rep", name="丁示例")
    rep = people["rep"]
    CareDay.objects.create(customer=customer, contact=contact, name="婚庆", first_on=clock.today())
    ContactWish.objects.create(contact=contact, lunar=True)
    rule = CareRule.objects.create(name="示例关怀", occasion="birthday", channel="phone", text_zh="您好")
    item = CareItem.objects.create(rule=rule, title="生日", customer=customer, contact=contact, occasion="birthday", occasion_on=clock.today(),
                                   due_on=clock.today(), channel="phone", owner=rep, owner_dept=rep.department)
    gone = trash_row(contact, by=rep)
    assert not CareDay.objects.exists() and not ContactWish.objects.exists() and not CareItem.objects.exists()
    restore_row(gone, by=rep)
    assert CareDay.objects.get().contact_id == contact.pk and ContactWish.objects.get().lunar and CareItem.objects.get().pk == item.pk
    CareItem.objects.update(status="done")
    with pytest.raises(Refused) as no:  # what was done for them is a fact like a visit
        trash_row(Contact.objects.get(pk=contact.pk), by=rep)
    assert no.value.code == "trash.in_use"


def test_a_deleted_contact_comes_back_to_the_customer_its_own_was_merged_into(make, people):
    kept, other = make.customer("rep"), make.customer("rep")
    make.contact(other, "rep", name="戊示例")
    contact = make.contact(other, "rep", name="己示例")
    gone = trash_row(contact, by=people["rep"])
    actions.merge_rows(kept, [other], by=people["admin"])
    assert restore_row(gone, by=people["admin"]).customer_id == kept.pk
