"""Tokens of programs by pages: made by administrators and shown once, seen and revoked by whose they are."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from zhike.base import clock
from zhike.org import tokens
from zhike.org.models import ApiToken
from zhike.people import programs
from zhike.records import history

pytestmark = pytest.mark.django_db


def post(client, once, address, *args, **data):
    return client.post(reverse(address, args=args), {"_once": once(), **data})


def ask(client, token, path="customers"):
    return client.get(f"/api/v1/{path}", HTTP_AUTHORIZATION=f"Bearer {token}")


def test_a_token_is_made_shown_once_used_and_revoked(sign_in, people, once, client, make):
    rep, boss = people["rep"], sign_in("admin")
    make.customer("rep")
    got = post(boss, once, "user-token-new", rep.pk, name="网店", scope="read", days="30", kinds=["customer"])
    page = got.content.decode()
    assert got.status_code == 200 and got["Cache-Control"] == "no-store"
    token = re.search(r'value="(zk_[^"]+)"', page)[1]
    stored = ApiToken.objects.get(user=rep)
    assert token not in str(list(ApiToken.objects.values())) and stored.kinds == ["customer"] and stored.name == "网店"
    assert clock.now() + timedelta(days=29) < stored.expires_at < clock.now() + timedelta(days=31)
    assert ask(client, token).status_code == 200 and ask(client, token, "contacts").status_code == 403
    for there in (boss.get(f"/settings/users/{rep.pk}/"), sign_in("rep").get("/me/")):
        text = there.content.decode()
        assert "网店" in text and token not in text and "zk_" not in text
    assert history.of(rep).first().action == "token" and history.of(rep).first().by == people["admin"]
    assert post(boss, once, "user-token", rep.pk, stored.pk).status_code == 303
    assert ask(client, token).status_code == 401 and "网店" not in sign_in("rep").get("/me/").content.decode()
    assert history.of(rep).first().action == "token-off"
    assert post(boss, once, "user-token", rep.pk, stored.pk).status_code == 422  # it does not live any more


def test_one_revokes_ones_own_and_nobody_elses(sign_in, people, once, client):
    mine, theirs = tokens.create_token(people["rep"], name="周报"), tokens.create_token(people["gm"])
    rep = sign_in("rep")
    assert reverse("user-token-new", args=[people["rep"].pk]) not in rep.get("/me/").content.decode()  # made by administrators
    gm = ApiToken.objects.get(user=people["gm"])
    assert rep.get(reverse("account-token", args=[gm.pk])).status_code == 404 and post(rep, once, "account-token", gm.pk).status_code == 404
    assert post(rep, once, "account-token", ApiToken.objects.get(user=people["rep"]).pk).status_code == 303
    assert ask(client, mine, "meta").status_code == 401 and ask(client, theirs, "meta").status_code == 200


def test_who_may_make_them(sign_in, people, once):
    rep, gm = people["rep"], people["gm"]
    for name in ("rep", "manager_east"):
        assert post(sign_in(name), once, "user-token-new", rep.pk, name="x", scope="write").status_code == 403
    boss = sign_in("admin")
    assert post(boss, once, "user-token-new", 10**9, name="x", scope="read").status_code == 404
    assert post(boss, once, "user-token", gm.pk, 10**9).status_code == 404
    tokens.create_token(rep)
    assert post(boss, once, "user-token", gm.pk, ApiToken.objects.get(user=rep).pk).status_code == 404  # not under another name


@pytest.mark.parametrize(("given", "field"), [
    ({"name": ""}, "name"), ({"name": "\u3000\u200b"}, "name"), ({"name": "x" * 61}, "name"), ({"scope": "all"}, "scope"),
    ({"days": "7"}, "days"), ({"kinds": ["nonsense"]}, "kinds"), ({"kinds": ["role"]}, "kinds"),
])
def test_bad_input_makes_none(sign_in, people, once, given, field):
    got = post(sign_in("admin"), once, "user-token-new", people["rep"].pk, **{"name": "x", "scope": "read", "days": "30", **given})
    assert got.status_code == 422 and f"id_{field}" in got.content.decode() and not ApiToken.objects.exists()


def test_not_for_the_disabled_nor_without_end(sign_in, people, once, monkeypatch):
    rep, boss = people["rep"], sign_in("admin")
    monkeypatch.setattr(programs, "MOST_TOKENS", 1)
    assert post(boss, once, "user-token-new", rep.pk, name="a", scope="read").status_code == 200
    assert post(boss, once, "user-token-new", rep.pk, name="b", scope="read").status_code == 422
    tokens.revoke_token(rep, ApiToken.objects.get().pk)
    type(rep).objects.filter(pk=rep.pk).update(is_active=False)
    assert post(boss, once, "user-token-new", rep.pk, name="c", scope="read").status_code == 422
