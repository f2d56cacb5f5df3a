"""R7 for programs: every operation that posts counts once under its `Idempotency-Key`, however closely together it arrives."""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client

from tests.parity.test_concurrency import at_once
from zhike.api import rates
from zhike.api.records import may_write
from zhike.base import clock
from zhike.org.tokens import create_token
from zhike.records import calls, registry

from .filling import Desk, merged, waiting_customer, working_pool
from .more_rows import _being_member, _new_line_owner
from .test_mass_assignment import good
from .test_once import all_of, difference, state

pytestmark = [pytest.mark.concurrency, pytest.mark.long, pytest.mark.django_db(transaction=True)]
_n, _weeks = itertools.count(1), itertools.count(0)
POSTS = int(os.environ.get("FAULTS_POSTS", 50))
ONLY = os.environ.get("FAULTS_OPERATIONS", "")
SEED = ("customer.create", "customer.log", "contact.comments", "opportunity.move", "task.files", "activity.batch")
# Asked of a record in another state than a fresh one: what is called first.
BEFORE = {
    "customer.enable": [("disable", {})], "customer.unlock": [("lock", {})], "opportunity.unwin": [("win", {"on": "2026-01-05", "reason": "价格"})],
    "opportunity.unlose": [("lose", {"reason": "price", "lost_to": "无", "remark": "记录"})],
    "opportunity.resume": [("suspend", {"reason": "等", "resume_on": "2099-01-05"})], "worklog.withdraw": [("submit", {})],
    "task.confirm": [("finish", {"result": "好了"})], "task.reopen": [("finish", {"result": "好了"})],
    "campaign.withdraw": [("approve", {})], "campaign.start": [("approve", {})], "campaign.finish": [("approve", {}), ("start", {})],
    "campaign.resume": [("approve", {}), ("start", {}), ("finish", {})], "campaign.summarise": [("approve", {}), ("start", {}), ("finish", {})],
    "campaign.revive": [("cancel", {"reason": "试"})],
    "lead.reopen": [("invalidate", {"reason": "LEAD_INVALID"})], "lead.unconvert": [("convert", {})],
}
# Refused to everybody, whatever the record.
LEFT = {"worklog.transfer": "work logs stay with their authors"}
GIVEN = {
    "customer.log": {"type": "phone"}, "opportunity.lose": {"reason": "price", "lost_to": "无"}, "opportunity.win": {"on": "2026-01-05"},
    "activity.finish": {"content": "谈过了"}, "task.finish": {"result": "好了"}, "activity.check-in": {"lat": 31300000, "lng": 120600000, "accuracy": 20},
}


