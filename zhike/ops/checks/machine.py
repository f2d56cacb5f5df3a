"""The machine and the settings: nothing here asks the database."""

from __future__ import annotations

import os
import shutil
import smtplib
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings as chosen
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from zhike import __version__

from .. import sqlite
from ..doctor import ATTENTION, BROKEN, OK, Examined, Finding

OLDEST_SQLITE = (3, 37)
LOW, TOO_LOW = 2 << 30, 300 << 20  # bytes


def settings(examined: Examined) -> Iterator[Finding]:
    # A misspelt one would have stopped the settings from loading, and this command with them.
    lent = "" if examined.house.key_from == "environment" else "ZHIKE_SECRET_KEY"  # by this command, see `lend_key`
    given = sorted(name for name in os.environ if (name.startswith("ZHIKE_") or name == "DATABASE_URL") and name != lent)
    yield Finding("settings", OK, _("settings: %(names)s") % {"names": ", ".join(given) or _("none given, all at their defaults")})


def programs(examined: Examined) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("programs", OK, _("Zhike %(zhike)s, Python %(python)s") % {"zhike": __version__, "python": python})
    if examined.house.engine == "sqlite":
        right = sqlite3.sqlite_version_info >= OLDEST_SQLITE
        yield Finding("sqlite", OK if right else BROKEN, _("SQLite %(version)s") % {"version": sqlite3.sqlite_version},
                      "" if right else _("Zhike needs SQLite 3.37 or newer: use a newer Python or system."))


def _others_can_read(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def data(examined: Examined) -> Iterator[Finding]:
    folder = examined.house.data
    named = {"folder": folder}
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("data", BROKEN, _("the data directory %(folder)s cannot be written") % named,
                      _("Give it to the user that runs Zhike: chown -R, chmod 700."))
    elif _others_can_read(folder):
        yield Finding("data", ATTENTION, _("other users of this machine can look into the data directory %(folder)s") % named, "chmod 700")
    else:
        yield Finding("data", OK, _("data directory %(folder)s, open to its owner only") % named)
    if examined.house.engine == "sqlite":
        for path in (examined.house.file.with_name(examined.house.file.name + suffix) for suffix in sqlite.SUFFIXES):
            if path.exists() and not os.access(path, os.R_OK | os.W_OK):
                yield Finding("data", BROKEN, _("the file %(path)s cannot be written") % {"path": path},
                              _("Give it to the user that runs Zhike: chown -R, chmod 700."))


def disk(examined: Examined) -> Iterator[Finding]:
    places = {examined.house.data}
    if examined.house.engine == "sqlite":
        places.add(examined.house.file.parent)
    for place in sorted(places):
        free = shutil.disk_usage(place).free
        state = BROKEN if free < TOO_LOW else ATTENTION if free < LOW else OK
        yield Finding("disk", state, _("%(free)s MB free for %(folder)s") % {"free": f"{free >> 20:,}", "folder": place},
                      "" if state == OK else _("Make room: with a full disk nothing can be written, not even deleted."))


def key(examined: Examined) -> Iterator[Finding]:
    house = examined.house
    if house.key_from == "none":
        yield Finding("key", ATTENTION, _("there is no signing key yet"), _("It is made at the first start; back it up with the data."))
    elif house.key_from == "environment":
        yield Finding("key", OK, _("the signing key comes from ZHIKE_SECRET_KEY; backups do not hold it"))
    elif _others_can_read(house.key_file):
        yield Finding("key", BROKEN, _("other users of this machine can read the signing key %(path)s") % {"path": house.key_file},
                      _("chmod 600, then delete it and start again: a new one is made and everybody signs in once more."))
    else:
        yield Finding("key", OK, _("the signing key is its owner's only"))


def mail(examined: Examined) -> Iterator[Finding]:
    """Whether the mail server lets us in; nothing is sent."""
    if not chosen.MAIL_HOST:
        yield Finding("mail", OK, _("no mail is sent: ZHIKE_MAIL_URL is not set"))
        return
    named = {"host": f"{chosen.EMAIL_HOST}:{chosen.EMAIL_PORT}"}
    try:
        with get_connection():
            pass
    except (smtplib.SMTPException, OSError) as wrong:
        named["why"] = str(wrong).strip().split("\n")[0][:160] or type(wrong).__name__
        yield Finding("mail", BROKEN, _("the mail server %(host)s does not let us in: %(why)s") % named,
                      _("Correct ZHIKE_MAIL_URL, then try `zhike mail test ADDRESS`."))
        return
    if not chosen.EMAIL_USE_TLS and not chosen.EMAIL_USE_SSL and chosen.EMAIL_HOST not in chosen.LOOPBACK_HOSTS:
        yield Finding("mail", ATTENTION, _("mails go to %(host)s unencrypted") % named, _("Leave tls=none out of ZHIKE_MAIL_URL."))
    else:
        yield Finding("mail", OK, _("the mail server %(host)s lets us in") % named)


def web(examined: Examined) -> Iterator[Finding]:
    hosts = [host for host in chosen.ALLOWED_HOSTS if host not in chosen.LOOPBACK_HOSTS]
    if chosen.DEBUG:
        yield Finding("web", BROKEN, _("ZHIKE_DEBUG is on: errors show the inside of the program to everybody"), _("Leave ZHIKE_DEBUG out."))
    if chosen.DEMO:
        yield Finding("web", ATTENTION, _("demo mode: everybody who reaches it may sign in as anybody; it answers on loopback only"),
                      _("Leave ZHIKE_DEMO out for real work."))
    elif hosts and not chosen.HTTPS:
        yield Finding("web", ATTENTION, _("it answers to %(hosts)s without HTTPS: passwords travel readable") % {"hosts": ", ".join(hosts)},
                      _("Put an HTTPS proxy in front and set ZHIKE_HTTPS=1."))
    else:
        yield Finding("web", OK, _("it answers to %(hosts)s") % {"hosts": ", ".join(hosts or chosen.LOOPBACK_HOSTS)})
