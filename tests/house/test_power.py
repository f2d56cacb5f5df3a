"""R9: power cuts. What was acknowledged is on the disk, whatever was not yet flushed is lost, in part or torn."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .drills import Place
from .houses import WRITERS, write

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="about the file of SQLite"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler"),
]
NOTE = struct.Struct("=IIqq")
WRITE, CUT, FLUSH = 1, 2, 3
SECTOR = 512


@dataclass
class Disk:
    """A file as the disk has it, and what was written since the last flush, which a power cut may drop."""

    kept: bytearray = field(default_factory=bytearray)
    loose: list = field(default_factory=list)

    def flush(self):
        for change in self.loose:
            apply(self.kept, *change)
        self.loose.clear()

    def after_a_cut(self, chance):
        """Some of what was loose arrived, some did not, and a write may be torn between sectors."""
        found = bytearray(self.kept)
        for what, at, data in self.loose:
            lot = chance.random()
            if lot < 0.4:
                continue
            if lot < 0.7 and what == WRITE:
                data = data[: SECTOR * chance.randint(0, len(data) // SECTOR)]
            apply(found, what, at, data)
        return found


def apply(content, what, at, data):
    if what == CUT:
        del content[at:]
        return
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


def journal(path):
    """(place behind it, what, file, at, data) of everything that happened."""
    content, place = path.read_bytes(), 0
    while place + NOTE.size <= len(content):
        what, file, at, length = NOTE.unpack_from(content, place)
        place += NOTE.size
        data = b""
        if what == WRITE:
            data, place = content[place : place + length], place + length
        yield place, what, file, at, data


class Acknowledged(list):
    """Names that were acknowledged, each with how much had been written down by then."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def append(self, name):
        super().append((self.path.stat().st_size, name))


def at_work(place, folder, seconds):
    """Let people work on a house under watch; gives the journal and what was acknowledged when."""
    library = folder / "powercut.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(Path(__file__).with_name("powercut.c")), "-ldl"], check=True)
    path = folder / "journal"
    path.touch()
    place.environment = {**place.environment, "LD_PRELOAD": str(library), "POWERCUT_JOURNAL": str(path)}
    acknowledged, stop = Acknowledged(path), threading.Event()
    place.start()
    try:
        cookie = place.sign_in()
        threads = [threading.Thread(target=write, args=(place, cookie, n, acknowledged, stop)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or len(acknowledged) < 10:
            assert time.monotonic() < deadline + 60
            time.sleep(0.1)
    finally:
        place.kill()
        stop.set()
    for thread in threads:
        thread.join(60)
    return path, acknowledged


def look(folder, acknowledged, until):
    """What is wrong with a database that came back from a cut: lost, damaged or half."""
    try:
        return looked(folder, acknowledged, until)
    except sqlite3.DatabaseError as broken:  # so damaged that not even the check can read it
        return f"damaged: {broken}"


def looked(folder, acknowledged, until):
    with contextlib.closing(sqlite3.connect(folder / "db.sqlite3")) as found:
        if (told := found.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            return f"damaged: {told}"
        names = {row[0] for row in found.execute("select name from customers_customer")}
        lost = [name for place, name in acknowledged if place <= until and name not in names]
        if lost:
            return f"{len(lost)} acknowledged are gone"
        for table, key in (("customers_customerfacts", "customer_id"), ("customers_lifecyclechange", "customer_id")):
            if found.execute(f"select count(*) from customers_customer where id not in (select {key} from {table})").fetchone() != (0,):
                return f"customers without {table}"
        if found.execute("select count(*) from customers_customer where id not in "
                         "(select row_id from records_historyentry where kind = 'customer')").fetchone() != (0,):
            return "customers without history"
    return ""


def cuts(base, path, acknowledged, folder, times, seed, *, trusted=lambda what: what):
    """Cut the power at so many points; what is wrong after each, and how many flushes and loose writes there were."""
    chance, notes = random.Random(seed), list(journal(path))
    assert sum(what == FLUSH for _place, what, *_rest in notes) > 10
    points = set(chance.sample(range(len(notes)), min(times, len(notes))))
    disks, wrong, loose = {1: Disk(bytearray(base["db.sqlite3"])), 2: Disk(bytearray(base.get("db.sqlite3-wal", b"")))}, [], 0
    for number, (place, what, file, at, data) in enumerate(notes):
        if trusted(what) == FLUSH:
            disks[file].flush()
        elif what != FLUSH:
            disks[file].loose.append((what, at, data))
        if number in points:
            loose += sum(len(disk.loose) for disk in disks.values())
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name, disk in (("db.sqlite3", disks[1]), ("db.sqlite3-wal", disks[2])):
                (folder / name).write_bytes(disk.after_a_cut(chance))
            if told := look(folder, acknowledged, place):
                wrong.append((number, told))
    return wrong, len(points), loose


def tried(tmp_path, seconds, times, seed):
    place = Place(tmp_path / "house").init()
    with contextlib.closing(sqlite3.connect(place.data / "db.sqlite3")) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base = {name: (place.data / name).read_bytes() for name in ("db.sqlite3", "db.sqlite3-wal") if (place.data / name).exists()}
    path, acknowledged = at_work(place, tmp_path, seconds)
    assert len(acknowledged) >= 10
    wrong, n, loose = cuts(base, path, acknowledged, tmp_path / "cut", times, seed)
    print(f"{n} cuts while {len(acknowledged)} customers were acknowledged; {loose} writes were loose at them; {len(wrong)} wrong")
    assert not wrong
    # The check is alive: a disk that flushes nothing when it says so loses what was acknowledged.
    lazy, _n, _loose = cuts(base, path, acknowledged, tmp_path / "cut", 15, seed, trusted=lambda what: 0 if what == FLUSH else what)
    assert lazy


def test_six_power_cuts(tmp_path):
    tried(tmp_path, 2, 6, 1)


@pytest.mark.slow
def test_three_hundred_power_cuts(tmp_path):
    tried(tmp_path, 30, int(os.environ.get("FAULTS_CUTS", 300)), int(os.environ.get("FAULTS_SEED", 2)))
