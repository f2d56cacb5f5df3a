"""A house that is started, written to and killed: what the tests of kills and of backups share."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from .test_settings import ROOT

PASSWORD = "quiet-lathe-77"
WRITERS = 3


def clean():
    """The environment without anything that is ours."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))}


class House:
    """A furnished data directory; `zhike serve` answers for it in a process group that can be killed at once."""

    environment: Mapping[str, str] = {}
    program: tuple[str, ...] = ("-m", "zhike")
    shaken = False  # its database is being restarted: errors are to be expected

    data: Path
    port: int
    process: subprocess.Popen

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, "serve", "--port", str(self.port), "--workers", "2", "--data", str(self.data)],
                cwd=ROOT, env={**clean(), **self.environment}, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the house did not answer again")

    @property
    def log(self):
        """What it wrote on standard error, of all its lives."""
        return self.data.parent / "serve.log"

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def call(self, method, path, body="", cookie=""):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie} if body or cookie else {}
        link.request(method, path, body, headers)
        got = link.getresponse()
        text = got.read().decode()
        cookies = {found.split("=")[0]: found.split(";")[0] for found in got.headers.get_all("Set-Cookie") or []}
        link.close()
        return got.status, text, cookies

    def sign_in(self):
        _status, page, cookies = self.call("GET", "/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        body = urlencode({"username": "boss", "password": PASSWORD, "csrfmiddlewaretoken": token})
        status, _text, more = self.call("POST", "/sign-in/", body, "; ".join(cookies.values()))
        assert status == 303
        return "; ".join({**cookies, **more}.values())


def write(house, cookie, number, kept, stop):
    """Open customers until the house dies; remember each one that was acknowledged."""
    token = cookie.split("zhike_csrf=")[1].split(";")[0]
    for i in range(10_000):
        if stop.is_set():
            return
        name = f"停电测试{number}号{i}厂{random.randrange(10**9)}"
        body = urlencode({"name": name, "kind": "company", "csrfmiddlewaretoken": token, "_once": f"kill-test-{number:04d}-{i:06d}-{os.urandom(6).hex()}"})
        try:
            status, _text, _cookies = house.call("POST", "/customers/new/", body, cookie)
        except (OSError, http.client.HTTPException):
            return
        if status == 303:
            kept.append(name)
