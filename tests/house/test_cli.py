"""The command line with bad input: one line that says what is wrong, exit code 2, nothing half made."""

from __future__ import annotations

import os
import socket
import sqlite3

import pytest

from .test_settings import run

pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the command line makes its own SQLite files")]
PASSWORD = "quiet-lathe-77"


def zhike(*words, **variables):
    return run("-m", "zhike", *words, **variables)


@pytest.fixture
def here(capsys):
    """The same command in this process, for what is refused before anything is set up."""
    from types import SimpleNamespace

    from zhike.cli import main

    def call(*words):
        try:
            code = main(words)
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)

    return call


def one_line(got, *says):
    assert got.returncode == 2, (got.returncode, got.stdout, got.stderr)
    assert "Traceback" not in got.stderr and got.stderr.startswith(("zhike", "usage"))
    for word in says:
        assert word in got.stderr, got.stderr


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house that `zhike init` made, in locale C and without a terminal."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "password").write_text(PASSWORD + "\n")
    got = zhike("init", "--admin", "boss", "--password-file", str(folder / "password"), "--data", str(folder / "data"), LC_ALL="C", LANG="C")
    assert got.returncode == 0, got.stderr
    assert "boss" in got.stdout
    return folder


def test_what_init_makes(house):
    with sqlite3.connect(house / "data/db.sqlite3") as found:
        assert found.execute("select username, is_admin from org_user").fetchall() == [("boss", 1)]
        assert found.execute("select count(*) from opportunities_process").fetchone()[0] > 0
        stored = found.execute("select password from org_user").fetchone()[0]
        assert stored.startswith("argon2") and PASSWORD not in stored


def test_init_twice_changes_nothing(house):
    got = zhike("init", "--admin", "BOSS", "--password-file", str(house / "password"), "--data", str(house / "data"))
    one_line(got, "BOSS")
    with sqlite3.connect(house / "data/db.sqlite3") as found:
        assert found.execute("select count(*) from org_user").fetchone() == (1,)


def test_a_token_is_for_somebody(house):
    data = str(house / "data")
    one_line(zhike("token", "create", "nobody", "--data", data), "nobody")
    one_line(zhike("token", "create", "boss", "--scope", "everything", "--data", data), "everything")
    got = zhike("token", "create", "boss", "--data", data)
    assert got.returncode == 0 and got.stdout.strip().startswith("zk_")
    with sqlite3.connect(house / "data/db.sqlite3") as found:
        assert got.stdout.strip() not in str(found.execute("select * from org_apitoken").fetchall())


def test_tokens_are_listed_and_taken_back(house):
    data = ("--data", str(house / "data"))
    one_line(zhike("token", "create", "boss", "--records", "customer,secrets", *data), "secrets")
    one_line(zhike("token", "create", "boss", "--days", "0", *data), "--days")
    token = zhike("token", "create", "boss", "--records", "customer", "--scope", "write", "--days", "30", "--name", "shop", *data)
    assert token.returncode == 0
    line = zhike("token", "list", "boss", *data).stdout.strip().split("\n")[0].split("\t")
    assert line[1:4] == ["write", "customer", "shop"] and line[5] == "unused" and token.stdout.strip() not in line
    one_line(zhike("token", "revoke", "boss", "999999", *data), "list")
    assert zhike("token", "revoke", "boss", line[0], *data).returncode == 0
    assert "shop" not in zhike("token", "list", "boss", *data).stdout
    one_line(zhike("token", "revoke", "boss", line[0], *data), "list")


def test_a_taken_port(house):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        one_line(zhike("serve", "--port", port, "--data", str(house / "data")), port, "--port")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty"])
def test_a_port_that_is_none(here, port):
    one_line(here("serve", f"--port={port}", "--data", "nowhere"), port)


def test_a_short_password_makes_nothing(tmp_path, here):
    (tmp_path / "p").write_text("short")
    one_line(here("init", "--admin", "boss", "--password-file", str(tmp_path / "p"), "--data", str(tmp_path / "d")), "10 characters")
    assert not (tmp_path / "d").exists()
    one_line(here("init", "--admin", "boss", "--password-file", str(tmp_path / "none"), "--data", str(tmp_path / "d")), "none")
    (tmp_path / "p").write_text("passwordpassword"[:8] + "12")
    one_line(zhike("init", "--admin", "boss", "--password-file", str(tmp_path / "p"), "--data", str(tmp_path / "d")), "password")
    (tmp_path / "p").write_bytes(b"\xff\xfe\x00bad-utf-8-password")
    one_line(here("init", "--admin", "boss", "--password-file", str(tmp_path / "p"), "--data", str(tmp_path / "d")), "UTF-8")


@pytest.mark.parametrize("name", ["", "  ", "a" * 61, "a b\n", "..", "x\x01y"])
def test_a_user_name_that_is_none(tmp_path, name, here):
    (tmp_path / "p").write_text(PASSWORD)
    one_line(here("init", "--admin", name, "--password-file", str(tmp_path / "p"), "--data", str(tmp_path / "d")), "user name")
    assert not (tmp_path / "d/db.sqlite3").exists()


