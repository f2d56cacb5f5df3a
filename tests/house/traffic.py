"""People and programs at work on a house that may die at any moment: they remember what was acknowledged and repeat what was not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from .forms import first_form

MOBILE = "13900004711"  # typed into every follow-up; must not be in any log
LOST = (OSError, http.client.HTTPException)


@dataclass
class Intent:
    """One thing somebody wants done once, as the request that asks for it, and what it left when it was done."""

    what: str
    mark: str
    method: str
    path: str
    body: bytes
    headers: dict
    pk: int = 0
    target: int = 0
    answers: list = field(default_factory=list)

    @property
    def done(self):
        return any(status in (200, 201, 204, 303) for status in self.answers)


def send(port, method, path, body=b"", headers=None, timeout=60):
    """(status, text, headers); raises one of `LOST` when the house dies meanwhile."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        link.request(method, path, body, headers or {})
        got = link.getresponse()
        return got.status, got.read().decode("utf-8", "replace"), got.headers
    finally:
        link.close()


def multipart(fields, name, content):
    border = f"border{os.urandom(8).hex()}"
    parts = [f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    parts.append(f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'.encode())
    return b"".join([*parts, content, f"\r\n--{border}--\r\n".encode()]), f"multipart/form-data; boundary={border}"


class Worker:
    """Somebody at a browser, and a program with their token, doing one thing after the other."""

    WHAT = ("customer", "customer", "log", "log", "comment", "file", "edit", "patch", "opportunity", "opportunity", "move", "job")

    def __init__(self, house, number, cookie, token, seed, stages):
        self.house, self.number, self.cookie, self.token = house, number, cookie, token
        self.random, self.stages = random.Random(f"{seed}-{number}"), stages
        self.intents, self.open, self.faults, self.n = [], [], [], 0
        self.customers, self.deals, self.broken = [], [], []
        self.csrf = cookie.split("zhike_csrf=")[1].split(";")[0]

    def work(self, stop):
        """Until the house dies. What was open when it died before is asked for again first, under the same token."""
        with contextlib.suppress(*LOST):
            again = [*self.open, *self.broken, *self.random.sample(self.intents, min(2, len(self.intents)))]
            self.open, self.broken = [], []
            for place, intent in enumerate(again):
                self.open = again[place:]
                self.ask(intent)
            self.open = []
            while not stop.is_set():
                intent = self.make()
                if intent is not None:
                    self.open = [intent]
                    self.ask(intent)
                    self.open = []

    def ask(self, intent):
        status, text, headers = send(self.house.port, intent.method, intent.path, intent.body, intent.headers)
        if status >= 500 and not self.house.shaken:
            self.faults.append((intent.what, status, text[:300]))
        known = intent.done
        intent.answers.append(status)
        # Without its database Django says 400 where only the session could not be stored: no acknowledgment either.
        if self.house.shaken and (status >= 500 or status == 400):
            self.broken.append(intent)
            return
        if not intent.done or known:
            # Too many jobs, too many comments at once, and what somebody else has changed are refused in words.
            if status < 500 and not intent.done and intent not in self.intents and intent.what not in ("job", "comment", "edit", "move"):
                self.faults.append((intent.what, status, re.sub(r"\s+", " ", text)[-400:]))
            return
        self.intents.append(intent)
        where = headers.get("Location", "")
        if intent.what == "customer":
            intent.pk = int(re.fullmatch(r"/customers/(\d+)/", where)[1])
            self.customers.append(intent.pk)
        elif intent.what == "opportunity":
            found = json.loads(text)
            intent.pk = found["id"]
            self.deals.append((found["id"], found["stage"]["id"]))

    def page(self, what, path, fields, mark):
        self.n += 1
        body = {**fields, "csrfmiddlewaretoken": self.csrf, "_once": f"kill-{self.number:03d}-{self.n:06d}-{os.urandom(8).hex()}"}
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return Intent(what, mark, "POST", path, urlencode(body).encode(), headers)

    def program(self, what, method, path, body, mark, **headers):
        key = f"key-{self.number}-{os.urandom(8).hex()}"
        return Intent(what, mark, method, f"/api/v1/{path}", json.dumps(body).encode(), {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key, **headers})

    def make(self):
        """The next thing to do; None when there is nothing to do it with."""
        mark = f"m{self.number}x{os.urandom(5).hex()}"
        what = self.random.choice(self.WHAT) if self.customers else "customer"
        customer = self.random.choice(self.customers[-40:]) if self.customers else 0
        match what:
            case "customer":
                return self.page(what, "/customers/new/", {"name": f"停电测试厂{mark}", "kind": "company"}, mark)
            case "log":
                return self.page(what, f"/customers/{customer}/log/", {
                    "type": "phone", "content": f"{mark} {MOBILE}", "next_on": "2099-01-05", "next_action": mark}, mark)
            case "comment":
                return self.page(what, f"/about/customers/{customer}/comment/", {"text": f"{mark} {MOBILE}"}, mark)
            case "file":
                made = self.page(what, f"/about/customers/{customer}/attach/", {}, mark)
                fields = {part.split("=")[0]: part.split("=")[1] for part in made.body.decode().split("&")}
                content = f"{mark} ".encode() * self.random.choice((1, 2_000, 60_000))
                made.body, made.headers["Content-Type"] = multipart(fields, f"{mark}.txt", content)
                return made
            case "edit":
                status, text, _headers = send(self.house.port, "GET", f"/customers/{customer}/edit/", headers={"Cookie": self.cookie})
                form = first_form(text) if status == 200 else None
                return self.page(what, f"/customers/{customer}/edit/", {
                    **{key: value for key, value in form.values if key != "_once"}, "remark": mark}, mark) if form else None
            case "patch":
                return self.program(what, "PATCH", f"customers/{customer}", {"website": f"https://{mark}.example.com/"}, mark, **{"If-Match": "*"})
            case "opportunity":
                return self.program(what, "POST", "opportunities", {
                    "customer": customer, "name": f"停电商机{mark}", "type": "repeat", "amount": "5.00", "expected_sign_date": "2099-01-05"}, mark)
            case "move":
                if not self.deals:
                    return None
                deal, stage = self.deals.pop()
                made = self.program(what, "POST", f"opportunities/{deal}/move", {"to": self.stages[stage]}, mark)
                made.pk, made.target = deal, self.stages[stage]
                return made
            case _:
                return self.page("job", "/customers/duplicates/search/", {}, mark)


def crowd(workers, until, dies):
    """All of them at work; when `until()` says so the house `dies()`."""
    stop = threading.Event()
    threads = [threading.Thread(target=worker.work, args=(stop,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        until()
    finally:
        dies()
        stop.set()
    for thread in threads:
        thread.join(90)
        assert not thread.is_alive()


def some_more(workers, n, seconds=60):
    """Wait until so many more things were acknowledged."""
    before, deadline = sum(len(worker.intents) for worker in workers), time.monotonic() + seconds
    while sum(len(worker.intents) for worker in workers) < before + n and time.monotonic() < deadline:
        time.sleep(0.02)
