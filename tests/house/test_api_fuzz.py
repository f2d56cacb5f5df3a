"""Wrong requests of every kind to every operation of the OpenAPI document: refused in its words, never a fault.

The pass mark is that of quality.md R12: no 5xx, no undocumented status, every refusal as the document says.
"""

from __future__ import annotations

import json
import os
import random

import pytest
from django.test import Client

from zhike.api import rates
from zhike.org.tokens import create_token

pytestmark = pytest.mark.long

VALUES = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**40, 0.1, -0.0, 1e308, "", " ", "0", "-1", "1e5", "NaN", "Infinity", "null", "½", "１２",
    "2026-02-30", "0001-01-01", "9999-12-31", "2026-11-25T00:00:00+08:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "24:00", "a" * 300,
    "长" * 20_001, "\u0000", "\u202e", "\ufeff", "𠮷", "' OR 1=1 --", "<script>", "{{7*7}}", "=1+1", "../..", "%s%n", [], [None], [[]], [{}], {}, {"id": None},
    {"id": "1"}, {"id": 1, "text": 2}, {"id": [1]}, [1] * 300, {"$gt": 1}, ["a", 1], [{"line_no": 1, "quantity": "x"}], [{"product": -1}],
]
QUERIES = ["", "0", "-1", "201", "1e3", "x" * 3000, "\u0000", "½", "none", "me", "mine", "today", "-60d", "-99999999d", "2026-02-30", "1,2", "name,,code", "'", "%00", "[]"]
HEADERS = ["", "*", '"1"', '"999999999"', "W/\"1\"", "abc", '"-1"', "\x7f" * 9, "x" * 300]


class Fuzz:
    def __init__(self, user, seed):
        self.random = random.Random(seed)
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False,
                             headers={"Authorization": f"Bearer {create_token(user, scope='write')}"})
        self.document = self.client.get("/api/v1/openapi.json").json()
        self.asked: dict[str, int] = {}

    def operations(self):
        for path, entries in self.document["paths"].items():
            for method, entry in entries.items():
                if method != "parameters":
                    yield method, path, entry

    def body(self, entry):
        schema = entry["requestBody"]["content"]["application/json"]["schema"]
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        names = [*schema.get("properties", {}), "owner", "id", "version", "nonsense"]
        chosen = self.random.sample(names, self.random.randint(0, min(len(names), 6)))
        if self.random.random() < 0.5:
            chosen += schema.get("required", [])
        return {name: self.random.choice(VALUES) for name in chosen}

    def ask(self, method, path, entry, ids):
        take = self.random.choice
        address = "/api/v1" + path.replace("{id}", str(take([*ids, 0, 999_999_999, "9" * 18])))
        address = address.replace("{number}", str(take([*range(1, 9), 0, 999_999_999])))
        query, headers = {}, {}
        for parameter in entry.get("parameters", []):
            if self.random.random() < 0.3:
                where = query if parameter["in"] == "query" else headers
                where[parameter["name"]] = take(QUERIES if parameter["in"] == "query" else HEADERS)
        body = ""
        content = "application/json"
        if "requestBody" in entry and content not in entry["requestBody"]["content"]:
            content, body = next(iter(entry["requestBody"]["content"])), take(["", "%PDF-1.7", "text", "\x00" * 40, "\x89PNG\r\n" + "x" * 90])
        elif "requestBody" in entry:
            body = json.dumps(self.body(entry)) if self.random.random() < 0.9 else take(["[]", "{", "nul", '{"a":1e999}', "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
        got = self.client.generic(method.upper(), address, body, content_type=content, query_params=query, headers=headers)
        told = (method, address, query, headers, body[:300], got.status_code, b"" if got.streaming else got.content[:300])
        assert got.status_code < 500, told
        assert str(got.status_code) in entry["responses"], told
        if got.streaming:
            b"".join(got.streaming_content)
        elif got.status_code >= 400:
            answer = got.json()
            assert {"error", "code", "field"} <= set(answer) and isinstance(answer["error"], str) and answer["error"], told
        self.asked[str(got.status_code)] = self.asked.get(str(got.status_code), 0) + 1


def fuzz(people, make, username, seed, times, monkeypatch):
    monkeypatch.setattr(rates, "PER_MINUTE", 10**9)
    customer = make.customer("rep")
    rows = [customer, make.contact(customer), make.opportunity(customer), make.activity(customer), make.task(), make.product()]
    found = Fuzz(people[username], seed)
    for method, path, entry in found.operations():
        for _ in range(times):
            found.ask(method, path, entry, [row.pk for row in rows])
    return found


@pytest.mark.parametrize("username", ["rep", "manager_east", "finance"])
def test_wrong_requests_are_refused_in_the_words_of_the_document(people, make, username, monkeypatch):
    found = fuzz(people, make, username, 1, 3, monkeypatch)
    assert found.asked.get("422", 0) + found.asked.get("400", 0) > 30  # the wrong was really met


@pytest.mark.slow
@pytest.mark.parametrize("username", ["rep", "manager_east", "admin"])
def test_three_hundred_of_each_operation(people, make, username, monkeypatch):
    times = int(os.environ.get("FAULTS_FUZZ", 300))
    print(times, "of each:", fuzz(people, make, username, int(os.environ.get("FAULTS_SEED", 2)), times, monkeypatch).asked)


def test_a_planted_fault_is_found(people, make, monkeypatch):
    from zhike.api import bodies

    monkeypatch.setattr(bodies, "simple", lambda name, type, value: value)  # types go through as they come
    with pytest.raises(AssertionError):
        fuzz(people, make, "rep", 1, 6, monkeypatch)
