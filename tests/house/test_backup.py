"""R9: a house taken away while it is written to comes back whole elsewhere; what is damaged changes nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import threading
import time
import zipfile

import pytest

from zhike.base.refused import Refused
from zhike.ops import archive

from .drills import POSTGRESQL, Place, forge, parts_of, seal
from .houses import PASSWORD, WRITERS, write

# On PostgreSQL, in the short run, what differs there; in the long run all of it.
pytestmark = pytest.mark.long
sqlite_only = pytest.mark.skipif(POSTGRESQL, reason="about the file of SQLite")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house with files, and its backup."""
    place = Place(tmp_path_factory.mktemp("house")).init()
    for name, content in (("media/2026/11/图纸.pdf", b"%PDF drawing"), ("media/empty", b""), ("imports/7/result.xlsx", b"PK result")):
        (place.data / name).parent.mkdir(parents=True, exist_ok=True)
        (place.data / name).write_bytes(content)
    place.backup = place.folder / "backup.zhike"
    made = place.zhike("backup", str(place.backup))
    assert made.returncode == 0, made.stderr
    assert "rows" in made.stdout and "3 files" in made.stdout
    return place


def refused(got, *says):
    assert got.returncode == 2 and "Traceback" not in got.stderr, (got.returncode, got.stdout, got.stderr)
    assert len(got.stderr.strip().splitlines()) == 1
    for word in says:
        assert word in got.stderr, got.stderr


@pytest.mark.both
def test_a_house_comes_back_elsewhere_as_it_was(house, tmp_path):
    before = house.contents()
    other = Place(tmp_path / "another machine" / "深 path")
    got = other.zhike("restore", str(house.backup))
    assert got.returncode == 0, got.stderr
    assert other.contents() == before and len(before) > 50
    assert (other.data / "secret.key").read_bytes() == (house.data / "secret.key").read_bytes()
    for path in (other.data, *other.data.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert not list(other.data.glob(".*"))
    assert "signing key" not in got.stdout and "upgrade" not in got.stdout
    other.start()
    try:
        assert other.call("GET", "/", cookie=other.sign_in())[0] == 200
    finally:
        other.kill()


def test_the_file_is_its_owners_alone_and_speaks_for_itself(house):
    assert stat.S_IMODE(house.backup.stat().st_mode) == 0o600
    manifest = json.loads(parts_of(house.backup)["manifest.json"])
    assert manifest["rows"]["org_user"] == 1 and manifest["rows"].keys() == set(house.tables())
    assert ["org", "0001_initial"] in manifest["migrations"] and manifest["version"] and manifest["made_at"].startswith("20")
    assert not list(house.folder.glob(".zhike-*"))


def test_the_manifest_holds_no_secret(house):
    """The manifest may be shown to whoever keeps backups; the keys are in parts of their own."""
    text = parts_of(house.backup)["manifest.json"].decode()
    password, = [word for word, in house.all("select password from org_user")]
    for secret in ((house.data / "secret.key").read_text().strip(), password, PASSWORD, str(house.data), house.url):
        assert not secret or secret not in text


def test_looking_at_a_backup_needs_no_house(house, tmp_path, capsys, monkeypatch):
    from zhike.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["backup", "--check", str(house.backup)]) == 0
    assert "whole" in capsys.readouterr().out and not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked(house, tmp_path):
    target = tmp_path / "b"
    target.write_text("precious")
    refused(house.zhike("backup", str(target)), "--replace")
    assert target.read_text() == "precious"
    assert house.zhike("backup", str(target), "--replace").returncode == 0
    assert zipfile.is_zipfile(target) and list(tmp_path.iterdir()) == [target]
    refused(house.zhike("backup", str(tmp_path / "none/b")), "folder")
    refused(house.zhike("backup", str(tmp_path)), "folder")
    refused(house.zhike("backup", str(house.data / "media/b")), "another folder")


