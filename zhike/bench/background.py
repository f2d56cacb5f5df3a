"""Work on many rows in the background, through the pages that start it: changed, handed over, exported; alerts.

    python -m zhike.bench.background     (ZHIKE_DATA or DATABASE_URL name a COPY of what `zhike bench load` has filled)

Each line tells seconds by the clock, seconds of this process's processor time, rows, and the most memory so far.
"""

from __future__ import annotations

import html
import os
import re
import resource
import secrets
import time
from collections.abc import Callable
from typing import Any

MOST = 50_000


def main() -> int:
    """Measure and print; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.bench.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from zhike.org.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(username="bench_admin"))
    query, n = _fifty_thousand()
    _timed(f"one field of {n} customers changed", lambda: _run(client, "/customers/change/", query, "?field=level", level=_other(query)))
    query, n = _fifty_thousand()  # those changed have left their level
    to = User.objects.get(username="bench_manager03").pk
    _timed(f"{n} customers handed over", lambda: _run(client, "/customers/transfer/", query, "", to=str(to)))
    _timed("100,000 customers as xlsx", lambda: _export(client))
    _timed("all alert rules, first", _alerts)
    _timed("all alert rules, again", _alerts)
    return 0


def _timed(what: str, work: Callable[[], Any]) -> None:
    began, cpu = time.monotonic(), time.process_time()
    found = work()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what}: {time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU, {found}; {most} MB", flush=True)


def _fifty_thousand() -> tuple[str, int]:
    """A condition that as many customers meet as may be changed at once, or nearly."""
    from django.db.models import Count

    from zhike.customers.models import Customer

    found = Customer.objects.values("level", "industry").annotate(n=Count("pk"))
    by_level: dict[str, list[tuple[int, str]]] = {}
    for row in found:
        by_level.setdefault(row["level"], []).append((row["n"], row["industry"]))
    best: tuple[str, int] = ("", 0)
    for level, parts in by_level.items():
        total, taken = 0, []
        for n, industry in sorted(parts, reverse=True):
            if total + n <= MOST:
                total, taken = total + n, [*taken, industry]
        if total > best[1]:
            best = (f"view=all&level={level}" + "".join(f"&industry={name}" for name in taken), total)
    return best


def _other(query: str) -> str:
    return "B" if "level=B" not in query else "A"


def _run(client: Any, path: str, query: str, more: str, **values: str) -> str:
    from zhike.records import jobs
    from zhike.records.models import Job

    page = client.get(f"{path}?all=1&{query}").content.decode()
    hidden = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(all|query)" value="([^"]*)"', page)}
    got = client.post(f"{path}{more}", {"_once": secrets.token_urlsafe(24), **hidden, **values})
    if got.status_code != 303:
        raise SystemExit(f"{path} answered {got.status_code}: {re.sub('<[^>]+>', ' ', got.content.decode())[-600:]}")
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return f"{job.done} done, {job.refused} refused, {job.state} {job.message}".strip()


def _export(client: Any) -> str:
    from zhike.records import jobs
    from zhike.records.models import Job

    got = client.get("/customers/export/?view=all&level=A&level=B&format=xlsx&columns=level,phone,owner")
    if got.streaming:
        return f"{len(b''.join(got.streaming_content))} bytes at once"
    page = got.content.decode()
    action = html.unescape(re.search(r'action="(/customers/export/[^"]*)"', page)[1])  # type: ignore[index]
    got = client.post(action, {"_once": secrets.token_urlsafe(24)})
    if got.status_code != 303:
        raise SystemExit(f"the export answered {got.status_code}")
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return f"{job.done} rows, {job.state} {job.message}".strip()


def _alerts() -> str:
    from zhike.notices.jobs import scan_alerts
    from zhike.notices.models import AlertRule

    opened = scan_alerts()
    wrong = list(AlertRule.objects.exclude(scan_error="").values_list("code", "scan_error"))
    return f"{opened} opened{f', failed: {wrong}' if wrong else ''}"


if __name__ == "__main__":
    raise SystemExit(main())
