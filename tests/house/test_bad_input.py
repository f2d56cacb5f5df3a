"""The catalogue of bad input: no server error, nothing half written, and an answer that says what to do."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.org.models import User
from zhike.org.tokens import create_token
from zhike.records import registry
from zhike.records.models import HistoryEntry, OnceToken, SearchEntry

pytestmark = pytest.mark.long

TEXTS = [
    "", " ", "\u3000", "\u200b", "\ufeff", "\x00", "\ud800", "\u202e反", "𠮷𬭎🙂", "ｶﾅ", "１２３ＡＢＣ（）＠", "e\u0301" * 30, "长" * 100_000, "a\r\nb",
    "<script>alert(1)</script>", "{{7*7}}", "{% debug %}", "' OR 1=1--", "\\", "%00", "%s%n", "=1+1", "＝1+1", "@SUM(1)", "\t=1",
    "NULL", "None", "undefined", "true", "无", "N/A", "[]", "{}", "0", "-1", "../../etc", "a" * 201,
]
NUMBERS = ["-0", "0.005", "1e309", "NaN", "Infinity", "-Infinity", "1,234.50", "1.234,50", "¥1234", "１２３４", "壹万元", "1万", "12.345", "1" + "0" * 16,
           "-1", "0x10", "1_000", "9" * 5000, "٣", "1e-400", "--1", "0", " 5 "]
DATES = ["2026-02-30", "2027-02-29", "0000-00-00", "9999-12-31", "26/11/23", "2026年11月23日", "45000", "24:00", "1990-06-01T00:30", "0001-01-01",
         "1899-12-31", "2026-11-25T25:00", "now", "tomorrow", "2026-11-25T10:00+99:00", "２０２６-１１-２５", "-1-1-1"]
IDS = ["0", "-1", "999999", "9" * 18, "9" * 30, "9" * 5000, "abc", "1.5", "１", "1;drop", "None", "\x00", "²"]


@pytest.fixture
def rep(sign_in):
    return sign_in("rep", raise_request_exception=False)


def state():
    """What must be the same before and after a refusal."""
    return (Customer.objects.count(), Contact.objects.count(), Opportunity.objects.count(), HistoryEntry.objects.count(), SearchEntry.objects.count(),
            OnceToken.objects.count())


def whole():
    """No document without its parts: every customer has facts, a first step, history and search keys."""
    ids = set(Customer.objects.values_list("pk", flat=True))
    assert ids == set(Customer.objects.filter(facts__isnull=False, lifecycle_changes__isnull=False).values_list("pk", flat=True))
    for kind in ("customer", "contact", "opportunity"):
        rows = set(registry.kind(kind).model.objects.values_list("pk", flat=True))
        assert rows == set(SearchEntry.objects.filter(kind=kind).values_list("row_id", flat=True))
        assert rows <= set(HistoryEntry.objects.filter(kind=kind).values_list("row_id", flat=True))


def send(client, url, data, faults, label):
    """Post, and collect what must not be: server errors, and refusals that wrote something."""
    before = state()
    try:
        got = client.post(url, data)
    except UnicodeEncodeError:  # the test client, not the house, cannot say this
        raw = "&".join(f"{key}={value}" for key, value in data.items()).encode("utf-8", "surrogatepass")
        got = client.post(url, raw, content_type="application/x-www-form-urlencoded")
    if got.status_code >= 500 or got.status_code not in (200, 204, 302, 303, 400, 403, 404, 405, 409, 413, 422):
        faults.append(f"{label}: {got.status_code}")
    elif got.status_code >= 400 and state() != before:
        faults.append(f"{label}: refused with {got.status_code}, but something was written")
    elif got.status_code == 422 and 'role="alert"' not in got.content.decode() and "<h1" not in got.content.decode():
        faults.append(f"{label}: refused without a word")
    return got


def test_texts_in_every_field(rows, rep, once):
    """Every bad text in every text field of the forms for new records, one field at a time and all at once."""
    from .test_mass_assignment import good

    faults = []
    for kind in ("customer", "contact", "opportunity", "activity", "task"):
        declared, valid = registry.kind(kind), good(kind, rows)
        names = [*declared.create, *declared.more]
        for i, text in enumerate(TEXTS):
            name = names[i % len(names)]
            changed = {**valid, name: text}
            if kind == "customer" and name != "name":
                changed["name"] = f"示例{i}机械厂"
            send(rep, f"{declared.list_url()}new/", {"_once": once(), **changed}, faults, f"{kind}.{name}={text[:20]!r}")
            if i % 3 == 0:
                send(rep, f"{declared.list_url()}new/", {"_once": once(), **dict.fromkeys(names, text)}, faults, f"{kind}.*={text[:20]!r}")
    assert not faults
    whole()
    for row in Customer.objects.all():
        assert not set(row.name + row.remark) & set("\x00\u200b\ufeff\u202e") and len(row.name) <= 200


def test_numbers_dates_and_ids(rows, rep, once):
    from .test_mass_assignment import good

    faults, taken = [], {}
    for value in NUMBERS:
        for name in ("amount", "budget"):
            data = {**good("opportunity", rows), name: value}
            got = send(rep, "/opportunities/new/", {"_once": once(), **data}, faults, f"{name}={value[:20]!r}")
            if got.status_code == 303 and name == "amount":
                taken[value] = str(Opportunity.objects.order_by("-pk").first().amount)
    assert taken == {"-0": "0.00", "1,234.50": "1234.50", "¥1234": "1234.00", "１２３４": "1234.00", "0": "0.00", " 5 ": "5.00"}
    for value in DATES:
        send(rep, "/opportunities/new/", {"_once": once(), **good("opportunity", rows), "expected_sign_date": value}, faults, f"date {value!r}")
        send(rep, "/activities/new/", {"_once": once(), **good("activity", rows), "at": value}, faults, f"at {value!r}")
        send(rep, "/activities/new/", {"_once": once(), **good("activity", rows), "ends_at": value}, faults, f"ends_at {value!r}")
        send(rep, "/contacts/new/", {"_once": once(), **good("contact", rows), "birthday": value}, faults, f"birthday {value!r}")
    for value in IDS:
        for name in ("customer", "reports_to"):
            send(rep, "/contacts/new/", {"_once": once(), **good("contact", rows), name: value}, faults, f"{name} {value[:20]!r}")
        send(rep, "/contacts/new/", {"_once": once(), **good("contact", rows), "influence": value}, faults, f"influence {value[:20]!r}")
        row = rows["customer"][0]
        send(rep, f"/customers/{row.pk}/log/", {"_once": once(), "type": "phone", "content": "x", "contact": value}, faults, f"log {value[:20]!r}")
        send(rep, "/customers/transfer/", {"_once": once(), "ids": value, "to": value}, faults, f"transfer {value[:20]!r}")
    assert not faults
    whole()


def test_a_database_that_does_not_answer(sign_in, people, monkeypatch):
    """Busy for long, or being restarted: 503 and a word to try again, for people, fragments and programs."""
    from django.db import OperationalError

    from zhike.api.records import ListView
    from zhike.pages.personal import HelpView

    def busy(*_args, **_more):
        raise OperationalError("database is locked")

    monkeypatch.setattr(HelpView, "get", busy)
    monkeypatch.setattr(ListView, "get", busy)
    client = sign_in("rep")
    for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        got = client.get("/help/", headers=headers)
        assert got.status_code == 503 and got["Retry-After"] == "5" and "locked" not in got.content.decode()
    token = create_token(people["rep"])
    got = client.get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
    assert got.status_code == 503 and got.json()["code"] == "busy" and got["Retry-After"] == "5"


def test_a_database_that_cannot_even_say_who_asks(sign_in, people, monkeypatch, caplog):
    """Away before a page is reached: the same words, from a page that asks the database nothing, and no flood of lines."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import OperationalError

    client, token = sign_in("rep", raise_request_exception=False), create_token(people["rep"])

    def away(*_args, **_more):
        raise OperationalError("the database system is starting up")

    monkeypatch.setattr(SessionStore, "load", away)
    monkeypatch.setattr("zhike.api.base.check_token", away)
    for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        caplog.clear()
        got = client.get("/customers/", headers=headers)
        assert got.status_code == 503 and got["Retry-After"] == "5" and "starting up" not in got.content.decode()
        assert len(caplog.records) < 4
    assert "稍后" in client.get("/customers/").content.decode()
    got = client.get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
    assert got.status_code == 503 and got.json()["code"] == "busy" and got["Retry-After"] == "5"