def test_a_house_that_is_there_is_left_alone_or_steps_aside(house, tmp_path):
    other = Place(tmp_path).like(house)
    (other.data / "media/old.txt").write_text("old")
    with other.open() as link:
        link.execute("update org_user set name = 'before'")
    old, state = other.contents(), other.state()
    refused(other.zhike("restore", str(house.backup)), "--replace")
    assert other.state() == state
    got = other.zhike("restore", str(house.backup), "--replace")
    assert got.returncode == 0, got.stderr
    assert other.contents() == house.contents()
    aside = next(other.data.glob("before-restore-*"))
    assert (aside / "media/old.txt").read_text() == "old" and (aside / "secret.key").read_bytes() == state[0]["secret.key"]
    assert str(aside) in got.stdout
    if other.url:
        schema = other.one("select nspname from pg_namespace where nspname like 'before_restore_%'")
        assert schema in got.stdout and other.one(f"select name from {schema}.org_user") == "before"
        # What stands aside is not part of the next backup.
        assert other.zhike("backup", str(tmp_path / "next")).returncode == 0
        third = Place(tmp_path / "third")
        assert third.zhike("restore", str(tmp_path / "next")).returncode == 0
        assert third.contents() == house.contents()
    else:
        moved = Place(tmp_path / "moved")
        shutil.copytree(aside, moved.data)
        assert moved.contents() == old


def test_a_working_house_is_not_replaced(house, tmp_path):
    other = Place(tmp_path).like(house)
    other.start()
    try:
        cookie = other.sign_in()
        before = other.contents()
        refused(other.zhike("restore", str(house.backup), "--replace"), "stop web")
        assert other.contents() == before and not list(other.data.glob("*before*"))
        assert other.call("GET", "/", cookie=cookie)[0] == 200
    finally:
        other.kill()


@pytest.mark.pg
@pytest.mark.skipif(not POSTGRESQL, reason="about schemas of PostgreSQL")
def test_tables_of_another_program_are_not_pushed_aside(house, tmp_path):
    other = Place(tmp_path).like(house)
    with other.open() as link:
        link.execute("create table payroll (id integer)")
    before = other.contents()
    refused(other.zhike("restore", str(house.backup), "--replace"), "payroll")
    assert other.contents() == before


@sqlite_only
def test_the_log_of_a_killed_house_steps_aside_with_it(house, tmp_path):
    """A write-ahead log left beside a restored database would be played into it."""
    other = Place(tmp_path).like(house)
    for suffix in ("-wal", "-shm"):
        (other.data / f"db.sqlite3{suffix}").write_bytes(b"left behind by a crash")
    (other.data / "db.sqlite3").write_bytes(b"not a database any more " * 1000)
    got = other.zhike("restore", str(house.backup), "--replace")
    assert got.returncode == 0, got.stderr
    assert other.contents() == house.contents()
    aside = next(other.data.glob("before-restore-*"))
    assert (aside / "db.sqlite3").read_bytes().startswith(b"not a database")


@sqlite_only
def test_a_database_outside_the_data_directory(house, tmp_path):
    other = Place(tmp_path)
    (tmp_path / "disk two").mkdir()
    address = {"DATABASE_URL": f"sqlite:///{tmp_path}/disk%20two/crm.db"}
    assert other.zhike("restore", str(house.backup), **address).returncode == 0
    assert (tmp_path / "disk two/crm.db").exists() and not (other.data / "db.sqlite3").exists()
    refused(other.zhike("restore", str(house.backup), **address), "--replace")
    assert other.zhike("restore", str(house.backup), "--replace", **address).returncode == 0
    assert next((tmp_path / "disk two").glob("before-restore-*/crm.db")).exists()
    got = other.zhike("backup", str(tmp_path / "again"), **address)
    assert got.returncode == 0 and f"{len(house.tables())} tables" in got.stdout


def test_a_key_from_the_environment_is_not_in_the_file(house, tmp_path):
    key = {"ZHIKE_SECRET_KEY": "only the environment knows it 1234567890"}
    got = house.zhike("backup", str(tmp_path / "b"), **key)
    assert got.returncode == 0 and "NOT inside" in got.stdout
    assert key["ZHIKE_SECRET_KEY"].encode() not in tmp_path.joinpath("b").read_bytes()
    assert "secret.key" not in parts_of(tmp_path / "b")
    other = Place(tmp_path / "other")
    got = other.zhike("restore", str(tmp_path / "b"))
    assert got.returncode == 0 and "ZHIKE_SECRET_KEY" in got.stdout and not (other.data / "secret.key").exists()
    third = Place(tmp_path / "third")
    got = third.zhike("restore", str(tmp_path / "b"), **key)
    assert got.returncode == 0 and "ZHIKE_SECRET_KEY" not in got.stdout


