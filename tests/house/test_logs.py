"""Logs: every request and every fault leaves a line a program can read, and none holds what somebody typed."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from zhike.config.environment import check
from zhike.config.logs import JsonLines, logging_settings, stripped


@pytest.fixture
def written():
    """The lines written meanwhile, parsed."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root, told = logging.getLogger(), logging.getLogger("zhike.request")
    before = root.level, told.level
    root.addHandler(handler)
    root.setLevel("INFO")
    told.setLevel("INFO")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before[0])
    told.setLevel(before[1])


def requests(lines):
    return [line for line in lines if line["logger"] == "zhike.request"]


def test_a_request_is_one_line_without_what_was_typed(written, sign_in, people, once):
    client = sign_in("rep")
    got = client.get("/customers/?q=机密客户&page=2", headers={"User-Agent": "secret browser", "Referer": "http://x/?q=机密"})
    client.post("/customers/new/", {"_once": once(), "name": "机密客户13800001111", "kind": "company"})
    client.get("/customers/999999999/")
    client.get("/no/such/机密/13800001111")
    lines = requests(written())
    assert [line["route"] for line in lines] == ["customer-list", "customer-new", "customer-detail", ""]
    assert [line["status"] for line in lines][2:] == [404, 404]
    assert all(line["user"] == people["rep"].pk and line["ms"] > 0 and line["level"] == "INFO" for line in lines[:3])
    assert lines[0]["request"] == got.headers["X-Request-Id"] and len({line["request"] for line in lines}) == 4
    for secret in ("机密", "13800001111", "secret", "?q"):
        assert secret not in json.dumps(written(), ensure_ascii=False)


def test_who_is_not_signed_in_has_no_number_and_costs_no_query(written, client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")
    client.get("/sign-in/")
    lines = requests(written())
    assert [(line["route"], line["user"]) for line in lines] == [("sign-in", None)]  # health checks are not written down


def test_a_fault_says_where_and_not_whose(written, sign_in, monkeypatch):
    from zhike.pages.personal import HelpView

    def falls(*_args, **_more):
        raise ValueError("no such customer '宏达机械' with mobile 13800001111 of ada@example.com\nKey (mobile)=(13800001111)")

    client = sign_in("rep")
    client.raise_request_exception = False
    monkeypatch.setattr(HelpView, "get", falls)
    got = client.get("/help/")
    assert got.status_code == 500
    fault = next(line for line in written() if "error" in line)
    assert fault["error"] == "ValueError" and fault["said"].startswith("no such customer") and "falls" in fault["frames"][-1]
    assert fault["request"] == got.headers["X-Request-Id"] == requests(written())[-1]["request"]
    for secret in ("宏达", "13800001111", "ada@"):
        assert secret not in json.dumps(fault, ensure_ascii=False)


@pytest.mark.parametrize(("text", "left"), [
    ("UNIQUE constraint failed: customers_customer.code", "UNIQUE constraint failed: customers_customer.code"),
    ("invalid literal for int() with base 10: '张三'", "invalid literal for int() with base 10: …"),
    ('bad "x y"', "bad …"), ("联系人 张三", "… …"), ("line one\nline two", "line one"), ("call 13800001111", "call …"),
    ("Key (a)=(b, c) twice", "Key (a)… twice"), ("x" * 900, "x" * 500)])
def test_what_is_taken_out_of_errors(text, left):
    assert stripped(text) == left


def test_a_line_is_one_line_whatever_is_in_it():
    record = logging.LogRecord("x", logging.INFO, "", 0, "two\nlines %s", ("\u2028 \x00",), None)
    assert len(JsonLines().format(record).splitlines()) <= 2 and "\n" not in JsonLines().format(record)
    try:
        raise RuntimeError
    except RuntimeError:
        record.exc_info = sys.exc_info()
    assert json.loads(JsonLines().format(record))["error"] == "RuntimeError"


def test_text_for_people_has_no_line_a_request():
    assert logging_settings("INFO", "text")["loggers"]["zhike.request"]["level"] == "WARNING"
    assert logging_settings("INFO", "json")["loggers"]["zhike.request"]["level"] == "INFO"
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match="ZHIKE_LOG_FORMAT"):
        check({"ZHIKE_LOG_FORMAT": "xml"})


def test_no_key_and_no_password_is_written_down(written, rep, client, once, people):
    """Signing in right and wrong, links, tokens, codes, an upload: the lines hold who by number, and no key of any kind."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from tests.fixtures import PASSWORD, enter
    from zhike.org import links
    from zhike.org.tokens import create_token

    token, link = create_token(rep, scope="write"), links.make_link(people["gm"], by=None)
    enter(client)
    for wrong in ("falsches-wort-1", "13800001111"):
        Client().post("/sign-in/", {"username": "13800001111", "password": wrong})
    client.get(f"/password/{link}/")
    client.post(f"/password/{link}/", {"password": "neue-spindel-2026", "again": "neue-spindel-2027"})
    client.post("/me/password/", {"_once": once(), "old": PASSWORD, "password": "short", "again": "short"})
    for value in (token, token + "x"):
        Client().get("/api/v1/customers?q=机密&phone=13800001111", headers={"Authorization": f"Bearer {value}"})
    Client(raise_request_exception=False).post("/api/v1/customers", '{"name": "机密公司", "phone": "13800001111"', content_type="application/json",
                                               headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "key-of-a-program-1"})
    client.post("/about/customers/1/attach/", {"_once": once(), "files": SimpleUploadedFile("机密图纸.txt", b"x")})
    client.get("/calendar/feed/secret-of-a-feed.ics")
    Client(enforce_csrf_checks=True).post(f"/password/{link}/", {"password": "neue-spindel-2026"})
    Client(raise_request_exception=False).get(f"/password/{link}/", headers={"Host": "evil.example"})
    lines = written()
    assert len(requests(lines)) >= 10 and all(line["request"] for line in requests(lines))
    text = json.dumps(lines, ensure_ascii=False)
    for secret in (token, link, PASSWORD, "falsches-wort", "neue-spindel", "13800001111", "机密", "key-of-a-program", "secret-of-a-feed",
                   client.session.session_key):
        assert secret not in text, secret