def test_the_message_names_field_rule_and_way_out(rows, rep, once):
    from .test_mass_assignment import good

    cases = [
        ("/opportunities/new/", "opportunity", {"amount": "12.345"}, {"zh-hans": ("预计金额", "2"), "en": ("expected amount", "2 decimals")}),
        ("/opportunities/new/", "opportunity", {"amount": "1" + "0" * 16}, {"zh-hans": ("预计金额",), "en": ("expected amount", "between")}),
        ("/opportunities/new/", "opportunity", {"expected_sign_date": "2001-01-01"}, {"zh-hans": ("预计签单日期",), "en": ("expected sign date", "past")}),
        ("/customers/new/", "customer", {"name": "长" * 201}, {"zh-hans": ("客户名称", "200"), "en": ("customer name", "200")}),
        ("/customers/new/", "customer", {"level": "Z9"}, {"zh-hans": ("客户级别",), "en": ("customer level",)}),
        ("/contacts/new/", "contact", {"mobile": "1381234567"}, {"zh-hans": ("手机", "11"), "en": ("mobile", "11 digits")}),
        ("/contacts/new/", "contact", {"influence": "9"}, {"zh-hans": ("影响力",), "en": ("influence",)}),
    ]
    for url, kind, bad, wanted in cases:
        for language, words in wanted.items():
            User.objects.filter(username="rep").update(language=language)
            got = rep.post(url, {"_once": once(), **good(kind, rows), **bad})
            assert got.status_code == 422, (bad, got.status_code)
            text = got.content.decode()
            alert = text[text.index('role="alert"'):]
            assert all(word.lower() in alert[:4000].lower() for word in words), (language, bad, alert[:600])


