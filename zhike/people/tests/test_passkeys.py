"""Passkeys through the front door, with a device made of software."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.fixtures import PASSWORD, enter
from zhike.base import clock
from zhike.notices.models import Message
from zhike.org import second_factor
from zhike.org.models import Passkey, Role, SignedIn, User
from zhike.people import accounts, actions
from zhike.records import history

from .device import PRESENT, Device
from .test_account import code_of, set_up

pytestmark = pytest.mark.django_db


def post(client, once, address, /, *args, **data):
    return client.post(reverse(address, args=args), {"_once": once(), **data})


def options_of(got):
    assert got.status_code == 200, got.content.decode()[-600:]
    return json.loads(html.unescape(re.search(r'data-options="([^"]+)"', got.content.decode())[1]))


@pytest.fixture(autouse=True)
def passwords(people):
    for name in ("rep_east2", "admin"):
        user = people[name]
        user.set_password(PASSWORD)
        user.save()


def begin(client, once, name="我的手机", **proof):
    return post(client, once, "account-passkey-new", name=name, **(proof or {"old": PASSWORD}))


def add(client, once, device, name="我的手机", **proof):
    options = options_of(begin(client, once, name, **proof))
    got = post(client, once, "account-passkey-keep", credential=device.make(options))
    assert (got.status_code, got.headers.get("Location")) == (303, "/me/"), got.content.decode()[-600:]
    return options


@pytest.fixture
def device(rep, client, once):
    """The rep's phone, its key kept by the house; `client` is signed in."""
    enter(client)
    found = Device()
    add(client, once, found)
    return found


def offer(client, address="/sign-in/passkey/"):
    got = client.post(address, {"offer": "1"})
    assert got.status_code == 200, got.content
    return json.loads(got.content)


def send(client, answer, address="/sign-in/passkey/", **more):
    return client.post(address, {"credential": answer, **more})


def inside(client):
    return client.get("/customers/").status_code == 200


def work_off():
    """Run the follow-ups that wait, as the worker does."""
    from django_tasks_db.models import DBTaskResult

    for found in DBTaskResult.objects.filter(status="READY"):
        found.task.call(*found.args_kwargs["args"], **found.args_kwargs["kwargs"])


def lately(user):
    return history.of(user).first().action


def test_made_kept_and_used_as_both_factors(device, rep, client, once):
    key = Passkey.objects.get(user=rep)
    assert (key.name, key.place, key.transports, key.sign_count, key.last_used_at) == ("我的手机", "testserver", ["internal"], 1, None)
    assert lately(rep) == "passkey-on"
    second = set_up(client, once)  # also with codes set up: the passkey is both factors
    assert second
    fresh = Client()
    options = offer(fresh)
    assert options["userVerification"] == "required" and not options.get("allowCredentials")
    got = send(fresh, device.sign(options), next="/customers/", remember="on")
    assert (got.status_code, got["Location"]) == (303, "/customers/")
    assert inside(fresh) and SignedIn.objects.filter(user=rep).count() == 2
    assert fresh.session.get_expiry_age() > 6 * 86400
    key.refresh_from_db()
    assert key.sign_count == 2 and key.last_used_at is not None and lately(rep) == "passkey-used"
    assert "我的手机" in client.get("/me/").content.decode()


def test_password_or_code_is_asked_before_a_key_is_made(rep, client, once):
    enter(client)
    assert begin(client, once, old="wrong").status_code == 422
    assert post(client, once, "account-passkey-new", name="", old=PASSWORD).status_code == 422
    set_up(client, once)
    assert begin(client, once, old=PASSWORD).status_code == 422
    with clock.freeze(clock.now() + timedelta(seconds=60)):
        assert begin(client, once, code=code_of(rep)).status_code == 200
    assert not Passkey.objects.exists()


def test_wrong_passwords_before_a_key_lead_to_the_lock(rep, client, once, settings):
    enter(client)
    for _try in range(settings.AXES_FAILURE_LIMIT):
        last = begin(client, once, old="wrong")
    assert "15 分钟" in last.content.decode()
    assert begin(client, once).status_code == 429 and not Passkey.objects.exists()


