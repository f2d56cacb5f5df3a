"""A browser without a face: one connection, cookies, forms; and what an answer cost."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float

    @property
    def queries(self) -> int:
        return int(self.headers.get("x-bench-queries", "0"))

    @property
    def cpu(self) -> float:
        """Milliseconds of the worker's processor."""
        return float(self.headers.get("x-bench-cpu", "0")) * 1000


@dataclass(slots=True)
class Client:
    """One person at one computer. Follows no redirects: each request is measured by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        began = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _sep, value = line.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, content, {k.lower(): v for k, v in response.headers.items()}, seconds)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, values: dict[str, Any], **headers: str) -> Answer:
        form = {"csrfmiddlewaretoken": self.cookies.get("zhike_csrf", ""), **values}
        return self.ask("POST", path, urlencode(form, doseq=True), **headers)

    def data(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Answer:
        """A program's request: JSON with a token, no cookies."""
        sent = None if body is None else json.dumps(body)
        return self.ask(method, path, sent, Authorization=f"Bearer {token}", Content_Type="application/json", **headers)

    def sign_in(self, username: str, password: str) -> None:
        self.get("/sign-in/")
        answer = self.post("/sign-in/", {"username": username, "password": password, "next": "/"})
        if answer.status not in (302, 303):
            raise RuntimeError(f"{username} cannot sign in: {answer.status}")

    def statements(self, path: str) -> list[tuple[str, list[Any]]]:
        """The SQL of a page, in order."""
        return [(sql, params) for sql, params in json.loads(self.get(path, X_Bench_Statements="1").body)]
