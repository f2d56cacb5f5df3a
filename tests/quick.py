"""`make check` has three minutes: of every app the quickest tests, by what each one took when it was measured last.

`--quick SECONDS` chooses so many seconds of CPU; what is not in the table yet is new and always run.
`--write-times` measures: run it over everything that `make check` may choose from, in one process.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from pathlib import Path

import pytest

TABLE = Path(__file__).with_name("times.tsv")
FAIR = 0.02  # of the room each app gets first, so that a large one does not push out a small one


def spent():
    """Seconds of CPU of this process and of those it has waited for: a busy machine does not change them."""
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system


def name_of(item):
    """A test whatever its parameters."""
    return item.nodeid.split("[", 1)[0]


def app_of(name):
    return "/".join(name.split("/")[:2])


def file_of(name):
    return name.split("::", 1)[0]


def read_table():
    """(test → seconds, file → seconds that its first test pays for all of them)."""
    tests, files = {}, {}
    for line in TABLE.read_text().splitlines() if TABLE.exists() else ():
        seconds, name = line.split("\t")
        (tests if "::" in name else files)[name] = float(seconds)
    return tests, files


def choose(names, room, tests, files):
    """The names to run within `room` seconds: all that are new, some of every app, then the quickest there are."""
    known = sorted({name for name in names if name in tests}, key=lambda name: (tests[name], name))
    chosen, opened, spent_on = {name for name in names if name not in tests}, set(), defaultdict(float)

    def take(name, left):
        file = file_of(name)
        costs = tests[name] + (0 if file in opened else files.get(file, 0))
        if name in chosen or costs > left:
            return 0
        chosen.add(name)
        opened.add(file)
        spent_on[app_of(name)] += costs
        return costs

    for name in known:
        app = app_of(name)
        room -= take(name, min(room, room * FAIR - spent_on[app] if spent_on[app] else room))
    for name in known:
        room -= take(name, room)
    return chosen


class Measure:
    """Writes down what every test takes; what is made once for all of them is not a test's own."""

    def __init__(self):
        self.setup, self.own, self.session = defaultdict(list), defaultdict(float), 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        began = spent()
        try:
            return (yield)
        finally:
            if fixturedef.scope == "session":
                self.session = max(self.session, spent() - began)

    def _phase(self, item, kept):
        began, self.session = (spent(), time.perf_counter()), 0.0
        yield
        cpu, clock = spent() - began[0], time.perf_counter() - began[1]
        # What waits for others of its own making takes room too, though it does not work.
        kept(item, max(cpu, min(clock / 4, 5.0)) - self.session)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        yield from self._phase(item, lambda item, seconds: self.setup[file_of(item.nodeid)].append((seconds, name_of(item))))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        yield from self._phase(item, lambda item, seconds: self.own.__setitem__(name_of(item), self.own[name_of(item)] + seconds))

    def pytest_sessionfinish(self):
        tests, files = read_table()
        for file, found in self.setup.items():
            usual = statistics.median(seconds for seconds, _name in found)
            files[file] = max(seconds for seconds, _name in found) - usual
            for name in {name for _seconds, name in found}:
                tests[name] = self.own[name] + usual * sum(one == name for _seconds, one in found)
        lines = [f"{max(seconds, 0):.2f}\t{name}" for name, seconds in sorted({**tests, **files}.items())]
        TABLE.write_text("\n".join(lines) + "\n")


def choose_items(config, items):
    """Leave out what does not fit into the room that was asked for."""
    room = config.getoption("quick")
    if not room:
        return
    chosen = choose([name_of(item) for item in items], room, *read_table())
    left = [item for item in items if name_of(item) not in chosen]
    items[:] = [item for item in items if name_of(item) in chosen]
    config.hook.pytest_deselected(items=left)
