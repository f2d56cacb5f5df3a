"""The environment variables Zhike knows; a misspelt one stops the start instead of being ignored."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

KNOWN = frozenset({
    "ZHIKE_DATA", "ZHIKE_SECRET_KEY", "ZHIKE_ALLOWED_HOSTS", "ZHIKE_HTTPS", "ZHIKE_DEMO", "ZHIKE_DEBUG", "ZHIKE_LOG_LEVEL",
    "ZHIKE_LOG_FORMAT", "ZHIKE_MAIL_URL", "ZHIKE_MAIL_FROM", "ZHIKE_GUNICORN_LOG", "ZHIKE_WORKER_FOLLOWS",
    # For those who build Zhike: where specifications lie, all icons, pictures of pages, counts of queries.
    "ZHIKE_SHARED", "ZHIKE_WHOLE_TABLER", "ZHIKE_SCREENSHOTS", "ZHIKE_WRITE_COUNTS",
})
SWITCHES = ("ZHIKE_HTTPS", "ZHIKE_DEMO", "ZHIKE_DEBUG")
ON, OFF = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def check(environment: Mapping[str, str]) -> None:
    """Refuse to start with a variable that is misspelt or means nothing; the message names it and the way out."""
    for name in sorted(environment):
        if name.startswith("ZHIKE_") and name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(KNOWN))}"
            raise ImproperlyConfigured(f"{name} is not a setting of Zhike; {hint}")
        if name.upper().replace("-", "_") in ("DATABASEURL", "DATABASE_URI", "DB_URL", "DATABASE_URLS", "DATABSE_URL"):
            raise ImproperlyConfigured(f"{name} is not a setting of Zhike; did you mean DATABASE_URL?")
    for name in SWITCHES:
        if environment.get(name, "").strip().lower() not in ON | OFF:
            raise ImproperlyConfigured(f"{name} is {environment[name]!r}; it is 1 (on) or 0 (off)")
    level = environment.get("ZHIKE_LOG_LEVEL", "INFO")
    if level not in LEVELS:
        raise ImproperlyConfigured(f"ZHIKE_LOG_LEVEL is {level!r}; possible are {', '.join(LEVELS)}")
    if environment.get("ZHIKE_LOG_FORMAT", "json") not in ("json", "text"):
        raise ImproperlyConfigured(f"ZHIKE_LOG_FORMAT is {environment['ZHIKE_LOG_FORMAT']!r}; possible are json, text")
    hosts = [host.strip() for host in environment.get("ZHIKE_ALLOWED_HOSTS", "").split(",")]
    if "*" in hosts:
        raise ImproperlyConfigured("ZHIKE_ALLOWED_HOSTS is *: name the hosts, such as crm.example.com")
    key = environment.get("ZHIKE_SECRET_KEY")
    if key is not None and (len(key) < 16 or len(set(key)) < 5 or key.startswith("django-insecure")):
        raise ImproperlyConfigured("ZHIKE_SECRET_KEY is too short or guessable; leave it out and one is made in the data directory")


def on(environment: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on."""
    return environment.get(name, "").strip().lower() in ON
