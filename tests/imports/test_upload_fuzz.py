"""Spoilt files are refused with a reason or read whole; none breaks, hangs or is half read.

200 by a fixed seed here, 10,000 in the full suite (`FUZZ_SEED` moves them).
"""

import os
import random

import pytest

from . import batch
from .conftest import SHARED, lines
from .mutations import _book, _text, many

pytestmark = pytest.mark.long

SEED = int(os.environ.get("FUZZ_SEED") or 1)


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


def test_every_row_is_counted_once_and_told_why(tmp_path, people):
    """Rows in = added + changed + unchanged + left out + not taken in, whatever the cells hold; the dry run says the same."""
    from zhike.org.access import access_of
    from zhike.records.imports.importer import importer
    from zhike.records.imports.problems import SourceError
    from zhike.records.imports.uploads import mapping, run
    from zhike.records.imports.uploads.settings import Settings
    from zhike.records.imports.uploads.targets import fillable

    from .uploads import look_here

    by, taken = people["admin"], 0
    allowed = fillable(importer("customer"), access_of(by))
    for seed in range(SEED * 1_000, SEED * 1_000 + 60):
        rng = random.Random(seed)
        try:
            shape = look_here(tmp_path, *rng.choice([_book, _text])(rng))
        except SourceError:
            continue
        hits = mapping.suggest("customer", shape.columns, allowed)
        settings = Settings({hit.place: hit.target for hit in hits}, cells=rng.choice(["fail", "warn"]),
                            duplicates=rng.choice(["skip", "warn", "fail"]))
        if "name" not in settings.columns.values():
            continue
        dry = run.take("customer", tmp_path, shape, settings, by=by, dry_run=True)
        done = run.take("customer", tmp_path, shape, settings, by=by, dry_run=False)
        told = lines(tmp_path / "result.csv")
        assert dry.counts == done.counts and sum(done.counts.values()) == shape.rows == len(told), seed
        assert all(row["_reason"] and row["_row"].isdigit() for row in told if row["_result"] in ("skipped", "failed")), seed
        taken += 1
    assert taken > 20


def test_a_few_spoilt_files(tmp_path):
    wrong, _alone, read = faults(many(range(SEED * 100_000, SEED * 100_000 + 200), outside()), tmp_path)
    assert not wrong and read > 20


@pytest.mark.slow
def test_ten_thousand_spoilt_files(tmp_path):
    wrong, alone, read = faults(many(range(SEED * 100_000, SEED * 100_000 + 10_000), outside()), tmp_path)
    assert not wrong
    assert read > 1_000 and alone < 500
