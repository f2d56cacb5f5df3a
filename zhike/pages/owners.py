"""The tab with a record's team and the owners it has had: who, from when to when, handed over by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.org.models import User
from zhike.records import guard, teams
from zhike.records.models import HistoryEntry, TeamGrant

from . import changes, formats
from .details import DetailPage, DetailParts, TabSpec
from .ownership import OUT, right_text
from .parts import Badge, Button, Card, Cell, Column, Mini, Row, Table

MOST = 200  # changes of owner read for one record


@dataclass(slots=True)
class Span:
    """A time in one pair of hands; an empty owner stands for nobody, e.g. while it waited in a pool."""

    owner: str
    begin: datetime | None
    end: datetime | None
    cause: str = ""
    by: str = ""
    reason: str = ""


def tab() -> TabSpec:
    """The tab, for kinds whose records have an owner."""
    return TabSpec("owners", gettext_lazy("Team and owners"), fill)


def spans(row: Any) -> list[Span]:
    """The owners a record has had, newest first, as its history tells: two queries, however many there were."""
    moves = list(HistoryEntry.objects.filter(kind=row.KIND, row_id=row.pk, diff__has_key="owner_id").select_related("by").order_by("-id")[:MOST])
    ids = {value for entry in moves for value in entry.diff["owner_id"] if isinstance(value, int)} | {row.created_by_id}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=ids - {None})}
    found: list[Span] = []
    end: datetime | None = None
    owner = str(row.owner) if row.owner_id else ""
    for entry in moves:
        label = (changes.verbs.get(entry.action) or (entry.action, "", ""))[0]
        why = str(entry.args.get("reason") or entry.args.get("pool") or "")
        found.append(Span(owner, entry.at, end, str(label), str(entry.by or _("system")), why))
        end, owner = entry.at, names.get(entry.diff["owner_id"][0], "")
    if len(moves) < MOST:
        found.append(Span(owner, row.created_at, end, _("Created"), names.get(row.created_by_id, _("system"))))
    return found


def fill(page: DetailPage, parts: DetailParts) -> None:
    """Who works on the record now, and in whose hands it has been."""
    parts.layout = "c1"
    parts.main.append(_team(page))
    if page.access.field_mode(page.kind.name, "owner") in ("", "read"):
        parts.main.append(_owners(page))


def _team(page: DetailPage) -> Card:
    row, kind = page.row, page.kind
    may = kind.owned and guard.can_edit(page.user, row, "transfer")
    share = kind.action_url("share", row) if may else ""
    minis = []
    for grant in teams.team_of(row):
        over = not teams.lasts(grant)
        buttons = [
            Button(_("Change the right of %(user)s") % {"user": grant.user}, f"{share}?user={grant.user_id}&level={grant.level}", "pencil", "g", dialog=True),
            Button(_("Take %(user)s out of the team") % {"user": grant.user}, f"{share}?user={grant.user_id}&level={OUT}", "x", "g", dialog=True),
        ] if may else []
        role = teams.role_text(grant.role) if grant.role else ""
        minis.append(Mini(str(grant.user), sub=role, avatar=str(grant.user)[:1], value=right_text(grant), buttons=buttons, badge=_state(grant, over)))
    buttons = [Button(_("Add to team"), share, "plus", "d", dialog=True), Button(_("Transfer"), kind.action_url("transfer-one", row), "user-share", "d", dialog=True)] if may else []
    return Card(_("Team"), key="team", minis=minis, buttons=buttons, empty=_("Nobody besides the owner has been let in."))


def _state(grant: TeamGrant, over: bool) -> Badge | None:
    if over:
        return Badge(_("over"), "neutral")
    return Badge(_("to a day"), "wait", dot=False) if grant.expires_at else None


def _owners(page: DetailPage) -> Card:
    lang = get_language() or "zh-hans"
    rows = []
    for i, span in enumerate(spans(page.row)):
        length = ((span.end or clock.now()) - span.begin).days if span.begin else 0
        rows.append(Row(i, "", [
            Cell(span.owner or _("nobody")), Cell(formats.full(span.begin, lang) if span.begin else "—"),
            Cell(formats.full(span.end, lang) if span.end else _("until today")), Cell(_("%(n)s days") % {"n": length}, num=True),
            Cell(span.cause), Cell(span.by), Cell(span.reason or "—")]))
    return Card(_("Owners so far"), key="owners", table=Table(
        [Column("owner", _("owner"), primary=True), Column("from", _("from")), Column("to", _("until")), Column("days", _("how long"), num=True),
         Column("cause", _("how it came")), Column("by", _("changed by")), Column("reason", _("reason"))],
        rows, label=_("Owners so far")))
