"""Opportunities with their stage changes, ticks, search keys and history."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from zhike.base.chinese import grams
from zhike.demo import words
from zhike.opportunities.models import Opportunity, Process, Stage, StageChange
from zhike.records.models import HistoryEntry, SearchEntry
from zhike.records.search import _code_tokens

from . import bulk
from .days import DAY, DAYS, moment
from .people import Company

MODELS = [Opportunity, StageChange]
BOARD = 20_000


def make(customers: int, wanted: int, company: Company) -> int:
    """N/5 opportunities over all processes and states; or `wanted`, all open, in two processes."""
    chance = random.Random(5)
    total = wanted or customers // 5
    processes = list(Process.objects.filter(enabled=True).order_by("code", "-version"))
    stages = {process.pk: list(Stage.objects.filter(process=process).order_by("order")) for process in processes}
    steps: list[tuple[Any, ...]] = []
    entries: list[tuple[Any, ...]] = []
    logged: list[tuple[Any, ...]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for j in range(total):
            customer = (5 * j) % customers
            owner = company.owner(customer)
            process = (processes[1 if j < BOARD else 0]) if wanted else processes[(0, 0, 0, 1, 2)[j % 5]]
            path = stages[process.pk]
            status = "open" if wanted else ("open", "won", "open", "lost", "open", "open", "won", "open", "suspended", "open")[j % 10]
            reach = len(path) - 1 if status == "won" else (j * 7 // 3) % len(path)
            stage, day = path[reach], min(int(j * DAYS / total), DAYS - 30)
            amount, rate = chance.randint(8, 260) * 1_000_000, 10_000 if status == "won" else int(stage.win_rate * 10_000)
            if status == "lost":
                rate = 0
            name, code = words.PROJECTS[j % len(words.PROJECTS)], f"SJ-{j + 1:07d}"
            sign = DAY[min(DAYS + 60, day + 30 + j % 90)]
            at = moment(day, chance.randrange(60, 600))
            for k in range(reach + 1):
                steps.append((j + 1, path[k - 1].pk if k else None, path[k].pk, "open", moment(day + 4 * k, 200), owner,
                              4 if k else 0, amount, int(path[k].win_rate * 10_000)))
            if status in ("won", "lost"):
                steps.append((j + 1, stage.pk, stage.pk, status, moment(day + 29, 200), owner, 7, amount, rate))
            entries.append(("opportunity", j + 1, name, tokens[name], _code_tokens([code])))
            logged.append((at, owner, "system", "opportunity", j + 1, "create"))
            yield (j + 1, code, name, customer + 1, customer * 3 + 1, process.types[0], process.pk, stage.pk,
                   moment(day + 4 * reach, 200), status, rate, amount, amount * rate // 10_000, sign, sign,
                   "示例需求：提高产能，降低单件成本。", DAY[day + 29] if status == "won" else None,
                   amount if status == "won" else None, DAY[day + 29] if status == "lost" else None,
                   amount if status == "lost" else None, "price" if status == "lost" else "", owner,
                   company.department_of[owner], at, at, owner, owner)

    tokens = {name: grams.index_tokens([name]) for name in words.PROJECTS}
    bulk.insert(Opportunity, [
        "id", "code", "name", "customer", "contact", "type", "process", "stage", "stage_started_at", "status", "win_rate",
        "amount", "weighted_amount", "expected_sign_date", "sign_key", "demand", "won_at", "won_amount", "lost_at",
        "lost_amount", "lose_reason", "owner", "owner_dept", "created_at", "updated_at", "created_by", "updated_by"], rows())
    bulk.insert(StageChange, ["opportunity", "source", "target", "status", "at", "by", "days", "amount", "win_rate"], steps)
    bulk.insert(SearchEntry, ["kind", "row_id", "names", "grams", "codes"], entries)
    bulk.insert(HistoryEntry, ["at", "by", "channel", "kind", "row_id", "action"], logged)
    return total
