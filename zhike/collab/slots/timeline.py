"""Words and files among the events of a record that has a timeline: a picture is seen there, not behind a form."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.pages import formats, timeline
from zhike.pages.details import DetailPage
from zhike.pages.parts import Event, Link

from .. import mentions, serving
from ..actions import files
from ..models import Comment


def words(page: DetailPage, how: timeline.Reading) -> list[timeline.Found]:
    """Remarks, each leading to its thread."""
    lang = get_language() or "zh-hans"
    rows = Comment.objects.filter(kind=page.kind.name, row_id=page.row.pk, deleted_at=None).select_related("created_by")
    here = page.tab_url("discussion")
    found = []
    for row in how.rows(rows, "created_at"):
        short, whole = timeline.shortened(row.text)
        found.append((row.created_at, row.pk, Event(
            "message-circle", _("Discussion"), formats.hm(row.created_at), formats.full(row.created_at, lang), str(row.created_by),
            mentions.rendered(short, ()), more=mentions.rendered(whole, ()) if whole else "", tone="info",
            link=Link(_("Open discussion"), f"{here}#comment-{row.pk}"))))
    return found


def attached(page: DetailPage, how: timeline.Reading) -> list[timeline.Found]:
    """Files, pictures with their small picture."""
    lang, here = get_language() or "zh-hans", page.tab_url("files")
    found = []
    for row in how.rows(files.of_row(page.row), "created_at"):
        url = f"{here}?file={row.pk}" if row.media_type else reverse("file", args=[row.pk])
        text: Any = serving.size_text(row.size)
        if row.thumb:
            text = Markup('<a class="ftn" href="{}"><img class="ftl" src="{}?thumb=1" alt="{}" loading="lazy"></a>').format(
                url, reverse("file", args=[row.pk]), row.name)
        found.append((row.created_at, row.pk, Event(
            "paperclip", _("File attached"), formats.hm(row.created_at), formats.full(row.created_at, lang), str(row.created_by),
            "" if row.thumb else text, below=text if row.thumb else "", tone="info", link=Link(row.name, url))))
    return found
