"""R5: `kill -9` in the middle of posts. What was acknowledged is there, whole, and the next start answers."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest

from .test_settings import ROOT, run

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="kills a house on SQLite"),
]
PASSWORD = "quiet-lathe-77"
WRITERS = 3


def clean():
    """The environment without anything that is ours."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))}


class House:
    """A house of its own: `zhike init`, then `zhike serve` in a process group that can be killed at once."""

    environment: Mapping[str, str] = {}

    def __init__(self, folder: Path):
        self.data = folder / "data"
        (folder / "password").write_text(PASSWORD)
        made = run("-m", "zhike", "init", "--admin", "boss", "--password-file", str(folder / "password"), "--data", str(self.data))
        assert made.returncode == 0, made.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "zhike", "serve", "--port", str(self.port), "--workers", "2", "--data", str(self.data)],
            cwd=ROOT, env={**clean(), **self.environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.call("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the house did not answer again")

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


def check(house, kept):
    """Nothing acknowledged is lost; nothing stands half."""
    with contextlib.closing(sqlite3.connect(house.data / "db.sqlite3")) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
        names = {row[0] for row in found.execute("select name from customers_customer")}
        assert set(kept) <= names
        for half in (
            "select count(*) from customers_customer c where not exists (select 1 from customers_customerfacts f where f.customer_id = c.id)",
            "select count(*) from customers_customer c where not exists (select 1 from records_historyentry h where h.kind = 'customer' and h.row_id = c.id)",
            "select count(*) from customers_customer c where not exists (select 1 from records_searchentry s where s.kind = 'customer' and s.row_id = c.id)",
            "select count(*) from customers_customer c where not exists (select 1 from customers_lifecyclechange l where l.customer_id = c.id)",
            "select count(*) from records_searchentry s where s.kind = 'customer' and s.row_id not in (select id from customers_customer)",
            "select count(*) from records_oncetoken where answer = ''",
        ):
            assert found.execute(half).fetchone() == (0,), half
        codes = [row[0] for row in found.execute("select code from customers_customer")]
        places = sorted(int(code.rsplit("-", 1)[1]) for code in codes)
        assert len(codes) == len(set(codes)) and places == list(range(1, len(places) + 1))
    return len(names)


def kills(folder, times):
    """Kill a house `times` times in the middle of posts; gives how many were acknowledged and stored, and the house."""
    house, kept, total = House(folder), [], 0
    for _round in range(times):
        house.start()
        try:
            cookie, stop = house.sign_in(), threading.Event()
            threads = [threading.Thread(target=write, args=(house, cookie, n, kept, stop)) for n in range(WRITERS)]
            before = len(kept)
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while len(kept) < before + 5 and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(random.random() * 0.3)
        finally:
            house.kill()
            stop.set()
        for thread in threads:
            thread.join(60)
        total = check(house, kept)
    house.start()
    try:
        status, page, _cookies = house.call("GET", "/customers/?view=all", cookie=house.sign_in())
        assert status == 200 and kept[-1] in page
    finally:
        house.kill()
    return len(kept), total, house


def test_two_kills(tmp_path):
    acknowledged, stored, house = kills(tmp_path, 2)
    assert acknowledged >= 10 and stored >= acknowledged
    # The check itself is alive: half a customer, or one that is gone, is found.
    with contextlib.closing(sqlite3.connect(house.data / "db.sqlite3")) as found, found:
        found.execute("delete from customers_customerfacts where customer_id = (select max(id) from customers_customer)")
    with pytest.raises(AssertionError):
        check(house, [])
    with pytest.raises(AssertionError):
        check(house, ["从未写下"])


@pytest.mark.slow
def test_forty_kills(tmp_path):
    acknowledged, stored, _house = kills(tmp_path, 40)
    print(f"{acknowledged} acknowledged, {stored} stored")
    assert acknowledged > 200 and stored >= acknowledged
