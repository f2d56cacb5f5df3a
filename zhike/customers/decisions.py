"""The decision map: who at a customer reports to whom, what they think of us and how much they count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages.parts import Button, Card
from zhike.records import guard, options, registry

from .models import Contact, Customer

KEY_ROLE = "decider"
SHOWN = 200  # people on one map
DEPTH = 20  # how far up a chain of superiors is followed


@dataclass(slots=True)
class Person:
    """One person on the map, with those who report to them; texts are ready to be read out."""

    row: Contact
    role: str = ""
    attitude: str = ""
    tone: str = "unknown"
    influence: int = 0
    note: str = ""
    marked: bool = False
    can: bool = False
    url: str = ""
    part_url: str = ""
    hang_url: str = ""
    differs: bool = False  # is something else here than at the customer
    below: list[Person] = field(default_factory=list)


def check_boss(row: Contact, boss: Contact) -> None:
    """Refuse a superior who reports to this person, however far below; one query."""
    sql = """WITH RECURSIVE up(id, reports_to_id, depth) AS (
        SELECT id, reports_to_id, 0 FROM customers_contact WHERE id = %s
        UNION SELECT c.id, c.reports_to_id, up.depth + 1 FROM customers_contact c JOIN up ON c.id = up.reports_to_id
        WHERE up.depth < %s)
        SELECT id FROM up"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [boss.pk, DEPTH])
        above = {found for (found,) in cursor.fetchall()}
    if row.pk in above:
        raise Refused(_("%(boss)s reports to %(name)s already, directly or through others.") % {"boss": boss, "name": row},
                      field="reports_to", code="contact.loop")
    if len(above) >= DEPTH:
        raise Refused(_("A chain of superiors has at most %(n)s people.") % {"n": DEPTH}, field="reports_to", code="contact.deep")


@dataclass(slots=True)
class Here:
    """What a person is to one business of the customer; an empty value says "as at the customer"."""

    decision_role: str = ""
    attitude: str = ""
    influence: int | None = None
    involved: bool = True


def people(
    customer_id: int, user: Any, *, marked: int | None = None, here: Mapping[int, Here] | None = None, part_url: Callable[[Contact], str] | None = None
) -> list[Person]:
    """Those at the top, each with those below. Whoever has left is shown only where somebody still reports to them.

    `here` says by contact id what people are to one business; who has no part in it is left out.
    `part_url(contact)` leads to where that is told.
    """
    here = here or {}
    access_mode = registry.kind("contact")
    rows = list(access_mode.visible(user).filter(customer=customer_id).order_by("-influence", "sort_name", "pk")[:SHOWN])
    mine = set(Contact.objects.editable_by(user).filter(pk__in=[row.pk for row in rows]).order_by().values_list("pk", flat=True))
    bosses = {row.reports_to_id for row in rows if not row.left}
    found = {row.pk: _person(row, user, marked=row.pk == marked, can=row.pk in mine, here=here.get(row.pk), part_url=part_url)
             for row in rows if (not row.left or row.pk in bosses) and (row.pk not in here or here[row.pk].involved)}
    top: list[Person] = []
    for person in found.values():
        above = found.get(person.row.reports_to_id or 0)
        if above is None or _in_circle(person, found):
            top.append(person)
        else:
            above.below.append(person)
            person.note = _("reports to %(name)s") % {"name": above.row}
    return top


def _in_circle(person: Person, found: dict[int, Person]) -> bool:
    """Data that came in a circle is cut where it closes on its lowest id, so that nobody is lost."""
    seen, here = [person.row.pk], found.get(person.row.reports_to_id or 0)
    while here is not None and here.row.pk not in seen:
        seen.append(here.row.pk)
        here = found.get(here.row.reports_to_id or 0)
    return here is not None and here.row.pk == person.row.pk and person.row.pk == min(seen)


def _person(
    row: Contact, user: Any, *, marked: bool, can: bool, here: Here | None, part_url: Callable[[Contact], str] | None
) -> Person:
    from zhike.org.access import access_of

    access, lang = access_of(user), get_language() or "zh-hans"

    def seen(name: str) -> bool:
        return access.field_mode("contact", name) in ("", "read")

    here = here or Here()
    code, attitude, influence = here.decision_role or row.decision_role, here.attitude or row.attitude, here.influence or row.influence
    role = options.labels("decision_role", lang).get(code, code) if seen("decision_role") else ""
    can = can and access.may("contact", "edit")
    part = part_url(row) if part_url is not None else reverse("contact-part", args=[row.pk]) if can else ""
    return Person(
        row, role=role, attitude=str(dict(Contact.ATTITUDES).get(attitude, attitude)) if seen("attitude") else "",
        tone=attitude if seen("attitude") else "unknown", influence=(influence or 0) if seen("influence") else 0,
        marked=marked, can=can, url=registry.kind("contact").url(row), part_url=part, hang_url=reverse("contact-hang", args=[row.pk]) if can else "",
        differs=(code, attitude, influence) != (row.decision_role, row.attitude, row.influence) and seen("decision_role"),
    )


def card(
    page: Any, customer: Customer, *, marked: int | None = None, here: Mapping[int, Here] | None = None,
    part_url: Callable[[Contact], str] | None = None, more: Sequence[Button] = (), sub: Any = "",
) -> Card:
    """The map as a card for the page of the customer, or of something that belongs to it."""
    top = people(customer.pk, page.user, marked=marked, here=here, part_url=part_url)
    may_add = page.access.may("contact", "add") and guard.can_edit(page.user, customer)
    kind = registry.kind("contact")
    buttons = [Button(_("New contact"), f"{kind.action_url('new')}?customer={customer.pk}", "plus", "g")] if may_add else []
    data = {"top": top, "marked": _("contact of this opportunity"), "can": any(_any_can(one) for one in top),
            "differs": _("only in this opportunity")} if top else None
    return Card(_("Decision map"), key="map", template="customers/map.html", data=data, buttons=[*more, *buttons], sub=sub, empty=_("No contact yet."))


def _any_can(person: Person) -> bool:
    return person.can or any(_any_can(below) for below in person.below)