def test_the_same_product_code_twice(rows, sign_in, once):
    client = sign_in("admin", raise_request_exception=False)
    taken = rows["product"][0].code
    before = state()
    got = client.post("/products/new/", {"_once": once(), "code": taken, "name": "重号", "unit": "台"})
    assert got.status_code == 422 and state() == before
    assert "产品编码" in got.content.decode()[got.content.decode().index('role="alert"'):]
    assert client.post("/products/new/", {"_once": once(), "code": "OTHER-1", "name": "另一", "unit": "台"}).status_code == 303
    other = registry.kind("product").model.objects.get(code="OTHER-1")
    got = client.post(f"/products/{other.pk}/edit/", {"_once": once(), "_version": "1", "code": taken, "name": "另一", "unit": "台"})
    assert got.status_code == 422
    other.refresh_from_db()
    assert other.code == "OTHER-1"


NESTED = ["x", "{", "[]", "{}", "null", "1", '""', '{"any":[]}', '{"any":{}}', '{"none":[["owner","is","me"]]}', '{"any":[[]]}', '{"any":[["owner"]]}',
          '{"any":[["owner","is",1]]}', '{"any":[["owner","is",["me"]]]}', '{"any":[["owner","is",null]]}', '{"any":[["owner__password","is","x"]]}',
          '{"any":[["password","has","x"]]}', '{"any":[["owner","has","x"]]}', '{"any":[["owner","regex","x"]]}', '{"any":[["owner","is"]]}',
          '{"any":[["owner","is","me","1"]]}', '{"any":[["owner","is","\\u0000"]]}', '{"any":[["owner","is","\\ud800"]]}', '{"any":[["name","has","\\u0000"]]}',
          '{"any":[["name","has","\\ud800"]]}', '{"any":[["created_at","from","9999-99-99"]]}', '{"any":[["owner","is","9999999999999999999"]]}',
          '{"all":[{"any":[{"all":[["owner","is","me"]]}]}]}', '{"all":[["owner","is","me"]],"any":[["owner","is","me"]]}', "[" * 1900, '{"any":' * 250,
          '{"any":[["owner","is","' + "x" * 10_000 + '"]]}', '{"any":[' + ",".join(['["owner","is","me"]'] * 21) + "]}", "' OR 1=1--", '{"any":[["name","has","\'\\""]]}',
          '{"any":[["c_1","is","x"]]}', '{"any":[["amount","is","NaN"]]}', '{"any":[["owner","empty","x"]]}', "9" * 1900, '{"any":[NaN]}']