def changed(path, target, **values):
    """The backup once more, with another manifest."""
    parts = parts_of(path)
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **values}).encode()
    forge(target, parts)
    return target


def test_newer_data_and_lies_about_them_are_refused(house, tmp_path):
    manifest = json.loads(parts_of(house.backup)["manifest.json"])
    other = Place(tmp_path / "o")
    for says, values in (
        ("newer", {"version": "99.0"}), ("newer", {"migrations": [*manifest["migrations"], ["customers", "9999_of_next_year"]]}),
        ("newer", {"format": 2}), ("manifest", {"program": "other"}), ("manifest", {"engine": "oracle"}), ("manifest", {"rows": []}),
        ("DATABASE_URL", {"engine": "sqlite" if POSTGRESQL else "postgresql"}),
        ("counted", {"rows": {**manifest["rows"], "org_user": 2}}), ("counted", {"migrations": manifest["migrations"][:-1]}),
    ):
        path = changed(house.backup, tmp_path / "lie", **values)
        if says == "DATABASE_URL":
            parts = parts_of(path)
            names = ("database.sqlite3", "database.dump")
            parts[names[POSTGRESQL is False]] = parts.pop(names[POSTGRESQL])
            path.unlink()
            forge(path, parts)
        refused(other.zhike("restore", str(path)), says)
        assert says == "counted" or other.empty()
        assert not (other.data / "db.sqlite3").exists() and not (other.data / "secret.key").exists()
        assert not other.url or not other.tables()
        path.unlink()


@pytest.mark.both
def test_older_data_ask_for_the_upgrade(house, tmp_path):
    """A backup made before an upgrade is restorable by the program after it."""
    old = Place(tmp_path / "old")
    assert old.zhike("restore", str(house.backup)).returncode == 0
    with old.open() as link:
        link.execute("delete from django_migrations where app = 'axes'")
        for (name,) in link.execute("select name from pragma_table_list where name like 'axes_%'" if not old.url else
                                    "select tablename from pg_tables where tablename like 'axes_%' and schemaname = current_schema()").fetchall():
            link.execute(f"drop table {name}" + " cascade" * bool(old.url))
    assert old.zhike("backup", str(tmp_path / "b")).returncode == 0
    new = Place(tmp_path / "new")
    got = new.zhike("restore", str(tmp_path / "b"))
    assert got.returncode == 0 and "zhike upgrade" in got.stdout, got.stderr
    assert new.zhike("upgrade").returncode == 0


def tried(path):
    """Whether the file is taken for a whole backup."""
    try:
        with archive.checked(path):
            return True
    except Refused:
        return False


def test_every_flipped_bit_is_found(house, tmp_path):
    good, path, luck = house.backup.read_bytes(), tmp_path / "flipped", random.Random(9)
    ends = [*range(40), *range(len(good) - 400, len(good))]
    for place in [*ends[::7], *(luck.randrange(len(good)) for _ in range(60))]:
        bad = bytearray(good)
        bad[place] ^= 1 << luck.randrange(8)
        path.write_bytes(bad)
        assert not tried(path), place
    path.write_bytes(good)
    assert tried(path)


def test_every_cut_and_every_tail_is_found(house, tmp_path):
    good, path, luck = house.backup.read_bytes(), tmp_path / "cut", random.Random(9)
    for length in [0, 1, 21, 22, 76, 77, len(good) - 1, len(good) - 64, *(luck.randrange(len(good)) for _ in range(20))]:
        path.write_bytes(good[:length])
        assert not tried(path), length
    for bad in (good + b"\n", good + good, b"\0" + good, good[1:]):
        path.write_bytes(bad)
        assert not tried(path)


def test_parts_that_do_not_fit_the_list_are_found_behind_a_right_seal(house, tmp_path):
    """The seal only says nobody dropped a bit; each part is proven by itself too."""
    path, luck = tmp_path / "b", random.Random(4)
    good = house.backup.read_bytes()
    for _ in range(40):
        bad = bytearray(good)
        bad[luck.randrange(200_000)] ^= 0xFF  # inside the packed database
        path.write_bytes(bad)
        seal(path)
        assert not tried(path)


