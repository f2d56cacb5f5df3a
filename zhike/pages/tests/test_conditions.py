"""Conditions with "any of" and "all of": the dialog, the chip, and everything a list's address goes through."""

import json
import re
import secrets
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from zhike.org.tokens import create_token

pytestmark = pytest.mark.django_db
NESTED = {"any": [["level", "is", "A"], {"all": [["level", "is", "B"], ["name", "has", "流沙"]]}]}
WHERE = json.dumps(NESTED, ensure_ascii=False, separators=(",", ":"))


@pytest.fixture
def four(make):
    return [make.customer("rep", name=name, level=level) for name, level in
            (("甲级机床厂", "A"), ("流沙机床厂", "B"), ("普通机床厂", "B"), ("流沙水泵厂", "C"))]


def fields_of(html):
    """What a browser without scripts would send of the form."""
    form = html[html.index('<form id="conditions"'):html.index("</form>", html.index('<form id="conditions"'))]
    found = [(name, unescape(value)) for name, value in re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form)]
    for name, body in re.findall(r'<select[^>]*?name="([^"]+)".*?>(.*?)</select>', form, re.S):
        found += [(name, unescape(value)) for value in re.findall(r'<option value="([^"]*)" selected', body)]
    return {name: [value for other, value in found if other == name] for name, _value in found}


def press(client, data, do, **typed):
    return client.get(f"/conditions/customer/?{urlencode({**data, **typed, 'do': do}, doseq=True)}")


@pytest.mark.both
def test_put_together_by_buttons_alone(sign_in, four):
    """Without scripts: choose a field, update, give a value, add a line and a group, apply."""
    client = sign_in("rep")
    address = unescape(re.search(r'href="(/conditions/customer/[^"]*)"', client.get("/customers/?view=all").content.decode())[1])
    data = fields_of(client.get(address).content.decode())
    data = fields_of(press(client, data, "show", **{"f-0-0": "level"}).content.decode())
    data = fields_of(press(client, data, "group", **{"v-0-0": "A", "o-0-0": "is"}).content.decode())
    data = fields_of(press(client, data, "show", **{"f-1-0": "level", "m": "any"}).content.decode())
    data = fields_of(press(client, data, "row:1", **{"v-1-0": "B"}).content.decode())
    data = fields_of(press(client, data, "show", **{"f-1-1": "name"}).content.decode())
    assert data["o-1-1"] == ["has"]  # another field begins with its own first comparison
    got = press(client, data, "apply", **{"v-1-1": "流沙"})
    assert got.status_code == 303, got.content.decode()
    asked = parse_qs(urlsplit(got["Location"]).query)
    assert json.loads(asked["where"][0]) == NESTED and asked["view"] == ["all"]
    page = client.get(got["Location"]).content.decode()
    assert "甲级机床厂" in page and "流沙机床厂" in page and "普通机床厂" not in page and "流沙水泵厂" not in page
    # The chip opens the same conditions again, and clears them.
    assert "Advanced conditions (3)" in page or "高级条件 (3)" in page
    again = fields_of(client.get(unescape(re.search(r'href="(/conditions/customer/[^"]*)"', page)[1])).content.decode())
    assert json.loads(parse_qs(urlsplit(press(client, again, "apply")["Location"]).query)["where"][0]) == NESTED
    clear = unescape(re.search(r'class="chip-x" href="([^"]*)"', page)[1])
    assert "流沙水泵厂" in client.get(clear).content.decode()
    for at in ("0-0", "0-1", "0-0"):
        again = fields_of(press(client, again, f"drop:{at}").content.decode())
    assert len([name for name in again if name.startswith("f-")]) == 1


