"""A place in a record's team: to a day, after which it counts no more without anybody doing anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.records import explain, history
from zhike.records.models import TeamGrant

pytestmark = pytest.mark.django_db


def share(client, once, row, user, level="write", **more):
    return client.post(f"/customers/{row.pk}/team/", {"_once": once(), "user": user.pk, "level": level, **more})


def test_it_ends_by_itself_with_its_day(make, people, sign_in, once):
    row, owner, guest = make.customer("rep"), sign_in("rep"), sign_in("rep_south")
    contact = make.contact(row)
    today = clock.today()
    assert share(owner, once, row, people["rep_south"], until=str(today - timedelta(days=1))).status_code == 422
    assert share(owner, once, row, people["rep_south"], until=str(today)).status_code == 303
    url = f"/customers/{row.pk}/"
    assert guest.get(f"{url}edit/").status_code == guest.get(f"/contacts/{contact.pk}/").status_code == 200
    seer = explain.who_sees(row, [people["rep_south"]])[0]
    end = seer.reasons[0].grant.expires_at
    assert clock.local(end).date() == today + timedelta(days=1) and seer.changes
    text = guest.get(f"/who-sees/customer/{row.pk}/").content.decode()
    assert people["rep_south"].name in text
    with clock.freeze(end - timedelta(seconds=1)):
        assert guest.get(url).status_code == 200
    with clock.freeze(end):
        assert guest.get(url).status_code == guest.get(f"/contacts/{contact.pk}/").status_code == 404
        assert not explain.who_sees(row, [people["rep_south"]])
        assert str(row.name) not in guest.get("/customers/?view=all").content.decode()
        dialog = owner.get(f"{url}team/").content.decode()
        assert people["rep_south"].name in dialog  # still there to see, marked as over
        assert share(owner, once, row, people["rep_south"], level="read").status_code == 303  # and renewed
        assert guest.get(url).status_code == 200 and guest.get(f"{url}edit/").status_code == 403


def test_a_member_is_taken_out(make, people, sign_in, once):
    row, owner, guest = make.customer("rep"), sign_in("rep"), sign_in("rep_south")
    share(owner, once, row, people["rep_south"])
    assert guest.get(f"/customers/{row.pk}/").status_code == 200
    assert share(owner, once, row, people["rep_south"], level="out").status_code == 303
    assert guest.get(f"/customers/{row.pk}/").status_code == 404 and not TeamGrant.objects.exists()
    assert history.of(row).first().action == "unshare"
    assert share(owner, once, row, people["rep_south"], level="out").status_code == 422