@pytest.mark.parametrize("name", [
    "../evil", "media/../../evil", "/etc/evil", "media//evil", "media/./evil", "media\\..\\evil", "evil", "media", "media/", "media/\0evil",
    "media/" + "x" * 300, "media/a\nb", "imports/../secret.key", "Media/x", "db.sqlite3"])
def test_names_that_lead_elsewhere_are_refused(house, tmp_path, name):
    path = tmp_path / "b"
    forge(path, {**parts_of(house.backup), name: b"evil"})
    assert not tried(path)
    assert [found.name for found in tmp_path.iterdir()] == ["b"]


def test_bombs_and_strangers_are_refused(house, tmp_path):
    parts, path = parts_of(house.backup), tmp_path / "b"
    forge(path, {**parts, "media/bomb": b"\0" * (400 << 20)})
    assert path.stat().st_size < 4 << 20 and not tried(path)
    path.unlink()
    for wrong in (
        {"parts": {name: content for name, content in parts.items() if name != "manifest.json"}},
        {"parts": parts, "sums": "nonsense"}, {"parts": parts, "sums": ""}, {"parts": parts, "more": [("media/unlisted", b"x")]},
        {"parts": {**parts, "manifest.json": b"[]"}}, {"parts": {**parts, "manifest.json": b"\xff{"}},
        {"parts": {**parts, "manifest.json": b"[" * 100_000}},
        {"parts": {name: content for name, content in parts.items() if not name.startswith("database")}},
        {"parts": {}},
    ):
        forge(path, **wrong)
        assert not tried(path), wrong.keys()
        path.unlink()
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("hello", "not ours")
    assert not tried(path)
    assert not tried(tmp_path) and not tried(tmp_path / "none")


