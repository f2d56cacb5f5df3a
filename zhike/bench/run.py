"""Measuring one database: times, queries, memory; the hand-written twin and the SQL alone beside it."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from .cases import GM, HEAD, MANAGER, REP, Case, cases, find_places
from .client import Answer, Client
from .people import PASSWORD
from .serving import pss, served

WARM, MOST, SECONDS = 3, 60, 0.8


@dataclass(slots=True)
class Figures:
    """One line; times in milliseconds, None where there is nothing to compare with."""

    line: str
    person: str
    p50: float
    p95: float
    per_second: float
    cpu: float
    queries: int
    bytes: int
    twin: float | None = None
    twin_cpu: float | None = None
    sql: float | None = None


def timed(case: Case, client: Client) -> tuple[list[Answer], list[Answer]]:
    """Answers to serial requests, at most 60 or as many as fit into 0.8 s, ten at least, after a warm-up; page and twin take
    turns, so that whatever else the machine does hits both."""
    asks = [(case.ask, case.expected)]
    if case.twin:
        asks.append((case.twin, 302 if case.expected == 303 else case.expected))
    given: list[list[Answer]] = [[] for _ask in asks]
    turns, until = 0, 0.0
    while turns < WARM + MOST and (turns < WARM + 10 or time.monotonic() < until):
        for i, (ask, expected) in enumerate(asks):
            answer = ask(client)
            if answer.status != expected:
                raise RuntimeError(f"answered {answer.status} instead of {expected}")
            if turns >= WARM:
                given[i].append(answer)
        turns += 1
        if turns == WARM:
            until = time.monotonic() + SECONDS * len(asks)
    return given[0], given[1] if case.twin else []


def p(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, int(len(ranked) * share))], 1)


def sql_alone(statements: list[tuple[str, list[Any]]]) -> float:
    """Median milliseconds of sending a page's statements again and fetching what they give."""
    taken = []
    for _i in range(12):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken[2:]), 1)


def measure(case: Case, client: Client) -> Figures:
    given, twins = timed(case, client)
    taken = [answer.seconds * 1000 for answer in given]
    found = Figures(case.line, case.person, p(taken, 0.5), p(taken, 0.95), round(1000 / statistics.mean(taken), 1),
                    p([answer.cpu for answer in given], 0.5), given[-1].queries, len(given[-1].body))
    if twins:
        found.twin = p([answer.seconds * 1000 for answer in twins], 0.5)
        found.twin_cpu = p([answer.cpu for answer in twins], 0.5)
    if case.path:
        found.sql = sql_alone(client.statements(case.path))
    return found


def crowd(data: Path, workers: int, people: int = 16, seconds: float = 6.0) -> dict[str, Any]:
    """Many people at once: 16 clients ask for lists and records as fast as they are answered."""
    at = find_places()
    connection.close()
    paths = ("/customers/?view=all", f"/customers/{at.customer}/", "/opportunities/?view=all", "/", "/activities/?view=all")
    taken: list[float] = []
    wrong: list[int] = []
    with served(data, workers=workers) as (port, _pids):
        clients = []
        for i in range(people):
            client = Client(port)
            client.sign_in((REP, MANAGER, HEAD, GM)[i % 4], PASSWORD)
            clients.append(client)
        until = time.monotonic() + seconds

        def work(client: Client, i: int) -> None:
            while time.monotonic() < until:
                answer = client.get(paths[i % len(paths)])
                taken.append(answer.seconds * 1000)
                if answer.status not in (200, 404):
                    wrong.append(answer.status)
                i += 1

        threads = [threading.Thread(target=work, args=(client, i)) for i, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {"workers": workers, "people": people, "per_second": round(len(taken) / seconds, 1), "p50": p(taken, 0.5),
            "p95": p(taken, 0.95), "errors": len(wrong)}


def run(data: Path, *, json_file: str | None = None, many: bool = True, lines: str = "") -> dict[str, Any]:
    """Measure everything over one data directory; prints a table and writes the figures as JSON."""
    from zhike.config import working
    from zhike.customers.models import Customer
    from zhike.opportunities.models import Opportunity

    size, opportunities = Customer.objects.count(), Opportunity.objects.count()
    at = find_places()
    # What the worker does for a new house the first time it does now, not while pages are measured.
    working.work(once=True)
    connection.close()
    chosen = [case for case in cases(at) if any(word in case.line for word in lines.split(","))]
    measured: list[Figures] = []
    with served(data, worker=True) as (port, (web, worker)):
        clients: dict[str, Client] = {}
        for case in chosen:
            if not case.program and case.person not in clients:
                clients[case.person] = Client(port)
                clients[case.person].sign_in(case.person, PASSWORD)
            try:
                found = measure(case, Client(port) if case.program else clients[case.person])
            except RuntimeError as wrong:
                print(f"{case.line} ({case.person}): {wrong}")
                continue
            measured.append(found)
            ratio = f"{found.p50 / found.twin:4.2f}x" if found.twin else "     "
            print(f"{found.line:38} {found.person:16} p50 {found.p50:7.1f}  p95 {found.p95:7.1f}  {found.per_second:6.1f}/s "
                  f"cpu {found.cpu:6.1f}  {found.queries:3} queries  {ratio}  twin {found.twin or 0:6.1f}  sql {found.sql or 0:6.1f}", flush=True)
        memory = {"web": round(pss(web)), "worker": round(pss(worker))}
    print(f"memory (PSS): web {memory['web']} MB, worker {memory['worker']} MB")
    crowds = [crowd(data, workers) for workers in (1, 2, 4)] if many else []
    for found_crowd in crowds:
        print(found_crowd)
    report = {
        "database": connection.vendor, "customers": size, "opportunities": opportunities, "load": os.getloadavg()[0],
        "lines": [asdict(line) for line in measured], "memory": memory, "crowds": crowds,
    }
    if json_file:
        Path(json_file).write_text(json.dumps(report, ensure_ascii=False, indent=1))
    return report
