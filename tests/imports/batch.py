"""Many files through the child's own code in few processes; one that breaks its process is looked at alone.

Run as a program it is such a process: `python -m tests.imports.batch LIST`, LIST a JSON list of
folders prepared like those of an upload. Every file gets 20 seconds, the process the child's memory.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

SECONDS = 20


def look_many(files: Iterable[tuple[str, bytes]], home: Path, size: int = 100) -> list[tuple[str, dict[str, Any]]]:
    """(name, the child's answer) of each file; {"broke": code} where not even the sandbox could tell."""
    answers = []
    source = iter(files)
    while part := list(islice(source, size)):
        with tempfile.TemporaryDirectory(dir=home) as folder:
            answers += _one_batch(part, Path(folder))
    return answers


def _one_batch(files: list[tuple[str, bytes]], home: Path) -> list[tuple[str, dict[str, Any]]]:
    from .uploads import store

    folders = []
    for i, (name, content) in enumerate(files):
        folder = home / str(i)
        path = store(folder, name, content)
        (folder / "ask.json").write_text(json.dumps({"file": path.name, "language": "en"}))
        folders.append(folder)
    left = list(range(len(files)))
    while left:
        (home / "list.json").write_text(json.dumps([str(folders[i]) for i in left]))
        subprocess.run([sys.executable, "-m", __name__, str(home / "list.json")], check=False, capture_output=True,
                       env={**os.environ, "MALLOC_ARENA_MAX": "2"}, cwd=Path(__file__).parents[2])
        done = [i for i in left if (folders[i] / "shape.json").exists()]
        left = [i for i in left if i not in done]
        if left:  # the first one without an answer ended the process: it gets one of its own
            _alone(files[left[0]][0], folders[left[0]])
            left = left[1:]
    return [(name, json.loads((folders[i] / "shape.json").read_text())) for i, (name, _content) in enumerate(files)]


def _alone(name: str, folder: Path) -> None:
    from zhike.records.imports.problems import SourceError
    from zhike.records.imports.uploads import sandbox

    try:
        sandbox.look(folder, name)
    except SourceError as wrong:
        (folder / "shape.json").write_text(json.dumps({"refused": str(wrong), "alone": True}))
    except Exception as wrong:
        (folder / "shape.json").write_text(json.dumps({"broke": repr(wrong)}))


def main(listing: Path) -> None:
    import resource

    from zhike.records.imports.uploads import child, limits

    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for folder in json.loads(listing.read_text()):
        signal.alarm(SECONDS)
        data = child.answer(Path(folder))
        Path(folder, "shape.json").write_text(json.dumps(data))
    signal.alarm(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
