"""The wheel carries all it needs: installed into an empty environment it opens the demo without Node."""

import os
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, free_port

pytestmark = pytest.mark.wheel
UV = Path(sys.executable).with_name("uv")


def run(*command, **more):
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **more)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "-q", "--out-dir", folder)
    return next(folder.glob("zhike-*.whl"))


def test_what_is_inside(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("zhike/pages/static/zhike/dist/app-") and name.endswith(".css") for name in names)
    assert "zhike/pages/static/zhike/dist/manifest.json" in names
    assert "zhike/customers/locale/zh_Hans/LC_MESSAGES/django.mo" in names
    assert not [name for name in names if "/tests/" in name or name.endswith((".po", ".md")) and ".dist-info/" not in name]


def test_it_opens_the_demo_without_node(wheel, tmp_path):
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env")
    python = tmp_path / "env/bin/python"
    run(UV, "pip", "install", "-q", "--python", python, wheel)
    port = free_port()
    env = {"PATH": str(python.parent), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [python.with_name("zhike"), "demo", "--data", tmp_path / "data", "--port", str(port)], cwd=tmp_path, env=env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    try:
        for _try in range(480):
            assert process.poll() is None, process.stdout.read().decode()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=3) as answer:
                    page = answer.read().decode()
                    break
            except OSError:
                time.sleep(0.25)
        sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{sheet}", timeout=5) as answer:
            assert answer.status == 200
        assert "登录" in page
    finally:
        process.terminate()
        process.wait(30)
    assert os.path.exists(tmp_path / "data/db.sqlite3")
