"""The tab with a record's discussion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.org.models import User
from zhike.pages import changes, formats
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Card
from zhike.records.kinds import Kind

from .. import mentions
from ..actions import comments
from ..models import Comment
from . import counting

changes.verbs.add("comment", (gettext_lazy("Comment written"), "message-circle", "info"))
changes.verbs.add("comment_edit", (gettext_lazy("Comment changed"), "message-circle", "neutral"))
changes.verbs.add("comment_delete", (gettext_lazy("Comment deleted"), "message-circle", "neutral"))
changes.PART_NAMES["comment"] = gettext_lazy("comment")
changes.TOLD_ELSEWHERE |= {"comment", "comment_edit", "comment_delete", "attach", "detach"}
THREADS = 50
REPLIES = 1_000


@dataclass(slots=True)
class Said:
    """A comment as the discussion draws it."""

    id: int
    by: str
    mark: str
    at: str
    at_full: str
    html: Any
    gone: str = ""  # who deleted it; nothing else is shown then
    edited: bool = False
    edit_url: str = ""
    delete_url: str = ""
    replies: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Panel:
    """What `collab/discussion.html` draws."""

    threads: list[Said]
    post_url: str
    people_url: str
    news_url: str
    older_url: str = ""
    draft: str = ""
    parent: int = 0
    notices: list[Any] = field(default_factory=list)


def add_to(kind: Kind) -> None:
    kind.tabs.add("discussion", TabSpec("discussion", gettext_lazy("Discussion"), _fill, count=lambda page: counting.of(page).words), order=80)


def _fill(page: DetailPage, parts: DetailParts) -> None:
    parts.layout = "c1"
    parts.main.append(Card(_("Discussion"), key="discussion", template="collab/discussion.html", data=_panel(page)))


def _panel(page: DetailPage) -> Panel:
    kind, pk = page.kind.name, page.row.pk
    before = page.request.GET.get("before", "")
    heads = Comment.objects.filter(kind=kind, row_id=pk, parent=None)
    if before.isascii() and before.isdigit() and len(before) <= 18:
        heads = heads.filter(pk__lt=int(before))
    ids = list(heads.order_by("-pk").values_list("pk", flat=True)[: THREADS + 1])
    shown = ids[:THREADS]
    rows = list(Comment.objects.filter(Q(pk__in=shown) | Q(parent__in=shown)).select_related("created_by", "deleted_by").order_by("pk")[:REPLIES])
    names = _names(rows)
    said = {row.pk: _said(row, names, page.user) for row in rows}
    for row in rows:
        if row.parent_id in said:
            said[row.parent_id].replies.append(said[row.pk])
    here, last = page.tab_url("discussion"), max((row.pk for row in rows), default=0)
    more = getattr(page, "_discussion", {})
    return Panel(
        [said[head] for head in shown if head in said],
        post_url=reverse(f"{kind}-comment", args=[pk]), people_url=reverse(f"{kind}-people", args=[pk]),
        news_url=f"{reverse(f'{kind}-words', args=[pk])}?after={last}",
        older_url=f"{here}?before={shown[-1]}" if len(ids) > THREADS else "", **more,
    )


def _names(rows: list[Comment]) -> dict[int, list[str]]:
    """What the colleagues named in the comments are called, asked for once."""
    ids = {pk for row in rows for pk in row.mentions if isinstance(pk, int)}
    return {user.pk: [user.name, user.username] for user in User.objects.filter(pk__in=ids)} if ids else {}


def _said(row: Comment, names: dict[int, list[str]], user: Any) -> Said:
    lang = get_language() or "zh-hans"
    marks = [name for pk in row.mentions for name in names.get(pk, ())]
    gone = ""
    if row.deleted_at is not None:
        gone = _("Deleted by %(who)s, %(at)s") % {"who": row.deleted_by, "at": formats.near(row.deleted_at, lang)}
    return Said(
        row.pk, str(row.created_by), str(row.created_by)[:1], formats.near(row.created_at, lang), formats.full(row.created_at, lang),
        html="" if gone else mentions.rendered(row.text, marks), gone=gone, edited=row.edited_at is not None and not gone,
        edit_url=reverse("comment-edit", args=[row.pk]) if comments.may_edit(row, user) else "",
        delete_url=reverse("comment-delete", args=[row.pk]) if comments.may_delete(row, user) else "",
    )