def test_a_damaged_backup_changes_nothing(house, tmp_path):
    bad = bytearray(house.backup.read_bytes())
    bad[len(bad) // 2] ^= 8
    (tmp_path / "bad").write_bytes(bad)
    other = Place(tmp_path / "other")
    refused(other.zhike("restore", str(tmp_path / "bad")), "damaged")
    assert other.empty()
    other.like(house)
    before = other.state()
    refused(other.zhike("restore", str(tmp_path / "bad"), "--replace"), "damaged")
    refused(other.zhike("backup", "--check", str(tmp_path / "bad")), "damaged")
    assert other.state() == before


@sqlite_only
def test_a_broken_database_makes_no_backup(house, tmp_path):
    place = Place(tmp_path).like(house)
    with place.open() as link:
        link.execute("pragma foreign_keys=off")
        link.execute("update org_user set department_id = 999")
    refused(place.zhike("backup", str(tmp_path / "b")), "not whole", "org_user")
    assert not (tmp_path / "b").exists() and not list(tmp_path.glob(".zhike*"))


def test_no_house_no_backup(tmp_path):
    place = Place(tmp_path)
    refused(place.zhike("backup", str(tmp_path / "b")), "zhike init")
    place.data.mkdir()
    refused(place.zhike("backup", str(tmp_path / "b")))
    assert not list(place.data.iterdir()) and not (tmp_path / "b").exists()


def attach(place, stop, made):
    """As an upload does: first the file, then the row that speaks of it."""
    for i in range(100_000):
        if stop.is_set():
            return
        path = place.data / f"media/drill/{i}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(i))
        with place.open() as link:
            link.execute(f"insert into drill_file values ({i})")
        made.append(i)
        time.sleep(0.005)


HALVES = (
    "select count(*) from customers_customer c where not exists (select 1 from customers_customerfacts f where f.customer_id = c.id)",
    "select count(*) from customers_customer c where not exists (select 1 from records_historyentry h where h.kind = 'customer' and h.row_id = c.id)",
    "select count(*) from customers_customer c where not exists (select 1 from records_searchentry s where s.kind = 'customer' and s.row_id = c.id)",
    "select count(*) from records_searchentry s where s.kind = 'customer' and s.row_id not in (select id from customers_customer)",
    "select count(*) from records_oncetoken where answer = ''",
)


def whole(place, kept, files):
    """The restored house holds all that was acknowledged before the backup began, and nothing half."""
    names = {name for (name,) in place.all("select name from customers_customer")}
    assert set(kept) <= names
    for half in HALVES:
        assert place.one(half) == 0, half
    rows = {number for (number,) in place.all("select id from drill_file")}
    assert set(files) <= rows
    stored = {int(path.name) for path in (place.data / "media/drill").iterdir()}
    assert rows <= stored, sorted(rows - stored)[:5]
    return len(names)


def taken(place, path, kept, files):
    """Make a backup; gives what was acknowledged before it began, to the millisecond: starting the program takes a second."""
    result = []
    command = threading.Thread(target=lambda: result.append(place.zhike("backup", str(path))))
    command.start()
    then = (list(kept), list(files))
    while command.is_alive():
        now = (list(kept), list(files))
        if list(path.parent.iterdir()):
            break
        then = now
        time.sleep(0.001)
    command.join()
    assert result[0].returncode == 0, result[0].stderr
    return then


def drill(house, folder, times):
    """Back up `times` times while three people and an uploader write; restore each elsewhere and look."""
    place, kept, files, told = Place(folder / "house").like(house), [], [], []
    with place.open() as link:
        link.execute("create table drill_file (id integer primary key)")
    place.start()
    stop = threading.Event()
    try:
        cookie = place.sign_in()
        threads = [threading.Thread(target=write, args=(place, cookie, n, kept, stop)) for n in range(WRITERS)]
        threads.append(threading.Thread(target=attach, args=(place, stop, files)))
        for thread in threads:
            thread.start()
        for n in range(times):
            deadline, before = time.monotonic() + 60, len(kept)
            while len(kept) < before + 5 and time.monotonic() < deadline:
                time.sleep(0.02)
            path = folder / f"b{n}" / "backup"
            path.parent.mkdir()
            told.append((path, *taken(place, path, kept, files)))
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
        place.kill()
    sizes, waits = [], []
    for n, (path, kept_then, files_then) in enumerate(told):
        other = Place(folder / f"other{n}")
        began = time.monotonic()
        got = other.zhike("restore", str(path))
        assert got.returncode == 0, got.stderr
        waits.append(time.monotonic() - began)
        sizes.append(whole(other, kept_then, files_then))
        got = run_seals(other)
        assert got == "[]", got
    assert sizes == sorted(sizes) and sizes[-1] > len(told[0][1]) >= 5
    return sizes, waits


def run_seals(place):
    """The broken seals of a house's history, after sealing what it holds."""
    from .test_settings import run

    got = run("-c", "import django; django.setup(); from zhike.records import history as h; h.seal_history(); print(h.broken_seals())",
              DJANGO_SETTINGS_MODULE="zhike.config.settings", ZHIKE_DATA=str(place.data), **place.environment)
    assert got.returncode == 0, got.stderr
    return got.stdout.strip()


def test_what_comes_and_goes_in_between(house, tmp_path, monkeypatch):
    """A row's file is in the backup when the row is, though both came, or the file went, while the backup was made."""
    from zhike.config.databases import database
    from zhike.ops import backup, postgres, sqlite
    from zhike.ops.house import House

    place = Place(tmp_path).like(house)
    old = place.data / "media/soon swept away"
    old.write_text("old")
    os.utime(old, (0, 0))

    def in_between(real):
        def act(*args, **more):
            (place.data / "media/just came").write_text("new")
            got = real(*args, **more)
            old.unlink()
            return got
        return act

    monkeypatch.setattr(sqlite, "copy", in_between(sqlite.copy))
    monkeypatch.setattr(postgres, "dump", in_between(postgres.dump))
    backup.make_backup(House(place.data, database(place.url, place.data), "", "none"), tmp_path / "b")
    assert {"media/soon swept away", "media/just came"} <= parts_of(tmp_path / "b").keys()


@pytest.mark.both
def test_two_backups_of_a_house_that_is_written_to(house, tmp_path):
    drill(house, tmp_path, 2)


@pytest.mark.slow
def test_fifty_backups_of_a_house_that_is_written_to(house, tmp_path):
    began, times = time.monotonic(), int(os.environ.get("FAULTS_DRILLS", 50))
    sizes, waits = drill(house, tmp_path, times)
    print(f"{times} of {times} whole, {sizes[0]} to {sizes[-1]} customers, restored in {sorted(waits)[times // 2]:.1f} s (median), "
          f"{max(waits):.1f} s at most; all of it {time.monotonic() - began:.0f} s")
