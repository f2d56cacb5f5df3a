"""Where customers lie, how far a check-in was, and the route of a day."""

from __future__ import annotations

import secrets

import pytest

from zhike.activities import actions, distances
from zhike.base import clock, places
from zhike.base.refused import Refused
from zhike.customers.actions import create_addresses, place_address, set_place
from zhike.customers.models import Address, Customer

pytestmark = pytest.mark.both
PLANT = (31_230_416, 121_473_701)


def post(client, url, **values):
    return client.post(url, {"_once": secrets.token_urlsafe(24), **values})


@pytest.mark.parametrize(("said", "meant"), [
    ("31.230416, 121.473701", PLANT), ("31.230416，121.473701", PLANT), (" 31.230416 121.473701 ", PLANT), ("-33.5,151", (-33_500_000, 151_000_000)),
    ("121.473701, 31.230416", None), ("91, 0", None), ("x, y", None), ("31.2", None), ("31,121,5", None), ("", None), ("１,２", None),
])
def test_positions_as_people_write_them(said, meant):
    assert places.read(said) == meant


def test_distance_in_metres():
    assert places.metres(*PLANT, *PLANT) == 0
    assert 110_000 < places.metres(31_000_000, 121_000_000, 32_000_000, 121_000_000) < 112_000
    assert [distances.text(n) for n in (0, 350, 999, 1_000, 1_249, 1_950, 12_345)] == ["0 m", "350 m", "999 m", "1.0 km", "1.2 km", "2.0 km", "12.3 km"]


def test_a_place_is_typed_taken_over_and_used(make, people, sign_in):
    customer, rep = make.customer("rep"), sign_in("rep")
    wrong = post(rep, f"/customers/{customer.pk}/place/", position="121.473701, 31.230416")
    assert wrong.status_code == 422
    assert post(rep, f"/customers/{customer.pk}/place/", position="31.230416, 121.473701").status_code in (204, 302, 303)
    customer.refresh_from_db()
    assert customer.position == PLANT
    assert "position=121.473701,31.230416" in rep.get(f"/customers/{customer.pk}/on-the-map/")["Location"]
    visit = actions.check_in_at(customer, by=people["rep"], lat=PLANT[0] + 9_000, lng=PLANT[1])
    assert distances.from_customer(visit) == 1001
    page = rep.get(f"/activities/{visit.pk}/").content.decode()
    assert "1.0 km" in page and f"/activities/{visit.pk}/take-place/" in page
    assert post(rep, f"/activities/{visit.pk}/take-place/").status_code in (204, 302, 303)
    assert distances.from_customer(visit) == 0
    assert sign_in("rep_south").get(f"/activities/{visit.pk}/take-place/").status_code == 404


def test_the_nearest_address_counts(make, people, sign_in):
    customer, by = make.customer("rep"), people["rep"]
    set_place(customer, lat=PLANT[0] + 1_000_000, lng=PLANT[1], by=by)
    address = create_addresses([Address(customer=customer, text="示例路 8 号")], by=by)[0]
    place_address(address, lat=PLANT[0], lng=PLANT[1], by=by)
    visit = actions.check_in_at(customer, by=by, lat=PLANT[0], lng=PLANT[1])
    assert distances.from_customer(visit) == 0
    rep = sign_in("rep")
    assert "121.473701" in rep.get(f"/customers/{customer.pk}/addresses/{address.pk}/map/")["Location"]
    assert rep.get(f"/customers/{customer.pk}/addresses/987654/map/").status_code == 404


def test_half_a_place_or_none_on_earth_is_refused(make, people):
    customer = make.customer("rep")
    for wrong in ({"lat": 1, "lng": None}, {"lat": 91_000_000, "lng": 0}, {"lat": 0, "lng": 181_000_000}):
        with pytest.raises(Refused):
            set_place(customer, by=people["rep"], **wrong)
    set_place(customer, by=people["rep"])
    assert Customer.objects.get(pk=customer.pk).position is None


def test_the_route_of_a_day(make, people, sign_in):
    by = people["rep"]
    for i in range(2):
        actions.check_in_at(make.customer("rep"), by=by, lat=PLANT[0] + i * 9_000, lng=PLANT[1])
    day = clock.today().isoformat()
    page = sign_in("rep").get(f"/reports/duty/?first={day}&last={day}&owner={by.pk}").content.decode()
    assert "拜访路线" in page and "1.0 km" in page
    assert "拜访路线" not in sign_in("rep").get(f"/reports/duty/?first={day}&last={day}").content.decode()
