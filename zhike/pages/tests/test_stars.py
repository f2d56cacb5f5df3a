"""Favourites: marked by the star of a record, found again in lists, palette and on the workbench, and only by whom they are."""

import threading

import pytest
from django.db import connection

from zhike.base.refused import Refused
from zhike.collab.actions.trash import purge_trash, restore_row, trash_row
from zhike.collab.models import TrashedRow
from zhike.customers import actions as customers
from zhike.org.models import FieldRule
from zhike.records import favourites, ownership
from zhike.records.models import Favourite

pytestmark = pytest.mark.django_db


@pytest.fixture
def press(sign_in, once):
    def post(row, on="1", username="rep", **more):
        return sign_in(username).post(f"/star/{row.KIND}/{row.pk}/", {"_once": once(), "on": on}, **more)

    return post


def test_a_star_is_put_on_and_taken_off(make, press, sign_in):
    row, other = make.customer("rep", name="示例甲收藏有限公司"), make.customer("rep", name="示例乙普通有限公司")
    client = sign_in("rep")
    assert 'aria-pressed="false"' in client.get(f"/customers/{row.pk}/").content.decode()
    assert press(row).status_code == 303 and press(row).status_code == 303 and Favourite.objects.count() == 1
    assert 'aria-pressed="true"' in client.get(f"/customers/{row.pk}/").content.decode()
    found = client.get("/customers/?view=favourites").content.decode()
    assert row.name in found and other.name not in found
    assert row.name not in client.get("/customers/?favourite=no").content.decode()
    assert row.name in client.get("/palette/").content.decode() and row.name not in sign_in("manager_east").get("/palette/").content.decode()
    assert row.name in client.get("/").content.decode().split("card-favourites")[1]
    fragment = press(row, "0", HTTP_HX_REQUEST="true")
    assert fragment.status_code == 200 and 'aria-pressed="false"' in fragment.content.decode() and "<html" not in fragment.content.decode()
    assert not Favourite.objects.exists() and "card-favourites" not in client.get("/").content.decode()


def test_what_one_does_not_see_bears_no_star_and_what_one_no_longer_sees_vanishes(make, press, sign_in, people, once):
    row = make.customer("rep", name="示例丙移交有限公司")
    assert press(row, username="rep_south").status_code == 404 and press(make.product(), username="rep").status_code == 303
    assert sign_in("rep").post("/star/nonsense/1/", {"_once": once(), "on": "1"}).status_code == 404
    assert sign_in("rep").get(f"/star/customer/{row.pk}/").status_code == 405
    assert press(row).status_code == 303
    ownership.transfer_rows([row], to=people["rep_south"], by=people["admin"])
    client = sign_in("rep")
    for address in ("/", "/palette/", "/customers/?view=favourites"):
        assert row.name not in client.get(address).content.decode(), address
    assert len(favourites.of(people["rep"])) == 1


def test_a_deleted_record_comes_back_as_a_favourite_and_a_purged_one_does_not(make, press, people):
    row = make.contact(make.customer("rep"), "rep")
    assert press(row).status_code == 303
    gone = trash_row(row, by=people["rep"])
    assert favourites.of(people["rep"]) == []
    restore_row(gone, by=people["rep"])
    assert [found.pk for _kind, found in favourites.of(people["rep"])] == [row.pk]
    trash_row(type(row).objects.get(pk=row.pk), by=people["rep"])
    TrashedRow.objects.update(deleted_at="2020-01-01T00:00:00Z")
    purge_trash()
    assert not Favourite.objects.exists()


@pytest.mark.both
def test_a_merge_carries_stars_over_and_back(make, press, people):
    kept, other = make.customer("rep", name="示例留存甲有限公司"), make.customer("rep", name="示例归入乙有限公司")
    for row, who in ((kept, "rep"), (other, "rep"), (other, "manager_east")):
        assert press(row, username=who).status_code == 303
    merged = customers.merge_rows(kept, [other], by=people["admin"])
    assert sorted(Favourite.objects.values_list("user__username", "row_id")) == [("manager_east", kept.pk), ("rep", kept.pk)]
    customers.undo_merge(merged, by=people["admin"])
    assert Favourite.objects.filter(row_id=other.pk).count() == 2


def test_there_are_two_hundred_at_most_and_lost_ones_make_room(make, press, people, monkeypatch):
    monkeypatch.setattr(favourites, "MOST", 3)
    rep, rows = people["rep"], [make.customer("rep") for _n in range(4)]
    Favourite.objects.create(user=rep, kind="customer", row_id=987654)
    for row in rows[:2]:
        favourites.keep(row, by=rep)
    favourites.keep(rows[2], by=rep)  # the lost one makes room
    with pytest.raises(Refused) as no:
        favourites.keep(rows[3], by=rep)
    assert no.value.code == "favourite.many" and press(rows[3]).status_code == 422
    assert press(rows[0], "0").status_code == 303 and press(rows[3]).status_code == 303


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_two_tabs_mark_it_once(make, people):
    row, rep, wrong = make.customer("rep"), people["rep"], []

    def mark():
        try:
            favourites.keep(row, by=rep)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=mark) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and Favourite.objects.filter(user=rep).count() == 1


def test_a_kind_one_may_no_longer_view_is_passed_over(make, press, people):
    row = make.opportunity(owner="rep")
    assert press(row).status_code == 303
    role = people["rep"].roles.first()
    role.permissions.filter(kind="opportunity").delete()
    FieldRule.objects.filter(role=role).delete()
    assert favourites.of(people["rep"]) == []


def test_on_a_phone_dates_and_yes_or_no_say_what_they_are(make, sign_in):
    make.contact(make.customer("rep"), "rep")
    page = sign_in("rep").get("/contacts/?columns=name,primary,next_contact_at,created_at").content.decode()
    row = page.split("<tbody>")[1]
    assert 'data-label="首要联系人"' in row and 'data-label="创建时间"' in row and 'data-label="姓名"' not in row
