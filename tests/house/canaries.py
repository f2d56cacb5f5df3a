"""Rows full of markers, who may meet which marker, and the walk through everything a person can read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from urllib.parse import quote

from django.db import models
from django.urls import reverse

from zhike.base import clock
from zhike.base.fields import Money, PhoneField, Price
from zhike.demo.people import USERS
from zhike.org.models import User
from zhike.org.roles import MASKED_PHONES, SEES_COST
from zhike.org.tokens import create_token
from zhike.records import checks, grouping, history, registry, save

from . import oracle
from .routes import CELLS

MARKER = re.compile(r"zq\d{5}x|139\d{8}|7\d{6}\.\d\d")
NAMES = {"customer": "name", "contact": "name", "opportunity": "name", "activity": "subject", "task": "title", "product": "name",
         "discussion_group": "name"}
LINKS = ("customer", "contact", "opportunity", "parent", "final_user", "reports_to")
SECRET = ("password", "digest", "session")
_roles = {username: set(roles) for username, _n, _d, roles, *_r in USERS}


@dataclass
class Planted:
    """Marker → (kind, row id, field); and the rows themselves by (kind, id)."""

    markers: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    rows: dict[tuple[str, int], object] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    numbers: count = field(default_factory=lambda: count(1))

    def text(self, kind, pk, name):
        return self._keep(f"zq{next(self.numbers):05d}x", kind, pk, name)

    def phone(self, kind, pk, name):
        return self._keep(f"139{next(self.numbers):08d}", kind, pk, name)

    def amount(self, kind, pk, name):
        n = next(self.numbers)
        return Decimal(self._keep(f"7{n:06d}.{n % 90 + 10}", kind, pk, name))

    def _keep(self, marker, kind, pk, name):
        self.markers[marker] = (kind, pk, name)
        return marker


def plant(planted, row):
    """Fill every free field of a row with markers, twice, so that the history holds the first ones."""
    kind = registry.kind(row.KIND)
    for _round in range(2):
        values = {}
        for column in row._meta.concrete_fields:
            name = column.name
            if column.choices or not column.editable or kind.attr(name).type == "option" or column.primary_key:
                continue
            if isinstance(column, PhoneField):
                values[name] = planted.phone(kind.name, row.pk, name)
            elif isinstance(column, models.EmailField):
                values[name] = planted.text(kind.name, row.pk, name) + "@example.com"
            elif isinstance(column, models.URLField):
                values[name] = f"https://{planted.text(kind.name, row.pk, name)}.example.com/"
            elif name in ("uscc", "type", "process"):
                continue
            elif isinstance(column, (models.CharField, models.TextField)):
                values[name] = planted.text(kind.name, row.pk, name)
            elif isinstance(column, (Money, Price)):
                values[name] = planted.amount(kind.name, row.pk, name)
        diff = {name: (getattr(row, name), value) for name, value in values.items()}
        for name, value in values.items():
            setattr(row, name, value)
        checks.derive([row])
        row.save()
        save.index(kind, [row])
        history.log(row, "edit", by=None, diff=diff, args={"reason": planted.text(kind.name, row.pk, "reason")})
    planted.rows[kind.name, row.pk] = row


def speak(planted, row, author):
    """A file with a marked name and a marked content, and a marked remark, on a row."""
    from zhike.collab.actions import files
    from zhike.collab.models import Comment

    admin = User.objects.get(username="admin")
    content = planted.text(row.KIND, row.pk, "file").encode()
    taken = files.take_in(f"{planted.text(row.KIND, row.pk, 'file name')}.txt", [content], len(content))
    found = files.attach_files(row, [taken], by=admin)[0]
    planted.files.append(found.pk)
    Comment.objects.create(kind=row.KIND, row_id=row.pk, text=planted.text(row.KIND, row.pk, "comment"), created_at=clock.now(), created_by=author)


def plant_all(make):
    """Rows of several owners, children under other people's customers, everything marked."""
    from zhike.customers.actions import refresh_facts
    from zhike.customers.duplicates import keys
    from zhike.opportunities.models import Opportunity, OpportunityLine, StageChange

    planted, made = Planted(), []
    customers = {}
    for owner in ("rep", "rep_south", "manager_east", "desk"):
        customer = customers[owner] = make.customer(owner)
        made += [customer, make.contact(customer, owner)]
        made += [make.opportunity(customer, owner), make.activity(customer, owner), make.activity(customer, owner, days=-2)]
        made.append(make.task("sales_head", owner, customer=customer, title=planted.text("task", 0, "title")))
        task = made[-1]
        planted.markers[task.title] = ("task", task.pk, "title")
    made.append(make.contact(customers["rep"], "rep_south"))
    foreign = make.opportunity(customers["rep_south"], "rep_east2")
    made += [foreign, make.activity(customers["rep"], "desk", days=0.02), make.activity(customers["rep_south"], "rep_east2", opportunity=foreign)]
    made.append(make.product())
    made.append(make.discussion_group("rep"))
    oracle.TEAMS.clear()
    for row, username, level in ((customers["rep_south"], "presales", "write"), (customers["manager_east"], "engineer", "read"),
                                 (customers["desk"], "rep", "write"), (foreign, "rep", "read"), (made[2], "engineer", "write"), (made[-1], "desk", "read")):
        oracle.share(row, username, level)
    for row in made:
        plant(planted, row)
        if row.KIND == "opportunity":
            OpportunityLine.objects.create(opportunity=row, line_no=1, text=planted.text("opportunity", row.pk, "line"),
                                           amount=planted.amount("opportunity", row.pk, "line"))
            StageChange.objects.create(opportunity=row, source=row.stage, target=row.stage, at=clock.now(), by=row.owner,
                                       reason=planted.text("opportunity", row.pk, "reason"), amount=row.amount)
    for row in made:
        speak(planted, row, getattr(row, "owner", None) or User.objects.get(username="admin"))
    last = made[2]
    Opportunity.objects.filter(pk=foreign.pk).update(status="won", won_at=clock.today(), won_amount=foreign.won_amount)
    Opportunity.objects.filter(pk=last.pk).update(expected_sign_date=clock.today() - timedelta(days=1),
                                                  sign_key=clock.today() - timedelta(days=1))
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(mobile=planted.phone("user", user.pk, "mobile"),
                                               email=planted.text("user", user.pk, "email") + "@example.com")
    refresh_facts(row.pk for row in customers.values())
    keys.rebuild(row.pk for row in customers.values())
    for key in list(planted.rows):
        kind, pk = key
        links = ["owner", "owner_dept", *oracle.PARENTS.get(kind, ())] if kind != "product" else []
        planted.rows[key] = registry.kind(kind).model.objects.select_related(*links).get(pk=pk)
    return planted


