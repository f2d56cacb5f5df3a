"""R22: sessions, passwords, tokens: what ends access ends it at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.fixtures import PASSWORD, enter
from zhike.base import clock
from zhike.org.models import ApiToken, Role
from zhike.org.tokens import check_token, create_token


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_the_session_key_changes_at_sign_in(rep, client):
    client.get("/sign-in/")
    client.session["x"] = 1
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    client.cookies["zhike_session"] = session.session_key
    before = session.session_key
    assert enter(client).status_code == 303
    assert client.session.session_key != before
    assert client.cookies["zhike_session"]["httponly"] and client.cookies["zhike_session"]["samesite"] == "Lax"
    stranger = Client()
    stranger.cookies["zhike_session"] = before
    assert stranger.get("/customers/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(rep, client):
    enter(client)
    key = client.cookies["zhike_session"].value
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/customers/").status_code == 200
    client.post("/sign-out/")
    again = Client()
    again.cookies["zhike_session"] = key
    assert again.get("/customers/").status_code == 302


def test_a_new_password_ends_other_sessions(rep, client):
    enter(client)
    rep.set_password("other-words-88")
    rep.save()
    assert client.get("/customers/").status_code == 302
    assert enter(Client()).status_code == 422


def test_the_disabled_are_out_everywhere_at_once(rep, client):
    enter(client)
    token = create_token(rep)
    assert client.get("/api/v1/customers", headers=bearer(token)).status_code == 200
    rep.is_active = False
    rep.save()
    assert client.get("/customers/").status_code == 302
    assert client.get("/api/v1/customers", headers=bearer(token)).status_code == 401
    got = enter(Client())
    assert got.status_code == 422


def test_rights_change_with_the_next_request(people, sign_in, make, client):
    row = make.customer("rep")
    browser, token = sign_in("rep_south"), create_token(people["rep_south"])
    url = f"/customers/{row.pk}/"
    assert browser.get(url).status_code == 404
    people["rep_south"].roles.set(Role.objects.filter(code="GM"))
    assert browser.get(url).status_code == 200
    assert client.get(f"/api/v1/customers/{row.pk}", headers=bearer(token)).status_code == 200
    people["rep_south"].roles.clear()
    assert browser.get(url).status_code == browser.get("/customers/").status_code == 404
    assert client.get(f"/api/v1/customers/{row.pk}", headers=bearer(token)).status_code == 404


def test_a_place_in_the_team_ends_on_its_day(people, sign_in, make):
    from zhike.records.teams import share_row, unshare_row

    row, browser = make.customer("rep"), sign_in("rep_south")
    url = f"/customers/{row.pk}/"
    share_row(row, [people["rep_south"]], by=people["rep"], expires_at=clock.now() + timedelta(days=1))
    assert browser.get(url).status_code == 200 and browser.get(f"{url}edit/").status_code == 403
    with clock.freeze(clock.now() + timedelta(days=1, seconds=1)):
        assert browser.get(url).status_code == 404
    share_row(row, [people["rep_south"]], level="write", by=people["rep"])
    assert browser.get(f"{url}edit/").status_code == 200
    unshare_row(row, [people["rep_south"]], by=people["rep"])
    assert browser.get(url).status_code == 404


def test_tokens_expire_and_are_revoked(rep, client):
    token = create_token(rep, days=1)
    assert check_token(token)
    assert token not in str(ApiToken.objects.values_list()[0])
    with clock.freeze(clock.now() + timedelta(days=1, seconds=1)):
        assert check_token(token) is None
        assert client.get("/api/v1/customers", headers=bearer(token)).status_code == 401
    ApiToken.objects.update(revoked_at=clock.now())
    assert client.get("/api/v1/customers", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Bearer x", "Basic cmVwOng=", "Bearer zk_", "Bearer zk_" + "a" * 200, "bearer zk_\x00",
                                   "Bearer zk_é", "Token zk_x"])
def test_what_is_no_token_is_refused(client, db, value):
    got = client.get("/api/v1/customers", headers={"Authorization": value})
    assert got.status_code == 401 and got["WWW-Authenticate"] == "Bearer" and got.json()["code"] == "token"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_read_token_reads(rep, client, method, scope, make):
    """Nothing in this API writes yet; a read token will never be the key to what does."""
    row = make.customer("rep")
    token = create_token(rep, scope="read")
    for address in ("/api/v1/customers", f"/api/v1/customers/{row.pk}"):
        got = getattr(client, method)(address, data="{}", content_type="application/json", headers=bearer(token))
        assert got.status_code in (403, 404, 405), (method, got.status_code)
    row.refresh_from_db()
    assert row.version == 1


def test_a_session_is_no_key_to_the_api(sign_in):
    assert sign_in("rep").get("/api/v1/customers").status_code == 401


def test_guessing_is_slowed_and_tells_nothing(rep, client, settings):
    texts = set()
    for name in ("rep", "nobody-here", "13800000001", "rep@example.com"):
        got = Client().post("/sign-in/", {"username": name, "password": "wrong-password"})
        assert got.status_code == 422
        texts.add(got.content.decode().replace(name, "").split("errors", 1)[-1][:600])
    for _try in range(settings.AXES_FAILURE_LIMIT + 1):
        got = client.post("/sign-in/", {"username": "rep_south", "password": "wrong-password"})
    assert got.status_code == 429
    right = people_password("rep_south")
    assert client.post("/sign-in/", {"username": "rep_south", "password": right}).status_code == 429
    assert client.post("/sign-in/", {"username": "REP_SOUTH", "password": right}).status_code == 429
    assert enter(Client()).status_code == 303  # nobody else is shut out


def people_password(username):
    from zhike.org.models import User

    user = User.objects.get(username=username)
    user.set_password(PASSWORD)
    user.save()
    return PASSWORD


def test_every_spelling_of_a_name_counts_as_one(people, settings):
    """Mobile, e-mail and user name of one person share the count of wrong passwords."""
    right, client = people_password("rep_west"), Client()
    user = people["rep_west"]
    names = [user.username, user.mobile, user.email, user.username.upper()]
    for i in range(settings.AXES_FAILURE_LIMIT + 2):
        got = client.post("/sign-in/", {"username": names[i % 4], "password": "wrong-password"})
    assert got.status_code == 429
    assert client.post("/sign-in/", {"username": user.mobile, "password": right}).status_code == 429


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "\\\\evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "http:evil.example", "///evil.example", "\t//evil.example", "https:///evil.example", "/sign-in/", "evil"])
def test_the_way_on_stays_in_the_house(rep, target):
    for client in (Client(), Client()):
        got = client.post("/sign-in/", {"username": "rep", "password": PASSWORD, "next": target})
        assert got.status_code == 303
        assert got["Location"] in ("/", "evil") and "evil.example" not in got["Location"]
    assert client.get("/sign-in/", {"next": target})["Location"] in ("/", "evil")
    got = client.post("/preferences/", {"theme": "dark", "next": target}, headers={"Referer": "https://evil.example/"})
    assert "evil.example" not in got.get("Location", "")


def test_what_was_asked_for_comes_after_sign_in(rep, client):
    got = client.get("/customers/?view=all&q=示例")
    assert got["Location"].startswith("/sign-in/?next=")
    on = client.post(got["Location"], {"username": "rep", "password": PASSWORD})
    assert on["Location"].startswith("/customers/?view=all")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "", "a b", "localhost:99999999"])
def test_other_host_names_are_refused(client, db, host):
    for path in ("/sign-in/", "/api/v1/customers", "/customers/"):
        got = client.get(path, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert got.status_code in (400, 200, 302, 401) and "evil.example" not in got.get("Location", "")
        if host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "a b"):
            assert got.status_code == 400, (host, path)


def test_forwarded_headers_of_strangers_mean_nothing(client, db):
    got = client.get("/customers/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Real-IP": "1.2.3.4"})
    assert got["Location"].startswith("/sign-in/")


def test_no_secret_in_any_answer(rep, sign_in, client):
    token = create_token(rep)
    session = sign_in("admin")
    texts = [session.get(url).content.decode() for url in ("/", "/customers/", "/lookup/user/?q=rep", "/messages/")]
    texts += [client.get(f"/api/v1/{slug}", headers=bearer(token)).content.decode() for slug in ("users", "meta", "departments")]
    for text in texts:
        assert rep.password not in text and "md5$" not in text and token not in text and session.session.session_key not in text
    item = client.get(f"/api/v1/users/{rep.pk}", headers=bearer(token)).json()
    assert not {"password", "is_admin", "mobile", "email", "preferences"} & set(item)
