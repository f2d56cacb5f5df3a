"""The workbench of whoever leads people: what waits with them, and a line of figures for each.

The team is whom one leads as a person or as head of a department, with everybody below. All rows are
asked for within the rights of whoever looks, so that leading somebody opens nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.activities.models import Activity, Task
from zhike.activities.models.activities import OPEN, overdue
from zhike.base import clock
from zhike.opportunities.models import Opportunity
from zhike.org.access import Team, access_of
from zhike.org.models import User
from zhike.pages import formats
from zhike.pages.parts import Button, Card, Cell, Column, Link, Row, Table
from zhike.records import registry

from .items import SHOWN, due_badge

NAMED = 60  # people named in the address of a list
PEOPLE = 12  # in the table; who has most that is late comes first
Groups = list[tuple[str, Any, list[dict[str, Any]]]]


def of_team(team: Team) -> Q:
    """The condition of rows that belong to people of the team; the index of somebody's day finds them."""
    return Q(owner__in=team.people)


def _addresses(team: Team) -> str:
    """The same as conditions of a list; where there are too many people for an address, their departments."""
    asked = {"owner": sorted(team.people)} if len(team.people) <= NAMED or not team.departments else {"owner_dept": sorted(team.departments)}
    return urlencode(asked, doseq=True)


def asked_of_lists(team: Team) -> dict[str, list[str]]:
    """The funnel's: by department where one heads some, for which the sums have an index, else by person."""
    if team.departments:
        return {"owner_dept": [str(pk) for pk in sorted(team.departments)]}
    return {"owner": [str(pk) for pk in sorted(team.people)[:NAMED]]}


def pending(user: Any, team: Team) -> Groups:
    """What is late or due until tomorrow with the people of the team; at most twenty of a kind, and one more that says so."""
    access, groups = access_of(user), []
    mine, end = of_team(team), clock.day_range(clock.today() + timedelta(days=1))[1]
    if access.may("activity", "view"):
        rows = Activity.objects.visible_to(user).filter(mine, status__in=OPEN, at__lt=end).select_related("customer", "lead", "owner")
        groups.append(("activities", _("Follow-ups"), [_item("activity", "a", row, row.at, row.subject, "phone", str(row.partner))
                                                       for row in rows.order_by("at", "pk")[: SHOWN + 1]]))
    if access.may("task", "view"):
        tasks = Task.objects.visible_to(user).filter(mine, status__in=("open", "accepted")).select_related("owner")
        groups.append(("tasks", _("Tasks"), [_item("task", "t", row, row.due_at, row.title, "checkbox") for row in tasks.order_by("due_at", "pk")[: SHOWN + 1]]))
    if access.may("opportunity", "view"):
        chances = Opportunity.objects.visible_to(user).filter(mine, status="open", sign_key__gt=clock.NEVER.date(), sign_key__lt=clock.today())
        groups.append(("opportunities", _("Sign date passed"), [
            _item("opportunity", "o", row, clock.start_of(row.sign_key), row.name, "target-arrow", str(row.customer))
            for row in chances.select_related("customer", "owner").order_by("sign_key", "pk")[: SHOWN + 1]]))
    return groups


def _item(name: str, letter: str, row: Any, at: Any, title: str, icon: str, about: str = "") -> dict[str, Any]:
    url, due = registry.kind(name).url(row), due_badge(at)
    return {"id": f"{letter}{row.pk}", "at": at, "icon": icon, "tone": due.tone, "title": title, "url": url,
            "sub": " · ".join(part for part in (str(row.owner), about) if part), "sub_url": "", "due": due,
            "buttons": [Button(_("Open"), url, style="t")]}


def lists(team: Team) -> dict[str, tuple[str, str]]:
    """The lists behind the kinds of work."""
    whose, tomorrow, yesterday = _addresses(team), clock.today() + timedelta(days=1), clock.today() - timedelta(days=1)
    return {
        "activities": ("activity-list", f"view=all&{whose}&status=planned&status=in_progress&at__to={tomorrow}"),
        "tasks": ("task-list", f"view=all&{whose}&status=open&status=accepted"),
        "opportunities": ("opportunity-list", f"view=all&{whose}&status=open&expected_sign_date__to={yesterday}"),
    }


def figures(user: Any, team: Team) -> Card | None:
    """A line for each of the team: what is late, what was done today, what is open; every number leads to its rows."""
    access, today = access_of(user), clock.today()
    start, end = clock.day_range(today)
    by_owner: dict[str, Mapping[int, Any]] = {}
    columns: list[tuple[str, Any, str]] = []
    if access.may("activity", "view"):
        rows = Activity.objects.visible_to(user).filter(owner__in=team.people)
        by_owner["late"] = _counted(rows.filter(overdue()))
        by_owner["done"] = _counted(rows.filter(status="done", at__gte=start, at__lt=end))
        columns += [("late", _("Late follow-ups"), f"{reverse('activity-list')}?view=all&late=1"),
                    ("done", _("Followed up today"), f"{reverse('activity-list')}?view=all&status=done&at__from=today&at__to=today")]
    if access.may("task", "view"):
        by_owner["tasks"] = _counted(Task.objects.visible_to(user).filter(owner__in=team.people, status__in=("open", "accepted"), due_at__lt=clock.now()))
        columns.append(("tasks", _("Late tasks"), f"{reverse('task-list')}?view=all&late=1"))
    if access.may("opportunity", "view"):
        found = Opportunity.objects.visible_to(user).filter(owner__in=team.people, status="open")
        amounts = access.field_mode("opportunity", "amount") in ("", "read")
        sums = {pk: (n, total) for pk, n, total in found.order_by().values_list("owner").annotate(n=Count("pk"), total=Sum("amount"))}
        by_owner["open"] = {pk: f"{n} · {formats.wan(total or 0, places=0)}" if amounts else n for pk, (n, total) in sums.items()}
        columns.append(("open", _("Open opportunities"), f"{reverse('opportunity-list')}?view=all&status=open"))
    if not columns:
        return None
    people = list(User.objects.filter(pk__in=team.people).order_by("pk"))
    late = {person.pk: sum(by_owner.get(name, {}).get(person.pk, 0) for name in ("late", "tasks")) for person in people}
    people.sort(key=lambda person: (-late[person.pk], person.pk))
    shown = people if len(people) <= PEOPLE else [person for person in people if any(found.get(person.pk) for found in by_owner.values())][:PEOPLE]

    def number(name: str, url: str, person: User) -> Cell:
        n = by_owner[name].get(person.pk)
        tone = "bad fm" if name in ("late", "tasks") else "lk"
        return Cell(Markup('<a class="{}" href="{}&amp;owner={}">{}</a>').format(tone, url, person.pk, n) if n else Markup('<span class="mut">0</span>'), num=True)

    return Card(
        _("My department today"), key="team", sub=_("%(n)s people") % {"n": len(people)},
        table=Table([Column("who", _("colleague").capitalize(), primary=True), *(Column(name, label, num=True) for name, label, _url in columns)],
                    [Row(person.pk, "", [Cell(str(person)), *(number(name, url, person) for name, _label, url in columns)]) for person in shown],
                    label=_("My department today")),
        more=Link(_("All"), reverse("report-duty")) if len(shown) < len(people) and access.may("activity", "view") else None)


def _counted(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("owner").annotate(n=Count("pk")))
