"""R22: forty named cases of sessions and accounts, each with the test that holds it; here stand those that stood nowhere else."""

from __future__ import annotations

import ast
import json
import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings as house_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.fixtures import PASSWORD, enter
from zhike.org.models import ApiToken, PasswordLink, Role, SecondFactor, User
from zhike.org.tokens import create_token
from zhike.records import undo

from . import reading
from .test_settings import ROOT, run

HOUSE, PEOPLE, API, PAGES = "tests/house/", "zhike/people/tests/", "zhike/api/tests/", "zhike/pages/tests/"
CASES = {
    "fixation: a planted session does not become one's own": (HOUSE, "test_sessions.test_the_session_key_changes_at_sign_in"),
    "the key changes at sign-in": (HOUSE, "test_sessions.test_the_session_key_changes_at_sign_in"),
    "nothing of the one who sat here before": (HOUSE, "test_accounts.test_who_sits_down_next_finds_nothing_of_the_one_before"),
    "signing out ends the session on the server": (HOUSE, "test_sessions.test_signing_out_ends_the_session_on_the_server"),
    "signing out takes a post": (HOUSE, "test_sessions.test_signing_out_ends_the_session_on_the_server"),
    "a new password ends other sessions": (PEOPLE, "test_account.test_a_changed_password_ends_the_others"),
    "signing out everywhere": (PEOPLE, "test_account.test_sessions_are_listed_and_ended"),
    "sessions end by themselves": (HOUSE, "test_accounts.test_a_session_ends_by_itself"),
    "a tampered cookie is nobody": (HOUSE, "test_accounts.test_a_tampered_cookie_is_nobody"),
    "flags of the cookies": (HOUSE, "test_accounts.test_cookies_behind_https"),
    "the disabled act no more": (HOUSE, "test_sessions.test_the_disabled_are_out_everywhere_at_once"),
    "a role taken away acts no more": (HOUSE, "test_sessions.test_rights_change_with_the_next_request"),
    "who was an administrator keeps nothing": (HOUSE, "test_accounts.test_an_administrator_no_more"),
    "a place in a team ends on its day": (HOUSE, "test_sessions.test_a_place_in_the_team_ends_on_its_day"),
    "the last administrator stays": (PEOPLE, "test_users.test_the_last_administrator_stays"),
    "tokens expire and are revoked": (HOUSE, "test_sessions.test_tokens_expire_and_are_revoked"),
    "a reading token reads": (HOUSE, "test_sessions.test_a_read_token_reads"),
    "a token reaches as far as it was made for": (API, "test_writing.test_a_token_reaches_as_far_as_it_was_made_for"),
    "what is no token is refused": (HOUSE, "test_sessions.test_what_is_no_token_is_refused"),
    "a session is no key to the API": (HOUSE, "test_sessions.test_a_session_is_no_key_to_the_api"),
    "a token is no key to pages": (HOUSE, "test_accounts.test_a_token_opens_no_page"),
    "guessing is slowed": (HOUSE, "test_sessions.test_guessing_is_slowed_and_tells_nothing"),
    "every spelling of a name counts as one": (HOUSE, "test_sessions.test_every_spelling_of_a_name_counts_as_one"),
    "one address does not lock out others": (HOUSE, "test_lockout.test_one_is_shut_out_the_other_is_not"),
    "from many addresses thirty tries an hour": (PEOPLE, "test_account.test_from_many_addresses_thirty_tries_an_hour"),
    "unknown names: the same words": (HOUSE, "test_sessions.test_guessing_is_slowed_and_tells_nothing"),
    "unknown names: the same work": (HOUSE, "test_accounts.test_unknown_names_cost_as_much_as_known_ones"),
    "unknown names: locked like known ones": (HOUSE, "test_accounts.test_unknown_names_are_locked_like_known_ones"),
    "asking for a password tells nothing": (PEOPLE, "test_users.test_asking_for_a_password_tells_nothing"),
    "password links: once, a day, the newest": (PEOPLE, "test_users.test_a_link_ends_by_time_by_the_next_one_and_by_disabling"),
    "password links name no foreign host": (HOUSE, "test_accounts.test_links_name_no_foreign_host"),
    "weak passwords": (PEOPLE, "test_account.test_a_changed_password_ends_the_others"),
    "codes count once": (PEOPLE, "test_account.test_a_code_counts_once_and_for_a_minute_and_a_half"),
    "recovery codes count once": (PEOPLE, "test_account.test_a_recovery_code_counts_once"),
    "wrong codes lock": (PEOPLE, "test_account.test_wrong_codes_lock_like_wrong_passwords"),
    "a role that asks for a second factor": (PEOPLE, "test_account.test_a_role_asks_for_it_and_ends_sessions_without"),
    "posts need their own token": (HOUSE, "test_accounts.test_posts_need_a_token_of_their_own"),
    "the way on stays in the house": (HOUSE, "test_sessions.test_the_way_on_stays_in_the_house"),
    "foreign host names": (HOUSE, "test_sessions.test_other_host_names_are_refused"),
    "a way back is one person's": (HOUSE, "test_accounts.test_a_way_back_is_one_persons"),
    "one-click sign-in is off": (HOUSE, "test_accounts.test_one_click_sign_in_is_off"),
    "one-click sign-in stays at home": (HOUSE, "test_cli.test_demo_stays_at_home"),
    "the set-up page is gone once somebody can sign in": (PAGES, "test_set_up.test_it_is_gone_once_somebody_can_sign_in"),
    "calendar addresses end with their person": ("zhike/activities/tests/", "test_calendar.test_wrong_renewed_and_revoked_addresses_are_no_pages"),
    "no secret on any page or settings page": (HOUSE, "test_accounts.test_no_secret_on_any_page"),
    "no secret in logs": (HOUSE, "test_logs.test_no_key_and_no_password_is_written_down"),
    "no secret in the manifest of a backup": (HOUSE, "test_backup.test_the_manifest_holds_no_secret"),
}