ADDRESSES = ["page=0", "page=-1", "limit=100000", "limit=0", "limit=x", "limit=1e9", "order=owner__password", "order=-", "order=id;drop", "order=--id",
             "order=version", "order=", "nonsense=1", "name__regex=.*", "owner__password=x", "owner__password__startswith=a", "owner=me&owner=1",
             "id__in=1", "owner=x", "owner=" + "9" * 30, "owner=²", "created_at__from=9999-99-99", "created_at__from=-99999d", "created_at=now",
             "created_at__from=0001-01-01", "created_at__to=99999999d", "cursor=x", "cursor=" + "A" * 5000, "cursor=é", "peek=x", "peek=-1",
             "peek=" + "9" * 40, "q=" + "长" * 101, "q=%00", "q=%ED%A0%80", "q=%FF%FE", "view=nothing", "view=%00", "lifecycle=%00", "lifecycle=x",
             "level=%00", "has_open=maybe", "enabled=perhaps", "export=xlsx", "columns=password", "next=//evil.example", "%FF=1", "=1", "&&&", "a" * 3000,
             "region=999999999", "parent=none", "kind=1", "status=%00", "amount__from=NaN", "amount__from=1e400", "amount=0e999999999", "amount=1e-999999",
             "amount__from=１", *(f"where={quote(text)}" for text in NESTED), "customer=0", "stage=99999999999", "at__from=2026-02-30", "priority=x&priority=y", "giver=me", "sign_key__from=month"]


@pytest.mark.parametrize("kind", ["customer", "opportunity", "activity", "task", "product"])
def test_addresses_of_lists(kind, rows, rep, people, client):
    declared, faults = registry.kind(kind), []
    token = create_token(people["rep"])
    for query in ADDRESSES:
        for address, headers in ((declared.list_url(), {}), (f"/api/v1/{declared.slug}", {"Authorization": f"Bearer {token}"})):
            got = rep.get(f"{address}?{query}", headers=headers)
            if got.status_code not in (200, 400, 404):
                faults.append(f"{address}?{query[:60]}: {got.status_code}")
            if got.status_code == 400 and headers and not got.json()["code"]:
                faults.append(f"{address}?{query[:60]}: refused without a code")
    many = "&".join(f"owner={i}" for i in range(500))
    assert rep.get(f"{declared.list_url()}?{many}").status_code == 400
    assert not faults


def test_addresses_of_everything_else(rows, rep):
    faults = []
    row = rows["customer"][0]
    addresses = [f"/{slug}/{pk}/" for slug in ("customers", "opportunities", "tasks") for pk in IDS]
    addresses += [f"/customers/{row.pk}/{tab}/" for tab in ("nothing", "%00", "..", "history%2f", "é", "a" * 500)]
    addresses += [f"/lookup/{kind}/?q={q}" for kind in (*[k.name for k in registry.kinds()], "nothing", "%00", "__class__")
                  for q in ("x", "%00", "%ED%A0%80", "%25", "")]
    addresses += [f"/lookup/contact/?customer={value}" for value in IDS]
    addresses += [f"/palette/?q={q}" for q in ("%00", "a" * 5000, "%FF", "*")]
    addresses += [f"{reverse('customer-check')}?name={q}" for q in ("%00", "a" * 5000, "%ED%A0%80", "")]
    addresses += [f"{reverse('report-funnel')}?{q}" for q in ("measure=x", "measure=", "process=x", "process=999999", "process=%00", "stage_drill=x",
                                                              "stage_drill=99999", "owner=x", "status=x", "nonsense=1")]
    addresses += [f"{reverse('report-won')}?{q}" for q in ("by=day", "by=", "by=%00", "x=1", "won_at__from=x")]
    addresses += [f"{reverse('opportunity-board')}?{q}" for q in ("process=x", "show=99999999", "show=-1", "measure=x", "owner=x", "process=" + "9" * 30)]
    addresses += [f"/opportunities/{rows['opportunity'][0].pk}/move/?to={value}" for value in IDS]
    addresses += [f"/customers/transfer/?ids={value}" for value in (*IDS, ",".join(map(str, range(1, 600))), ",,,", "")]
    addresses += [f"/customers/new/?{q}" for q in ("name=%00", "parent=x", "parent=" + "9" * 30, "name=" + "a" * 5000, "region=%ED%A0%80", "level=x")]
    addresses += [f"/contacts/new/?customer={value}" for value in IDS]
    addresses += [f"/?kind={q}" for q in ("x", "%00")]
    for address in addresses:
        got = rep.get(address.replace("\x00", "%00"))
        if got.status_code not in (200, 301, 302, 400, 403, 404):
            faults.append(f"{address[:80]}: {got.status_code}")
    assert not faults


