"""What stands where a page cannot: in the person's language, with the way on, and without asking a database that may be amiss."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client

from zhike.org.models import User
from zhike.pages import middleware, shell
from zhike.people.views.account import AccountPage

pytestmark = pytest.mark.django_db
MENU = 'id="side"'


def text(got):
    return got.content.decode()


def test_who_is_signed_in_keeps_the_menu_and_finds_the_list(sign_in):
    got = sign_in("rep").get("/customers/987654/")
    page = text(got)
    assert got.status_code == 404 and MENU in page and "没有找到" in page
    assert '<a class="btn btn-d " href="/customers/"' in page and '<a href="/customers/">' in page.split('class="crumb')[1].split("</nav>")[0]
    assert 'href="/settings/users/"' not in page


def test_an_address_that_leads_nowhere(sign_in, people):
    User.objects.filter(pk=people["rep"].pk).update(language="en")
    got = sign_in("rep").get("/no/such/page/", headers={"Referer": "http://testserver/customers/?view=all"})
    assert got.status_code == 404 and MENU in text(got) and "Not found" in text(got)
    assert 'href="http://testserver/customers/?view=all" data-back=""' in text(got)
    for elsewhere in ("https://elsewhere.example/x", "javascript:alert(1)", "http://testserver/no/such/page/", ""):
        assert "data-back" not in text(sign_in("rep").get("/no/such/page/", headers={"Referer": elsewhere}))


def test_a_stranger_gets_no_menu(client):
    got = client.get("/no/such/page/")
    assert got.status_code == 404 and MENU not in text(got) and 'href="/"' in text(got)


def test_a_part_of_a_page_gets_a_panel(sign_in):
    got = sign_in("rep").get("/customers/987654/", headers={"HX-Request": "true"})
    assert got.status_code == 404 and MENU not in text(got) and 'role="alert"' in text(got) and "<html" not in text(got)


def test_no_right_and_too_much(sign_in, settings):
    got = sign_in("rep").get("/settings/users/")
    assert got.status_code == 403 and MENU in text(got) and "管理员" in text(got)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20
    got = sign_in("rep").post("/messages/", {"do": "all", "_once": "x" * 200})
    assert got.status_code == 413 and MENU in text(got)


@contextmanager
def down():
    """From the moment the page fails on, the database answers nobody, and nobody asks it."""
    asked = []

    def nobody(execute, sql, *args, **kwargs):
        asked.append(sql)
        raise OperationalError("gone")

    yield lambda: connection.execute_wrappers.append(nobody)
    assert not asked
    if nobody in connection.execute_wrappers:
        connection.execute_wrappers.remove(nobody)


@pytest.mark.parametrize(("wrong", "status"), [(RuntimeError("x"), 500), (OperationalError("x"), 503)])
def test_a_fault_is_shown_without_the_database(sign_in, people, monkeypatch, wrong, status):
    User.objects.filter(pk=people["rep"].pk).update(theme="dark")
    browser = sign_in("rep")
    browser.raise_request_exception = False
    with down() as stop:
        def fail(self, request, **kwargs):
            stop()
            raise wrong

        monkeypatch.setattr(AccountPage, "get", fail)
        got = browser.get("/me/", headers={"Referer": "http://testserver/customers/"})
    page = text(got)
    assert got.status_code == status and MENU not in page
    assert 'href="/me/"' in page and 'href="http://testserver/customers/"' in page  # again, or back
    assert (got.headers["X-Request-Id"] in page) == (status == 500)
    assert ('data-bs-theme="dark"' in page) == (status == 500)


def test_a_menu_that_cannot_be_drawn_does_not_hide_the_error(sign_in, monkeypatch):
    browser = sign_in("rep")

    def fail(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(shell, "build", fail)
    got = browser.get("/no/such/page/")
    assert got.status_code == 404 and MENU not in text(got) and "没有找到" in text(got)


def test_a_host_that_is_not_ours(settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    got = Client(headers={"Host": "elsewhere.example", "Referer": "http://testserver/"}).get("/customers/")
    assert got.status_code == 400 and "data-back" not in text(got)
    assert middleware.TITLES[413]()


@pytest.mark.parametrize("address", ["/sign-in/", "/sign-in/forgotten/", "/password/no-such-link/"])
def test_the_door_speaks_the_language_of_the_house(client, db, address):
    got = client.get(address, headers={"Accept-Language": "en"})  # an office PC often speaks something else
    assert got.headers["Content-Language"] == "zh-hans" and "登录" in text(got)


def test_an_address_that_only_takes_forms_says_so_within_the_menu(sign_in, make):
    group = make.discussion_group(owner="rep")
    answer = sign_in("rep").get(f"/discussion-groups/{group.pk}/seen/")
    html = answer.content.decode()
    assert answer.status_code == 405 and answer["Allow"] == "POST, OPTIONS" and "只接收表单" in html and 'href="/customers/"' in html
