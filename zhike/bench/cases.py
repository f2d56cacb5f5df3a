"""What is measured: requests of the lines of `docs/benchmarks.md`, each with its hand-written twin."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from .client import Answer, Client

REP, MANAGER, HEAD, GM = "bench_rep002", "bench_manager02", "bench_head1", "bench_gm"
EVERYBODY = (REP, MANAGER, HEAD, GM)


@dataclass(slots=True)
class Case:
    """One line: who asks, what, and the twin's address ("" where there is none)."""

    line: str
    person: str
    ask: Callable[[Client], Answer]
    twin: Callable[[Client], Answer] | None = None
    path: str = ""  # of a page whose SQL can be sent again by itself
    expected: int = 200
    program: bool = False  # asks with a token instead of a session


def page(line: str, person: str, path: str, twin: str = "", *, fragment: bool = False) -> Case:
    more = {"HX_Request": "true"} if fragment else {}
    return Case(line, person, lambda client: client.get(path, **more), (lambda client: client.get(twin)) if twin else None, path)


@dataclass(slots=True)
class Places:
    """Records of the made-up data that the cases speak of."""

    customer: int
    customer_of_rep: int
    opportunity: int
    movable: int
    to: tuple[int, int]
    board: int
    funnel: int


def find_places() -> Places:
    from zhike.customers.models import Customer
    from zhike.opportunities.models import Opportunity, Process, Stage
    from zhike.org.models import User

    users = {user.username: user for user in User.objects.filter(username__in=EVERYBODY)}
    own = Customer.objects.filter(owner=users[REP], lifecycle__in=("opportunity", "deal")).order_by("pk")
    customer = own.first() or Customer.objects.filter(owner=users[REP]).order_by("pk")[0]
    processes = list(Process.objects.filter(enabled=True).order_by("code", "-version"))
    first = list(Stage.objects.filter(process=processes[0]).order_by("order"))[:2]
    open_rows = Opportunity.objects.visible_to(users[MANAGER]).filter(status="open", process=processes[0])
    movable = open_rows.filter(stage=first[0]).order_by("pk")[0]
    counts = {p.pk: Opportunity.objects.filter(process=p, status="open").count() for p in processes[:2]}
    few, many = sorted(counts, key=lambda pk: counts[pk])
    return Places(
        customer.pk, customer.pk, movable.pk, movable.pk, (first[1].pk, first[0].pk),
        board=few if counts[few] >= 20_000 else processes[0].pk, funnel=many,
    )


def cases(at: Places) -> list[Case]:
    """All lines, in the order of the table."""
    found: list[Case] = []
    for person in EVERYBODY:
        found.append(page("customer list, page 1", person, "/customers/?view=all", "/bench/customers/"))
    for person in EVERYBODY:
        query = "level=A&industry=machinery&order=sort_name"
        found.append(page("customer list, filtered and sorted", person, f"/customers/?{query}", f"/bench/customers/?{query}"))
    for person in EVERYBODY:
        found.append(page("search, two characters", person, "/customers/?view=all&q=%E7%94%B2%E5%AD%90",
                          "/bench/customers/?q=%E7%94%B2%E5%AD%90"))
    common = "%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8"
    for person in (REP, HEAD, GM):
        found.append(page("search, a word in nearly every name", person, f"/customers/?view=all&q={common}", f"/bench/customers/?q={common}"))
    for person in (REP, HEAD, GM):
        found.append(page("customer list, filtered to nothing", person, "/customers/?industry=service&enabled=0",
                          "/bench/customers/?industry=service"))
    for person in (REP, MANAGER, GM):
        found.append(page("360 page of a customer", person, f"/customers/{at.customer}/", f"/bench/customers/{at.customer}/"))
    found.append(Case("opportunity created by form", REP, lambda c: create(c, "/opportunities/new/", at),
                      lambda c: create(c, "/bench/opportunities/new/", at), expected=303))
    mover, plain_mover = Mover(at, "/opportunities/{}/move/"), Mover(at, "/bench/opportunities/{}/move/")
    found.append(Case("stage moved on the board", MANAGER, mover, plain_mover))
    for person in (MANAGER, GM):
        found.append(page("board", person, f"/opportunities/board/?process={at.board}", f"/bench/opportunities/board/?process={at.board}"))
    for person in (MANAGER, HEAD, GM):
        found.append(page("funnel", person, f"/reports/funnel/?process={at.funnel}", f"/bench/reports/funnel/?process={at.funnel}"))
    for line, path in (
        ("workbench", "/"), ("contact list", "/contacts/?view=all"), ("opportunity list", "/opportunities/?view=all"),
        ("activity list", "/activities/?view=all"), ("task list", "/tasks/?view=all"),
        ("opportunity page", f"/opportunities/{at.opportunity}/"), ("customer's contacts", f"/customers/{at.customer}/contacts/"),
        ("customer's activities", f"/customers/{at.customer}/activities/"),
        ("palette, two characters", "/palette/?q=%E7%94%B2%E5%AD%90"), ("look-up, two characters", "/lookup/customer/?q=%E7%94%B2%E5%AD%90"),
        ("won opportunities", "/reports/won/"), ("customer list by name", "/customers/?view=all&order=sort_name"),
        ("customer list, not contacted for 60 days", "/customers/?view=quiet"),
    ):
        for person in (MANAGER, GM):
            found.append(page(line, person, path))
    return [*found, *data_cases(at)]


