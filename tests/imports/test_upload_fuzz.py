"""Spoilt files are refused with a reason or read whole; none breaks, hangs or is half read.

200 by a fixed seed here, 10,000 in the full suite (`ZHIKE_FUZZ_SEED` moves them).
"""

import os

import pytest

from . import batch
from .conftest import SHARED
from .mutations import many

SEED = int(os.environ.get("ZHIKE_FUZZ_SEED") or 1)


def outside():
    """Small files of other programs to break, where they are at hand."""
    found = {}
    for folder in ("xlsx", "tabular-special", "vcf"):
        home = SHARED / "data" / "interchange" / folder
        for path in sorted(home.rglob("*")) if home.is_dir() else ():
            if path.is_file() and path.stat().st_size < 60_000 and not path.name.startswith("LICENSE"):
                found[path.name] = path.read_bytes()
    return found


def faults(files, home):
    """What is wrong with the answers: a break, an answer without a reason, an exception nobody foresaw."""
    wrong, alone, read = [], 0, 0
    for name, data in batch.look_many(files, home, size=250):
        alone += bool(data.get("alone"))
        if "refused" in data:
            if not str(data["refused"]).strip() or data.get("cause") not in (None, "memory"):
                wrong.append((name, data))
        elif "rows" in data and data["columns"] is not None:
            read += 1
        else:
            wrong.append((name, data))
    return wrong, alone, read


def test_a_few_spoilt_files(tmp_path):
    wrong, _alone, read = faults(many(range(SEED * 100_000, SEED * 100_000 + 200), outside()), tmp_path)
    assert not wrong and read > 20


@pytest.mark.slow
def test_ten_thousand_spoilt_files(tmp_path):
    wrong, alone, read = faults(many(range(SEED * 100_000, SEED * 100_000 + 10_000), outside()), tmp_path)
    assert not wrong
    assert read > 1_000 and alone < 500
