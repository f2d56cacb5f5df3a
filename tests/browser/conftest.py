"""A real house for the browser: `zhike demo` as its own processes, Debian's Chromium, one hat per role."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from zhike.demo.people import PASSWORD

# Two houses and two browsers share two cores: what comes late has still come.
expect.set_options(timeout=20_000)

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}
FOLDERS: dict[str, Path] = {}  # address of a house → its data
SESSIONS: dict[tuple[str, str], list] = {}  # (address, user name) → cookies of who has signed in


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def house():
    """The address of a demo house on SQLite, started as a user starts it; gone with the session."""
    data, port = Path(tempfile.mkdtemp(prefix="zhike-browser-")), free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))}
    log = (data / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "zhike", "demo", "--data", str(data), "--port", str(port), "--workers", "2"],
        cwd=ROOT, env=env, stdout=log, stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    FOLDERS[address] = data
    for _try in range(1200):
        if process.poll() is not None:
            raise RuntimeError((data / "log").read_text())
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    break
        except OSError:
            time.sleep(0.25)
    else:
        process.terminate()
        process.wait(30)
        raise RuntimeError("the demo house did not open: " + (data / "log").read_text()[-2000:])
    yield address
    process.terminate()
    process.wait(30)
    log.close()
    said = (data / "log").read_text(errors="replace")
    if "Traceback" in said:  # what a 500 was, before the house is gone
        print(said[max(0, said.index("Traceback") - 500) :][:20_000])
    shutil.rmtree(data, ignore_errors=True)


def ask(house, sql, *values):
    """One value of the house's own database, read beside the running program."""
    with contextlib.closing(sqlite3.connect(f"file:{FOLDERS[house]}/db.sqlite3?mode=ro", uri=True)) as base:
        found = base.execute(sql, values).fetchone()
    return found[0] if found else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-gpu"],
    }


class Hat:
    """One signed-in person at a browser; what went wrong in it is remembered and asserted at the end."""

    def __init__(self, context, house, username):
        self.context, self.house, self.username = context, house, username
        self.problems: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.expected: set[int] = set()
        if username:
            self._enter()

    def _enter(self):
        """Sign in, or go on in the session of an earlier test while it lasts."""
        known = SESSIONS.get((self.house, self.username))
        if known:
            self.context.add_cookies(known)
            self.page.goto(f"{self.house}/")
            if self.page.url == f"{self.house}/":
                return
        self.page.goto(f"{self.house}/sign-in/")
        self.page.fill("input[name=username]", self.username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("form .btn-p")
        self.page.wait_for_url(f"{self.house}/")
        SESSIONS[self.house, self.username] = self.context.cookies()

    def _console(self, message):
        if message.type not in ("error", "warning"):
            return
        # Chromium reports an answer of 4xx as an error; those a test provokes are named by it.
        if any(f"status of {code}" in message.text for code in self.expected):
            return
        self.problems.append(f"console: {message.text}")

    def _request(self, request):
        # chrome…: the browser's own PDF reader.
        if not request.url.startswith((self.house, "data:", "blob:", "chrome-extension://", "chrome://")):
            self.problems.append(f"outside: {request.url}")

    def go(self, path):
        """Open a page and wait until what it fetches by itself has come: half a second less than waiting for silence."""
        self.page.goto(self.house + path)
        self.page.wait_for_selector(".htmx-request", state="detached")
        return self.page

    def fits(self):
        """No page scrolls sideways."""
        wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= screen, f"{self.page.url} is {wide} px wide on a screen of {screen}"


@pytest.fixture
def wear(browser, house):
    """`wear("rep")` gives that colleague's browser; phone, theme and language as asked."""
    hats = []

    def put_on(username, *, phone=False, theme="light"):
        context = browser.new_context(**(PHONE if phone else DESK), color_scheme=theme, locale="zh-CN")
        context.set_default_timeout(10_000)
        hats.append(Hat(context, house, username))
        return hats[-1]

    yield put_on
    problems = [f"{hat.username}: {problem}" for hat in hats for problem in hat.problems]
    for hat in hats:
        hat.context.close()
    assert not problems


@pytest.fixture(scope="session")
def album():
    """Where pictures go: docs/screenshots when they are to be renewed (ZHIKE_SCREENSHOTS=1), else var."""
    folder = ROOT / ("docs/screenshots" if os.environ.get("ZHIKE_SCREENSHOTS") else "var/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