def test_tampered_cursors(rows, people, client):
    token = {"Authorization": f"Bearer {create_token(people['admin'])}"}
    first = client.get("/api/v1/opportunities?limit=1&order=amount", headers=token).json()["next"]
    name, down, back, value, pk, place = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))

    def packed(*parts):
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    bad = [packed(name, down, back, wrong, pk, place) for wrong in ("NaN", "1e999", None, [], {}, "x", True, 1.5, "\ud800", "\x00", "9" * 400)]
    bad += [packed(name, down, back, value, wrong, place) for wrong in (0, -1, 2**63, "1", None, 1.5, True)]
    bad += [packed(name, down, back, value, pk, wrong) for wrong in (0, -1, 2**31, "1", None)]
    bad += [packed("name", down, back, value, pk, place), packed(name, not down, back, value, pk, place), packed(name, down, 1, value, pk, place),
            packed(), packed(*range(7)), "", "x", "====", "é", first[:-3], "W" * 9000, base64.urlsafe_b64encode(b"[" * 5000).decode()]
    client.raise_request_exception = False
    for cursor in bad:
        got = client.get("/api/v1/opportunities", {"limit": "1", "order": "amount", "cursor": cursor}, headers=token)
        assert got.status_code == (200 if cursor == "" else 400), (cursor[:60], got.status_code)
    for order, values in (("created_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01", "x", 5, "\x00"]),
                          ("sign_key", ["0000-00-00", "2026-13-01", 20260101, "\ud800"])):
        for wrong in values:
            got = client.get("/api/v1/opportunities", {"order": order, "cursor": packed(order, False, False, wrong, 1, 1)}, headers=token)
            assert got.status_code in (200, 400), (order, wrong, got.status_code)
    for wrong in ("\x00", "\ud800", 5, None, "a" * 5000, ["x"]):
        got = client.get("/api/v1/customers", {"order": "sort_name", "cursor": packed("sort_name", False, False, wrong, 1, 1)}, headers=token)
        assert got.status_code in (200, 400), (wrong, got.status_code)


def test_methods_and_headers(rows, rep):
    row = rows["customer"][0]
    for url in ("/customers/", f"/customers/{row.pk}/", "/", "/lookup/user/", "/palette/", reverse("report-funnel"), "/customers/new/"):
        assert rep.head(url).status_code == 200 and rep.head(url).content == b""
        assert rep.options(url).status_code == 200
        for method in ("put", "patch", "delete", "trace"):
            got = getattr(rep, method)(url)
            assert got.status_code == 405, (method, url, got.status_code)
    before = state()
    for headers in ({"X-HTTP-Method-Override": "DELETE"}, {"HX-Request": "true", "HX-Target": "'\"<script>"}, {"HX-Request": "yes"},
                    {"HX-Request": "true", "HX-Current-URL": "//evil.example/\x00"}, {"Accept": "application/json"}, {"Accept": "*" * 5000},
                    {"Accept-Language": "x" * 5000}, {"Accept-Language": "zh-Hant-TW;q=nonsense"}, {"Cookie": "zhike_language=../../etc"},
                    {"Referer": "javascript:alert(1)"}, {"HX-Request": "true", "HX-History-Restore-Request": "true"}):
        for url in ("/customers/", f"/customers/{row.pk}/", "/customers/999999/"):
            got = rep.get(url, headers=headers)
            assert got.status_code in (200, 404, 302), (headers, got.status_code)
            assert "<script>" not in got.get("HX-Trigger", "") and "evil.example" not in str(got.headers)
    assert state() == before


