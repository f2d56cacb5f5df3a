"""The bodies of `zhike backup` and `zhike restore`: what is said to the person at the keyboard."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from zhike.base.refused import Refused

from .archive import checked
from .house import here, key_in_force, lend_key

KEYS = {
    "file": "the signing key is inside: keep the file as safe as the house itself",
    "environment": "the signing key came from ZHIKE_SECRET_KEY and is NOT inside: keep it elsewhere",
    "none": "there is no signing key yet",
}


def backup(args: argparse.Namespace, set_up: Callable[[], Path], where: Path) -> int:
    """Make a backup, or with --check look at one without any house."""
    target = Path(args.file)
    if args.check:
        with checked(target) as found:
            told = found.manifest
            print(f"whole: {len(told['rows'])} tables, {sum(told['rows'].values()):,} rows, {len(found.files()):,} files, "
                  f"{told['engine']}, version {told['version']}, made {told['made_at']}")
            print(KEYS.get(told.get("key", ""), ""))
        return 0
    key = key_in_force(where)
    if key[1] == "none":
        lend_key()
    from .backup import make_backup

    made = make_backup(here(set_up(), key), target, replace=args.replace)
    print(f"wrote {target}: {made.size:,} bytes, {made.tables} tables, {made.rows:,} rows, {made.files:,} files")
    print(KEYS[made.key])
    if made.left_out:
        print(f"{made.left_out} files have names no backup can hold and were left out")
    return 0


def doctor(args: argparse.Namespace, set_up: Callable[[], Path], where: Path) -> int:
    """Look the house over: 0 when nothing is broken (with --strict: nothing to look at either), else 1."""
    import json

    key = key_in_force(where)
    if key[1] == "none":
        lend_key()
    data = set_up()
    from django.utils import translation

    from . import checks
    from .doctor import ATTENTION, BROKEN, Examined, as_json, examine, lines, worst

    examined = Examined(here(data, key), deep=args.deep, head=args.head)
    with translation.override(args.locale or _language()):
        found = examine(examined, checks.FIRST)
        if not any(finding.state == BROKEN and finding.name in ("database", "answers") for finding in found):
            found += examine(examined, checks.THEN)
        if args.json:
            print(json.dumps(as_json(found), ensure_ascii=False, indent=2))
        else:
            print("\n".join(lines(found)))
    return int(worst(found) in ((BROKEN, ATTENTION) if args.strict else (BROKEN,)))


def _language() -> str:
    """The language of the terminal; one that names none is spoken to as the house speaks: Chinese."""
    spoken = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "en" if spoken.startswith("en") or spoken in ("C", "POSIX", "C.UTF-8") else "zh-hans"


def mail(args: argparse.Namespace, set_up: Callable[[], Path], where: Path) -> int:
    """Send one mail and say whether the server took it."""
    set_up()
    import smtplib

    from django.conf import settings
    from django.core.exceptions import ValidationError
    from django.core.mail import send_mail
    from django.core.validators import validate_email

    try:
        validate_email(args.address)
    except ValidationError:
        raise Refused(f"{args.address[:80]!r} is not an e-mail address") from None
    try:
        send_mail("Zhike · 知客", "This is a trial. 这是一封测试邮件。\n", None, [args.address])
    except (smtplib.SMTPException, OSError) as wrong:
        raise Refused(f"the mail server {settings.MAIL_HOST} did not take it: {str(wrong).strip() or type(wrong).__name__}") from None
    print(f"{settings.MAIL_HOST} took it for {args.address}, from {settings.DEFAULT_FROM_EMAIL}")
    return 0


def restore(args: argparse.Namespace, set_up: Callable[[], Path], where: Path) -> int:
    """Check the backup wholly, then set up and put it in place."""
    with checked(Path(args.file)) as archive:
        key = key_in_force(where)
        if key[1] != "environment":
            lend_key()  # importing the settings must not make a key in a folder that may yet be refused
        data = set_up()
        from django.db.migrations.loader import MigrationLoader

        from .restore import restore as put_back

        known = set(MigrationLoader(None).disk_migrations)
        try:
            told = put_back(here(data, key), archive, known, replace=args.replace)
        except OSError as wrong:
            raise Refused(f"cannot restore: {wrong.strerror or wrong}; what was there is in its place") from None
    print(f"restored: {told.tables} tables, {told.rows:,} rows, {told.files:,} files, counts as in the backup")
    for place in told.aside:
        print(f"what was there before: {place}")
    if told.other_key:
        print("the signing key is not the one of the backup: give the old ZHIKE_SECRET_KEY, or everybody signs in once more")
    if told.older:
        print("the program is newer than the backup: run `zhike upgrade`")
    return 0
