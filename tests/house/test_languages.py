"""Every page speaks one language: nothing of English on the Chinese page, nothing of Chinese on the English one."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from zhike.customers.models import Customer
from zhike.demo.people import COMPANY, DEPARTMENTS, USERS
from zhike.org.models import User
from zhike.records import registry

from .reading import Reader, pages

pytestmark = pytest.mark.long

ZHIKE = Path(__file__).parents[2] / "zhike"
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z’']+")
# Names of the trade and signs that are the same in Chinese.
SAME = {"CRM", "ERP", "Excel", "CSV", "Ctrl", "Esc", "Enter", "Zhike", "zhike", "ABC", "CNY", "VIP", "Alt", "Shift", "Tab", "English", "API", "OK", "Power", "power", "amount",
        "SCHD", "ics", "vcf", "PNG", "SVG", "POST", "YYYY", "YYYYMM", "YYYYMMDD", "DEPT", "SEQ"}


def data_words():
    """Texts that are data of the test company, longest first, so that they can be taken out of a page."""
    words = {COMPANY, "简体中文", "启衡精密机械", "知客"}
    words |= {name for _u, name, *_rest in USERS} | {title for *_rest, title, _m in USERS} | {name for _c, name, _p in DEPARTMENTS}
    for kind in registry.kinds():
        for row in kind.model.objects.all()[:500]:
            texts = [value for value in vars(row).values() if isinstance(value, str) and CJK.search(value)]
            words |= {*texts, *(line for text in texts for line in text.splitlines())}
    return sorted((word for word in words if word), key=len, reverse=True)


def opened(client, rows):
    for address, headers in pages(rows):
        got = client.get(address, headers=headers)
        assert got.status_code in (200, 403, 404, 422), (address, got.status_code)
        yield address, Reader(got.content.decode()).texts


def msgids():
    found = {}
    for path in ZHIKE.glob("*/locale/zh_Hans/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            found |= {key: value for key, value in gettext.GNUTranslations(file)._catalog.items() if isinstance(key, str) and key}
    return found


@pytest.mark.parametrize("username", ["admin", "rep"])
def test_the_chinese_page_is_chinese(username, rows, sign_in):
    translated = {key for key, value in msgids().items() if key != value}
    assert len(translated) > 300
    left = set()
    users = {user.username for user in User.objects.all()}
    short = set(Customer.objects.values_list("pinyin_abbr", flat=True))
    for address, texts in opened(sign_in(username), rows):
        for text in set(texts) - short:
            words = {word for word in LATIN.findall(re.sub(r"\S+@\S+|https?://\S+|/api/[\w/]+|[A-Z]+-[\w-]+", " ", text)) if len(word) > 2}
            if text in translated or words - SAME - users:
                left.add((address.split("?")[0], text))
    assert not left


@pytest.mark.parametrize("username", ["admin", "rep"])
def test_the_english_page_is_english(username, rows, sign_in):
    User.objects.filter(username=username).update(language="en")
    words, left, client = data_words(), set(), sign_in(username)
    for address, texts in opened(client, rows):
        for text in texts:
            rest = "" if len(text) == 1 else text  # the mark on an avatar is the first letter of a name
            for word in words:
                rest = rest.replace(word, "")
            if CJK.search(rest):
                left.add((address.split("?")[0], text))
    assert not left


@pytest.mark.parametrize(("language", "cookie", "sign", "other"), [
    ("zh-hans", "", "登录", "Sign in"), ("en", "", "Sign in", "登录"), ("zh-hans", "en", "Sign in", "登录"), ("en", "zh-hans", "登录", "Sign in")])
def test_the_way_in_speaks_for_the_company_or_as_chosen(client, people, language, cookie, sign, other):
    from zhike.org.models import Company

    Company.objects.update(language=language)
    if cookie:
        client.cookies["zhike_language"] = cookie
    page = " ".join(Reader(client.get("/sign-in/").content.decode()).texts)
    assert sign in page and other not in page


def test_a_new_device_speaks_the_language_of_its_person(people, client):
    from zhike.demo.people import PASSWORD

    user = people["rep"]
    user.language = "en"
    user.set_password(PASSWORD)
    user.save()
    client.post("/sign-in/", {"username": "rep", "password": PASSWORD})
    assert 'lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_refusals_speak_the_language_of_the_reader(language, rows, sign_in, once):
    User.objects.filter(username="rep").update(language=language)
    client, row = sign_in("rep"), rows["customer"][0]
    answers = [
        client.get("/customers/?nonsense=1"), client.get("/customers/?order=password"), client.get("/customers/999999/"),
        client.get("/customers/?created_at__from=tomorrowish"), client.get(f"/customers/{row.pk}/lose/"),
        client.post("/customers/new/", {"_once": once(), "name": "x"}), client.post("/customers/new/", {"name": "没有令牌"}),
        client.post("/opportunities/new/", {"_once": once(), "name": "", "amount": "1e9", "customer": "0"}),
    ]
    words = data_words()
    for got in answers:
        assert 400 <= got.status_code < 500
        for text in Reader(got.content.decode()).texts:
            for word in [*words, "没有令牌"]:
                text = text.replace(word, "")
            if len(text) < 2:
                continue
            if language == "en":
                assert not CJK.search(text), text
            else:
                assert not {w for w in LATIN.findall(text) if len(w) > 2} - SAME - {
                    "nonsense", "password", "tomorrowish", "today", "month", "quarter", "year", *(part for name in (*registry.kind("customer").filters, *(name for name, _filter in registry.kind("customer").extra_filters.items())) for part in (name, *name.split("_"))), "gap",
                    "has_open", "sort_name", "last_contact", "open", "last", "contact", "sort", "name", "created", "owner", "dept", "has", "tag"}, text



def test_a_forgotten_text_is_found(rows, sign_in, monkeypatch):
    from zhike.pages.lists import ListPage

    monkeypatch.setitem(globals(), "pages", lambda rows: [("/customers/?view=all", {})])
    test_the_english_page_is_english("rep", rows, sign_in)
    monkeypatch.setattr(ListPage, "count_text", lambda self, found: "forgotten words")
    with pytest.raises(AssertionError):
        test_the_chinese_page_is_chinese("rep", rows, sign_in)
    monkeypatch.setattr(ListPage, "count_text", lambda self, found: "忘了翻译")
    with pytest.raises(AssertionError):
        test_the_english_page_is_english("rep", rows, sign_in)
