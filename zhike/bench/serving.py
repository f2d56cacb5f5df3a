"""The processes that are measured: the web server as `zhike serve` starts it, and the worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(*arguments: str, data: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "zhike.bench.settings", "ZHIKE_LOG_LEVEL": "ERROR"}
    return subprocess.Popen([sys.executable, "-m", "zhike", *arguments, "--data", str(data)], env=environment,
                            stdout=subprocess.DEVNULL)


@contextmanager
def served(data: Path, *, workers: int = 1, worker: bool = False) -> Iterator[tuple[int, list[int]]]:
    """(port, process ids of web and, if asked for, worker); all stopped at the end."""
    port = free_port()
    started = [_start("serve", "--workers", str(workers), "--port", str(port), data=data)]
    if worker:
        started.append(_start("worker", data=data))
    try:
        for _try in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                if started[0].poll() is not None:
                    raise RuntimeError("the web server did not start") from None
                time.sleep(0.1)
        yield port, [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:  # finishing a long job; these are figures, not data to keep
                process.kill()
                process.wait()


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in children:
        found += family(int(child))
    return found


def pss(pid: int) -> float:
    """Megabytes of a process and its children, shared pages counted by share."""
    total = 0
    for member in family(pid):
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
