"""The tab with a record's discussion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.org.models import User
from zhike.pages import changes, formats
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Card, Link
from zhike.records import guard
from zhike.records.kinds import Kind

from .. import mentions, serving
from ..actions import comments, groups
from ..models import Attachment, Comment
from . import counting

changes.verbs.add("comment", (gettext_lazy("Comment written"), "message-circle", "info"))
changes.verbs.add("comment_edit", (gettext_lazy("Comment changed"), "message-circle", "neutral"))
changes.verbs.add("comment_delete", (gettext_lazy("Comment deleted"), "message-circle", "neutral"))
changes.verbs.add("comment_pin", (gettext_lazy("Thread pinned"), "pin", "neutral"))
changes.verbs.add("comment_unpin", (gettext_lazy("Thread no longer pinned"), "pin", "neutral"))
changes.verbs.add("comment_conclude", (gettext_lazy("Conclusion marked"), "circle-check", "good"))
changes.verbs.add("comment_unconclude", (gettext_lazy("Conclusion taken back"), "circle-check", "neutral"))
changes.PART_NAMES["comment"] = gettext_lazy("comment")
changes.TOLD_ELSEWHERE |= {"comment", "comment_edit", "comment_delete", "attach", "detach"}
THREADS = 50
REPLIES = 1_000
ON_TOP = 20  # conclusions shown above the discussion; the others under "only conclusions"


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
    pin_url: str = ""
    conclude_url: str = ""
    pinned: bool = False
    concluded: str = ""  # who made it a conclusion, and when
    files: list[Markup] = field(default_factory=list)
    replies: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class Panel:
    """What `collab/discussion.html` draws."""

    threads: list[Said]
    post_url: str
    people_url: str
    news_url: str
    hold_url: str
    here: str
    older_url: str = ""
    conclusions: list[Said] = field(default_factory=list)  # on top
    only: bool = False  # nothing but conclusions
    n_conclusions: int = 0
    let_in: list[Any] = field(default_factory=list)  # colleagues named who could come into the team
    held: list[tuple[int, Markup]] = field(default_factory=list)  # files sent ahead with what was refused
    draft: str = ""
    parent: int = 0
    notices: list[Any] = field(default_factory=list)
    groups: list[Link] = field(default_factory=list)  # discussion groups of the reader's that talk about the record
    closed: bool = False  # a group in which nothing more is said
    last: int = 0  # the number of the newest words drawn
    seen_url: str = ""  # where the browser says that they stand before somebody's eyes; empty when nothing is unread


def add_to(kind: Kind) -> None:
    kind.tabs.add("discussion", TabSpec("discussion", gettext_lazy("Discussion"), _fill, count=lambda page: counting.of(page).words), order=80)


def _fill(page: DetailPage, parts: DetailParts) -> None:
    parts.layout = "c1"
    parts.main.append(Card(_("Discussion"), key="discussion", template="collab/discussion.html", data=_panel(page)))


def _panel(page: DetailPage) -> Panel:
    kind, pk = page.kind.name, page.row.pk
    before = page.request.GET.get("before", "")
    only = page.request.GET.get("only") == "conclusions"
    heads = Comment.objects.filter(kind=kind, row_id=pk)
    heads = heads.filter(concluded_at__isnull=False, deleted_at=None) if only else heads.filter(parent=None, pinned_at=None)
    if before.isascii() and before.isdigit() and len(before) <= 18:
        heads = heads.filter(pk__lt=int(before))
    ids = list(heads.order_by("-pk").values_list("pk", flat=True)[: THREADS + 1])
    shown = ids[:THREADS]
    # What stands on top is asked for beside the page of threads, by an index of its own.
    top = Comment.objects.filter(kind=kind, row_id=pk).filter(Q(pinned_at__isnull=False) | Q(concluded_at__isnull=False))
    above = list(top.order_by("-pk").values_list("pk", "parent_id", "pinned_at", "deleted_at"))
    pinned = [found for found, _parent, at, _gone in above if at is not None] if not only and not before else []
    concluded = [found for found, _parent, at, gone in above if gone is None and (at is None or found not in pinned)]
    wanted = Q(pk__in=[*shown, *pinned, *concluded[:ON_TOP]]) | (Q(pk=None) if only else Q(parent__in=[*shown, *pinned]))
    rows = list(Comment.objects.filter(wanted).select_related("created_by", "deleted_by", "concluded_by").order_by("pk")[:REPLIES])
    names, held, may = _names(rows), _files(rows), guard.can_edit(page.user, page.row)
    said = {row.pk: _said(row, names, held.get(row.pk, []), page.user, may) for row in rows}
    for row in rows:
        if row.parent_id in said and not only:
            said[row.parent_id].replies.append(said[row.pk])
    here, last = page.tab_url("discussion"), max((row.pk for row in rows), default=0)
    more = getattr(page, "_discussion", {})
    beside = [Link(str(group), page_kind.url(group)) for group in groups.of_record(page.row, page.user)] if (page_kind := groups.kind_for(page.user)) else []
    return Panel(
        [said[head] for head in [*pinned, *shown] if head in said], conclusions=[] if only else [said[found] for found in concluded[:ON_TOP] if found in said],
        n_conclusions=len(concluded), only=only, here=here, hold_url=reverse(f"{kind}-hold"),
        post_url=reverse(f"{kind}-comment", args=[pk]), people_url=reverse(f"{kind}-people", args=[pk]),
        news_url=f"{reverse(f'{kind}-words', args=[pk])}?after={last}",
        older_url=f"{here}?before={shown[-1]}{'&only=conclusions' if only else ''}" if len(ids) > THREADS else "",
        groups=beside, closed=getattr(page.row, "closed", False) is True, last=last, **more,
    )


def _names(rows: list[Comment]) -> dict[int, list[str]]:
    """What the colleagues named in the comments are called, asked for once."""
    ids = {pk for row in rows for pk in row.mentions if isinstance(pk, int)}
    return {user.pk: [user.name, user.username] for user in User.objects.filter(pk__in=ids)} if ids else {}


def _files(rows: list[Comment]) -> dict[int, list[Markup]]:
    """The files of the comments as they are drawn, asked for once."""
    found: dict[int, list[Markup]] = {}
    for one in Attachment.objects.filter(comment__in=[row.pk for row in rows if row.deleted_at is None], trashed_at=None).order_by("pk"):
        url = reverse("file", args=[one.pk])
        if one.thumb:
            made = Markup('<a class="ftn" href="{0}?inline=1" target="_blank" rel="noopener"><img class="ftl" src="{0}?thumb=1" alt="{1}" loading="lazy"></a>')
        else:
            made = Markup('<a class="ftf" href="{0}?inline=1" target="_blank" rel="noopener">{1} <span class="mut xs">{2}</span></a>')
        found.setdefault(one.comment_id or 0, []).append(made.format(url, one.name, serving.size_text(one.size)))
    return found


def _said(row: Comment, names: dict[int, list[str]], held: list[Markup], user: Any, may: bool) -> Said:
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
        pin_url=reverse("comment-pin", args=[row.pk]) if may and row.parent_id is None and not gone else "",
        conclude_url=reverse("comment-conclude", args=[row.pk]) if may and not gone else "",
        pinned=row.pinned_at is not None, files=[] if gone else held,
        concluded="" if gone or row.concluded_at is None else _("Conclusion, marked by %(who)s, %(at)s") % {
            "who": row.concluded_by, "at": formats.near(row.concluded_at, lang)},
    )
