"""`zhike serve` on an empty data directory: it furnishes the house, prints the way in once, and asks nobody twice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from urllib.parse import urlencode

import pytest

from .drills import Place, clean
from .houses import PASSWORD
from .test_settings import ROOT

pytestmark = pytest.mark.long


def serve(place):
    """Start the server and give what it says until it answers."""
    place.process = subprocess.Popen(
        [sys.executable, "-m", "zhike", "serve", "--port", str(place.port), "--workers", "1", "--data", str(place.data)],
        cwd=ROOT, env={**clean(), **place.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    said = ""
    while "answers on" not in said:
        line = place.process.stdout.readline()
        assert line, said
        said += line
    return said


def stop(place):
    os.killpg(place.process.pid, signal.SIGTERM)
    place.process.communicate(timeout=60)


@pytest.mark.both
def test_the_first_start(tmp_path):
    place = Place(tmp_path)
    place.data.mkdir()
    code = re.search(r"set-up code ([\w-]+)", serve(place))[1]
    try:
        status, _text, _cookies = place.call("GET", "/sign-in/")
        assert status == 303
        _status, page, cookies = place.call("GET", f"/set-up/?code={code}")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        given = {"company": "示例机械厂", "language": "zh-hans", "name": "老板", "username": "boss", "password": PASSWORD, "again": PASSWORD,
                 "csrfmiddlewaretoken": token}
        assert place.call("POST", "/set-up/", urlencode({**given, "code": "no"}), "; ".join(cookies.values()))[0] == 422
        assert place.call("POST", "/set-up/", urlencode({**given, "code": code}), "; ".join(cookies.values()))[0] == 303
        assert place.call("GET", "/customers/", cookie=place.sign_in())[0] == 200
    finally:
        stop(place)
    assert place.one("select count(*) from org_role") > 10 and place.one("select count(*) from org_user") == 1
    assert "code" not in serve(place)
    stop(place)


ANEW = """
import os, sys
import django; django.setup()
from zhike.config import working
with open(sys.argv[1], "a+") as told:
    told.seek(0)
    working.OUTGROWN = 1 << 50 if told.read() else -1
    told.write(f"{os.getpid()}\\n")
working.work(interval=0.05)
"""


@pytest.mark.slow
def test_a_worker_that_has_outgrown_its_start_begins_anew(tmp_path):
    place = Place(tmp_path)
    place.init()
    told = tmp_path / "told"
    worker = subprocess.Popen([sys.executable, "-c", ANEW, str(told)], cwd=ROOT, env={**clean(), **place.environment,
                              "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while not told.exists() or len(told.read_text().split()) < 2:
            assert time.monotonic() < deadline and worker.poll() is None
            time.sleep(0.1)
        assert told.read_text().split() == [str(worker.pid)] * 2
        time.sleep(1)
        assert worker.poll() is None  # the second one is content
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
