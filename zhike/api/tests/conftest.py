"""A program with a token, as the tests meet it."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from zhike.api import rates
from zhike.org.tokens import create_token


class Program:
    """Sends JSON and gets JSON; `last` is the whole response."""

    def __init__(self, user, **token):
        token.setdefault("scope", "write")
        self.user = user
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {create_token(user, **token)}"})

    def __call__(self, method, path, body=None, code=200, **headers):
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, (str, bytes)) else "" if body is None else json.dumps(body, ensure_ascii=False)
        self.last = self.client.generic(method, f"/api/v1/{path}", data, content_type="application/json", headers=more)
        text = self.last.content.decode()
        assert self.last.status_code == code, (method, path, self.last.status_code, text[:800])
        return json.loads(text) if text else None

    def version(self, path):
        self("GET", path)
        return self.last["ETag"]


@pytest.fixture
def program(people):
    rates.forget()
    return lambda username, **token: Program(people[username], **token)
