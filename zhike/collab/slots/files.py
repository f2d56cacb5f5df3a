"""The tab with a record's files: a list, a place to drop more, and the chosen one beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.pages import changes, formats
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Card
from zhike.records import guard
from zhike.records.kinds import Kind

from .. import serving
from ..actions import files
from ..models import Attachment
from ..views.files import Shown
from . import counting

changes.verbs.add("attach", (gettext_lazy("File attached"), "paperclip", "info"))
changes.verbs.add("detach", (gettext_lazy("File removed"), "paperclip", "neutral"))
changes.PART_NAMES["files"] = gettext_lazy("file")


@dataclass(slots=True)
class Panel:
    """What `collab/files.html` draws."""

    items: list[Shown]
    upload_url: str = ""  # empty without the right to change the record
    limit_text: str = ""
    open: Shown | None = None
    close_url: str = ""
    prev_url: str = ""
    next_url: str = ""
    position_text: str = ""
    notices: list[Any] = field(default_factory=list)


def add_to(kind: Kind) -> None:
    kind.tabs.add("files", TabSpec("files", gettext_lazy("Files"), _fill, count=lambda page: counting.of(page).files), order=70)


def _fill(page: DetailPage, parts: DetailParts) -> None:
    parts.layout = "c1"
    panel = _panel(page)
    parts.main.append(Card(_("Files"), key="files", template="collab/files.html", data=panel))


def _panel(page: DetailPage) -> Panel:
    rows = list(files.of_row(page.row)[: files.MAX_OF_ROW])
    may = guard.can_edit(page.user, page.row)
    here, lang = page.tab_url("files"), get_language() or "zh-hans"
    wanted = page.request.GET.get("file", "")
    items = [_shown(row, here, may, wanted, lang) for row in rows]
    openable = [item for item in items if item.open_url]
    chosen = next((item for item in openable if item.active), None)
    panel = Panel(items, close_url=here, open=chosen)
    if may:
        panel.upload_url = reverse(f"{page.kind.name}-attach", args=[page.row.pk])
        panel.limit_text = _("or drop them here; up to %(n)s MB each") % {"n": files.MAX_SIZE // 2**20}
    if chosen is not None:
        at = openable.index(chosen)
        panel.prev_url = openable[at - 1].open_url if at else ""
        panel.next_url = openable[at + 1].open_url if at + 1 < len(openable) else ""
        panel.position_text = _("%(i)s of %(n)s") % {"i": at + 1, "n": len(openable)}
    return panel


def _shown(row: Attachment, here: str, may: bool, wanted: str, lang: str) -> Shown:
    url = reverse("file", args=[row.pk])
    return Shown(
        id=row.pk, name=row.name, size=serving.size_text(row.size), by=str(row.created_by), at=formats.near(row.created_at, lang),
        at_full=formats.full(row.created_at, lang), group=row.group, url=url, thumb_url=f"{url}?thumb=1" if row.thumb else "",
        open_url=f"{here}?file={row.pk}" if row.media_type else "", inline_url=f"{url}?inline=1" if row.media_type else "",
        remove_url=reverse("file-remove", args=[row.pk]) if may else "", active=wanted == str(row.pk),
    )