def data_cases(at: Places) -> list[Case]:
    """The same as data, as programs ask for it; each with a token of its own, because a token may ask 600 times a minute."""
    from zhike.org import tokens
    from zhike.org.models import User

    def token(person: str) -> str:
        return tokens.create_token(User.objects.get(username=person), scope="write")

    found = []
    for line, path in (
        ("data: customers, page 1", "customers?limit=50"),
        ("data: customers, page 1, eight fields", "customers?limit=50&fields=code,name,short_name,level,industry,owner,lifecycle,phone"), ("data: customers, two characters", "customers?limit=50&q=%E7%94%B2%E5%AD%90"),
        ("data: one customer", f"customers/{at.customer}"), ("data: funnel", f"reports/funnel?process={at.funnel}"),
    ):
        for person in (REP, MANAGER, GM):
            found.append(Case(line, person, reader(f"/api/v1/{path}", token(person)), program=True))
    for rest, headers in (("", {}), (", nothing back", {"Prefer": "return=minimal"})):  # others answer a write with a number or with "true"
        found.append(Case("data: opportunity created" + rest, REP, creator(at, token(REP), headers), expected=201, program=True))
        found.append(Case("data: stage moved" + rest, MANAGER, DataMover(at, token(MANAGER), headers), expected=204 if headers else 200, program=True))
    return found


def reader(path: str, token: str) -> Callable[[Client], Answer]:
    return lambda client: client.data("GET", path, token)


def creator(at: Places, token: str, headers: dict[str, str]) -> Callable[[Client], Answer]:
    return lambda client: client.data("POST", "/api/v1/opportunities", token, {
        "name": "测速示例产线", "customer": at.customer_of_rep, "type": "new_project", "amount": "120000", "expected_sign_date": "2027-03-01"}, **headers)


class DataMover:
    """An opportunity goes to the second stage and back again, as often as it is called."""

    def __init__(self, at: Places, token: str, headers: dict[str, str]) -> None:
        self.at, self.token, self.headers, self.turn = at, token, headers, 0

    def __call__(self, client: Client) -> Answer:
        body = {"to": self.at.to[self.turn % 2], "reason": "测速"}
        answer = client.data("POST", f"/api/v1/opportunities/{self.at.movable}/move", self.token, body, **self.headers)
        if answer.status < 400:
            self.turn += 1
        return answer


def create(client: Client, path: str, at: Places) -> Answer:
    return client.post(path, {"_once": uuid.uuid4().hex, "name": "测速示例产线", "customer": str(at.customer_of_rep),
                              "type": "new_project", "amount": "120000", "expected_sign_date": "2027-03-01"})


class Mover:
    """A card goes to the second lane and back again, as often as it is called."""

    def __init__(self, at: Places, path: str) -> None:
        self.path, self.to = path.format(at.movable), at.to
        self.turn = 0

    def __call__(self, client: Client) -> Answer:
        target = self.to[self.turn % 2]
        answer = client.post(self.path, {"_once": uuid.uuid4().hex, "to": str(target), "reason": "测速"}, HX_Request="true")
        if answer.status < 400:
            self.turn += 1
        return answer
