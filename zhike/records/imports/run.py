"""Running a whole plan."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.records import channel

from ..models import ExternalKey, HistoryEntry, SearchEntry
from .lock import only_one
from .plan import Plan
from .problems import SourceError
from .resolver import Resolver
from .results import OUTCOMES, Results
from .section import SectionRun
from .tables import Rows
from .values import Converter

MANY = 500  # new rows of one section after which the database looks at its tables anew
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Done:
    """What became of one section: the counts, the rules with how often each applied, the file."""

    name: str
    kind: str
    counts: dict[str, int]
    doubtful: int
    rules: list[dict[str, Any]]
    result_file: Path
    absent: bool = False

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


@dataclass(slots=True)
class Report:
    plan: str
    dry_run: bool
    folder: Path
    sections: list[Done] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The contract with scripts: counts and result files per kind, then section by section."""
        kinds: dict[str, dict[str, Any]] = {}
        for done in self.sections:
            found = kinds.setdefault(done.kind, dict.fromkeys(OUTCOMES, 0) | {"doubtful": 0, "result_files": []})
            for name in OUTCOMES:
                found[name] += done.counts[name]
            found["doubtful"] += done.doubtful
            found["result_files"].append(str(done.result_file))
        for found in kinds.values():
            found["result_file"] = found["result_files"][0]
        return {
            "plan": self.plan, "dry_run": self.dry_run, "result_folder": str(self.folder), "kinds": kinds,
            "sections": [
                {"section": done.name, "kind": done.kind, "rows": done.rows, **done.counts, "doubtful": done.doubtful,
                 "rules": done.rules, "result_file": str(done.result_file), "absent": done.absent}
                for done in self.sections
            ],
        }

    @property
    def failed(self) -> int:
        return sum(done.counts["failed"] for done in self.sections)


def run_plan(
    plan: Plan, source: Path, *, by: Any, dry_run: bool = False, progress: Progress = lambda _name, _n: None
) -> Report:
    """Take a plan's files into the house, in the name of `by`.

    Rows go in batches, each in a transaction of its own with its keys: whatever stops the run, a
    second one goes on where it stopped. `dry_run` does everything and writes nothing but the
    result files. Raises `SourceError` for unreadable files and missing columns before anything is
    written, `Forbidden` without the right, `Busy` while another import runs.
    """
    home = Path(settings.DATA_DIR) / "imports"
    with only_one(home), channel.through("import"):
        if not source.is_dir():
            raise SourceError(_("%(folder)s: no such folder") % {"folder": source})
        tables = []
        for section in plan.sections:
            section.importer.check_right(by)
            for rule in section.rules:
                rule.count = 0
                rule.seen.clear()
            rows = Rows(plan, section, source)
            rows.check()
            tables.append(rows)
        report = Report(plan.name, dry_run, _folder(home, plan.name))
        resolver, converter = Resolver(plan.system, by), Converter()
        batch = uuid.uuid4().hex
        for rows in tables:
            section = rows.section
            section.importer.begin(converter, dry_run=dry_run)
            out = Results(report.folder / f"{section.name}.csv")
            done = 0

            def step(n: int, name: str = section.name) -> None:
                nonlocal done
                done += n
                progress(name, done)

            try:
                SectionRun(section, rows, out, resolver, converter, by=by, system=plan.system, batch=batch,
                           dry_run=dry_run, step=step).run()
            finally:
                out.close()
            rules = [{"rule": rule.name, "then": rule.then, "count": rule.count, "text": rule.said()}
                     for rule in section.rules]
            report.sections.append(Done(section.name, section.kind, dict(out.counts), out.doubtful, rules, out.path,
                                        rows.absent))
            rows.joins = None
            converter.forget_options()
            if not dry_run and out.counts["created"] >= MANY:
                _analyze(section.importer.model)
        return report


def _analyze(model: Any) -> None:
    """Tell PostgreSQL how large its tables are now: until it has looked itself, which may be
    minutes later, it searches thousands of new rows as if there were none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in (model, SearchEntry, ExternalKey, HistoryEntry):
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def _folder(home: Path, name: str) -> Path:
    """A folder of its own for this run: DATA/imports/<plan>-<time>."""
    stamp = clock.local(clock.now()).strftime("%Y%m%d-%H%M%S")
    folder, n = home / f"{name}-{stamp}", 1
    while folder.exists():
        n += 1
        folder = home / f"{name}-{stamp}-{n}"
    folder.mkdir(parents=True, mode=0o700)
    return folder.resolve()
