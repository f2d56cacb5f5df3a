"""What the `zhike` command understands. Nothing of Django is loaded for a misspelt word or for `--help`."""

from __future__ import annotations

import argparse
import os

DEMO_PORT = 8000


def parser() -> argparse.ArgumentParser:
    """All commands; the chosen one's name comes in `command`."""
    whole = argparse.ArgumentParser(prog="zhike", description="Zhike, the CRM of a manufacturer")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=name)
        made.add_argument("--data", metavar="DIR", help="data directory (default: ZHIKE_DATA or ./data)")
        return made

    made = command("init", "create the database and the first administrator")
    made.add_argument("--admin", required=True, metavar="NAME")
    made.add_argument("--password-file", required=True, metavar="FILE")
    made.add_argument("--locale", choices=["zh-hans", "en"], default="zh-hans")
    for name, text in (("serve", "answer on http"), ("demo", "the demo company, web and worker")):
        made = command(name, text)
        made.add_argument("--host", default="127.0.0.1")
        made.add_argument("--port", type=_port, default=os.environ.get("PORT") or str(DEMO_PORT))
        made.add_argument("--workers", type=int, default=0)
    command("upgrade", "bring the data of an older version up to this one (back them up first)")
    command("worker", "run tasks and recurring jobs")
    made = command("rebuild", "work out derived figures and search keys anew")
    made.add_argument("what", choices=["customer_facts", "lead_facts", "match_keys", "search"])
    made = command("bench", "big made-up data, and measuring with it")
    made.add_argument("verb", choices=["load", "run", "import"])
    made.add_argument("--customers", type=int, default=10_000, metavar="N", help="load: 1,000 to 500,000")
    made.add_argument("--opportunities", type=int, default=0, metavar="N", help="load: so many, all open, instead of N/5")
    made.add_argument("--json", metavar="FILE", help="run, import: write the figures there")
    made.add_argument("--lines", default="", metavar="TEXT", help="run: only lines with these words, separated by commas")
    made.add_argument("--crowd", action="store_true", help="run: also 16 people at once")
    made = command("import", "bring a folder of files in, as an import plan says")
    made.add_argument("plan", metavar="PLAN", help="the plan: a TOML file, or a folder with plan.toml")
    made.add_argument("--source", required=True, metavar="DIR", help="the folder the plan's files lie in")
    made.add_argument("--dry-run", action="store_true", help="do everything, write nothing but the result files")
    made.add_argument("--json", action="store_true", help="print the counts as JSON")
    made.add_argument("--as", dest="user", metavar="USER", help="who imports (default: the first administrator)")
    made.add_argument("--strict", action="store_true", help="exit code 1 when a row failed")
    made = command("backup", "write the whole house into one file, while it works")
    made.add_argument("file", metavar="FILE")
    made.add_argument("--check", action="store_true", help="only look whether FILE is a whole backup")
    made.add_argument("--replace", action="store_true", help="overwrite FILE")
    made = command("restore", "bring a house back from its backup (stop web and worker first)")
    made.add_argument("file", metavar="FILE")
    made.add_argument("--replace", action="store_true", help="what is there steps aside (nothing is deleted)")
    made = command("doctor", "look the house over: what is wrong, and what to do about it")
    made.add_argument("--deep", action="store_true", help="read everything: database, history, files, passwords")
    made.add_argument("--head", default="", metavar="DIGEST", help="a history head the worker printed once")
    made.add_argument("--json", action="store_true", help="for programs")
    made.add_argument("--strict", action="store_true", help="exit code 1 also for what only needs a look")
    made.add_argument("--locale", choices=["zh-hans", "en"], help="language of the report (default: the terminal's)")
    made = command("mail", "try the mail account of ZHIKE_MAIL_URL")
    made.add_argument("verb", choices=["test"])
    made.add_argument("address", metavar="ADDRESS")
    made = command("user", "let an administrator in again who has lost password or second factor")
    made.add_argument("verb", choices=["rescue"])
    made.add_argument("name", metavar="NAME", help="the administrator's user name")
    made.add_argument("--password-file", metavar="FILE", help="the new password; without it a one-time link is printed")
    token = command("token", "API tokens")
    token.add_argument("verb", choices=["create", "list", "revoke"])
    token.add_argument("user", metavar="USER")
    token.add_argument("number", metavar="NUMBER", nargs="?", type=int, help="revoke: the token's number in the list")
    token.add_argument("--scope", choices=["read", "write"], default="read")
    token.add_argument("--records", metavar="KIND,…", default="", help="only these, such as customer,contact")
    token.add_argument("--days", type=int, metavar="N", help="stops by itself after so many days")
    token.add_argument("--name", default="", help="what it is for")
    return whole


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 65536:
        raise argparse.ArgumentTypeError(f"{text[:20]} is not a port from 1 to 65535")
    return int(text)
