"""A hundred thousand customers through the action people's imports end in, with everything that follows."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .load import firm

BATCH = 2_000


def measure_import(json_file: str | None = None) -> None:
    """Import into an empty database and write the figures."""
    found = {**import_customers(), "load": os.getloadavg()[0]}
    if json_file:
        Path(json_file).write_text(json.dumps(found))


def import_customers(count: int = 100_000, *, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Create `count` customers in transactions of 2,000, checked, with number, history, match keys, search keys,
    facts and life cycle. Returns seconds and rows a second; the rows stay in the database."""
    from zhike.customers.actions import create_customers
    from zhike.customers.models import Customer
    from zhike.org.models import User
    from zhike.records import channel
    from zhike.records.visibility import owner_fields
    from zhike.seed import seed_house

    from .people import make_company

    if not User.objects.exists():
        seed_house()
        make_company()
    by = User.objects.get(username="bench_admin")
    owners = list(User.objects.filter(username__startswith="bench_rep").select_related("department").order_by("pk"))
    began = time.perf_counter()
    with channel.through("import"):
        for start in range(0, count, BATCH):
            rows = []
            for i in range(start, min(start + BATCH, count)):
                name, short, industry = firm(i)
                rows.append(Customer(
                    name=name, short_name=short, industry=industry, level="ABC"[i % 3], source="exhibition",
                    phone=f"0512-{50_000_000 + i * 7919 % 40_000_000}", address=f"示例路 {i % 999 + 1} 号", **owner_fields(owners[i % len(owners)]),
                ))
            create_customers(rows, by=by, source="import", batch="bench")
    seconds = time.perf_counter() - began
    say(f"{count} customers imported in {seconds:.1f} s")
    return {"rows": count, "seconds": round(seconds, 1), "per_second": round(count / seconds)}
