"""The body of `zhike import`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.models import User

from .plan import read_plan
from .problems import Busy, PlanError, SourceError
from .results import OUTCOMES
from .run import Report, run_plan

EXIT_FAILED, EXIT_INPUT, EXIT_BUSY, EXIT_STOPPED = 1, 2, 3, 130


class Progress:
    """One line on stderr: rewritten on a terminal, every few seconds elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.live = stream, stream.isatty()
        self.every = 0.2 if self.live else 5.0
        self.started = self.shown = time.monotonic()
        self.name, self.open = "", False

    def __call__(self, name: str, rows: int) -> None:
        now = time.monotonic()
        if name != self.name:
            self.end()
            self.name, self.started = name, now
        if now - self.shown >= self.every:
            self.shown = now
            rate = rows / max(now - self.started, 0.001)
            text = f"{name}: {rows:,} rows, {rate:,.0f}/s"
            self.stream.write(f"\r{text:<70}" if self.live else f"{text}\n")
            self.stream.flush()
            self.open = self.live

    def end(self) -> None:
        if self.open:
            self.stream.write("\n")
            self.open = False


def _who(name: str | None) -> User:
    if name:
        user = User.objects.select_related("department").filter(username__iexact=name, is_active=True).first()
        if user is None:
            raise PlanError(_("there is no active user %(name)s") % {"name": name})
        return user
    user = User.objects.select_related("department").filter(is_admin=True, is_active=True).order_by("pk").first()
    if user is None:
        raise PlanError(_("there is no administrator yet; run `zhike init` first, or name somebody with --as"))
    return user


def _stop(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def run(args: argparse.Namespace) -> int:
    """Run the command; 0 when it went through, see EXIT_* for the rest."""
    signal.signal(signal.SIGTERM, _stop)
    progress = Progress(sys.stderr)
    try:
        by = _who(args.user)
        with translation.override(by.language):
            plan = read_plan(Path(args.plan))
            report = run_plan(plan, Path(args.source), by=by, dry_run=args.dry_run, progress=progress)
            progress.end()
            _print(report, as_json=args.json)
        return EXIT_FAILED if args.strict and report.failed else 0
    except (PlanError, SourceError) as wrong:
        return _wrong(progress, str(wrong), EXIT_INPUT)
    except Refused as wrong:
        return _wrong(progress, str(wrong.message), EXIT_INPUT)
    except Busy as wrong:
        return _wrong(progress, str(wrong), EXIT_BUSY)
    except KeyboardInterrupt:
        return _wrong(progress, _("stopped; what was finished stays. Run it again to go on."), EXIT_STOPPED)
    except (DatabaseError, OSError) as wrong:
        why = str(wrong).strip().split("\n")[0]
        return _wrong(progress, _("stopped: %(why)s. What was finished stays; run it again to go on.") % {"why": why},
                      EXIT_INPUT)


def _wrong(progress: Progress, text: str, code: int) -> int:
    progress.end()
    sys.stderr.write(f"zhike: {text}\n")
    return code


def _print(report: Report, *, as_json: bool) -> None:
    out = sys.stdout
    if as_json:
        json.dump(report.as_json(), out, ensure_ascii=False, indent=2)
        out.write("\n")
        return
    if report.dry_run:
        out.write(_("Dry run: nothing was written.") + "\n")
    out.write(f"{'':<22}" + "".join(f"{name:>11}" for name in (*OUTCOMES, "doubtful")) + "\n")
    for done in report.sections:
        counts = "".join(f"{done.counts[name]:>11,}" for name in OUTCOMES)
        out.write(f"{done.name:<22}{counts}{done.doubtful:>11,}\n")
        for rule in done.rules:
            if rule["count"]:
                out.write(f"    {rule['count']:>8,} × {rule['then']}: {rule['text']}\n")
    out.write(_("Results: %(folder)s") % {"folder": report.folder} + "\n")