def test_bodies(rows, rep, once):
    row = rows["customer"][0]
    url, form = f"/customers/{row.pk}/edit/", "application/x-www-form-urlencoded"
    before = state()
    bodies = [
        (b"name=\xff\xfe&_once=" + once().encode(), form), (b"%", form), (b"a=1&" * 5000, form), (b"\x00" * 100, form), (b"{", "application/json"),
        (b"[" * 10000, "application/json"), (b"x", "multipart/form-data; boundary="), (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"name=1", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"name=1", "text/plain"), (b"x" * (6 * 1024 * 1024), form), (b"name=" + b"a" * (4 * 1024 * 1024), form), (b"", ""),
        (b"&".join(b"f%d=1" % i for i in range(10_000)), form),
    ]
    for body, kind in bodies:
        got = rep.post(url, body, content_type=kind)
        assert got.status_code in (400, 413, 422), (body[:20], kind, got.status_code)
    assert state() == before


def test_forged_forms(rows, sign_in, people, once):
    row = rows["customer"][0]
    url, data = f"/customers/{row.pk}/edit/", {"_version": str(row.version), "name": row.name, "kind": "company", "remark": "改"}
    checked = sign_in("rep", enforce_csrf_checks=True)
    before = state()
    for more in ({}, {"csrfmiddlewaretoken": "x"}, {"csrfmiddlewaretoken": "a" * 64}):
        got = checked.post(url, {**data, "_once": once(), **more})
        assert got.status_code == 403 and "刷新" in got.content.decode() or "重新" in got.content.decode()
    rep = sign_in("rep")
    for token in (None, "", "short", "x" * 65, "no spaces allowed!", "\x00" * 20):
        got = rep.post(url, data if token is None else {**data, "_once": token})
        assert got.status_code == 422, token
    for version in (None, "", "x", "-1", "1.5", "9" * 12, "²"):
        more = {**data, "_once": once()}
        more.pop("_version") if version is None else more.update(_version=version)
        assert rep.post(url, more).status_code == 422, version
    assert rep.post(url, {**data, "_once": once(), "_version": "0"}).status_code == 409
    assert rep.post(url, {**data, "_once": once(), "_version": "999999"}).status_code == 409
    assert state() == before


def test_once_tokens(rows, sign_in, once):
    row, token = rows["customer"][0], once()
    url = f"/customers/{row.pk}/edit/"
    data = {"_once": token, "_version": str(row.version), "name": row.name, "kind": "company", "remark": "第一次"}
    rep = sign_in("rep")
    first = rep.post(url, data)
    again = rep.post(url, data)
    assert first.status_code == again.status_code == 303 and first["Location"] == again["Location"]
    row.refresh_from_db()
    assert row.remark == "第一次" and HistoryEntry.objects.filter(kind="customer", row_id=row.pk, action="edit").count() == 1
    got = rep.post(url, {**data, "remark": "换了内容"})
    assert got.status_code == 422
    boss = sign_in("manager_east")
    used = once()
    assert boss.post(f"/customers/{row.pk}/team/", {"_once": used, "user": str(row.owner_id), "level": "read"}).status_code == 303
    assert boss.post(f"/customers/{row.pk}/lose/", {"_once": used, "reason": "price"}).status_code == 422
    got = boss.post(url, {**data, "_version": str(row.version), "remark": "别人的"})
    assert got.status_code == 303  # tokens are each person's own
    row.refresh_from_db()
    assert row.remark == "别人的"


