"""Merging customers and contacts: everything comes along, old numbers lead on, and it can be taken back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.http import Http404

from zhike.activities.models import Activity
from zhike.base import clock
from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.collab.actions import comments, tags
from zhike.collab.models import Comment, TagLink
from zhike.customers import actions, moving
from zhike.customers.duplicates.pairs import find_pairs
from zhike.customers.models import (
    Address,
    Contact,
    Customer,
    LifecycleChange,
    Merge,
    MergedRow,
    SuspectedPair,
)
from zhike.opportunities.models import Opportunity
from zhike.records import history, registry, search, teams
from zhike.records.models import ExternalKey, SearchEntry, TeamGrant

pytestmark = pytest.mark.both
IGNORED = {"customers.Merge", "customers.MergedRow", "records.HistoryEntry", "customers.NameKey", "customers.ReachKey", "customers.SuspectedPair",
           "records.SearchEntry", "records.OnceToken", "records.NumberCounter", "django_tasks_database.DBTaskResult", "org.Session"}
MOVING = {"version", "updated_at", "updated_by"}


def snapshot():
    """Every row of the house, without what a merge and its undo count on."""
    found = {}
    for model in apps.get_models():
        if model._meta.label in IGNORED or model._meta.app_label in ("sessions", "django_tasks_database", "axes"):
            continue
        for row in model._base_manager.all():
            values = {f.attname: getattr(row, f.attname) for f in model._meta.concrete_fields if f.name not in MOVING}
            found[model._meta.label, row.pk] = json.dumps(history.plain(values), sort_keys=True)
    return found


@pytest.fixture
def pair(make, people):
    """Two customers of different reps with everything that can belong to them."""
    kept = make.customer("rep", name="示例精工机械有限公司", phone="0512-55550001", level="")
    other = make.customer("rep_south", name="示例精工机械股份有限公司", phone="", level="A", email="info@shili-jinggong.cn")
    first = make.contact(kept, "rep", name="甲示例", mobile="13900000001")
    second = make.contact(other, "rep_south", name="乙示例", mobile="13900000002")
    admin = people["admin"]
    actions.create_addresses([Address(customer=other, text="示例路 1 号", kind="delivery")], by=admin)
    make.opportunity(other, "rep_south", name="示例压机线")
    make.activity(other, "rep_south")
    comments.add_comment(other, "看过现场", by=admin)
    key, old = (tags.make_tag(registry.kind("customer"), name, by=admin) for name in ("重点", "老客户"))
    tags.tag_rows([kept, other], add=[key], by=admin)
    tags.tag_rows([other], add=[old], by=admin)
    teams.share_row(kept, [people["manager_east"]], level=TeamGrant.READ, by=admin)
    teams.share_row(other, [people["manager_east"]], level=TeamGrant.WRITE, by=admin)
    ExternalKey.objects.create(system="erp", kind="customer", key="C-77", row_id=other.pk)
    below = make.customer("rep_south", name="示例精工配件厂", parent=other)
    return kept, other, first, second, below


def test_everything_comes_along_and_goes_back_exactly(pair, people):
    kept, other, first, second, below = pair
    admin = people["admin"]
    before = snapshot()
    made = actions.merge_rows(kept, [other], by=admin)
    kept.refresh_from_db()
    assert not Customer.objects.filter(pk=other.pk).exists()
    assert kept.name == "示例精工机械有限公司" and kept.former_names == "示例精工机械股份有限公司"
    assert (kept.level, kept.phone, kept.email) == ("A", "0512-55550001", "info@shili-jinggong.cn")
    for field in moving.foreign_keys(Customer):
        assert not field.model._base_manager.filter(**{field.attname: other.pk}).exists(), field
    for model in moving.link_models():
        assert not model._base_manager.filter(kind="customer", row_id=other.pk).exists(), model
    assert set(Contact.objects.filter(customer=kept, primary=True)) == {first}
    assert Opportunity.objects.get().customer_id == kept.pk and Activity.objects.get().customer_id == kept.pk
    below.refresh_from_db()
    assert below.parent_id == kept.pk
    assert Comment.objects.filter(kind="customer", row_id=kept.pk).count() == 1
    assert TagLink.objects.filter(kind="customer", row_id=kept.pk).count() == 2
    levels = dict(TeamGrant.objects.filter(kind="customer", row_id=kept.pk).values_list("user__username", "level"))
    assert levels == {"manager_east": "write", "rep_south": "write"}
    assert ExternalKey.objects.get(system="erp", key="C-77").row_id == kept.pk
    assert not SearchEntry.objects.filter(kind="customer", row_id=other.pk).exists()
    assert kept.pk in search.matching("customer", "精工机械股份").values_list("row_id", flat=True)
    told = {entry.action for entry in history.of(kept)}
    assert {"merge", "merged-into", "create", "tag"} <= told
    line = history.of(kept).get(action="merge")
    assert line.args["merged"][0]["id"] == other.pk and "name" in line.args["lost"]

    actions.undo_merge(made, by=admin)
    after = snapshot()
    assert {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {}
    assert other.pk in search.matching("customer", "精工机械股份").values_list("row_id", flat=True)
    assert {entry.action for entry in history.of(other)} >= {"merged-into", "merge-undone"}
    with pytest.raises(Refused):
        actions.undo_merge(made, by=admin)


def test_what_was_changed_since_stands_in_the_way_and_is_named(pair, people):
    kept, other, *_rest = pair
    admin = people["admin"]
    made = actions.merge_rows(kept, [other], by=admin)
    kept.refresh_from_db()
    actions.change_customer(kept, {"level": "C"}, by=admin, version=None)
    Activity.objects.all().delete()
    with pytest.raises(Refused) as no:
        actions.undo_merge(made, by=admin)
    assert len(no.value.items) == 2 and MergedRow.objects.filter(row_id=other.pk).exists()


def test_a_day_later_it_stays(pair, people):
    kept, other, *_rest = pair
    made = actions.merge_rows(kept, [other], by=people["admin"])
    Merge.objects.filter(pk=made.pk).update(at=clock.now() - timedelta(hours=25))
    with pytest.raises(Refused):
        actions.undo_merge(made, by=people["admin"])


def test_the_furthest_stage_counts_and_its_cause_is_stored(pair, people):
    kept, other, *_rest = pair
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.lifecycle, other.lifecycle) == ("target", "opportunity")
    made = actions.merge_rows(kept, [other], by=people["admin"])
    kept.refresh_from_db()
    step = LifecycleChange.objects.get(cause_kind="merge")
    assert kept.lifecycle == "opportunity" and (step.customer_id, step.cause_id, step.target) == (kept.pk, made.pk, "opportunity")


def test_only_who_may_merge_and_change_all_of_them_does(pair, people, make):
    kept, other, *_rest = pair
    for who, no in (("rep", Http404), ("gm", Forbidden), ("manager_south", Http404)):
        with pytest.raises(no):
            actions.merge_rows(kept, [other], by=people[who])
    mine = make.customer("rep", name="另一示例有限公司")
    with pytest.raises(Forbidden):
        actions.merge_rows(kept, [mine], by=people["rep"])
    assert Customer.objects.filter(pk__in=[kept.pk, other.pk]).count() == 2 and not Merge.objects.exists()


def test_the_second_of_two_merges_is_told(pair, people, make):
    kept, other, *_rest = pair
    third = make.customer("rep", name="另一示例有限公司")
    actions.merge_rows(kept, [other], by=people["admin"])
    with pytest.raises(Conflict) as no:
        actions.merge_rows(third, [other], by=people["admin"])
    assert other.name in str(no.value.message)


def test_parents_never_form_a_ring(make, people):
    top = make.customer("rep", name="示例控股集团有限公司")
    middle = make.customer("rep", name="示例传动有限公司", parent=top)
    low = make.customer("rep", name="示例齿轮有限公司", parent=middle)
    made = actions.merge_rows(low, [top], by=people["admin"])
    low.refresh_from_db()
    middle.refresh_from_db()
    assert middle.parent_id == low.pk and low.parent_id is None
    actions.undo_merge(made, by=people["admin"])
    low.refresh_from_db()
    middle.refresh_from_db()
    assert (low.parent_id, middle.parent_id) == (middle.pk, top.pk)


def test_old_numbers_lead_on_for_those_who_may_see(pair, people, sign_in):
    kept, other, *_rest = pair
    boss, rep, stranger = sign_in("manager_east"), sign_in("rep"), sign_in("engineer")
    actions.merge_rows(kept, [other], by=people["admin"])
    got = rep.get(f"/customers/{other.pk}/history/?x=1")
    assert got.status_code == 301 and got["Location"] == f"/customers/{kept.pk}/history/?x=1" and got["Cache-Control"] == "no-store"
    assert boss.get(f"/customers/{other.pk}/edit/").status_code == 301
    assert stranger.get(f"/customers/{other.pk}/").status_code == 404
    assert rep.get(f"/customers/{other.pk + 99999}/").status_code == 404


def test_contacts_of_one_customer(make, people):
    customer, elsewhere = make.customer("rep"), make.customer("rep", name="他处示例有限公司")
    kept = make.contact(customer, "rep", name="林示例", mobile="13900000011")
    other = make.contact(customer, "rep", name="林示例", mobile="", email="lin@shili-jinggong.cn")
    below = make.contact(customer, "rep", name="丙示例", reports_to=other)
    away = make.contact(elsewhere, "rep", name="林示例")
    with pytest.raises(Refused):
        actions.merge_rows(kept, [away], by=people["admin"])
    before = snapshot()
    made = actions.merge_rows(kept, [other], by=people["admin"])
    kept.refresh_from_db()
    below.refresh_from_db()
    assert kept.email == "lin@shili-jinggong.cn" and below.reports_to_id == kept.pk
    actions.undo_merge(made, by=people["admin"])
    assert snapshot() == before


def test_a_customer_of_a_pool_is_merged_and_comes_back_to_it(pair, people, make_pool):
    kept, other, *_rest = pair
    admin = people["admin"]
    Opportunity.objects.all().update(status="lost")
    actions.return_to_pool([other], make_pool(department="SOUTH"), reason="联系不上", by=people["rep_south"])
    find_pairs()
    suspected = set(SuspectedPair.objects.values_list("low_id", "high_id"))
    assert (kept.pk, other.pk) in suspected
    made = actions.merge_rows(Customer.objects.get(pk=kept.pk), [Customer.objects.get(pk=other.pk)], by=admin)
    assert not SuspectedPair.objects.filter(high=other.pk).exists()
    actions.undo_merge(made, by=admin)
    assert Customer.objects.get(pk=other.pk).pool_id and set(SuspectedPair.objects.values_list("low_id", "high_id")) == suspected


def posted(rows, kept, **more):
    return {"ids": [row.pk for row in rows], "kept": kept.pk, **{f"v-{row.pk}": row.version for row in rows}, **more}


def test_another_record_that_stays_keeps_what_was_chosen(pair, sign_in):
    kept, other, *_rest = pair
    page = sign_in("admin").post("/customers/merge/", posted([kept, other], kept, _keep=other.pk, **{"f-name": kept.pk}))
    html = page.content.decode()
    assert page.status_code == 200 and f'name="kept" value="{other.pk}"' in html and f'name="f-name" value="{kept.pk}" checked' in html
    assert Customer.objects.filter(pk__in=[kept.pk, other.pk]).count() == 2


def test_what_only_one_says_is_folded_away_and_taken(pair, sign_in):
    kept, other, *_rest = pair
    html = sign_in("admin").get(f"/customers/merge/?ids={kept.pk},{other.pk}").content.decode()
    shown, folded = html.split('<details class="one">')
    assert 'name="f-name"' in shown and 'name="f-email"' not in shown  # both have a name, one has an address
    assert f'name="f-email" value="{other.pk}" checked' in folded and "f-pinyin_abbr" not in html


def test_the_history_names_what_was_joined(pair, people, sign_in):
    kept, other, *_rest = pair
    actions.merge_rows(kept, [other], by=people["admin"])
    told = sign_in("rep").get(f"/customers/{kept.pk}/history/").content.decode()
    assert f"{other.name} · {other.code}" in told


def test_the_abbreviation_goes_with_the_name_that_stays(pair, people):
    kept, other, *_rest = pair
    Customer.objects.filter(pk=other.pk).update(pinyin_abbr="sljgjx")
    made = actions.merge_rows(kept, [Customer.objects.get(pk=other.pk)], by=people["admin"], choices={"name": other.pk})
    before, after = kept.pinyin_abbr, Customer.objects.get(pk=kept.pk)
    assert (after.name, after.pinyin_abbr) == (other.name, "sljgjx")
    actions.undo_merge(made, by=people["admin"])
    assert Customer.objects.get(pk=kept.pk).pinyin_abbr == before


def test_who_comes_second_is_told_who_merged_and_led_on(pair, sign_in, people, once):
    kept, other, *_rest = pair
    data = posted([kept, other], kept)
    actions.merge_rows(kept, [other], by=people["admin"])
    answer = sign_in("sales_head").post("/customers/merge/", data, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204 and answer["HX-Redirect"] == f"/customers/{kept.pk}/"
    stranger = sign_in("rep").post("/customers/merge/", {**data, "ids": [999_999, other.pk]})
    assert stranger.status_code in (303, 403, 404)


def test_a_merged_one_is_merged_on_and_both_come_back_in_turn(pair, make, people, sign_in):
    kept, other, *_rest = pair
    third, admin, rep = make.customer("rep", name="示例重工有限公司"), people["admin"], sign_in("rep")
    before = snapshot()
    first = actions.merge_rows(kept, [other], by=admin)
    second = actions.merge_rows(third, [Customer.objects.get(pk=kept.pk)], by=admin)
    assert rep.get(f"/customers/{other.pk}/")["Location"] == f"/customers/{third.pk}/" == rep.get(f"/customers/{kept.pk}/")["Location"]
    third.refresh_from_db()
    assert set(third.former_names.split("\n")) == {"示例精工机械有限公司", "示例精工机械股份有限公司"}
    with pytest.raises(Refused):
        actions.undo_merge(first, by=admin)
    actions.undo_merge(second, by=admin)
    assert rep.get(f"/customers/{other.pk}/")["Location"] == f"/customers/{kept.pk}/"
    actions.undo_merge(first, by=admin)
    after = snapshot()
    assert {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {}


def test_whoever_sees_both_reads_that_a_customer_stands_here_twice(pair, make, sign_in):
    kept, other, *_rest = pair
    mine = make.customer("rep", name="示例精工机械（苏州）有限公司")
    SuspectedPair.objects.create(low=kept, high=mine, verdict="likely", rank=5, reasons=["name"], run="x", found_at=clock.now())
    page = sign_in("rep").get(f"/customers/{kept.pk}/").content.decode()
    assert mine.name in page and "销售经理可以合并" in page and f"ids={kept.pk},{mine.pk}" not in page
    boss = sign_in("manager_east").get(f"/customers/{kept.pk}/").content.decode()
    assert f"ids={kept.pk},{mine.pk}" in boss
    SuspectedPair.objects.all().update(low=kept, high=other)
    assert other.name not in sign_in("rep").get(f"/customers/{kept.pk}/").content.decode()  # who does not see the other learns nothing
