"""Checking in at the gate, through the page: position and photo are taken along and never hold it up."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from zhike.activities.actions import check_in
from zhike.activities.models import Activity
from zhike.base import clock
from zhike.base.refused import Refused


def photo(name="门口.jpg"):
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "JPEG")
    return SimpleUploadedFile(name, made.getvalue(), content_type="image/jpeg")


@pytest.fixture
def send(sign_in, once):
    def post(address, username="rep", **values):
        return sign_in(username).post(address, {"_once": once(), **values})

    return post


def test_a_rep_checks_in_with_place_and_photo(make, send, sign_in):
    customer = make.customer("rep")
    got = send(f"/customers/{customer.pk}/check-in/", lat="31.2304161", lng="121.4737", accuracy="18.6", place="三号门", photo=photo())
    row = Activity.objects.get(customer=customer)
    assert got.status_code == 303 and got["Location"] == f"/activities/{row.pk}/"
    assert (row.status, row.type, row.check_in_lat, row.check_in_lng, row.check_in_accuracy) == ("in_progress", "visit", 31230416, 121473700, 18)
    assert row.checked_in_by.username == "rep" and row.check_in_photo.name == "门口.jpg"
    page = sign_in("rep").get(f"/activities/{row.pk}/").content.decode()
    assert "31.230416, 121.473700" in page and "三号门" in page and f"/files/{row.check_in_photo_id}/?thumb=1" in page
    where = sign_in("rep").get(f"/activities/{row.pk}/map/")
    assert where.status_code == 302 and "121.473700,31.230416" in where["Location"] and where["Referrer-Policy"] == "no-referrer"
    assert sign_in("rep_south").get(f"/activities/{row.pk}/map/").status_code == 404
    timeline = sign_in("rep").get(f"/customers/{customer.pk}/").content.decode()
    assert "三号门" in timeline and f"/files/{row.check_in_photo_id}/?thumb=1" in timeline


@pytest.mark.parametrize(("lat", "lng"), [("", ""), ("91", "10"), ("abc", "12"), ("31.2", ""), ("٣١", "12"), ("1" * 50, "2")])
def test_no_position_and_a_file_that_is_no_picture_do_not_hold_it_up(make, send, sign_in, lat, lng):
    customer = make.customer("rep")
    got = send(f"/customers/{customer.pk}/check-in/", lat=lat, lng=lng, photo=SimpleUploadedFile("a.txt", b"hello"))
    row = Activity.objects.get(customer=customer)
    assert got.status_code == 303 and row.status == "in_progress" and row.check_in_lat is None and row.check_in_photo is None
    assert sign_in("rep").get(f"/activities/{row.pk}/map/").status_code == 404


def test_todays_planned_visit_begins_and_only_once(make, send):
    with clock.freeze("2026-11-25 08:30"):
        customer = make.customer("rep")
        row = make.activity(customer, days=0.1, subject="复访")
    with clock.freeze("2026-11-25 10:05"):
        assert send(f"/customers/{customer.pk}/check-in/").status_code == 303
        row.refresh_from_db()
        assert row.status == "in_progress" and row.at == row.checked_in_at and row.planned_at != row.at
        assert Activity.objects.filter(customer=customer).count() == 1
        assert send(f"/activities/{row.pk}/check-in/").status_code == 422


def test_others_cannot_check_in_there(make, send):
    row = make.activity(owner="rep")
    assert send(f"/activities/{row.pk}/check-in/", "rep_south").status_code == 404
    assert send(f"/activities/{row.pk}/check-in/", "auditor").status_code == 403
    assert send(f"/customers/{row.customer_id}/check-in/", "auditor").status_code == 403
    row.refresh_from_db()
    assert row.status == "planned"


def test_a_program_that_names_a_place_off_earth_is_told(make, people):
    row = make.activity()
    for wrong in ({"lat": 95_000_000, "lng": 1}, {"lat": 1}):
        with pytest.raises(Refused) as no:
            check_in(row, by=people["rep"], **wrong)
        assert no.value.field == "lat"


def test_a_rep_checks_in_at_a_lead_which_is_followed_from_then_on(make, send, sign_in):
    lead = make.lead("rep")
    page = sign_in("rep").get(f"/leads/{lead.pk}/").content.decode()
    assert page.count(f'href="/leads/{lead.pk}/check-in/"') == 2  # on the desk and for the thumb
    got = send(f"/leads/{lead.pk}/check-in/", lat="31.2304161", lng="121.4737", place="三号门", photo=photo())
    row = Activity.objects.get(lead=lead)
    lead.refresh_from_db()
    assert got.status_code == 303 and (row.status, row.type, row.customer, row.check_in_lat) == ("in_progress", "visit", None, 31230416)
    assert lead.status == "following" and row.check_in_photo is not None
    assert send(f"/leads/{lead.pk}/check-in/", "rep_south").status_code == 404
    assert send(f"/leads/{lead.pk}/check-in/", "auditor").status_code == 403


def test_a_closed_lead_bears_no_check_in(make, send, people):
    from zhike.leads.actions import invalidate_leads

    lead = make.lead("rep")
    invalidate_leads([lead], reason="no_demand", by=people["rep"])
    assert send(f"/leads/{lead.pk}/check-in/").status_code == 422 and not Activity.objects.exists()


def test_the_days_planned_visit_of_a_lead_begins(make, send):
    with clock.freeze("2026-11-25 08:30"):
        lead = make.lead("rep")
        row = make.activity(of_lead=lead, days=0.1)
    with clock.freeze("2026-11-25 10:05"):
        assert send(f"/leads/{lead.pk}/check-in/").status_code == 303
        row.refresh_from_db()
        assert row.status == "in_progress" and Activity.objects.count() == 1
