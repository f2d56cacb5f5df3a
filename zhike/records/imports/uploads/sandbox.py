"""Looking into an upload from outside: the child is started, waited for, and never trusted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..problems import SourceError
from . import limits, table

STORED = "upload"
AT_ONCE = 2  # children
PATIENCE = 30.0  # seconds a file waits for its turn
CHILD = "zhike.records.imports.uploads.child"
_HOME = Path(__file__).resolve().parents[4]


@dataclass(slots=True)
class Shape:
    """What the child found: how the file was read, its columns, and how many rows lie in the table."""

    format: str
    encoding: str
    delimiter: str
    sheets: list[dict[str, Any]]
    sheet: str
    header: int
    header_lines: int
    columns: list[dict[str, Any]]
    rows: int
    preview: list[Any] = field(default_factory=list)
    again: bool = False  # a result file that comes back

    def names(self) -> list[str]:
        return [str(column["name"]) for column in self.columns]


def look(folder: Path, name: str, **choices: Any) -> Shape:
    """Let the child open FOLDER/upload* (the person knows it as `name`) and read its answer.

    `choices`: sheet, header, header_lines, encoding, delimiter. Raises `SourceError` with the
    reason when the file is refused, takes too long, too much memory, or breaks the child.
    """
    stored = stored_file(folder)
    ask = {"file": stored.name, "language": get_language() or "en", **choices}
    (folder / "ask.json").write_text(json.dumps(ask), encoding="utf-8")
    for old in ("shape.json", table.FILE):
        (folder / old).unlink(missing_ok=True)
    with _turn(folder.parent):
        ended = _run(folder)
    try:
        data = _answer(folder / "shape.json")
    except (OSError, ValueError):
        raise SourceError(_why(ended, name)) from None
    if "refused" in data:
        raise SourceError(str(data["refused"]).replace(stored.name, name))
    return Shape(**data)


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    """At most two children at once: many hostile files must not take all of the machine."""
    import fcntl

    handles = [os.open(home / f".reading-{n}", os.O_RDWR | os.O_CREAT, 0o600) for n in range(AT_ONCE)]
    try:
        until = time.monotonic() + PATIENCE
        while True:
            for handle in handles:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                yield
                return
            if time.monotonic() > until:
                raise SourceError(_("Other files are being read just now. Try again in a minute."))
            time.sleep(0.1)
    finally:
        for handle in handles:
            os.close(handle)


def stored_file(folder: Path) -> Path:
    found = sorted(folder.glob(f"{STORED}.*"))
    if not found:
        raise SourceError(_("The file is no longer here. Upload it again."))
    return found[0]


def _run(folder: Path) -> int:
    """The child's exit code; a negative one is the signal that ended it, 124 stands for "too slow"."""
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TZ", "SYSTEMROOT") if name in os.environ}
    env |= {"PYTHONPATH": str(_HOME), "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "child.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", CHILD, str(folder), str(limits.MEMORY)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=env, close_fds=True, start_new_session=True,
        )
        try:
            return child.wait(timeout=limits.WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return 124
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def _answer(path: Path) -> dict[str, Any]:
    if path.stat().st_size > limits.MAX_ANSWER:
        raise ValueError(path.name)
    data = json.loads(path.read_text(encoding="ascii"))
    if not isinstance(data, dict):
        raise ValueError(path.name)
    return data


def _why(ended: int, name: str) -> str:
    if ended in (124, -signal.SIGXCPU):
        return _("%(file)s: reading the file takes too long; split it, or save it as CSV.") % {"file": name}
    if ended in (-signal.SIGKILL, -signal.SIGABRT, 1):
        return _("%(file)s: the file is damaged, or takes too much memory. Open it in a spreadsheet program and save it "
                 "anew; split it when it is very large.") % {"file": name}
    return (_("%(file)s: the file breaks the reader (%(code)s): it is damaged. Open it in a spreadsheet program and save "
              "it anew.") % {"file": name, "code": ended})
