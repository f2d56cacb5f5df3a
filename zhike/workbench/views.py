"""The home page: what to do now, today's schedule, messages, and the funnel; one's own, or for whoever leads people the department's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.activities import agenda
from zhike.activities.models import Activity, Task
from zhike.analytics.funnel import funnel
from zhike.base import clock
from zhike.notices import actions as notices
from zhike.notices.models import Message
from zhike.opportunities.models import Opportunity
from zhike.org.access import Team, team_of
from zhike.org.calendar import workdays_left_in_month
from zhike.pages import formats
from zhike.pages.menus import pending_work
from zhike.pages.parts import Button, Card, Link, Mini
from zhike.pages.views import PageView
from zhike.records import favourites, registry

from . import department
from .items import SHOWN, count, due_badge

FAVOURITES = 10
WHOSE = "workbench"  # the preference that says whose work is shown


class WorkbenchPage(PageView):
    """Most work is done from here without opening a menu."""

    template = "workbench/home.html"
    menu = "workbench"
    place = "home"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = clock.local(clock.now())
        hello = _("Good morning") if now.hour < 12 else _("Good afternoon") if now.hour < 18 else _("Good evening")
        self.chosen = chosen = request.GET.get("kind", "")
        self.team = self.whose()
        groups = department.pending(self.user, self.team) if self.team else self.pending()
        items = [item for key, _label, found in groups for item in found if not chosen or key == chosen]
        items.sort(key=lambda item: item["at"])
        page = {
            "title": _("Workbench"),
            "greeting": f"{hello}，{self.user}" if (get_language() or "zh").startswith("zh") else f"{hello}, {self.user}",
            "subtitle": _("%(day)s · %(n)s workdays left this month")
            % {"day": formats.weekday(now.date()), "n": workdays_left_in_month(now.date())},
            "actions": self.actions(), "switch": self.switch(), "figures": department.figures(self.user, self.team) if self.team else None,
            "pending_title": _("Pending work of my department") if self.team else _("Pending work"),
            "empty": _("Nothing is waiting in your department") if self.team else _("Nothing is waiting for you"),
            "done_today": [] if self.team else self.done_today(),
            "tabs": [Link(_("All"), "/", active=not chosen, count=count([found for _k, _l, found in groups]))]
            + [Link(label, f"?kind={key}", active=key == chosen, count=count([found])) for key, label, found in groups
               if found or key == chosen],
            "pending": items[:SHOWN], "whole": self.whole(chosen, groups),
            "schedule": (schedule := self.schedule())[:SHOWN], "schedule_n": f"{SHOWN}+" if len(schedule) > SHOWN else str(len(schedule)), "calendar_url": f"{reverse('calendar')}?view=day" if self.access.may("activity", "view") else "",
            "plan_url": reverse("activity-new") if self.access.may("activity", "add") else "",
            "favourites": self.favourites(),
            "messages": self.messages(),
            "funnel": self.my_funnel(),
        }
        return self.answer(page)

    def whose(self) -> Team | None:
        """Whom the page is about: nobody but oneself, or the team, where one leads people and has chosen so."""
        self.led = team_of(self.user)
        return self.led if self.led and self.user.preferences.get(WHOSE) == "department" else None

    def switch(self) -> list[Link]:
        """My own or my department's; only for whoever leads people."""
        if not self.led:
            return []
        return [Link(_("Mine"), key="mine", active=self.team is None), Link(_("My department"), key="department", active=self.team is not None)]

    def actions(self) -> list[Button]:
        if not self.access.may("activity", "add"):
            return []
        return [Button(_("Plan an activity"), reverse("activity-new"), "calendar-plus", "d"),
                Button(_("Log a follow-up"), reverse("activity-log"), "pencil-plus", "p", dialog=True)]

    def done_today(self) -> list[Link]:
        """What was finished today, so that the day's work shows; each number leads to its rows."""
        start, end = clock.day_range(clock.today())
        found = []
        if self.access.may("activity", "view"):
            n = Activity.objects.filter(owner=self.user, status="done", at__gte=start, at__lt=end).count()
            found.append((n, _("%(n)s activities done today"), f"{reverse('activity-list')}?owner=me&status=done&at__from=today&at__to=today"))
        if self.access.may("task", "view"):
            n = Task.objects.filter(owner=self.user, finished_at__gte=start, finished_at__lt=end).count()
            found.append((n, _("%(n)s tasks finished today"), f"{reverse('task-list')}?owner=me&finished_at__from=today&finished_at__to=today"))
        return [Link(text % {"n": n}, url) for n, text, url in found if n]

    def pending(self) -> list[tuple[str, Any, list[dict[str, Any]]]]:
        """Kinds of pending work with their rows, computed from state; at most 20 of a kind, and one more that says so."""
        end = clock.day_range(clock.today() + timedelta(days=1))[1]
        groups: list[tuple[str, Any, list[dict[str, Any]]]] = []
        if self.access.may("activity", "view"):
            rows = Activity.objects.filter(owner=self.user, status__in=("planned", "in_progress"), at__lt=end)
            groups.append(("activities", _("Follow-ups"), [self._activity(row) for row in rows.select_related("customer", "lead").order_by("at")[:SHOWN + 1]]))
        if self.access.may("task", "view"):
            rows = Task.objects.filter(owner=self.user, status__in=("open", "accepted")).select_related("customer", "giver")
            groups.append(("tasks", _("Tasks"), [self._task(row) for row in rows.order_by("due_at")[:SHOWN + 1]]))
        groups += [group for more in pending_work for group in more(self.user)]
        if self.access.may("opportunity", "view"):
            rows = Opportunity.objects.filter(owner=self.user, status="open", sign_key__gt=clock.NEVER.date(), sign_key__lt=clock.today())
            groups.append(("opportunities", _("Sign date passed"), [self._opportunity(row) for row in rows.select_related("customer").order_by("sign_key")[:SHOWN + 1]]))
        return groups

    def whole(self, chosen: str, groups: list[tuple[str, Any, list[dict[str, Any]]]]) -> list[Link]:
        """The lists behind the kinds of work, where one may want more than the twenty most urgent."""
        there = {key: label for key, label, found in groups if found and (key == chosen or (not chosen and len(found) > SHOWN))}
        tomorrow = clock.today() + timedelta(days=1)
        lists = department.lists(self.team) if self.team else {
            "activities": ("activity-list", f"view=all&owner=me&status=planned&status=in_progress&at__to={tomorrow}"),
            "tasks": ("task-list", "view=mine"), "confirm": ("task-list", "view=check"), "logs": ("worklog-list", "view=unread"),
            "care": ("care_item-list", "whose=mine"), "openings": ("opening-list", ""),
            "opportunities": ("opportunity-list", f"view=all&owner=me&status=open&expected_sign_date__to={clock.today() - timedelta(days=1)}"),
        }
        return [Link(_("All of “%(kind)s”") % {"kind": there[key]}, f"{reverse(name)}?{query}") for key, (name, query) in lists.items() if key in there]

    def _activity(self, row: Activity) -> dict[str, Any]:
        quick = reverse("activity-quick", args=[row.pk])
        return {
            "id": f"a{row.pk}", "at": row.at, "icon": "phone", "tone": due_badge(row.at).tone, "title": row.subject,
            "url": registry.kind("activity").url(row), "sub": str(row.partner),
            "sub_url": registry.kind_of(row.partner).url(row.partner), "due": due_badge(row.at),
            "buttons": [Button(_("Done"), quick, style="t", post=True, fields={"do": "done", "kind": self.chosen}),
                        Button(_("Tomorrow"), quick, style="g", post=True, fields={"do": "later", "kind": self.chosen})],
        }

    def _task(self, row: Task) -> dict[str, Any]:
        move = "accept" if row.status == "open" else "finish"
        label = _("Accept") if row.status == "open" else _("Finish")
        return {
            "id": f"t{row.pk}", "at": row.due_at, "icon": "checkbox", "tone": due_badge(row.due_at).tone, "title": row.title,
            "url": registry.kind("task").url(row), "sub": _("from %(who)s") % {"who": row.giver}, "sub_url": "",
            "due": due_badge(row.due_at),
            "buttons": [Button(label, reverse("task-step", args=[row.pk, move]), style="t", dialog=True)],
        }

    def _opportunity(self, row: Opportunity) -> dict[str, Any]:
        kind = registry.kind("opportunity")
        at = clock.start_of(row.sign_key)
        return {
            "id": f"o{row.pk}", "at": at, "icon": "target-arrow", "tone": "wait", "title": row.name, "url": kind.url(row),
            "sub": str(row.customer), "sub_url": "", "due": due_badge(at),
            "buttons": [Button(_("Open"), kind.url(row), style="t")],
        }

    def schedule(self) -> list[agenda.Entry]:
        """Today's activities, those one takes part in as well, and the tasks that are due today."""
        people = sorted(self.team.people) if self.team else [self.user.pk]
        return agenda.entries(self.user, people, *clock.day_range(clock.today()), several=self.team is not None)[: SHOWN + 1]

    def favourites(self) -> Card | None:
        """The records the person has marked with a star; nothing where there is none."""
        minis = [Mini(str(row), kind.url(row), sub=str(kind.label)) for kind, row in favourites.of(self.user, FAVOURITES)]
        return Card(_("Favourites"), key="favourites", minis=minis) if minis else None

    def messages(self) -> Card:
        rows = list(notices.readable(Message.objects.filter(receiver=self.user).waiting(), self.user).select_related("hit").order_by("-pk")[:5])
        links = notices.links_of(rows, self.user)
        n = notices.readable(Message.objects.filter(receiver=self.user).waiting(), self.user)[:100].count()
        return Card(_("Messages"), key="messages", sub=_("%(n)s unread") % {"n": "99+" if n > 99 else n} if n else "", minis=[
            Mini(notices.text_of(row), links.get(row.pk, ""), value=formats.near(row.created_at)) for row in rows
        ], more=Link(_("All"), f"{reverse('messages')}?state=unread" if n else reverse("messages")), empty=_("No unread messages."))

    def my_funnel(self) -> Card | None:
        if not self.access.may("opportunity", "view") or self.access.field_mode("opportunity", "amount") not in ("", "read"):
            return None
        asked = department.asked_of_lists(self.team) if self.team else {"owner": ["me"]}
        found = funnel(self.user, "amount", asked, rates=False)
        url = f"{reverse('report-funnel')}?{urlencode(asked, doseq=True)}"
        top = max((layer.amount for layer in found.layers), default=0) or 1
        bars = [
            {"name": str(layer.stage), "count": layer.count, "value": formats.wan(layer.amount, places=1),
             "width": int(layer.amount * 100 / top), "shade": min(i + 1, 8), "url": f"{url}&stage_drill={layer.stage.pk}"}
            for i, layer in enumerate(found.layers)
        ]
        return Card(_("Funnel of my department") if self.team else _("My funnel"), key="funnel", sub=_("Expected income"), template="workbench/funnel.html", data=bars,
                    more=Link(_("Analysis"), url))
