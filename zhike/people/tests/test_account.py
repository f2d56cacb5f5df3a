"""One's own account: second factor, recovery codes, sessions and password."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from secrets import token_urlsafe

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from tests.fixtures import PASSWORD, enter
from zhike.base import clock
from zhike.org import second_factor, sessions
from zhike.org.backends import BACKEND
from zhike.org.models import HourlyCount, Role, SecondFactor, SignedIn
from zhike.org.sealed import Broken, seal, unseal
from zhike.records import history

pytestmark = pytest.mark.django_db


def post(client, once, address, *args, **data):
    return client.post(reverse(address, args=args), {"_once": once(), **data})


def code_of(user, step=0):
    factor = SecondFactor.objects.get(user=user)
    secret = base64.b32encode(unseal(factor.secret)).decode()
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + step)


def set_up(client, once):
    """Through the page, as a phone would: the secret is read off it."""
    text = client.get(reverse("account-factor")).content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", text)[1].replace(" ", "")
    code = pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)
    got = post(client, once, "account-factor", code=code)
    assert got.status_code == 200, got.content.decode()[-500:]
    return secret, re.findall(r"<code>([A-Z0-9-]{14})</code>", got.content.decode())


def test_set_up_and_sign_in_with_a_code(rep, client, once):
    enter(client)
    secret, codes = set_up(client, once)
    assert len(codes) == 10 == len(set(codes))
    stored = str(list(SecondFactor.objects.values()))
    assert secret not in stored and not any(code.replace("-", "") in stored for code in codes)
    assert history.of(rep).first().action == "factor-on"
    other = Client()
    got = enter(other, next="/customers/")
    assert got["Location"] == "/sign-in/code/"
    assert other.get("/customers/").status_code == 302  # the password alone opens nothing
    assert other.post("/sign-in/code/", {"code": "000000"}).status_code == 422
    with clock.freeze(clock.now() + timedelta(seconds=60)):
        got = other.post("/sign-in/code/", {"code": code_of(rep)})
    assert (got.status_code, got["Location"]) == (303, "/customers/")
    assert other.get("/customers/").status_code == 200


def test_a_code_counts_once_and_for_a_minute_and_a_half(rep, client, once):
    enter(client)
    at = clock.now()
    set_up(client, once)
    with clock.freeze(at + timedelta(minutes=5)):
        code = code_of(rep)
        assert second_factor.check(rep, code) == "code"
        assert second_factor.check(rep, code) == ""  # replay
        assert second_factor.check(rep, code_of(rep, -1)) == ""  # older than the newest taken
        assert second_factor.check(rep, code_of(rep, 1)) == "code"  # a phone that runs fast
        for step in (2, 3, -2):
            assert second_factor.check(rep, code_of(rep, step)) == ""
        for text in ("", "12345", "1234567", "abcdef", "１２３４５６", "x" * 20, "'; --"):
            assert second_factor.check(rep, text) == ""


def test_a_recovery_code_counts_once(rep, client, once, people):
    enter(client)
    _secret, codes = set_up(client, once)
    lost = Client()
    enter(lost)
    assert lost.post("/sign-in/code/", {"code": codes[3].lower()}).status_code == 303
    assert lost.get("/customers/").status_code == 200
    line = history.of(rep).first()
    assert line.action == "factor-recovery" and line.args == {"left": 9}
    again = Client()
    enter(again)
    assert again.post("/sign-in/code/", {"code": codes[3]}).status_code == 422
    got = post(client, once, "account-codes", code=codes[4])
    new = re.findall(r"<code>([A-Z0-9-]{14})</code>", got.content.decode())
    assert len(new) == 10 and not set(new) & set(codes)
    assert again.post("/sign-in/code/", {"code": codes[5]}).status_code == 422
    assert again.post("/sign-in/code/", {"code": new[0]}).status_code == 303


def test_wrong_codes_lock_like_wrong_passwords(rep, client, once, settings):
    enter(client)
    _secret, codes = set_up(client, once)
    thief = Client()
    enter(thief)
    answers = [thief.post("/sign-in/code/", {"code": f"{i:06}"}).status_code for i in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[0] == 422 and answers[-1] == 429
    assert thief.post("/sign-in/code/", {"code": codes[0]}).status_code == 429
    assert enter(Client()).status_code == 429  # the password's door is shut as well
    assert thief.get("/customers/").status_code == 302
    assert len(SecondFactor.objects.get(user=rep).recovery) == 10


def test_a_right_password_does_not_open_the_lock(rep, client, once, settings):
    """Between wrong codes the thief signs in with the password again: the count goes on."""
    enter(client)
    set_up(client, once)
    thief, last = Client(), None
    for i in range(settings.AXES_FAILURE_LIMIT):
        enter(thief)
        last = thief.post("/sign-in/code/", {"code": f"{i:06}"})
    assert last.status_code == 429


def test_from_many_addresses_thirty_tries_an_hour(rep, client, once):
    enter(client)
    set_up(client, once)
    with clock.freeze(clock.now() + timedelta(minutes=2)):
        for i in range(second_factor.TRIES_AN_HOUR):
            assert second_factor.check(rep, f"X{i}") == ""
        assert HourlyCount.objects.get(user=rep).count == second_factor.TRIES_AN_HOUR
        assert second_factor.check(rep, code_of(rep)) == ""
    with clock.freeze(clock.now() + timedelta(hours=1, minutes=2)):
        assert second_factor.check(rep, code_of(rep)) == "code"


def test_waiting_at_the_door_ends(rep, client, once):
    enter(client)
    _secret, codes = set_up(client, once)
    slow = Client()
    enter(slow)
    with clock.freeze(clock.now() + timedelta(minutes=10, seconds=1)):
        got = slow.post("/sign-in/code/", {"code": codes[0]})
        assert got["Location"] == "/sign-in/" and slow.get("/customers/").status_code == 302
    changed = Client()
    enter(changed)
    rep.set_password("other-words-88")
    rep.save()
    assert changed.post("/sign-in/code/", {"code": codes[0]})["Location"] == "/sign-in/"
    assert Client().get("/sign-in/code/")["Location"] == Client().get("/sign-in/second-factor/")["Location"] == "/sign-in/"


def test_a_role_asks_for_it_and_ends_sessions_without(rep, sign_in, once, people):
    browser = sign_in("rep")
    role = Role.objects.get(code="SR")
    got = post(sign_in("admin"), once, "role-edit", role.pk, name_zh=role.name_zh, name_en=role.name_en, code="SR", order=role.order,
               second_factor="on", _version=role.version)
    assert got.status_code == 303
    assert browser.get("/customers/").status_code == 302
    fresh = Client()
    assert enter(fresh)["Location"] == "/sign-in/second-factor/"
    text = fresh.get("/sign-in/second-factor/").content.decode()
    assert fresh.get("/customers/").status_code == 302 and "<svg" in text and "style=" not in text[text.index("<svg"):text.index("</svg>")]
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", text)[1].replace(" ", "")
    assert fresh.post("/sign-in/second-factor/", {"code": "000000"}).status_code == 422
    assert re.search(r"<code>([A-Z2-7 ]+)</code>", fresh.get("/sign-in/second-factor/").content.decode())[1].replace(" ", "") == secret
    got = fresh.post("/sign-in/second-factor/", {"code": pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)})
    assert got.status_code == 200 and len(re.findall(r"<code>[A-Z0-9-]{14}</code>", got.content.decode())) == 10
    assert fresh.get("/customers/").status_code == 200
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        assert post(fresh, once, "account-factor-off", code=code_of(rep)).status_code == 422  # the role still asks
    assert SecondFactor.objects.filter(user=rep).exists()


def test_one_takes_it_off_and_an_administrator_takes_it_away(rep, client, once, sign_in, people):
    enter(client)
    set_up(client, once)
    assert post(client, once, "account-factor-off", code="000000").status_code == 422
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        assert post(client, once, "account-factor-off", code=code_of(rep)).status_code == 303
    assert not SecondFactor.objects.exists() and history.of(rep).first().action == "factor-off"
    set_up(client, once)
    admin = sign_in("admin")
    assert post(admin, once, "user-factor", rep.pk).status_code == 422  # a reason is wanted
    assert post(admin, once, "user-factor", rep.pk, reason="手机丢失").status_code == 303
    line = history.of(rep).first()
    assert (line.action, line.by, line.args) == ("factor-reset", people["admin"], {"reason": "手机丢失"})
    assert client.get("/customers/").status_code == 302 and enter(Client()).status_code == 303


def test_the_secret_is_bound_to_browser_and_person(rep, client, once, sign_in):
    """Who knows the password cannot read the secret another browser is about to confirm."""
    enter(client)
    other = Client()
    enter(other)
    mine = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(reverse("account-factor")).content.decode())[1]
    theirs = re.search(r"<code>([A-Z2-7 ]+)</code>", other.get(reverse("account-factor")).content.decode())[1]
    assert mine != theirs
    stolen = pyotp.TOTP(theirs.replace(" ", "")).generate_otp(int(clock.now().timestamp()) // 30)
    assert post(client, once, "account-factor", code=stolen).status_code == 422
    set_up(client, once)
    assert post(other, once, "account-factor", code=stolen).status_code == 422  # there is one already
    assert SecondFactor.objects.count() == 1


def test_sealed_secrets_show_any_change_and_need_the_key(settings):
    secret = bytes(range(20))
    text = seal(secret)
    assert unseal(text) == secret and seal(secret) != text
    for i in range(0, len(text) - 4, 3):
        changed = text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1:]
        with pytest.raises(Broken):
            unseal(changed)
    for wrong in ("", "x", text[:-4], text + "AAAA", "é", "=" * 40):
        with pytest.raises(Broken):
            unseal(wrong)
    with pytest.raises(ValueError):
        seal(b"x" * 33)
    settings.SECRET_KEY = "another key of another house"
    with pytest.raises(Broken):
        unseal(text)


def test_with_another_key_of_the_house_recovery_still_needs_an_administrator(rep, client, once, settings):
    enter(client)
    _secret, codes = set_up(client, once)
    settings.SECRET_KEY = "another key of another house"
    assert second_factor.check(rep, codes[0]) == "" and second_factor.check(rep, "123456") == ""


def test_sessions_are_listed_and_ended(rep, people):
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
    here, there, third = (Client(headers={"User-Agent": agent}) for agent in (chrome, phone, chrome))
    for client in (here, there, third):
        enter(client)
    text = here.get("/me/").content.decode()
    assert "Chrome, Windows" in text and "Safari, iPhone" in text and here.session.session_key not in text
    place = SignedIn.objects.get(session_key=there.session.session_key)
    assert Client().post(reverse("account-session", args=[place.pk]), {"_once": token_urlsafe(24)}).status_code == 302
    stranger = Client()
    stranger.force_login(people["gm"], backend=BACKEND)
    assert stranger.post(reverse("account-session", args=[place.pk]), {"_once": token_urlsafe(24)}).status_code == 404
    assert there.get("/customers/").status_code == 200
    assert here.post(reverse("account-session", args=[place.pk]), {"_once": token_urlsafe(24)}).status_code == 303
    assert there.get("/customers/").status_code == 302 and third.get("/customers/").status_code == 200
    assert here.post(reverse("account-sessions"), {"_once": token_urlsafe(24)}).status_code == 303
    assert third.get("/customers/").status_code == 302 and here.get("/customers/").status_code == 200
    assert SignedIn.objects.filter(user=rep).count() == 1
    here.post("/sign-out/")
    assert not SignedIn.objects.filter(user=rep).exists()


def test_last_use_is_noted_every_five_minutes_only(rep, client):
    enter(client)
    first = SignedIn.objects.get(user=rep).last_used_at
    client.get("/me/")
    assert SignedIn.objects.get(user=rep).last_used_at == first
    with clock.freeze(clock.now() + timedelta(minutes=6)):
        client.get("/me/")
        assert SignedIn.objects.get(user=rep).last_used_at == clock.now()
    with clock.freeze(clock.now() + timedelta(days=20)):
        assert sessions.of(rep) == []


def test_a_changed_password_ends_the_others(rep, once):
    here, there = Client(), Client()
    enter(here), enter(there)
    new = "neue-spindel-2026"
    assert post(here, once, "account-password", old="wrong", password=new, again=new).status_code == 422
    assert post(here, once, "account-password", old=PASSWORD, password="short", again="short").status_code == 422
    assert post(here, once, "account-password", old=PASSWORD, password="password1234", again="password1234").status_code == 422
    assert there.get("/customers/").status_code == 200
    assert post(here, once, "account-password", old=PASSWORD, password=new, again=new).status_code == 303
    assert here.get("/customers/").status_code == 200 and there.get("/customers/").status_code == 302
    assert [place.session_key for place in SignedIn.objects.filter(user=rep)] == [here.session.session_key]
    line = history.of(rep).first()
    assert line.action == "password" and new not in str(line.args) + str(line.diff)
    assert enter(Client()).status_code == 422


@pytest.mark.parametrize("by_htmx", [False, True])
def test_the_second_half_of_a_double_click_stays_signed_in(rep, once, by_htmx):
    here, late = Client(), Client()
    enter(here)
    late.cookies.load({name: morsel.value for name, morsel in here.cookies.items()})  # sent before the first answer is there
    new, headers = "neue-spindel-2026", {"HX-Request": "true"} if by_htmx else {}
    form = {"_once": once(), "old": PASSWORD, "password": new, "again": new}
    where = reverse("account-password")
    assert here.post(where, form, headers=headers).status_code in (204, 303)
    got = late.post(where, form, headers=headers)
    assert got.headers.get("HX-Redirect" if by_htmx else "Location") == reverse("account"), got.content.decode()[-300:]
    assert late.session.session_key == here.session.session_key
    for browser in (late, here):
        assert browser.get("/customers/").status_code == 200
    assert [line.action for line in history.of(rep)].count("password") == 1


def test_nothing_else_follows_into_the_new_session(rep, once):
    here, new = Client(), "neue-spindel-2026"
    enter(here)
    old = here.cookies["zhike_session"].value
    form = {"_once": once(), "old": PASSWORD, "password": new, "again": new}
    assert here.post(reverse("account-password"), form).status_code == 303
    for address, said in (("account-password", {**form, "_once": once()}), ("account-password", {**form, "old": "another-one"}),
                          ("account-sessions", form), ("account-password", {})):
        thief = Client()
        thief.cookies["zhike_session"] = old
        assert thief.post(reverse(address), said).headers["Location"].startswith("/sign-in/")
        assert thief.get("/customers/").status_code == 302
    thief = Client()
    thief.cookies["zhike_session"] = old
    with clock.freeze(clock.now() + timedelta(hours=1)):
        assert thief.get("/me/").status_code == 302


def test_guessing_the_old_password_is_counted(rep, once, settings):
    client = Client()
    enter(client)
    new = "neue-spindel-2026"
    for _try in range(settings.AXES_FAILURE_LIMIT):
        post(client, once, "account-password", old="wrong", password=new, again=new)
    assert post(client, once, "account-password", old=PASSWORD, password=new, again=new).status_code == 429
    rep.refresh_from_db()
    assert rep.check_password(PASSWORD)