def test_every_form_sent_twice_counts_once(rows, sign_in, once):
    """Double click: the second post leads where the first led, and writes nothing."""
    from .test_mass_assignment import good

    rep, boss = sign_in("rep"), sign_in("manager_east")
    customer, contact, opportunity, activity, task = (rows[kind][0] for kind in ("customer", "contact", "opportunity", "activity", "task"))
    second = Contact.objects.create(customer=customer, name="第二位", owner=customer.owner, owner_dept=customer.owner_dept)
    to = str(User.objects.get(username="rep_east3").pk)
    day = clock.today()
    posts = [(rep, f"{registry.kind(kind).list_url()}new/", good(kind, rows)) for kind in ("customer", "contact", "opportunity", "activity", "task")]
    posts += [
        (rep, f"/contacts/{second.pk}/primary/", {}), (rep, f"/customers/{customer.pk}/log/", {"type": "phone", "content": "谈过"}),
        (rep, f"/activities/{activity.pk}/finish/", {"content": "好"}), (rep, f"/tasks/{task.pk}/step/accept/", {}), (rep, f"/tasks/{task.pk}/step/finish/", {}),
        (rep, f"/opportunities/{opportunity.pk}/suspend/", {"reason": "等", "resume_on": "2999-01-01"}), (rep, f"/opportunities/{opportunity.pk}/resume/", {}),
        (boss, f"/opportunities/{opportunity.pk}/win/", {"on": str(day), "reason": "好", "amount": "5"}),
        (boss, f"/opportunities/{opportunity.pk}/unwin/", {"reason": "误"}),
        (boss, f"/opportunities/{opportunity.pk}/lose/", {"reason": "price", "lost_to": "无", "remark": "记"}),
        (rep, f"/customers/{customer.pk}/team/", {"user": to, "level": "read"}), (boss, f"/customers/{customer.pk}/lose/", {"reason": "price"}),
        (rep, f"/contacts/{contact.pk}/transfer/", {"to": to}), (rep, "/customers/transfer/", {"ids": str(customer.pk), "to": to}),
    ]
    for client, url, data in posts:
        data = {**data, "_once": once()}
        first = client.post(url, data)
        assert first.status_code == 303, (url, first.status_code, first.content.decode()[-800:])
        before = state()
        again = client.post(url, data)
        assert (again.status_code, again.get("Location")) == (303, first["Location"]), url
        assert state() == before, url


def test_foreign_and_unknown_ids_answer_alike(rows, sign_in, client, people, once):
    """The same status and the same body, address and numbers aside: nobody learns that a record exists."""
    rep, token = sign_in("rep"), {"Authorization": f"Bearer {create_token(people['rep'])}"}
    for kind in ("customer", "contact", "opportunity", "activity", "task"):
        declared, pk = registry.kind(kind), str(rows[kind][3].pk)  # the desk's; the second is shared with the rep
        for pattern in ("{}", "{}edit/", "{}history/", "{}transfer/", "{}team/"):
            answers = []
            for value in (pk, "987654"):
                url = pattern.format(declared.url(int(value)))
                for got in (rep.get(url), rep.post(url, {"_once": once()})):
                    body = re.sub(r'("X-CSRFToken": |name="csrfmiddlewaretoken" value=)"\w+"', "", got.content.decode())  # masked anew each time
                    answers.append((got.status_code, re.sub(rf"(?<=[/=,]){value}(?=[/&\"'?,])", "N", body)))
            assert answers[0] == answers[2] and answers[1] == answers[3], (kind, pattern)
            assert answers[0][0] == 404
        api = [client.get(f"/api/v1/{declared.slug}/{value}", headers=token) for value in (pk, "987654")]
        assert (api[0].status_code, api[0].content) == (api[1].status_code, api[1].content) == (404, api[0].content)
        peeks = [rep.get(f"{declared.list_url()}?view=all&peek={value}") for value in (pk, "987654")]
        assert [got.status_code for got in peeks] == [404, 404]
        ids = [rep.get(f"{declared.list_url()}transfer/?ids={rows[kind][0].pk},{value}").status_code for value in (pk, "987654")]
        assert ids == [404, 404]


def test_a_lapsed_session_keeps_the_text(rows, once):
    """A post without a session is sent to sign in, and htmx is told so without losing the page."""
    row = rows["customer"][0]
    stranger = Client()
    assert stranger.post(f"/customers/{row.pk}/edit/", {"remark": "长文"}).status_code == 302
    got = stranger.post(f"/customers/{row.pk}/edit/", {"remark": "长文"}, headers={"HX-Request": "true"})
    assert got.status_code == 401 and got["HX-Redirect"].startswith("/sign-in/")