def allowed(planted, username):
    """The markers this person may meet: fields of rows they see, and the names of what those rows link to.

    A record linked from one that a person sees is named there as plain text; nothing else of it shows.
    """
    seen = {key for key, row in planted.rows.items() if oracle.sees(username, row)}
    named = set()
    for key in seen:
        for link in LINKS:
            pk = getattr(planted.rows[key], f"{link}_id", None)
            if pk:
                named.add(({"parent": "customer", "final_user": "customer", "reports_to": "contact"}.get(link, link), pk))
    if oracle.may(username, "task", "view"):
        pass  # messages about tasks go to their two people, who see them
    good = set()
    for marker, (kind, pk, name) in planted.markers.items():
        if hidden(username, kind, name):
            continue
        if (kind, pk) in seen or ((kind, pk) in named and name == NAMES[kind]):
            good.add(marker)
    return good


def hidden(username, kind, name):
    roles = _roles[username]
    if kind == "product" and name == "standard_cost":
        return not roles & SEES_COST
    if (kind, name) in (("contact", "mobile"), ("contact", "phone"), ("customer", "phone")):
        return bool(roles & MASKED_PHONES)
    return kind == "user"


TABS = {
    "customer": ("contacts", "opportunities", "activities", "transfer", "team", "lose", "switch"),
    "contact": ("transfer", "team", "primary"), "opportunity": ("summary", "activities", "transfer", "team", "win", "lose"),
    "activity": ("finish", "transfer"), "task": ("step/accept", "transfer"), "product": (), "discussion_group": ("members", "switch"),
}
AREAS = ("words", "lists", "groups", "records", "peeks", "lookups", "palette", "reports", "api", "checks", "home", "kept")


