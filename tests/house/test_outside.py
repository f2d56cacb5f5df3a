"""Nothing is loaded from outside, nothing runs inside the page, and every answer carries its policy."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client

from zhike.base.middleware import CONTENT_SECURITY_POLICY
from zhike.org.models import User
from zhike.records import registry, save

from .reading import Reader, pages

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LOADING = {"src", "srcset", "href", "action", "formaction", "data", "poster", "hx-get", "hx-post", "data-url", "data-search-url", "data-check-url",
           "data-peek", "hx-push-url"}
PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", '<a href=" java&#9;script:alert(1)">x</a>',
    "<div hx-get=/x hx-trigger=load>", '"><script>alert(1)</script>', "' onmouseover='alert(1)", "{{7*7}}", "{% debug %}", "${7*7}",
    "</title><script>alert(1)</script>", "<!--<script>", "]]><script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>",
]


def faults(html, address=""):
    """What a page must not hold: inline code or style, and addresses elsewhere."""
    found = []
    for tag, attrs in Reader(html).tags:
        if tag == "style" or (tag == "script" and not attrs.get("src") and attrs.get("type") not in ("application/json",)):
            found.append(f"inline {tag}")
        for name, value in attrs.items():
            if name == "style" or name.startswith("on") or (name.startswith("hx-on") or name == "srcdoc"):
                found.append(f"{tag} {name}={value}")
            if name in LOADING and value:
                parts = urlsplit(value.strip())
                own = not parts.scheme and not parts.netloc
                link_out = tag == "a" and name == "href" and parts.scheme in ("http", "https", "mailto", "tel")
                inside = tag == "img" and parts.scheme == "data"
                if not own and not link_out and not inside:
                    found.append(f"{tag} {name}={value}")
                if link_out and parts.scheme.startswith("http") and "noopener" not in attrs.get("rel", ""):
                    found.append(f"link without rel: {value}")
    return [f"{address}: {fault}" for fault in found]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_load_and_run_nothing_foreign(language, rows, sign_in):
    User.objects.filter(username="admin").update(language=language)
    client, found, read = sign_in("admin"), [], 0
    for address, headers in [*pages(rows), ("/sign-in/", {}), ("/nothing/", {})]:
        got = client.get(address, headers=headers)
        found += faults(got.content.decode(), address)
        read += got.status_code == 200
    found += faults(Client().get("/sign-in/").content.decode(), "/sign-in/")
    assert not found
    assert read > 60


def test_what_people_write_stays_text(rows, sign_in, make):
    """Every payload in every text field of one record of each kind; then every page that shows them."""
    for payload in PAYLOADS:
        for kind, found in rows.items():
            row = found[0]
            for column in row._meta.concrete_fields:
                if hasattr(column, "tidy") and column.editable and column.name not in ("code", "uscc"):
                    setattr(row, column.name, payload[: column.max_length or 500])
            if kind == "customer":
                row.website, row.email = "javascript:alert(1)", "x@example.com"
            row.save()
            save.index(registry.kind(kind), [row])
        client, found = sign_in("rep"), []
        targets = [(a, h) for a, h in pages(rows)][:: 1 if payload == PAYLOADS[0] else 9]
        for address, headers in targets:
            html = client.get(address, headers=headers).content.decode()
            found += faults(html, address)
            if "<" in payload and payload in html:
                found.append(f"{address}: raw {payload}")
            if "7*7" in payload and "49" in re.sub(r"[0-9A-Za-z]{20,}|\d{4,}", "", html) and "{{7*7}}" not in html and "${7*7}" not in html:
                found.append(f"{address}: {payload} was worked out")
        assert not found, payload


def test_the_check_finds_what_it_looks_for():
    bad = ['<script>1</script>', '<p style="x">', '<p onclick="x">', '<img src="https://cdn.example/x">', '<script src="//cdn.example/x">',
           '<a href="javascript:x">', '<style>p{}</style>', '<link href="http://x.example/a.css">', '<a href="https://x.example/">',
           '<form action="https://x.example/">', '<iframe srcdoc="x">']
    assert [html for html in bad if not faults(html)] == []
    assert not faults('<a href="/x">1</a><script src="/static/x.js"></script><a rel="noreferrer noopener" href="https://x.example/">2</a>')


def test_every_answer_carries_the_policy(rows, sign_in, once, client):
    rep, number = sign_in("rep", raise_request_exception=False), rows["customer"][0].pk
    checked = sign_in("rep", enforce_csrf_checks=True)
    answers = {
        200: rep.get("/customers/"), 404: rep.get("/customers/999999/"), 400: rep.get("/customers/?x=1"), 403: rep.get("/products/new/"),
        405: rep.put("/customers/"), 302: client.get("/customers/"), 422: rep.post("/customers/new/", {"_once": once()}),
        401: client.get("/api/v1/customers"), 303: rep.post(f"/customers/{number}/edit/", {
            "_once": once(), "_version": str(rows["customer"][0].version), "name": rows["customer"][0].name, "kind": "company"}),
    }
    assert {code: got.status_code for code, got in answers.items()} == {code: code for code in answers}
    more = [checked.post("/customers/new/", {}), client.get("/healthz"), client.get("/sign-in/"), client.get("/static/zhike/icon.svg"),
            client.get("/", headers={"Host": "evil.example"}), rep.get("/customers/", headers={"HX-Request": "true"}), rep.get("/lookup/user/")]
    for got in [*answers.values(), *more]:
        assert got["Content-Security-Policy"] == CONTENT_SECURITY_POLICY, got
        assert got["X-Content-Type-Options"] == "nosniff" and got["Referrer-Policy"] == "same-origin"
        assert "private" in got.get("Cache-Control", "") or got.status_code in (302, 401, 400) or not got.wsgi_request.path.startswith("/customers")
    for word in ("'unsafe-inline'", "'unsafe-eval'", "http:", "*"):
        assert word not in CONTENT_SECURITY_POLICY


def test_a_fault_of_ours_tells_no_secrets(sign_in, monkeypatch, settings):
    from zhike.pages.lists import ListPage

    def broken(self, request, **kwargs):
        secret = "a-secret-in-a-local-variable"
        raise RuntimeError(secret)

    monkeypatch.setattr(ListPage, "get", broken)
    got = sign_in("rep", raise_request_exception=False).get("/customers/")
    text = got.content.decode()
    assert got.status_code == 500 and "a-secret" not in text and "Traceback" not in text and "RuntimeError" not in text
    assert got["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert not faults(text)


SOURCES = [path for folder in ("frontend", "zhike") for path in (ROOT / folder).rglob("*")
           if path.suffix in (".css", ".js", ".mjs", ".html", ".svg") and "node_modules" not in path.parts and "dist" not in path.parts]


def test_sources_name_no_other_host():
    """No address elsewhere in stylesheets, scripts, templates and pictures; names of XML vocabularies are not addresses."""
    assert len(SOURCES) > 20
    address = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
    found = []
    for path in SOURCES:
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip().startswith(("//", "*", "/*")):
                continue
            found += [f"{path.relative_to(ROOT)}:{n} {match[0]}" for match in address.finditer(line)]
    assert not found


def test_what_is_built_loads_nothing_from_elsewhere():
    built = [path for path in (ROOT / "zhike/pages/static/zhike/dist").glob("*") if path.suffix in (".css", ".js")]
    if not built:
        pytest.skip("make assets first")
    loading = re.compile(r"""(?:url\(|@import\s|import\(|importScripts\(|fetch\(|src=)\s*["']?(?:https?:)?//[^)"'\s]+""")
    assert [f"{path.name}: {match[0][:80]}" for path in built for match in loading.finditer(path.read_text(encoding="utf-8"))] == []


def test_templates_hold_no_inline_code():
    found = []
    for path in SOURCES:
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            for pattern in (r"<style[\s>]", r"\sstyle=", r"\son[a-z]+=", r"<script(?![^>]*\ssrc=)[^>]*>", r"\|\s*safe\b", r"hx-on"):
                found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in re.finditer(pattern, text)]
    assert not found


