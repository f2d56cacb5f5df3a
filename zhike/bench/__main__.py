"""`make bench`: load what is not loaded yet, measure, print the tables of docs/benchmarks.md.

    python -m zhike.bench [--quick] [--dir DIR] [--out FILE] [--fresh]

The databases are kept in DIR (default: zhike-bench in the system's folder for temporary files) for
the next run; `--quick` measures 10,000 customers on SQLite only, in under two minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cluster, report

# name: arguments of the loader, lines to measure ("" = all), many people at once
SETS = {
    "10k": (["--customers", "10000"], "", False),
    "200k": (["--customers", "200000"], "", True),
    "board": (["--customers", "10000", "--opportunities", "220000"], "board,funnel", False),
}
SETTINGS = ["shared_buffers=1GB", "work_mem=32MB", "effective_cache_size=4GB", "max_connections=60", "jit=off"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m zhike.bench", description="Measure Zhike over big made-up data")
    parser.add_argument("--quick", action="store_true", help="10,000 customers on SQLite only")
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()) / "zhike-bench")
    parser.add_argument("--out", type=Path, help="write all figures there as JSON")
    parser.add_argument("--fresh", action="store_true", help="make the databases anew")
    args = parser.parse_args()
    if args.fresh:
        shutil.rmtree(args.dir, ignore_errors=True)
    args.dir.mkdir(parents=True, exist_ok=True)
    found = []
    for database in ("sqlite",) if args.quick else ("sqlite", "postgresql"):
        with server(database, args.dir) as make_url:
            for name in ("10k",) if args.quick else tuple(SETS):
                found.append({"set": name, **measure(database, name, args.dir, make_url)})
            if not args.quick:
                found.append({"set": "import", "database": database, **importing(database, args.dir, make_url)})
    (args.out or args.dir / "bench.json").write_text(json.dumps(found, ensure_ascii=False, indent=1))
    print(report.tables(found))
    return 0


@contextlib.contextmanager
def server(database: str, folder: Path) -> Iterator[Any]:
    """A function that gives a database's address: none for SQLite, of our own cluster for PostgreSQL."""
    if database == "sqlite":
        yield lambda name, fresh=False: ""
        return
    started = cluster.start(folder / "pg", SETTINGS)

    def url(name: str, fresh: bool = False) -> str:
        if fresh:
            started.drop(f"bench_{name}")
        return started.create(f"bench_{name}")

    try:
        yield url
    finally:
        started.stop(remove=False)


def _zhike(*arguments: str, data: Path, url: str, module: str = "zhike") -> None:
    environment = {**os.environ, "ZHIKE_DATA": str(data), "ZHIKE_LOG_LEVEL": "ERROR", "DATABASE_URL": url,
                   "DJANGO_SETTINGS_MODULE": "zhike.bench.settings"}
    subprocess.run([sys.executable, "-m", module, *arguments], check=True, env=environment)


def measure(database: str, name: str, folder: Path, make_url: Any) -> dict[str, Any]:
    loader, lines, many = SETS[name]
    data = folder / f"{database}-{name}"
    loaded = data / "loaded"
    print(f"== {database}, {name}", flush=True)
    if not loaded.exists():
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        _zhike("bench", "load", *loader, "--data", str(data), data=data, url=make_url(name, fresh=True))
        loaded.touch()
    else:  # kept from an earlier version, perhaps
        _zhike("upgrade", "--data", str(data), data=data, url=make_url(name))
    figures = data / "figures.json"
    _zhike("bench", "run", "--data", str(data), "--json", str(figures), "--lines", lines, *(["--crowd"] if many else []),
           data=data, url=make_url(name))
    return json.loads(figures.read_text())


def importing(database: str, folder: Path, make_url: Any) -> dict[str, Any]:
    data = folder / f"{database}-import"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    figures = data / "figures.json"
    _zhike("bench", "import", "--data", str(data), "--json", str(figures), data=data, url=make_url("import", fresh=True))
    found = json.loads(figures.read_text())
    shutil.rmtree(data, ignore_errors=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