def test_every_case_has_its_test():
    missing = []
    for case, (folder, test) in CASES.items():
        file, name = test.split(".")
        known = {node.name for node in ast.walk(ast.parse((Path(ROOT) / folder / f"{file}.py").read_text())) if isinstance(node, ast.FunctionDef)}
        missing += [] if name in known else [case]
    assert not missing and len(CASES) >= 40


def test_who_sits_down_next_finds_nothing_of_the_one_before(rep, people, client):
    enter(client)
    session = client.session
    session["toasts"] = [{"text": "机密", "tone": "good"}]
    session.save()
    other = people["rep_south"]
    other.set_password(PASSWORD)
    other.save()
    assert client.post("/sign-in/", {"username": "rep_south", "password": PASSWORD}).status_code == 303
    assert "toasts" not in client.session and "机密" not in client.get("/").content.decode()


def test_a_session_ends_by_itself(rep, client):
    enter(client)
    assert client.get("/customers/").status_code == 200
    assert not client.cookies["zhike_session"]["expires"]  # without "stay signed in" it ends with the browser
    assert house_settings.SESSION_COOKIE_AGE <= 14 * 86400
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/customers/").status_code == 302
    kept = Client()
    enter(kept, remember="on")
    assert kept.cookies["zhike_session"]["max-age"] == 7 * 86400


def test_a_tampered_cookie_is_nobody(rep, client):
    enter(client)
    key = client.cookies["zhike_session"].value
    for wrong in (key[:-1] + ("a" if key[-1] != "a" else "b"), key.upper() if key.upper() != key else key[::-1], key * 40, "", "' or 1=1 --", "é"):
        stranger = Client()
        stranger.cookies["zhike_session"] = wrong
        assert stranger.get("/customers/").status_code == 302, wrong