class Programs:
    """Every operation with a body that is taken, for rows made for it."""

    def __init__(self, desk, people):
        self.desk, self.people = desk, people
        self.user = people["admin"]
        self.token = create_token(self.user, scope="write")
        self.kinds = [kind for kind in registry.kinds() if kind.api and may_write(kind)]

    def operations(self):
        for kind in self.kinds:
            yield from (f"{kind.name}.create", f"{kind.name}.batch")
            if kind.words:
                yield from (f"{kind.name}.comments", f"{kind.name}.files")
            yield from (f"{kind.name}.{name}" for name in calls.of(kind))

    def ready(self, operation):
        """(address, body or bytes) of one request that would do something."""
        name, what = operation.split(".", 1)
        kind = registry.kind(name)
        here = f"/api/v1/{kind.slug}"
        if what in ("create", "batch"):
            body = self.new(name) if name != "custom_field" else {"on": "product", "label_zh": f"功率{next(_n)}", "type": "quantity"}
            return (here, body) if what == "create" else (f"{here}/batch", {"items": [body, {"nonsense": 1}]})
        row = self.row(operation, kind)
        if what == "comments":
            return f"{here}/{row.pk}/comments", {"text": f"一句话{next(_n)}"}
        if what == "files":
            return f"{here}/{row.pk}/files?name=a.txt", f"content {next(_n)}".encode()
        if operation in BEFORE:
            for first, body in BEFORE[operation]:
                reasons = {key: self.first_of("lead_invalid") if value == "LEAD_INVALID" else value for key, value in body.items()}
                got = self.send(f"{here}/{row.pk}/{first}", reasons, "")
                assert got.status_code in (200, 204), (operation, got.content.decode())
        params = calls.of(kind)[what].params
        body = {param.name: self.value(operation, row, param) for param in params if param.required}
        return f"{here}/{row.pk}/{what}", {**body, **self.lines_of(operation, row), **GIVEN.get(operation, {})}

    def lines_of(self, operation, row):
        """What an action asks for beyond what its parameters say by themselves."""
        if operation == "customer.add-line-owner":
            return {"line": self.line, "owner": self.people["rep_south"].pk}
        if operation == "opportunity.set-contact":
            return {"contact": self.desk.make.contact(row.customer, name=f"林部件{next(_n)}").pk}
        return {}

    def new(self, name):
        n = next(_n)
        own = {
            "discussion_group": {"name": f"示例讨论组{n}"}, "price_list": {"code": f"API-{n}", "name": f"示例价格表{n}"},
            "campaign": {"name": f"示例展会{n}", "type": self.first_of("campaign_type")},
            "lead": {"name": f"林示例{n}", "company": f"示例接口线索{n}号机械有限公司"},
            "worklog": {"period": "weekly", "first_day": f"{clock.today() - timedelta(weeks=1 + next(_weeks) % 50)}"},
        }
        if name in own:
            return own[name]
        customer = self.desk.row("customer")
        body = {key: value for key, value in good(name, {"customer": [customer]}).items() if key != "kind" or name == "customer"}
        body |= {"customer": {"name": f"示例接口{n}机械"}, "product": {"code": f"API-{n}"}}.get(name, {})
        for key in ("customer", "owner"):
            if key in body:
                body[key] = int(body[key])
        return {key: f"{value}:00+08:00" if str(value).startswith("2999-01-01T") else value for key, value in body.items()}

    def row(self, operation, kind):
        if operation == "opportunity.move":
            return self.desk.make.opportunity(type="repeat")
        if operation == "opportunity.tick":
            from zhike.opportunities.actions import move_stage

            row = self.desk.make.opportunity(type="supply")
            return move_stage(row, self.second_stage(row), by=self.user)
        if operation in ("customer.undo-merge", "contact.undo-merge"):
            (pk,), _data = merged(kind.name)(self.desk)
            return kind.model.objects.get(pk=pk)
        if operation == "customer.add-line-owner":
            (pk,), data = _new_line_owner(self.desk)
            self.line = int(data["line"])
            return kind.model.objects.get(pk=pk)
        if operation == "discussion_group.leave":
            (pk,), _data = _being_member(self.desk)
            return kind.model.objects.get(pk=pk)
        if operation == "lead.take":
            return self.desk.waiting_lead()
        if operation in ("worklog.read", "worklog.comment"):
            from zhike.activities.actions import submit_log

            return submit_log(self.desk.make.worklog("rep", weeks=1 + next(_weeks) % 50), by=self.people["rep"])
        if operation.startswith("pool."):
            self.asked = waiting_customer(self.desk)
            return kind.model.objects.get(pk=self.asked[0])
        return self.desk.row(kind.name)

    def first_of(self, dictionary):
        from zhike.masterdata.models import DictionaryOption

        return DictionaryOption.objects.filter(dictionary=dictionary, enabled=True).order_by("order").first().code

    def second_stage(self, row):
        from zhike.opportunities.models import Stage

        return Stage.objects.get(process=row.process_id, order=2)

    def value(self, operation, row, param):
        if operation == "opportunity.move" and param.name == "to":
            return self.second_stage(row).pk
        if operation == "opportunity.tick" and param.name == "criterion":
            return row.stage.criteria.filter(kind="tick").first().pk
        if operation.startswith("pool.") and param.name == "customer":
            return self.asked[1]
        if operation == "contact.merge":
            return self.desk.make.contact(row.customer, name=f"林另{next(_n)}").pk
        if param.type == "ref":
            made = {"user": lambda: self.people["rep_south"], "pool": lambda: working_pool(self.desk)}
            return made.get(param.to, lambda: self.desk.row(param.to))().pk
        if param.dictionary:
            return self.first_of(param.dictionary)
        if param.choices:
            return next(code for code, _label in param.choices if code)
        day = clock.today() + timedelta(days=30)
        return {"text": "试写", "bool": True, "int": 1, "money": "5.00", "date": f"{day}", "datetime": f"{day}T09:00:00+08:00",
                "lines": [{"text": "一行", "quantity": "1"}]}[param.type]

    def send(self, address, body, key):
        client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": key} if key else {})})
        if isinstance(body, bytes):
            return client.generic("POST", address, body, content_type="application/octet-stream")
        return client.generic("POST", address, json.dumps(body), content_type="application/json")


