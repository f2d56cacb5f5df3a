"""The `zhike` command. Bad input answers with one line and exit code 2."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zhike.arguments import parser

_USER_NAME = re.compile(r"[^\W_][\w.@+-]{1,59}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        return int(COMMANDS[args.command](args) or 0)
    except _Wrong as wrong:
        print(f"zhike: {wrong}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as wrong:
        text = _database_trouble(wrong)
        if text is None:
            raise
        print(f"zhike: {text}", file=sys.stderr)
        return 2


def _database_trouble(wrong: Exception) -> str | None:
    """What a database error means for the person at the keyboard; None when it is a fault of ours."""
    from django.db import DatabaseError, OperationalError, ProgrammingError

    if not isinstance(wrong, DatabaseError):
        return None
    text = str(wrong).strip().split("\n")[0]
    if "no such table" in text or (isinstance(wrong, ProgrammingError) and "does not exist" in text):
        return "the database is empty; run `zhike init`, or `zhike serve` and open the page it names"
    if isinstance(wrong, OperationalError) or "not a database" in text or "malformed" in text:
        return f"the database does not answer: {text}"
    return None


class _Wrong(Exception):
    """Bad input, told in one line."""


def _where(args: argparse.Namespace) -> Path:
    return Path(args.data or os.environ.get("ZHIKE_DATA") or "data")


def _setup(args: argparse.Namespace, *, must_exist: bool = True, make: bool = True) -> Path:
    data = _where(args)
    if args.data:
        os.environ["ZHIKE_DATA"] = args.data
    os.umask(0o077)  # databases, results and keys are their owner's alone
    if must_exist and not data.is_dir():
        raise _Wrong(f"there is no data directory {data}; run `zhike init` first")
    try:
        if make:
            data.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise _Wrong(f"cannot write to {data}: {wrong.strerror}") from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as wrong:
        raise _Wrong(str(wrong)) from None
    except OSError as wrong:
        raise _Wrong(f"cannot use {data}: {wrong.strerror}") from None
    return data


def _furnished() -> None:
    """Refuse to go on without tables; an unreachable database raises here, not in every answer."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        raise _Wrong("the database is empty; run `zhike init`, or `zhike serve` and open the page it names")
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Wrong("the data are of an older version; back them up and run `zhike upgrade`")
    _not_newer(executor)
    connection.close()