def test_cookies_behind_https(tmp_path):
    told = run("-c", "import json, zhike.config.settings as s; print(json.dumps({n: getattr(s, n) for n in dir(s) if 'COOKIE' in n or 'HSTS' in n}))",
               ZHIKE_DATA=str(tmp_path), ZHIKE_HTTPS="1", ZHIKE_ALLOWED_HOSTS="crm.example.com")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["SESSION_COOKIE_SECURE"] and found["CSRF_COOKIE_SECURE"] and found["SESSION_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Lax"


def test_an_administrator_no_more(people, sign_in, once):
    client, user = sign_in("admin"), people["admin"]
    User.objects.filter(username="gm").update(is_admin=True)
    assert client.get(reverse("user-new")).status_code == 200
    User.objects.filter(pk=user.pk).update(is_admin=False)
    user.roles.clear()
    for name in ("user-new", "role-new", "pool-new", "duplicate-policy", "care_rule-new", "custom_field-new"):
        assert client.get(reverse(name)).status_code in (403, 404), name
        assert client.post(reverse(name), {"_once": once(), "name": "x"}).status_code in (403, 404), name


def test_a_token_opens_no_page(rep, client):
    token = create_token(rep, scope="write")
    for path in ("/", "/customers/", "/settings/users/", "/me/password/"):
        got = client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert got.status_code == 302 and got["Location"].startswith("/sign-in/"), path


def test_unknown_names_cost_as_much_as_known_ones(people, monkeypatch):
    """The work of the password hash is done for everybody: unknown, wrong, disabled, and who never had a password."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    worked = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *args, **more: worked.append(1) or encode(self, *args, **more))
    for username, password in (("rep", PASSWORD), ("rep_south", PASSWORD), ("rep_west", None)):
        user = people[username]
        user.set_password(password)
        user.is_active = username != "rep_south"
        user.save()
    counts = {}
    for username in ("rep", "rep_south", "rep_west", "nobody-here"):
        worked.clear()
        assert Client().post("/sign-in/", {"username": username, "password": "wrong-password"}).status_code == 422
        counts[username] = len(worked)
    assert set(counts.values()) == {1}, counts


def test_unknown_names_are_locked_like_known_ones(people, settings):
    client = Client()
    answers = [client.post("/sign-in/", {"username": "nobody-here", "password": "wrong-password"}).status_code
               for _try in range(settings.AXES_FAILURE_LIMIT + 1)]
    assert answers[-1] == 429 and answers[0] == 422


def test_links_name_no_foreign_host(sign_in, once, people):
    client = sign_in("admin")
    url = reverse("user-link", args=[people["rep"].pk])
    for headers in ({"Host": "evil.example"}, {"Host": "testserver@evil.example"}):
        assert client.post(url, {"_once": once()}, headers=headers).status_code == 400
        assert client.post(reverse("password-ask"), {"username": "rep"}, headers=headers).status_code == 400
    got = client.post(url, {"_once": once()}, headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"})
    text = got.content.decode()
    assert got.status_code == 200 and "evil.example" not in text
    assert re.search(r'value="http://testserver/password/', text)


def test_posts_need_a_token_of_their_own(rep, once):
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in/")
    assert enter(client).status_code == 403  # nobody is signed in by a foreign page
    token = client.cookies["zhike_csrf"].value
    assert enter(client, csrfmiddlewaretoken=token).status_code == 303
    stranger = Client(enforce_csrf_checks=True)
    stranger.get("/sign-in/")
    foreign = stranger.cookies["zhike_csrf"].value
    for path in ("/customers/new/", "/sign-out/", reverse("account-password"), reverse("preferences"), "/customers/transfer/", "/language/"):
        assert client.post(path, {"_once": once()}).status_code == 403, path
        assert client.post(path, {"_once": once(), "csrfmiddlewaretoken": foreign}).status_code == 403, path
    own = client.cookies["zhike_csrf"].value
    assert client.post("/customers/new/", {"_once": once(), "name": "示例令牌机械", "kind": "company", "csrfmiddlewaretoken": own}).status_code == 303
    got = client.post("/sign-out/", {"csrfmiddlewaretoken": own}, headers={"Origin": "https://evil.example"})
    assert got.status_code == 403


def test_a_way_back_is_one_persons(make, sign_in, once, people):
    from zhike.activities.actions import finish_activity

    row = make.activity(days=0.5)
    at = row.at.isoformat()
    finish_activity(row, by=people["rep"])
    row.refresh_from_db()
    url = undo.url(people["rep"], "activities.restore", id=row.pk, version=row.version, at=at)
    for username in ("rep_south", "admin"):
        assert sign_in(username).post(url, {"_once": once()}).status_code == 422
    assert sign_in("rep").post(url[:-8] + "AAAAAA/", {"_once": once()}).status_code == 422
    assert sign_in("rep").post(url, {"_once": once()}).status_code == 303


def test_one_click_sign_in_is_off(people, client, settings):
    assert settings.DEMO is False
    got = client.post("/sign-in/", {"demo": "admin"})
    assert got.status_code == 422 and client.get("/customers/").status_code == 302
    assert 'name="demo"' not in client.get("/sign-in/").content.decode()
    settings.DEMO = True
    assert 'name="demo"' in client.get("/sign-in/").content.decode()
    User.objects.filter(username="rep").update(is_active=False)
    for name in ("rep", "nobody", "", "x" * 500):
        assert client.post("/sign-in/", {"demo": name}).status_code in (404, 422), name
    assert client.post("/sign-in/", {"demo": "gm"}).status_code == 303


def test_no_secret_on_any_page(rows, people, sign_in, once, settings):
    """Every page an administrator opens, and what programs read: no hash, key, digest or password of mail among it."""
    from zhike.org.sealed import seal

    settings.EMAIL_HOST_PASSWORD = "mail-password-in-settings"
    rep = people["rep"]
    rep.set_password(PASSWORD)
    rep.save()
    client, token = sign_in("admin"), create_token(people["admin"], scope="write")
    SecondFactor.objects.create(user=rep, made_at=timezone.now(), secret=seal(b"a secret of twenty b"), recovery=["recovery-digest-of-rep"])
    client.post(reverse("user-link", args=[people["gm"].pk]), {"_once": once()})
    client.post(reverse("calendar-address"), {"_once": once(), "do": "renew"})
    from zhike.activities.models import CalendarFeed

    secrets = [settings.SECRET_KEY, settings.EMAIL_HOST_PASSWORD, rep.password, SecondFactor.objects.get(user=rep).secret, "recovery-digest-of-rep",
               *ApiToken.objects.values_list("digest", flat=True), *PasswordLink.objects.values_list("digest", flat=True),
               *CalendarFeed.objects.values_list("digest", flat=True), token]
    found = []
    for address, headers in reading.pages(rows):
        got = client.get(address, headers=headers)
        text = b"".join(got.streaming_content).decode("utf-8", "replace") if got.streaming else got.content.decode("utf-8", "replace")
        found += [(address, str(secret)[:12]) for secret in secrets if str(secret) in text]
    program = Client(headers={"Authorization": f"Bearer {token}"})
    for slug in ("meta", "openapi.json", "users", "roles", "departments", "alerts", "numbering", "custom-fields", "pools"):
        text = program.get(f"/api/v1/{slug}").content.decode()
        found += [(slug, str(secret)[:12]) for secret in secrets if str(secret) in text]
    assert not found
    assert Role.objects.exists()
