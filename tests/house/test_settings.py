"""Settings: what is misspelt stops the start and is named; what is safe is safe by default."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from zhike.config import environment
from zhike.config.databases import database
from zhike.config.secret import secret_key

ROOT = Path(__file__).parents[2]


def run(*words, **variables):
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))}
    return subprocess.run([sys.executable, *words], cwd=ROOT, env={**clean, **variables}, capture_output=True, text=True, timeout=180,
                          check=False)


@pytest.mark.parametrize(("variables", "says"), [
    ({"ZHIKE_HTPS": "1"}, "ZHIKE_HTTPS"), ({"ZHIKE_ALLOW_HOSTS": "x"}, "ZHIKE_ALLOWED_HOSTS"), ({"ZHIKE_NONSENSE": "x"}, "ZHIKE_NONSENSE"),
    ({"ZHIKE_HTTPS": "ja"}, "ZHIKE_HTTPS"), ({"ZHIKE_LOG_LEVEL": "LOUD"}, "ZHIKE_LOG_LEVEL"), ({"ZHIKE_ALLOWED_HOSTS": "a.example,*"}, "*"),
    ({"ZHIKE_SECRET_KEY": ""}, "ZHIKE_SECRET_KEY"), ({"ZHIKE_SECRET_KEY": "changeme"}, "ZHIKE_SECRET_KEY"),
    ({"ZHIKE_SECRET_KEY": "x" * 60}, "ZHIKE_SECRET_KEY"), ({"ZHIKE_SECRET_KEY": "django-insecure-abcdefghijkl"}, "ZHIKE_SECRET_KEY"),
    ({"DATABASE_URI": "postgres://x/y"}, "DATABASE_URL"),
])
def test_a_wrong_variable_is_named(variables, says):
    with pytest.raises(ImproperlyConfigured) as wrong:
        environment.check(variables)
    assert says in str(wrong.value)


def test_what_is_right_passes():
    environment.check({"PATH": "x", "ZHIKE_HTTPS": "1", "ZHIKE_DEMO": "off", "ZHIKE_DATA": "d", "ZHIKE_ALLOWED_HOSTS": "a.example, b.example"})


def test_every_variable_the_code_reads_is_known():
    import re

    read = set()
    for path in (ROOT / "zhike").rglob("*.py"):
        read |= set(re.findall(r"ZHIKE_[A-Z][A-Z_]+", path.read_text(encoding="utf-8")))
    assert read - environment.KNOWN == set()


@pytest.mark.parametrize(("url", "says"), [
    ("mysql://u@h/db", "mysql"), ("postgre://u@h/db", "postgres://"), ("postgres://u@h/", "names no database"), ("postgres://u@h:9x/db", "port"),
    ("h/db", "postgres://"), ("postgres://u@h:99999/db", "port"),
])
def test_a_wrong_database_address_is_explained(url, says, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as wrong:
        database(url, tmp_path)
    assert says in str(wrong.value)


def test_the_signing_key_is_made_once_for_its_owner_only(tmp_path):
    key = secret_key(tmp_path / "data")
    assert len(key) > 50 and secret_key(tmp_path / "data") == key
    assert (tmp_path / "data/secret.key").stat().st_mode & 0o777 == 0o600
    assert secret_key(tmp_path / "other") != key


def test_the_deployment_check_is_clean(tmp_path):
    got = run("-m", "django", "check", "--deploy", "--fail-level", "WARNING", "--settings", "zhike.config.settings",
              ZHIKE_DATA=str(tmp_path), ZHIKE_HTTPS="1", ZHIKE_ALLOWED_HOSTS="crm.example.com")
    assert got.returncode == 0, got.stdout + got.stderr
    assert "no issues" in got.stdout


def test_settings_refuse_to_load_with_an_unknown_variable(tmp_path):
    got = run("-c", "import zhike.config.settings", ZHIKE_DATA=str(tmp_path), ZHIKE_HTPS="1")
    assert got.returncode != 0 and "ZHIKE_HTPS" in got.stderr


def test_cookies_and_doors(settings):
    assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax" and not settings.DEBUG
    assert "*" not in settings.ALLOWED_HOSTS
