"""A folder to write files and a plan into, and the outside data where it is at hand."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("ZHIKE_SHARED") or ROOT.parent / "shared")


def shared_data(*parts):
    """A folder of the shared data; skips where there is none, fails where it is there but unreadable."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not here")
    folder = SHARED.joinpath("data", *parts)
    assert folder.is_dir() and any(folder.iterdir()), f"{folder} is missing or empty"
    return folder


def outcome(done):
    """The counts that are not nought."""
    return {name: n for name, n in done.counts.items() if n}


def lines(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


CUSTOMERS = """
name = "test"
[files.rows]
path = "rows.csv"
{file}
[[section]]
name = "customers"
kind = "customer"
file = "rows"
key = "{{id}}"
{section}
[section.fields]
name = "{{name}}"
{fields}
"""


class Folder:
    """Files and a plan in one folder; `run` takes them in as the administrator."""

    def __init__(self, path, people):
        self.path, self.people = path, people
        self.plan_text = self.customers()

    def write(self, name, content, encoding="utf-8"):
        data = content if isinstance(content, bytes) else content.encode(encoding)
        (self.path / name).write_bytes(data)
        return self

    @staticmethod
    def customers(*, file="", section="", fields=""):
        return CUSTOMERS.format(file=file, section=section, fields=fields)

    def plan(self, text):
        self.plan_text = text
        return self

    def read(self):
        from zhike.records.imports.plan import read_plan

        path = self.path / "plan.toml"
        path.write_text(self.plan_text, encoding="utf-8")
        return read_plan(path)

    def run(self, *, by="admin", dry_run=False):
        from zhike.records.imports.run import run_plan

        return run_plan(self.read(), self.path, by=self.people[by], dry_run=dry_run)

    def one(self, **how):
        """The outcome of a plan with one section: its counts and its result rows."""
        done = self.run(**how).sections[-1]
        return done, lines(done.result_file)


@pytest.fixture
def folder(tmp_path, people):
    from django.utils import translation

    with translation.override("en"):
        yield Folder(tmp_path, people)
