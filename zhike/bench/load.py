"""Deterministic big data: N customers, 3 N contacts, 10 N activities, N/5 opportunities.

The same call makes the same rows on both databases. Names are put together from myth and the
sexagenary cycle, so that nobody real is meant.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from zhike.activities.models import Activity
from zhike.base.chinese import grams, names, pinyin
from zhike.base.refused import Refused
from zhike.customers.models import Contact, Customer, CustomerFacts, LifecycleChange
from zhike.demo import words
from zhike.records import channel
from zhike.records.models import HistoryEntry, SearchEntry, TeamGrant
from zhike.records.search import _code_tokens, _phone_tokens
from zhike.seed import seed_house

from . import bulk, pipeline
from .days import DAYS, TODAY, moment
from .people import Company, make_company

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CYCLE = [STEMS[i % 10] + BRANCHES[i % 12] for i in range(60)]
OPTIONS = ("exhibition", "web", "phone", "referral", "tender", "campaign", "cold")


def firm(i: int) -> tuple[str, str, str]:
    """(name, short name, industry) of the i-th firm; all differ up to 720,000."""
    myth = words.MYTH[i % 80]
    cycle = CYCLE[i // 80 % 60]
    trade, industry = words.TRADES[(i // 4800 + i) % 25]
    suffix = words.SUFFIXES[(i // 120_000) % 6] if i >= 120_000 else words.SUFFIXES[i % 3]
    number = f"{i // 120_000 + 1}号" if i >= 120_000 else ""
    return f"{myth}{cycle}{trade}{number}{suffix}", f"{myth}{cycle}", industry


def load(customers: int, *, opportunities: int = 0, say: Callable[[str], None] = print) -> None:
    """Fill an empty database. `opportunities` asks for so many in all instead of N/5: 20,000 open ones
    in the second process (for the board), the rest in the first (for the funnel)."""
    if Customer.objects.exists():
        raise Refused("this database already has customers: give an empty data directory")
    began = time.monotonic()
    with channel.through("system"), transaction.atomic():
        seed_house()
        company = make_company()

    def done(text: str) -> None:
        say(f"{time.monotonic() - began:6.1f} s  {text}")

    done(f"{len(company.names)} people")
    with bulk.loading([Customer, CustomerFacts, LifecycleChange, Contact, Activity, HistoryEntry, SearchEntry, TeamGrant,
                       *pipeline.MODELS]):
        _customers(customers, company)
        done(f"{customers} customers")
        _contacts(customers, company)
        done(f"{3 * customers} contacts")
        made = pipeline.make(customers, opportunities, company)
        done(f"{made} opportunities")
        _activities(customers, company, linked=min(made, customers // 5))
        done(f"{10 * customers} activities")
        _grants(customers, company)
    done("indexes and statistics")


def stamps(company: Company, owner: int) -> tuple[int, int]:
    return owner, company.department_of[owner]


def lifecycle(i: int) -> str:
    """Every fifth customer has an opportunity; the others are not that far, or lost."""
    if i % 5 == 0:
        return "deal" if i % 15 == 0 else "opportunity"
    return ("target", "target", "potential", "potential", "lost")[i // 5 % 5]


def _customers(n: int, company: Company) -> None:
    from zhike.masterdata.models import Region

    chance = random.Random(1)
    regions = sorted(Region.objects.filter(pk__in=[int(code) for code in words.REGION_CODES]).values_list("pk", flat=True))
    entries: list[tuple[Any, ...]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(n):
            name, short, industry = firm(i)
            code, phone = f"KH-{i + 1:07d}", f"0512-5555{i % 10000:04d}"
            at = moment(int(i * DAYS / n), chance.randrange(60, 600))
            owner, department = stamps(company, company.owner(i))
            entries.append(("customer", i + 1, f"{name}\n{short}", grams.index_tokens([name, short]), _code_tokens([code]),
                            _phone_tokens([phone])))
            yield (i + 1, code, name, short, industry, lifecycle(i), chance.choice("AABBBCCCC"),
                   chance.choice(("direct", "dealer", "oem", "agent")), chance.choice(OPTIONS),
                   chance.choice(("small", "medium", "large")), chance.choice(regions) if regions else None,
                   f"示例路 {i % 999 + 1} 号", phone, i % 200 != 7, pinyin.sort_key(name), names.core(name)[:200],
                   owner, department, at, at, owner, owner)

    bulk.insert(Customer, ["id", "code", "name", "short_name", "industry", "lifecycle", "level", "category", "source", "scale",
                           "region", "address", "phone", "enabled", "sort_name", "match_name", "owner", "owner_dept",
                           "created_at", "updated_at", "created_by", "updated_by"], rows())
    bulk.insert(SearchEntry, ["kind", "row_id", "names", "grams", "codes", "phones"], entries)
    bulk.insert(HistoryEntry, ["at", "by", "channel", "kind", "row_id", "action"],
                ((moment(int(i * DAYS / n), 60), company.owner(i), "system", "customer", i + 1, "create") for i in range(n)))

    def steps() -> Iterator[tuple[Any, ...]]:
        for i in range(n):
            stage, day = lifecycle(i), int(i * DAYS / n)
            yield (i + 1, "", "target", moment(day, 60), company.owner(i))
            if stage != "target":
                yield (i + 1, "target", stage, moment(min(day + 20, DAYS), 120), company.owner(i))

    bulk.insert(LifecycleChange, ["customer", "source", "target", "at", "by"], steps())


def _contacts(n: int, company: Company) -> None:
    chance = random.Random(2)
    people = [surname + given for surname in words.SURNAMES for given in words.GIVEN]
    keys = {name: (pinyin.sort_key(name, person=True), grams.index_tokens([name])) for name in people}
    entries: list[tuple[Any, ...]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(3 * n):
            customer, name = i // 3, people[chance.randrange(len(people))]
            mobile = f"139{i:08d}"
            owner, department = stamps(company, company.owner(customer))
            at = moment(int(customer * DAYS / n), chance.randrange(60, 600))
            entries.append(("contact", i + 1, name, keys[name][1], "", _phone_tokens([mobile])))
            yield (i + 1, customer + 1, name, words.TITLES[i % len(words.TITLES)],
                   ("decider", "influencer", "buyer", "user")[i % 4], ("support", "neutral", "unknown")[i % 3], i % 5 + 1, mobile,
                   f"contact{i}@example.com", i % 3 == 0, i % 40 == 1, keys[name][0], owner, department, at, at, owner, owner)

    bulk.insert(Contact, ["id", "customer", "name", "job_title", "decision_role", "attitude", "influence", "mobile", "email",
                          "primary", "left", "sort_name", "owner", "owner_dept", "created_at", "updated_at", "created_by",
                          "updated_by"], rows())
    bulk.insert(SearchEntry, ["kind", "row_id", "names", "grams", "codes", "phones"], entries)


def _activities(n: int, company: Company, *, linked: int) -> None:
    chance = random.Random(3)
    random_ = chance.random
    last: dict[int, tuple[str, str]] = {}
    following: dict[int, tuple[str, str]] = {}
    types = tuple(words.SUBJECTS)
    total = 10 * n

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(total):
            customer = int(random_() * n)
            planned = i % 50 == 0
            day = DAYS + int(random_() * 60) if planned else int(i * DAYS / total)
            at = moment(day, 60 + int(random_() * 540))
            type_code = types[i % 5]
            subject = words.SUBJECTS[type_code]
            owner = company.owner(customer) if i % 10 else company.reps[int(random_() * len(company.reps))]
            opportunity = customer // 5 + 1 if customer % 5 == 0 and customer // 5 < linked else None
            if planned:
                if customer not in following or at < following[customer][0]:
                    following[customer] = (at, subject)
            elif customer not in last or at > last[customer][0]:
                last[customer] = (at, subject)
            yield (i + 1, type_code, subject, customer + 1, customer * 3 + i % 3 + 1, opportunity,
                   "planned" if planned else "done", at, "" if planned else words.NOTES[type_code][i % len(words.NOTES[type_code])],
                   "" if planned else "effective", owner, company.department_of[owner], at, at, owner, owner)

    bulk.insert(Activity, ["id", "type", "subject", "customer", "contact", "opportunity", "status", "at", "content", "result",
                           "owner", "owner_dept", "created_at", "updated_at", "created_by", "updated_by"], rows())
    never = "1970-01-01 00:00:00"

    def facts() -> Iterator[tuple[Any, ...]]:
        for customer in range(n):
            at, text = last.get(customer, (never, ""))
            next_at, next_text = following.get(customer, (None, ""))
            yield (customer + 1, at, text, next_at, next_text)

    bulk.insert(CustomerFacts, ["customer", "last_contact_at", "last_contact_text", "next_contact_at", "next_contact_text"], facts())


def _grants(n: int, company: Company) -> None:
    chance = random.Random(4)
    people = [*company.reps, *company.managers]
    seen: set[tuple[str, int, int]] = set()
    now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(n // 10):
            kind, most = (("customer", n), ("customer", n), ("opportunity", max(1, n // 5)), ("activity", 10 * n))[i % 4]
            key = (kind, chance.randint(1, most), chance.choice(people))
            if key in seen:
                continue
            seen.add(key)
            expires = None if i % 2 else str(now + timedelta(days=365 if i % 4 else -30))[:19]
            yield (*key, "write" if i % 3 == 0 else "read", expires, str(now)[:19])

    bulk.insert(TeamGrant, ["kind", "row_id", "user", "level", "expires_at", "created_at"], rows())