@pytest.mark.parametrize("fault", [
    {"origin": "https://testserver"}, {"origin": "http://testserver.example"}, {"name": "example.com"}, {"flags": PRESENT},
])
def test_a_key_made_elsewhere_or_without_unlocking_is_not_kept(rep, client, once, fault):
    enter(client)
    options = options_of(begin(client, once))
    got = post(client, once, "account-passkey-keep", credential=Device().make(options, **fault))
    assert got.status_code == 422 and "重新开始" in got.content.decode()
    assert not Passkey.objects.exists()


def test_the_answer_of_making_counts_once_and_for_five_minutes(rep, client, once):
    enter(client)
    device = Device()
    options = add(client, once, device)
    assert post(client, once, "account-passkey-keep", credential=device.make(options)).status_code == 422  # again
    options, at = options_of(begin(client, once)), clock.now()
    with clock.freeze(at + timedelta(minutes=5, seconds=1)):
        assert post(client, once, "account-passkey-keep", credential=Device().make(options)).status_code == 422
    options = options_of(begin(client, once))
    assert post(client, once, "account-passkey-keep", credential=device.make(options)).status_code == 422  # a known key
    options = options_of(begin(client, once))
    for broken in ("", "{", "[]", "null", "[" * 9000, json.dumps({"id": "x", "response": {"attestationObject": "zz"}}), "x" * 16_001):
        assert post(client, once, "account-passkey-keep", credential=broken).status_code == 422
        options_of(begin(client, once))
    assert Passkey.objects.count() == 1
    assert client.get("/me/passkeys/keep/")["Location"] == "/me/passkeys/new/"


def test_another_account_in_the_same_browser_does_not_get_the_key(rep, people, client, once):
    enter(client)
    options = options_of(begin(client, once))
    kept = client.session["passkey"]
    other = Client()
    other.force_login(people["rep_east2"])
    session = other.session
    session["passkey"] = kept
    session.save()
    assert post(other, once, "account-passkey-keep", credential=Device().make(options)).status_code == 422
    assert not Passkey.objects.exists()


def test_ten_keys_and_no_more(device, rep, client, once):
    for n in range(9):
        add(client, once, Device(), name=f"钥匙{n}")
    got = begin(client, once)
    assert got.status_code == 422 and "10" in got.content.decode()
    assert Passkey.objects.filter(user=rep).count() == 10