def test_folders_that_will_not_do(tmp_path, here, monkeypatch):
    monkeypatch.setenv("ZHIKE_DATA", os.environ["ZHIKE_DATA"])  # --data sets it for good
    (tmp_path / "p").write_text(PASSWORD)
    (tmp_path / "file").write_text("")
    for verb in (["serve"], ["worker"], ["rebuild", "search"], ["token", "create", "x"]):
        one_line(here(*verb, "--data", str(tmp_path / "missing")), "missing", "zhike init")
    one_line(zhike("init", "--admin", "boss", "--password-file", str(tmp_path / "p"), "--data", str(tmp_path / "file")), "file")
    (tmp_path / "empty").mkdir()
    one_line(zhike("token", "create", "x", "--data", str(tmp_path / "empty")), "zhike init")
    one_line(zhike("worker", "--data", str(tmp_path / "empty")), "zhike init")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/db.sqlite3").write_text("this is not a database at all, it is a text " * 50)
    one_line(zhike("token", "create", "x", "--data", str(tmp_path / "broken")), "database")


def test_words_it_does_not_know(here, monkeypatch):
    one_line(here("fly"), "fly")
    one_line(here("serve", "--prot", "80"), "--prot")
    one_line(here())
    one_line(here("rebuild", "rome"), "rome")
    monkeypatch.setenv("PORT", "http")
    one_line(here("serve"), "http")


@pytest.mark.parametrize(("variables", "says"), [
    ({"DATABASE_URL": "postgre://u@h/db"}, "DATABASE_URL"), ({"ZHIKE_DTAA": "x"}, "ZHIKE_DATA"),
    ({"DATABASE_URL": "postgres://zhike@127.0.0.1:1/none?connect_timeout=2"}, "database does not answer"),
])
def test_a_wrong_environment_is_named(tmp_path, variables, says):
    one_line(zhike("serve", "--data", str(tmp_path), **variables), says)


def test_demo_stays_at_home(house):
    got = zhike("serve", "--host", "0.0.0.0", "--data", str(house / "data"), ZHIKE_DEMO="1")
    one_line(got, "loopback")


def test_older_and_newer_data_are_told_apart(house, tmp_path):
    """An upgrade is asked for by name, and a program never runs on data it does not know."""
    data = tmp_path / "data"
    data.mkdir()
    with sqlite3.connect(house / "data/db.sqlite3") as source, sqlite3.connect(data / "db.sqlite3") as copy:
        source.backup(copy)
    with sqlite3.connect(data / "db.sqlite3") as found:
        found.execute("delete from django_migrations where app = 'axes'")  # as if this version had brought it
        tables = [name for (name,) in found.execute("select name from sqlite_master where type = 'table' and name like 'axes_%'")]
        for name in tables:
            found.execute(f"drop table {name}")
    one_line(zhike("serve", "--port", "1", "--data", str(data)), "zhike upgrade")
    got = zhike("upgrade", "--data", str(data))
    assert got.returncode == 0 and "ready" in got.stdout, got.stderr
    with sqlite3.connect(data / "db.sqlite3") as found:
        assert found.execute("select count(*) from sqlite_master where name like 'axes_%' and type = 'table'").fetchone()[0] == len(tables)
        found.execute("insert into django_migrations (app, name, applied) values ('customers', '9999_of_next_year', '2030-01-01')")
    for command in (("serve", "--port", "1"), ("upgrade",)):
        one_line(zhike(*command, "--data", str(data)), "newer version")


def test_an_administrator_is_let_in_again(house):
    data = str(house / "data")

    def ask(sql):
        with sqlite3.connect(house / "data/db.sqlite3") as found:
            return found.execute(sql).fetchall()

    with sqlite3.connect(house / "data/db.sqlite3") as found:
        found.execute("insert into org_secondfactor (user_id, secret, recovery, made_at, last_step) select id, 'x', '[]', '2026-01-01', 0 from org_user")
    had = ask("select password from org_user")
    got = zhike("user", "rescue", "BOSS", "--data", data)
    assert got.returncode == 0 and "/password/" in got.stdout, got.stderr
    assert ask("select count(*) from org_secondfactor") == [(0,)] and ask("select password from org_user") == had
    token = got.stdout.split("/password/")[1].split("/")[0]
    assert len(token) >= 40 and token not in str(ask("select digest from org_passwordlink"))  # only its digest is kept
    (house / "new").write_text("another-quiet-lathe-78\n")
    got = zhike("user", "rescue", "boss", "--password-file", str(house / "new"), "--data", data)
    assert got.returncode == 0 and "/password/" not in got.stdout and ask("select password from org_user") != had
    assert ask("select count(*) from org_passwordlink") == [(0,)]
    lines = ask("select action, channel, by_id, args from records_historyentry where kind = 'user' order by id desc limit 2")
    assert [line[:3] for line in lines] == [("rescue", "system", None)] * 2 and '"factor": true' in lines[1][3]
    (house / "bad").write_text("password123\n")
    one_line(zhike("user", "rescue", "boss", "--password-file", str(house / "bad"), "--data", data), "will not do")
    one_line(zhike("user", "rescue", "nobody", "--data", data), "nobody")
    with sqlite3.connect(house / "data/db.sqlite3") as found:
        found.execute("update org_user set is_admin = 0")
    one_line(zhike("user", "rescue", "boss", "--data", data), "no system administrator")
    with sqlite3.connect(house / "data/db.sqlite3") as found:
        found.execute("update org_user set is_admin = 1, is_active = 0")
    assert zhike("user", "rescue", "boss", "--data", data).returncode == 0  # nobody else could enable the last one
    assert ask("select is_active from org_user") == [(1,)]
