"""A rep's morning by a program that knows nothing but the OpenAPI document."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from zhike.org.tokens import create_token

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}


class Generated:
    """Turns operation ids and arguments into requests as the document says, and holds the answers to it."""

    def __init__(self, token):
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
        self.document = self.client.get("/api/v1/openapi.json").json()
        self.base = self.document["servers"][0]["url"]
        self.operations = {}
        for path, entries in self.document["paths"].items():
            for method, entry in entries.items():
                if method != "parameters":
                    shared = entries.get("parameters", [])
                    self.operations[entry["operationId"]] = (method, path, {**entry, "parameters": [*shared, *entry.get("parameters", [])]})

    def schema(self, found):
        while "$ref" in found:
            found = self.document["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
        return found

    def fits(self, value, schema, where):
        schema = self.schema(schema)
        if "anyOf" in schema or "type" not in schema:
            return
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert any(type(value) is TYPES[kind] for kind in kinds), f"{where}: {value!r} is not {kinds}"
        if isinstance(value, dict):
            assert set(schema.get("required", ())) <= set(value), f"{where}: {sorted(value)}"
            known = schema.get("properties")
            assert not known or schema.get("additionalProperties", True) or set(value) <= set(known), f"{where}: {set(value) - set(known)}"
            for name, part in value.items():
                if known and name in known:
                    self.fits(part, known[name], f"{where}.{name}")
        elif isinstance(value, list):
            for part in value:
                self.fits(part, schema.get("items", {}), f"{where}[]")
        elif isinstance(value, str) and "pattern" in schema:
            assert re.search(schema["pattern"], value), f"{where}: {value!r}"

    def __call__(self, operation, expected=None, **given):
        method, path, entry = self.operations[operation]
        query, headers = {}, {}
        for parameter in entry["parameters"]:
            name = parameter["name"].replace("-", "_") if parameter["in"] == "header" else parameter["name"]
            if name in given:
                value = given.pop(name)
                if parameter["in"] == "path":
                    path = path.replace("{" + name + "}", str(value))
                else:
                    (query if parameter["in"] == "query" else headers)[parameter["name"]] = value
            assert not (parameter.get("required") and "{" + name + "}" in path), f"{operation} wants {name}"
        body = ""
        if "requestBody" in entry:
            self.fits(given, entry["requestBody"]["content"]["application/json"]["schema"], operation)
            body = json.dumps(given)
        else:
            assert not given, f"{operation} does not take {sorted(given)}"
        got = self.client.generic(method.upper(), self.base + path, body, content_type="application/json", headers=headers, query_params=query)
        assert str(got.status_code) in entry["responses"], f"{operation}: {got.status_code} is not in the document: {got.content[:300]!r}"
        assert got.status_code == expected or (expected is None and got.status_code < 300), f"{operation}: {got.status_code} {got.content.decode()}"
        answer = entry["responses"][str(got.status_code)].get("content")
        found = got.json() if answer else None
        if answer:
            self.fits(found, answer["application/json"]["schema"], f"{operation} answers")
        self.tag = got.get("ETag")
        return found


@pytest.mark.both
def test_a_rep_s_morning(people, make):
    product = make.product(name="测试加工中心")
    api = Generated(create_token(people["rep"], scope="write"))
    me = api("meta.get")["user"]

    # A new customer with its buyer, found in the region list; the same name again is noticed.
    region = api("region.list", q="苏州", limit=1)["items"][0]
    customer = api("customer.create", name="晨光测试装备有限公司", level="B", region=region["id"], Idempotency_Key="morning-customer-1")
    assert customer["owner"]["id"] == me["id"]
    assert api("customer.create", 422, name="晨光测试装备有限公司")["code"] == "duplicate"
    buyer = api("contact.create", name="林示例", customer=customer["id"], job_title="采购经理", mobile="13800000000")

    # The first call is written down with what comes next.
    api("customer.log", id=customer["id"], type="phone", content="要两台加工中心，月底看样", contact=buyer["id"], result="has_demand",
        next_contact_at="2099-01-05T10:00:00+08:00", next_action="寄样本")
    assert api("customer.get", id=customer["id"])["lifecycle"] == "potential"
    planned = api("activity.list", customer=str(customer["id"]), status="planned")["items"]
    assert [entry["subject"] for entry in planned] == ["寄样本"]

    # The opportunity, its lines, its checklist, and on to the next stage.
    deal = api("opportunity.create", name="两台加工中心", customer=customer["id"], contact=buyer["id"], type="new_project", amount="1000.00",
               expected_sign_date="2099-03-31")
    api("opportunity.lines", id=deal["id"], take_sum=True, lines=[{"product": product.pk, "quantity": "2", "target_price": "450000"}])
    deal = api("opportunity.get", id=deal["id"], expand="stages,checklist,lines")
    assert deal["amount"] == "900000.00" and deal["lines"][0]["amount"] == "900000.00"
    tag = api.tag
    following = next(stage for stage in deal["stages"] if stage["order"] > deal["stages"][0]["order"])
    if any(item["required"] and not item["done"] for item in deal["checklist"]):
        assert api("opportunity.move", 422, id=deal["id"], to=following["id"])["code"] == "stage.gate"
    api("opportunity.change", id=deal["id"], If_Match=tag, demand="五轴，带自动换刀")
    api("opportunity.change", 412, id=deal["id"], If_Match=tag, demand="迟到的改动")
    for item in deal["checklist"]:
        if item["tick"]:
            api("opportunity.tick", id=deal["id"], criterion=item["id"], done=True)
    moved = api("opportunity.move", id=deal["id"], to=following["id"])
    assert moved["stage"]["id"] == following["id"]

    # The day's list and the funnel show it; what is the boss's is not in the document.
    assert deal["id"] in {row["id"] for row in api("opportunity.list", owner="me", order="-created_at", limit=5)["items"]}
    funnel = api("report.funnel", measure="count", owner="me")
    assert any(stage["id"] == following["id"] and stage["count"] >= 1 for stage in funnel["stages"])
    assert "opportunity.unwin" not in api.operations and "opportunity.win" in api.operations