@pytest.mark.parametrize("fault", [
    {"origin": "https://testserver"}, {"origin": "http://evil.example"}, {"name": "evil.example"}, {"flags": PRESENT},
    {"handle": "c29tZWJvZHk"}, {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
])
def test_a_wrong_answer_opens_nothing(device, rep, fault):
    fresh = Client()
    got = send(fresh, device.sign(offer(fresh), **fault))
    assert got.status_code == 422 and "不能登录" in got.content.decode()
    assert not inside(fresh)


def test_an_answer_counts_once_and_for_five_minutes(device, rep):
    fresh = Client()
    options, at = offer(fresh), clock.now()
    answer = device.sign(options)
    with clock.freeze(at + timedelta(minutes=5, seconds=1)):
        assert send(fresh, answer).status_code == 422
    assert send(fresh, answer).status_code == 422  # the challenge is gone with the first try
    options = offer(fresh)
    answer = device.sign(options)
    assert send(fresh, answer).status_code == 303
    fresh.post("/sign-out/")
    assert send(fresh, answer).status_code == 422 and not inside(fresh)
    offer(fresh)
    assert send(fresh, answer).status_code == 422 and not inside(fresh)  # an old answer to a new challenge
    stranger = Client()
    assert send(stranger, device.sign(options)).status_code == 422  # nor in another browser


def test_a_counter_that_goes_back_is_refused_and_told(device, rep):
    fresh = Client()
    assert send(fresh, device.sign(offer(fresh))).status_code == 303
    copy = Client()
    device.count = 2  # as the copy made before that signature would say
    got = send(copy, device.sign(offer(copy)))
    assert got.status_code == 422 and "计数" in got.content.decode()
    assert not inside(copy) and lately(rep) == "passkey-copied"
    work_off()
    told = Message.objects.get(receiver=rep, text_key="passkey.copied")
    assert told.urgent and told.values["name"] == "我的手机"
    text = fresh.get("/messages/").content.decode()
    assert "我的手机" in text and 'href="/me/"' in text


def test_keys_that_travel_between_devices_do_not_count(rep, client, once):
    enter(client)
    device = Device()
    device.count = 0
    add(client, once, device)
    for _time in range(2):
        fresh = Client()
        assert send(fresh, device.sign(offer(fresh))).status_code == 303
    device.count = 5
    assert send(fresh, device.sign(offer(fresh))).status_code == 303
    device.count = 0
    assert send(fresh, device.sign(offer(fresh))).status_code == 422  # it counted before


def test_a_disabled_person_and_a_removed_key_stay_out(device, rep, people, client, once):
    User.objects.filter(pk=rep.pk).update(is_active=False)
    fresh = Client()
    assert send(fresh, device.sign(offer(fresh))).status_code == 422 and not inside(fresh)
    User.objects.filter(pk=rep.pk).update(is_active=True)
    assert send(fresh, device.sign(offer(fresh))).status_code == 303
    key = Passkey.objects.get(user=rep)
    assert post(client, once, "account-passkey-name", key.pk, name="旧手机").status_code == 303
    assert lately(rep) == "passkey-name" and Passkey.objects.get().name == "旧手机"
    assert post(client, once, "account-passkey-remove", key.pk, old="wrong").status_code == 422
    token = once()
    for _click in range(2):
        assert client.post(f"/me/passkeys/{key.pk}/remove/", {"_once": token, "old": PASSWORD}).status_code == 303
    assert lately(rep) == "passkey-off"
    fresh = Client()
    assert send(fresh, device.sign(offer(fresh))).status_code == 422 and not inside(fresh)


def test_anothers_keys_are_not_found(device, people, once):
    other = Client()
    other.force_login(people["rep_east2"])
    key = Passkey.objects.get()
    for name in ("account-passkey-name", "account-passkey-remove"):
        for pk in (key.pk, 10**12):
            assert other.get(reverse(name, args=[pk])).status_code == 404
            assert post(other, once, name, pk, name="x", old=PASSWORD).status_code == 404
    assert Passkey.objects.get().name == "我的手机"


def test_broken_and_oversized_answers_are_refused_in_words(device):
    fresh = Client()
    good = json.loads(device.sign(offer(fresh)))
    odd = [dict(good, response=None), dict(good, response={}), dict(good, response=[]), dict(good, rawId="AAAA"), dict(good, type="x"),
           dict(good, id=["x"]), dict(good, id="é"), dict(good, id="x\0"), dict(good, response={**good["response"], "signature": "AAAA"}),
           dict(good, response={**good["response"], "authenticatorData": "AA"}), dict(good, response={**good["response"], "userHandle": 7})]
    for answer in ["", "{", "null", "3", "[" * 15_000, *(json.dumps(one) for one in odd[:5])]:
        offer(fresh)
        got = send(fresh, answer)
        assert got.status_code == 422, (answer[:80], got.status_code)
    fresh = Client(REMOTE_ADDR="10.9.8.7")
    for one in odd[5:]:
        offer(fresh)
        assert send(fresh, json.dumps(one)).status_code == 422
    offer(fresh)
    assert send(fresh, "x" * 16_001).status_code == 413
    assert fresh.post("/sign-in/passkey/", {"credential": "x" * (6 * 2**20)}).status_code in (400, 413)
    assert fresh.get("/sign-in/passkey/")["Location"] == "/sign-in/"
    assert not inside(fresh)


def test_wrong_answers_lead_to_the_same_lock_as_passwords(device, rep, settings):
    fresh = Client(REMOTE_ADDR="10.9.8.6")
    for _try in range(settings.AXES_FAILURE_LIMIT):
        got = send(fresh, device.sign(offer(fresh), origin="http://evil.example"))
    assert got.status_code == 429 and "15 分钟" in got.content.decode()
    assert send(fresh, device.sign(offer(fresh))).status_code == 429 and not inside(fresh)
    assert fresh.post("/sign-in/", {"username": "rep", "password": PASSWORD}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="10.9.8.5")
    assert send(elsewhere, device.sign(offer(elsewhere))).status_code == 303


def test_instead_of_a_code_after_the_password(device, rep, people, client, once):
    set_up(client, once)
    fresh = Client()
    assert enter(fresh, next="/customers/")["Location"] == "/sign-in/code/"
    assert "data-passkey" in fresh.get("/sign-in/code/").content.decode()
    options = offer(fresh, "/sign-in/code/passkey/")
    assert [one["id"] for one in options["allowCredentials"]] == [Passkey.objects.get().credential]
    # Somebody else's key, good as it is, is not this person's second factor.
    other, others = Client(), Device()
    enter(other, username="rep_east2")
    add(other, once, others)
    assert send(fresh, others.sign(options, handle=others.handle), "/sign-in/code/passkey/").status_code == 422
    assert not inside(fresh)
    # A challenge of the sign-in page is none of the second step.
    assert send(fresh, device.sign(offer(fresh)), "/sign-in/code/passkey/").status_code == 422
    got = send(fresh, device.sign(offer(fresh, "/sign-in/code/passkey/")), "/sign-in/code/passkey/")
    assert (got.status_code, got["Location"]) == (303, "/customers/") and inside(fresh)
    stranger = Client()
    assert stranger.post("/sign-in/code/passkey/", {"offer": "1"}).status_code == 422
    assert send(stranger, "{}", "/sign-in/code/passkey/")["Location"] == "/sign-in/"


def test_a_role_that_asks_for_a_second_factor_is_content_with_a_passkey(device, rep, client, once):
    Role.objects.filter(code="SR").update(second_factor=True)
    assert second_factor.needed_by(rep)
    fresh = Client()
    assert enter(fresh)["Location"] == "/sign-in/code/"
    page = fresh.get("/sign-in/code/").content.decode()
    assert "data-passkey" in page and 'name="code"' not in page
    # With the password alone nobody sets up codes of their own beside the key.
    assert fresh.get("/sign-in/second-factor/")["Location"] == "/sign-in/"
    assert fresh.post("/sign-in/second-factor/", {"code": "123456"})["Location"] == "/sign-in/"
    assert fresh.post("/sign-in/code/", {"code": "123456"}).status_code == 422
    assert send(fresh, device.sign(offer(fresh, "/sign-in/code/passkey/")), "/sign-in/code/passkey/").status_code == 303
    key = Passkey.objects.get()
    assert post(client, once, "account-passkey-remove", key.pk, old=PASSWORD).status_code == 422  # the only one
    set_up(client, once)
    with clock.freeze(clock.now() + timedelta(seconds=60)):
        assert post(client, once, "account-factor-off", code=code_of(rep)).status_code == 303  # the key stands in


def test_an_administrator_removes_all_keys(device, rep, people, client, once):
    boss = Client()
    boss.force_login(people["admin"])
    assert reverse("user-passkeys", args=[rep.pk]) in boss.get(f"/settings/users/{rep.pk}/").content.decode()
    assert post(boss, once, "user-passkeys", rep.pk).status_code == 422  # why?
    assert post(boss, once, "user-passkeys", rep.pk, reason="手机丢失").status_code == 303
    assert not Passkey.objects.exists() and not inside(client)
    entry = history.of(rep).first()
    assert (entry.action, entry.args["reason"], entry.by) == ("passkeys-reset", "手机丢失", people["admin"])
    assert post(boss, once, "user-passkeys", rep.pk, reason="手机丢失").status_code == 422  # none left
    mine = Client()
    mine.force_login(rep)
    assert mine.post(reverse("user-passkeys", args=[rep.pk]), {"_once": once(), "reason": "x"}).status_code == 403


def test_the_rescue_of_an_administrator_takes_keys_too(people, once):
    admin, mine = people["admin"], Client()
    enter(mine, username="admin")
    add(mine, once, Device())
    accounts.rescue_administrator(admin)
    assert not Passkey.objects.exists()
    assert history.of(admin).first().args["passkeys"] == 1


@pytest.mark.both
def test_of_two_signatures_with_one_counter_the_second_is_refused(device, rep):
    one, two = Client(), Client()
    first, second = offer(one), offer(two)
    answer = device.sign(first)
    device.count -= 1
    other = device.sign(second)
    assert sorted((send(one, answer).status_code, send(two, other).status_code)) == [303, 422]


def test_nobody_changes_keys_of_those_above(rep, people, once):
    enter(mine := Client())
    with pytest.raises(Exception):
        actions.remove_passkeys(people["admin"], by=rep, reason="x")
    assert mine.get("/me/passkeys/new/").status_code == 200


def test_the_page_of_a_colleague_asks_for_the_keys_once(device, people, sign_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    admin = sign_in("admin")
    with CaptureQueriesContext(connection) as asked:
        page = admin.get(f"/settings/users/{people['rep'].pk}/").content.decode()
    assert "通行密钥" in page
    assert sum('FROM "org_passkey"' in found["sql"] for found in asked) == 1
