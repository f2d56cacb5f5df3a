"""Words and files among the events of a record that has a timeline: a picture is seen there, not behind a form."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import formats
from zhike.pages.details import DetailPage
from zhike.pages.parts import Event, Link

from .. import mentions, serving
from ..actions import files
from ..models import Comment

SHOWN = 20


def words(page: DetailPage, limit: int) -> list[tuple[Any, Event]]:
    """The newest remarks, each leading to its thread."""
    lang = get_language() or "zh-hans"
    rows = Comment.objects.filter(kind=page.kind.name, row_id=page.row.pk, deleted_at=None).select_related("created_by").order_by("-pk")
    here = page.tab_url("discussion")
    return [(row.created_at, Event(
        "message-circle", _("Discussion"), formats.hm(row.created_at), formats.full(row.created_at, lang), str(row.created_by),
        mentions.rendered(row.text, ()), "info", link=Link(_("Open discussion"), f"{here}#comment-{row.pk}")))
        for row in rows[: min(limit, SHOWN)]]


def attached(page: DetailPage, limit: int) -> list[tuple[Any, Event]]:
    """The newest files, pictures with their small picture."""
    lang, here = get_language() or "zh-hans", page.tab_url("files")
    found = []
    for row in files.of_row(page.row)[: min(limit, SHOWN)]:
        url = f"{here}?file={row.pk}" if row.media_type else reverse("file", args=[row.pk])
        text: Any = serving.size_text(row.size)
        if row.thumb:
            text = Markup('<a href="{}"><img class="ftl" src="{}?thumb=1" alt="{}" loading="lazy"></a>').format(
                url, reverse("file", args=[row.pk]), row.name)
        found.append((row.created_at, Event(
            "paperclip", _("File attached"), formats.hm(row.created_at), formats.full(row.created_at, lang), str(row.created_by), text,
            "info", link=Link(row.name, url))))
    return found