def _not_newer(executor: Any) -> None:
    if set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations):
        raise _Wrong("the data are of a newer version than this program; install that version")


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _password(path: str) -> str:
    try:
        password = Path(path).read_text(encoding="utf-8").strip()
    except OSError as wrong:
        raise _Wrong(f"cannot read {path}: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise _Wrong(f"{path} is not a text in UTF-8") from None
    if len(password) < 10:
        raise _Wrong("the password needs at least 10 characters")
    return password


def _init(args: argparse.Namespace) -> int:
    password = _password(args.password_file)
    if not _USER_NAME.fullmatch(args.admin):
        raise _Wrong("a user name has 2 to 60 letters, digits and . _ - @ +, and begins with a letter or digit")
    _setup(args, must_exist=False)
    from django.db import transaction

    from zhike.base.refused import Refused
    from zhike.org.models import Company, User
    from zhike.people.commands import check_password
    from zhike.seed import seed_house

    try:
        check_password(password, User(username=args.admin, name=args.admin))
    except Refused as no:
        raise _Wrong(str(no.message)) from None
    _migrate()
    if User.objects.filter(username__iexact=args.admin).exists():
        raise _Wrong(f"there is already a user {args.admin}")
    with transaction.atomic():
        seed_house()
        Company.objects.get_or_create(pk=1, defaults={"name": "知客", "language": args.locale})
        User.objects.create_user(args.admin, password, name=args.admin, is_admin=True, language=args.locale)
    print(f"ready; sign in as {args.admin}")
    return 0


def _upgrade(args: argparse.Namespace) -> int:
    """Apply what is missing to the database and add what this version brings along; safe to repeat."""
    _setup(args)
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from zhike import __version__
    from zhike.org.models import User
    from zhike.seed import seed_house

    _not_newer(MigrationExecutor(connection))
    _migrate()
    if not User.objects.exists():
        raise _Wrong("this data directory is empty; run `zhike init` first")
    seed_house()
    print(f"ready for version {__version__}")
    return 0


def _serve(args: argparse.Namespace) -> int:
    _setup(args)
    from django.conf import settings

    from zhike.config import serving

    if settings.DEMO and args.host not in serving.LOOPBACK:
        raise _Wrong("demo mode lets everybody in: it only answers on loopback (127.0.0.1)")
    if not serving.port_is_free(args.host, args.port):
        raise _Wrong(f"port {args.port} is taken; give another with --port")
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from zhike.ops import first_start

    _not_newer(MigrationExecutor(connection))
    address = f"http://{args.host}:{args.port}/"
    told = f"Zhike answers on {address}"
    if first_start.nobody():
        told = first_start.welcome(address) + "\n" + told
    _furnished()
    serving.serve(
        host=args.host, port=args.port, workers=args.workers or serving.default_workers(),
        when_ready=lambda: print(told, flush=True),
    )
    return 0


def _worker(args: argparse.Namespace) -> int:
    _setup(args)
    _furnished()
    from zhike.config import working

    working.work()
    return 0


def _demo(args: argparse.Namespace) -> int:
    os.environ["ZHIKE_DEMO"] = "1"
    os.environ.setdefault("ZHIKE_LOG_FORMAT", "text")  # a person reads it
    data = _setup(args, must_exist=False)
    from zhike.demo import load_demo

    _migrate()
    load_demo(lambda text: print(f"  {text}", flush=True))
    from django.db import connections

    connections.close_all()
    worker = subprocess.Popen([sys.executable, "-m", "zhike", "worker", "--data", str(data)])
    # A stop of the web server must end the worker too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        return _serve(args)
    finally:
        worker.terminate()
        worker.wait(10)


def _rebuild(args: argparse.Namespace) -> int:
    _setup(args)
    from zhike.records import registry, save

    if args.what == "customer_facts":
        from zhike.customers.actions import refresh_facts
        from zhike.customers.models import Customer
        from zhike.customers.quality import refresh_quality

        ids = list(Customer.objects.values_list("pk", flat=True))
        refresh_facts(ids)
        refresh_quality(ids)
        return 0
    if args.what == "lead_facts":
        from zhike.leads.actions import refresh_facts as refresh_lead_facts
        from zhike.leads.models import Lead

        refresh_lead_facts(Lead.objects.values_list("pk", flat=True))
        return 0
    if args.what == "match_keys":
        from zhike.customers.duplicates import keys
        from zhike.customers.models import Customer
        from zhike.leads import keys as lead_keys
        from zhike.leads.models import Lead

        lead_keys.rebuild(Lead.objects.order_by("pk").values_list("pk", flat=True))

        keys.rebuild(Customer.objects.order_by("pk").values_list("pk", flat=True))
        return 0
    for kind in registry.kinds():
        if kind.searched():
            rows = kind.model.objects.order_by("pk").iterator(chunk_size=2000)
            batch: list[Any] = []
            for row in rows:
                batch.append(row)
                if len(batch) == 2000:
                    save.index(kind, batch)
                    batch = []
            save.index(kind, batch)
    return 0


def _bench(args: argparse.Namespace) -> int:
    if args.verb == "load" and not (1_000 <= args.customers <= 500_000 and 0 <= args.opportunities <= 1_000_000):
        raise _Wrong("between 1,000 and 500,000 customers, and at most 1,000,000 opportunities")
    data = _setup(args, must_exist=args.verb == "run")
    from zhike.base.refused import Refused

    try:
        if args.verb == "load":
            from zhike.bench.load import load

            _migrate()
            load(args.customers, opportunities=args.opportunities)
        elif args.verb == "import":
            from zhike.bench.importing import measure_import

            _migrate()
            measure_import(json_file=args.json)
        else:
            from zhike.bench.run import run

            run(data, json_file=args.json, lines=args.lines, many=args.crowd)
    except Refused as no:
        raise _Wrong(str(no.message)) from None
    return 0


def _backup(args: argparse.Namespace) -> int:
    from zhike.ops import commands

    return _told(commands.backup, args, must_exist=True)


def _restore(args: argparse.Namespace) -> int:
    from zhike.ops import commands

    return _told(commands.restore, args, must_exist=False, make=False)


def _doctor(args: argparse.Namespace) -> int:
    from zhike.ops import commands

    return _told(commands.doctor, args, must_exist=True)


def _mail(args: argparse.Namespace) -> int:
    from zhike.ops import commands

    return _told(commands.mail, args, must_exist=True)


def _told(body: Any, args: argparse.Namespace, **how: bool) -> int:
    """Run a command's body, which sets up when it has looked at what needs no house."""
    from zhike.base.refused import Refused

    try:
        return body(args, lambda: _setup(args, **how), _where(args))
    except Refused as no:
        raise _Wrong(str(no.message)) from None


def _import(args: argparse.Namespace) -> int:
    _setup(args)
    from zhike.records.imports import command

    return command.run(args)


def _user(args: argparse.Namespace) -> int:
    """Who has the server's shell has the house's data anyway: this only spares them the database's prompt."""
    password = _password(args.password_file) if args.password_file else ""
    _setup(args)
    _furnished()
    from zhike.base.refused import Refused
    from zhike.people.commands import rescue

    try:
        for line in rescue(args.name, password):
            print(line)
    except Refused as no:
        raise _Wrong(str(no.message)) from None
    return 0


def _token(args: argparse.Namespace) -> int:
    _setup(args)
    from zhike.api.commands import token
    from zhike.base.refused import Refused

    try:
        for line in token(args):
            print(line)
    except Refused as no:
        raise _Wrong(str(no.message)) from None
    return 0


COMMANDS = {
    "init": _init,
    "upgrade": _upgrade,
    "serve": _serve,
    "worker": _worker,
    "demo": _demo,
    "rebuild": _rebuild,
    "bench": _bench,
    "import": _import,
    "backup": _backup,
    "restore": _restore,
    "doctor": _doctor,
    "mail": _mail,
    "user": _user,
    "token": _token,
}
