"""What waits on the workbench besides one's own plans and tasks: tasks to confirm, work logs to read."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.org.access import access_of
from zhike.pages import formats
from zhike.pages.parts import Badge, Button
from zhike.records import registry

from .models import Task, WorkLog
from .status import WORKLOG, task_move

SHOWN = 21  # one more than the workbench shows, so that it can say "20+"
Groups = list[tuple[str, Any, list[dict[str, Any]]]]


def to_confirm(user: Any) -> Groups:
    """Tasks that I gave and that are done: I say whether they are."""
    if not access_of(user).may("task", "view"):
        return []
    rows = Task.objects.visible_to(user).filter(giver=user, status="done").exclude(owner=user)
    kind, found = registry.kind("task"), []
    for row in rows.select_related("owner").order_by("finished_at", "pk")[:SHOWN]:
        at = row.finished_at or row.due_at
        found.append({
            "id": f"c{row.pk}", "at": at, "icon": "circle-check", "tone": "wait", "title": row.title, "url": kind.url(row),
            "sub": formats.labelled(row.owner, row.result) if row.result else str(row.owner), "sub_url": "",
            "due": Badge(formats.near(at), "neutral", dot=False),
            "buttons": [Button(task_move(name, "done"), reverse("task-step", args=[row.pk, name]), style=style, dialog=True)
                        for name, style in (("confirm", "t"), ("reopen", "g"))],
        })
    return [("confirm", _("To confirm"), found)] if found else []


def logs_to_read(user: Any) -> Groups:
    """Work logs handed in by those one leads, as a person or as head of their department."""
    if not access_of(user).may("worklog", "view"):
        return []
    mine = Q(owner__manager=user) | Q(owner__department__manager=user)
    rows = WorkLog.objects.visible_to(user).filter(mine, status="submitted").exclude(owner=user)
    kind, found = registry.kind("worklog"), []
    for row in rows.select_related("owner").order_by("submitted_at", "pk")[:SHOWN]:
        at = row.submitted_at or clock.start_of(row.first_day)
        found.append({
            "id": f"w{row.pk}", "at": at, "icon": "notebook", "tone": "bad" if row.need_help else "info",
            "title": _("Work log of %(who)s") % {"who": row.owner}, "url": kind.url(row), "sub": str(row), "sub_url": "",
            "due": Badge(_("Help is needed"), "bad", dot=False) if row.need_help else Badge(formats.near(at), "neutral", dot=False),
            "buttons": [Button(_("Open"), kind.url(row), style="t"),
                        Button(WORKLOG.moves["read"].label, reverse("worklog-step", args=[row.pk, "read"]), style="g", dialog=True)],
        })
    return [("logs", _("Work logs"), found)] if found else []