def test_kept_by_views_exports_bulk_and_api(sign_in, four, client, people):
    from zhike.records.models import SavedView

    boss = sign_in("manager_east")
    query = f"where={quote(WHERE)}"
    got = boss.post(f"/views/customer/new/?{query}", {"name": "组合", "pinned": "on", "_once": secrets.token_urlsafe(24)})
    page = boss.get(got["Location"]).content.decode()
    assert "流沙机床厂" in page and "普通机床厂" not in page and SavedView.objects.count() == 1
    clear = unescape(re.search(r'class="chip-x" href="([^"]*)"', page)[1])
    assert "普通机床厂" in boss.get(clear).content.decode()
    csv = b"".join(boss.get(f"/customers/export/?{query}&format=csv").streaming_content).decode()
    assert "流沙机床厂" in csv and "普通机床厂" not in csv
    dialog = boss.get(f"/customers/transfer/?all=1&{query}").content.decode()
    assert sorted(re.findall(r'name="ids" value="(\d+)"', dialog)) == sorted(str(row.pk) for row in four[:2])
    grouped = boss.get(f"/customers/?{query}&group=level").content.decode()
    assert grouped.count('data-group="') == 2
    token = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    api = client.get("/api/v1/customers", {"where": WHERE}, headers=token).json()
    assert {item["name"] for item in api["items"]} == {"甲级机床厂", "流沙机床厂"} and api["count"] == 2
    wrong = client.get("/api/v1/customers", {"where": '{"any":[["colour","is","red"]]}'}, headers=token)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "filter.unknown")
    parameters = client.get("/api/v1/openapi.json", headers=token).json()["paths"]["/customers"]["get"]["parameters"]
    assert "where" in {one["name"] for one in parameters}


def test_hidden_and_masked_fields_cannot_be_asked(sign_in, four, people):
    from zhike.org.models import FieldRule

    role = people["rep"].roles.get(code="SR")
    FieldRule.objects.create(role=role, kind="customer", field="level", mode=FieldRule.HIDE)
    FieldRule.objects.create(role=role, kind="customer", field="phone", mode=FieldRule.MASK)
    FieldRule.objects.create(role=role, kind="customer", field="uscc", mode=FieldRule.MASK)
    client = sign_in("rep")
    for name, op in (("level", "is"), ("level", "filled"), ("phone", "has"), ("phone", "empty"), ("uscc", "has"), ("code", "has")):
        text = json.dumps({"any": [[name, op, *([] if op in ("filled", "empty") else ["A"])]]})
        got = client.get(f"/customers/?where={quote(text)}")
        assert got.status_code == 400 and name in got.content.decode(), name  # codes are searched all or none
        assert client.get(f"/customers/?where={quote(json.dumps({'all': [['owner', 'is', 'me']]}))}").status_code == 200
    form = client.get("/conditions/customer/").content.decode()
    assert 'value="level"' not in form and 'value="phone"' not in form and 'value="owner"' in form


@pytest.mark.parametrize(("typed", "word"), [
    ({"f-0-0": "created_at", "o-0-0": "from", "v-0-0": "2026-02-30"}, "2026-02-30"),
    ({"f-0-0": "name", "o-0-0": "has", "v-0-0": "x" * 101}, "xxx"),
    ({"f-0-0": "owner", "o-0-0": "is", "v-0-0": "x"}, "x"),
])
def test_wrong_values_are_refused_in_place(sign_in, typed, word):
    got = press(sign_in("rep"), {"list": "view=all", "w-0-0": typed["f-0-0"]}, "apply", **typed)
    assert got.status_code == 422 and word in got.content.decode() and 'role="alert"' in got.content.decode()


def test_bad_addresses_of_the_dialog(sign_in):
    client = sign_in("rep", raise_request_exception=False)
    assert client.get("/conditions/nothing/").status_code == 404
    assert client.get("/conditions/role/").status_code == 404
    assert client.get("/conditions/customer/?list=" + "x" * 9000).status_code == 400
    for query in ("do=row:99", "do=row:", "do=drop:-1", "do=drop:0-99-1", "do=group&m=x", "do=x&f-0-0=nothing", "do=show&f-0-0=%00&v-0-0=%00",
                  "list=where%3D%7B", "list=nosuch%3D1&do=apply", "do=apply", "do=" + "x" * 3000, "list=%00%FF"):
        assert client.get(f"/conditions/customer/?{query}").status_code in (200, 303, 400, 422), query
    assert client.post("/conditions/customer/").status_code == 405