def addresses(planted, areas=AREAS):
    """(area, address, headers): everything that can be read, asked for as pages and as htmx parts ask."""
    part = {"HX-Request": "true"}
    peek = {"HX-Request": "true", "HX-Target": "peek"}
    kinds = [kind for kind in registry.kinds() if kind.pages]
    ids = {kind.name: [pk for name, pk in planted.rows if name == kind.name] for kind in kinds}
    probes = [marker for marker, (kind, _pk, name) in planted.markers.items() if name in (NAMES.get(kind), "code", "phone", "mobile")]
    probes = probes[:: max(1, len(probes) // 24)]

    def each():
        for kind in kinds:
            base = kind.list_url()
            yield "lists", f"{base}?view=all", {}
            yield "lists", f"{base}?view=all", part
            yield "lists", f"{base}?view=department", part
            for attr in kind.attrs:
                if attr.sort:
                    yield "lists", f"{base}?view=all&order=-{attr.name}", part
            for by in (f"{attr.name}{':month' if attr.type in grouping.DATES else ''}" for attr in map(kind.attr, kind.filters)):
                yield "groups", f"{base}?view=all&group={by}&columns={','.join(attr.name for attr in kind.attrs)}", part
            yield "groups", f"{base}?view=all&rows=1&columns={','.join(attr.name for attr in kind.attrs)}", part
            yield "groups", f"{reverse('conditions', args=[kind.name])}?list=view%3Dall", part
            for marker in probes[::8]:
                yield "lists", f"{base}?view=all&q={marker}", part
            for marker in probes[::16]:
                for name in ("code", "mobile", "phone", NAMES.get(kind.name, "name")):
                    asks = quote(f'{{"any":[["{name}","has","{marker}"],["{name}","is","{marker}"]]}}')
                    yield "groups", f"{base}?view=all&where={asks}", part
            for pk in ids["customer"][1:3]:
                yield "lists", f"{base}?customer={pk}", part
            yield "records", f"{base}new/?customer={ids['customer'][1]}&contact={ids['contact'][1]}&opportunity={ids['opportunity'][1]}", {}
            for pk in ids[kind.name]:
                yield "peeks", f"{base}?view=all&peek={pk}", peek
                yield "records", kind.url(pk), {}
                yield "records", f"{kind.url(pk)}history/", part
                yield "records", f"{kind.url(pk)}edit/", part
                for name in (CELLS[kind.name], "phone", "mobile"):
                    yield "records", f"{kind.url(pk)}cell/{name}/", part
                whole = f"http://testserver{base}?columns={','.join([*kind.columns, 'phone', 'mobile'])}"
                yield "lists", f"{kind.url(pk)}cell/{CELLS[kind.name]}/?row", {**part, "HX-Current-URL": whole}
                for tab in ("files", "discussion"):
                    yield "words", f"{kind.url(pk)}{tab}/", part
                yield "words", f"{reverse(f'{kind.name}-words', args=[pk])}?after=0", part
            for pk in ids[kind.name][:3]:
                for tab in TABS[kind.name]:
                    yield "records", f"{kind.url(pk)}{tab}/", part
                if kind.owned:
                    yield "records", reverse("who-sees", args=[kind.name, pk]), part
        for pk in planted.files:
            yield "words", f"/files/{pk}/", {}
        yield "words", "/trash/", {}
        for kind in ("user", "department", "role", "dictionary"):  # for administrators; nobody of the cast is one
            first = registry.kind(kind).model.objects.order_by("pk").first().pk
            yield "kept", reverse(f"{kind}-list"), {}
            yield "kept", reverse(f"{kind}-detail", args=[first]), {}
            yield "kept", reverse("dictionary-add" if kind == "dictionary" else f"{kind}-edit", args=[first]), {}
            yield "kept", reverse(f"{kind}-tab", args=[first, "history"]), part
        yield "kept", reverse("number_rule-list"), {}
        yield "kept", reverse("number_rule-edit", args=["customers"]), {}
        yield "kept", reverse("user-sees", args=[registry.kind("user").model.objects.get(username="gm").pk]), {}
        for name in ("account", "account-password", "account-factor", "account-passkey-new"):
            yield "kept", reverse(name), {}
        for kind in registry.kinds():
            yield "lookups", reverse("lookup", args=[kind.name]), {}
            for marker in probes[::8]:
                yield "lookups", reverse("lookup", args=[kind.name]) + f"?q={marker}", {}
            yield "lookups", reverse("lookup", args=[kind.name]) + f"?customer={ids['customer'][1]}", {}
        for marker in probes[::2]:
            yield "palette", reverse("palette") + f"?q={marker}", part
        yield "palette", reverse("palette") + "?q=示例", part
        for marker, (kind, _pk, name) in planted.markers.items():
            if (kind, name) == ("customer", "name"):
                yield "checks", reverse("customer-check") + f"?name={marker}", part
        yield "reports", reverse("opportunity-board"), {}
        for measure in ("amount", "weighted", "count"):
            yield "reports", reverse("report-funnel") + f"?measure={measure}", {}
        first = next(row for (kind, _pk), row in planted.rows.items() if kind == "opportunity").stage_id
        yield "reports", reverse("report-funnel") + f"?stage_drill={first}", {}
        yield "reports", reverse("report-lifecycle") + "?by=year&group=owner&drill=stock:target", {}
        for group in ("level", "owner_dept", "province"):
            yield "reports", reverse("report-customers") + f"?group={group}", {}
        yield "reports", reverse("report-coverage"), {}
        for by in ("rule", "owner", "level"):
            yield "reports", reverse("report-care") + f"?by={by}", {}
        for by in ("month", "quarter", "year"):
            yield "reports", reverse("report-won") + f"?by={by}", {}
        for address in ("home", "messages"):
            yield "home", reverse(address), {}
        for kind in registry.kinds():
            if kind.api:
                yield "api", reverse("api-list", args=[kind.slug]) + "?limit=200", {}
                for marker in probes[::8]:
                    yield "api", reverse("api-list", args=[kind.slug]) + f"?q={marker}", {}
                for pk in ids.get(kind.name, ()):
                    yield "api", reverse("api-item", args=[kind.slug, str(pk)]), {}
                    if kind.words:
                        for name in ("api-files", "api-comments"):
                            yield "api", reverse(name, args=[kind.slug, str(pk)]), {}
        for address in ("api-meta", "api-funnel", "api-lifecycle", "api-won"):
            yield "api", reverse(address), {}

    return [found for found in each() if found[0] in areas]


def crawl(planted, username, client, areas=AREAS):
    """Read everything; returns (problems, answers that were 200)."""
    good, problems, read = allowed(planted, username), [], 0
    token = create_token(User.objects.get(username=username))
    for area, address, headers in addresses(planted, areas):
        more = {"Authorization": f"Bearer {token}"} if area == "api" else headers
        got = client.get(address, headers=more)
        body = (b"".join(got.streaming_content) if got.streaming else got.content).decode()
        if got.status_code >= 500:
            problems.append(f"{address}: {got.status_code}")
        # What was asked for is shown again in the search box and the address of the next page.
        asked = set(MARKER.findall(address)) if area in ("lists", "groups", "palette", "lookups", "checks", "api") else set()
        found = set(MARKER.findall(body.replace(",", ""))) - good - asked
        problems += [f"{username} {area} {address}: {planted.markers[m]}" for m in found if m in planted.markers]
        problems += [f"{address} shows a secret" for word in ("md5$", "argon2") if word in body]
        if got.status_code == 200:
            read += 1
            if asked:  # an answer that lists the foreign row gives it away without its name
                problems += _given_away(planted, username, good, asked, body, area, address)
    return problems, read


def _given_away(planted, username, good, asked, body, area, address):
    problems = []
    for marker in asked - good:
        kind, pk, _name = planted.markers[marker]
        if kind == "user" or not registry.kind(kind).pages or (kind, pk) in _seen(planted, username):
            continue
        signs = (f'"{registry.kind(kind).url(pk)}"', f'id="row-{pk}"' if f"/{registry.kind(kind).slug}/" in address else "\0")
        problems += [f"{username} {area} {address} lists {kind} {pk}" for sign in signs if sign in body]
    return problems


def _seen(planted, username):
    return {key for key, row in planted.rows.items() if oracle.sees(username, row)}