def sent_once(programs, operation, times):
    """Like `test_once.sent_once`, for one operation."""
    try:
        address, body = programs.ready(operation)
    except (AttributeError, KeyError) as missing:
        return f"nothing to stand on: {missing!r}"
    before = state()
    got = programs.send(address, body, f"key-{next(_n):08d}")
    one = difference(before)
    if got.status_code >= 300:
        return f"refused: {got.status_code} {got.content.decode()[:200]}" + (f", but wrote {one}" if one else "")
    address, body = programs.ready(operation)
    key, before = f"key-{next(_n):08d}", state()
    answers = at_once(times, lambda i: programs.send(address, body, key))
    answers = [programs.send(address, body, key) if getattr(answer, "status_code", 0) == 503 else answer for answer in answers]
    codes = Counter(getattr(answer, "status_code", repr(answer)) for answer in answers)
    if set(codes) != {got.status_code}:
        return f"wrong: answers {dict(codes)}"
    many = difference(before)
    if many != one:
        return f"wrong: one request {one}, {times} requests {many}"
    if len({answer.content for answer in answers}) > 1:
        return "wrong: different answers"
    before = state()
    other = b"other content" if isinstance(body, bytes) else {**body, "another": 1}
    told = programs.send(address, other, key)
    if told.status_code != 422 or difference(before):
        return f"wrong: the key with another body: {told.status_code} {difference(before)}"
    return ""


@pytest.fixture
def programs(make, people, sign_in, once, monkeypatch):
    monkeypatch.setattr(rates, "PER_MINUTE", 10**9)
    desk = Desk(make, people, sign_in, once)
    for kind in ("opportunity", "lead", "campaign"):
        desk.row(kind)
    made = Programs(desk, people)
    made.send("/api/v1/customers/0/log", {}, "")  # the first use of a token is written down
    return made


def test_many_identical_requests(programs):
    assert {operation: sent_once(programs, operation, 6) for operation in SEED} == dict.fromkeys(SEED, "")


@pytest.mark.slow
def test_fifty_requests_of_every_operation(programs):
    found = all_of(ONLY.split(",") if ONLY else list(programs.operations()), lambda operation: sent_once(programs, operation, POSTS))
    print(f"{sum(not text for text in found.values())} of {len(found)} operations: {POSTS} requests did what one does; left out: {', '.join(LEFT)}")
    assert not {name: text for name, text in found.items() if text and name not in LEFT}


def test_a_forgotten_key_is_found(programs, monkeypatch):
    from zhike.api import once

    monkeypatch.setattr(once, "answer", lambda request, user, work, **more: work())
    assert sent_once(programs, "contact.comments", 4).startswith("wrong: one request")
