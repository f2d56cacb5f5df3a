"""Lists of a big house by fields of its own: filtered by three, sorted by one, in groups with sums.

    python -m zhike.bench.fields           (ZHIKE_DATA or DATABASE_URL name a database that `zhike bench load` has filled)

The first call gives every customer a choice, an amount and a date; each line is told with the list
without conditions beside it, as wall time, the process's own CPU time and the ratio to that list.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

FIELDS = (("choice", "c_b_grade", "跟进等级"), ("money", "c_b_volume", "年采购额"), ("date", "c_b_since", "合作起始"))
PEOPLE = ("bench_rep002", "bench_manager02", "bench_head1", "bench_gm")
THREE = "c_b_grade=b&c_b_volume__from=20000&c_b_volume__to=60000&c_b_since__from=2020-01-01"
LINES = (
    ("without", "view=all"),
    ("one choice", "view=all&c_b_grade=b"),
    ("three fields", f"view=all&{THREE}"),
    ("three fields, nothing found", "view=all&c_b_grade=e&c_b_volume__from=99000&c_b_since__from=2026-01-01"),
    ("sorted by an amount", "view=all&order=-c_b_volume"),
    ("sorted by a choice", "view=all&order=c_b_grade"),
    ("three fields, sorted by a date", f"view=all&{THREE}&order=c_b_since"),
    ("in groups by a house field", "view=all&group=level"),
    ("in groups by a choice, sums", "view=all&group=c_b_grade&columns=c_b_grade&columns=c_b_volume"),
    ("three fields in groups, sums", f"view=all&{THREE}&group=c_b_grade&columns=c_b_volume"),
)
_FILL = {
    "sqlite": "UPDATE customers_customer SET custom = json_object('c_b_grade', substr('abcde', id * 7 % 5 + 1, 1), "
              "'c_b_volume', printf('%d.%02d', id * 7919 % 100000, id % 100), 'c_b_since', date('2015-01-01', '+' || (id * 31 % 4300) || ' days'))",
    "postgresql": "UPDATE customers_customer SET custom = jsonb_build_object('c_b_grade', substr('abcde', (id * 7 % 5 + 1)::int, 1), "
                  "'c_b_volume', (id * 7919 % 100000) || '.' || lpad((id % 100)::text, 2, '0'), "
                  "'c_b_since', to_char(date '2015-01-01' + (id * 31 % 4300)::int, 'YYYY-MM-DD'))",
}


def fill(say: Callable[[str], None]) -> None:
    """Add the fields and give every customer its values."""
    from django.db import connection

    from zhike.masterdata.custom_fields import create_custom_fields, reindex
    from zhike.org.models import User
    from zhike.records.models import CustomField

    if CustomField.objects.filter(name=FIELDS[0][1]).exists():
        return
    admin = User.objects.filter(is_admin=True).order_by("pk")[0]
    made = create_custom_fields([
        CustomField(on="customer", type=type, name=name, label_zh=label, choices_text="\n".join("abcde") if type == "choice" else "", filterable=True)
        for type, name, label in FIELDS], by=admin)
    with connection.cursor() as cursor:
        cursor.execute(_FILL[connection.vendor])
    for field in made:
        began, cpu = time.monotonic(), time.process_time()
        reindex(field)
        say(f"typed values of {field.name}: {time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of CPU")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(client: Any, query: str, times: int = 5) -> tuple[float, float, int]:
    """Median milliseconds by the clock and of CPU, and the length of the page."""
    walls, cpus, size = [], [], 0
    for _n in range(times + 1):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(f"/customers/?{query}")
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
        assert answer.status_code == 200, (query, answer.status_code)
        size = len(answer.content)
    return statistics.median(walls[1:]), statistics.median(cpus[1:]), size


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from zhike.org.models import User

    settings.ALLOWED_HOSTS = ["testserver", *settings.ALLOWED_HOSTS]
    call_command("migrate", verbosity=0)
    fill(print)
    print(f"{connection.vendor}, load {os.getloadavg()[0]:.1f}")
    for username in PEOPLE:
        client, base = Client(), 0.0
        client.force_login(User.objects.get(username=username))
        for label, query in LINES:
            wall, cpu, _size = measure(client, query)
            base = base or wall
            print(f"{username:16} {label:32} {wall:7.0f} ms  cpu {cpu:6.0f}  {wall / base:4.1f}x  load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
