"""The set-up page: there while nobody can sign in, for whoever holds the server's code, once."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from zhike.org.backends import BACKEND
from zhike.org.models import Company, Department, User
from zhike.pages import set_up

GOOD = {"company": "示例机械厂", "language": "en", "name": "Ada Example", "username": "ada", "password": "quiet-lathe-77", "again": "quiet-lathe-77"}


def empty():
    Department.objects.update(manager=None)
    User.objects.all().delete()


@pytest.fixture
def code(db, monkeypatch):
    empty()
    monkeypatch.setattr(set_up, "_settled", set())
    monkeypatch.setattr(set_up, "_code", "")
    return set_up.open_door()


def test_an_empty_house_leads_to_its_set_up_and_in(client, code):
    assert client.get("/").headers["Location"].startswith("/sign-in/")
    assert client.get("/sign-in/").headers["Location"] == "/set-up/"
    page = client.get(f"/set-up/?code={code}")
    assert page.status_code == 200 and code in page.content.decode()
    got = client.post("/set-up/", {**GOOD, "code": code.lower().replace("-", " ")})
    assert got.status_code == 303 and got.headers["Location"] == "/"
    assert client.get("/").status_code == 200  # signed in
    user, company = User.objects.get(), Company.objects.get()
    assert (user.username, user.name, user.is_admin, user.language) == ("ada", "Ada Example", True, "en")
    assert (company.name, company.language) == ("示例机械厂", "en")
    fresh = Client()
    assert fresh.post("/sign-in/", {"username": "ada", "password": GOOD["password"]}).status_code == 303


def test_the_workbench_leads_on_until_all_is_there(client, code):
    from zhike.customers.models import Customer

    client.post("/set-up/", {**GOOD, "language": "zh-hans", "code": code})
    home = client.get("/").content.decode()
    assert "pending-setup-people" in home and "pending-setup-data" in home and "pending-setup-departments" not in home  # the cast has departments
    User.objects.create_user("second", "quiet-lathe-77", name="第二人")
    Customer.objects.create(name="第一家客户", owner=User.objects.get(username="ada"), owner_dept=Department.objects.first())
    assert "pending-setup" not in client.get("/").content.decode()
    client.force_login(User.objects.get(username="second"), backend=BACKEND)
    Customer.objects.all().delete()
    assert "pending-setup" not in client.get("/").content.decode()  # not theirs to do


def test_it_speaks_of_short_passwords_in_the_house_language(client, code):
    got = client.post("/set-up/", {**GOOD, "code": code, "password": "short", "again": "short"}, headers={"Accept-Language": "zh-CN"})
    assert "密码太短，至少需要 10 个字符。" in got.content.decode()


def test_it_is_gone_once_somebody_can_sign_in(client, code):
    User.objects.create_user("first", "quiet-lathe-77")
    for got in (client.get("/set-up/"), client.post("/set-up/", {**GOOD, "code": code})):
        assert got.status_code == 303 and got.headers["Location"] == "/sign-in/"
    assert list(User.objects.values_list("username", flat=True)) == ["first"]
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.parametrize("wrong", [
    {"code": ""}, {"code": "AAAA-AAAA-AAAA"}, {"company": " "}, {"username": "a"}, {"username": "a b"}, {"username": "..x"},
    {"password": "short", "again": "short"}, {"password": "12345678901234", "again": "12345678901234"}, {"again": "another-lathe-77"},
    {"language": "xx"}, {"name": "x" * 61}, {"company": "x" * 201}, {"company": "a\0b"}])
def test_what_will_not_do_makes_nobody(client, code, wrong):
    got = client.post("/set-up/", {**GOOD, "code": code, **wrong})
    page = got.content.decode()
    assert got.status_code == 422 and 'class="fe"' in page and GOOD["password"] not in page
    assert not User.objects.exists()


def test_without_a_server_that_made_a_code_there_is_no_way_in(client, code, monkeypatch):
    monkeypatch.setattr(set_up, "_code", "")
    for guess in ("", "-", code):
        assert client.post("/set-up/", {**GOOD, "code": guess}).status_code == 422
    assert not User.objects.exists()


def test_a_foreign_page_cannot_post_here(code):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/set-up/", {**GOOD, "code": code}).status_code == 403
    assert not User.objects.exists()


def test_codes_differ_and_cannot_be_misread():
    codes = {set_up.open_door() for _ in range(200)}
    assert len(codes) == 200 and not set("".join(codes)) & set("01OIl")


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_many_posts_make_one_administrator(monkeypatch):
    empty()
    Company.objects.all().delete()
    monkeypatch.setattr(set_up, "_settled", set())
    code, gate, answers = set_up.open_door(), Barrier(8), []

    def post(n):
        try:
            client = Client()
            gate.wait()
            answers.append(client.post("/set-up/", {**GOOD, "username": f"user{n}", "code": code}).headers.get("Location"))
        finally:
            connection.close()

    threads = [Thread(target=post, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["/"] + ["/sign-in/"] * 7
    assert User.objects.count() == 1 and Company.objects.count() == 1
