"""Attachments on the disk against the rows that speak of them, and what restores left behind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from ..doctor import ATTENTION, BROKEN, OK, Examined, Finding

_CONTENT = re.compile(r"[0-9a-f]{64}")


def known() -> dict[str, int] | None:
    """Digest → size of every content a row speaks of; None while the program has no attachments."""
    try:
        model = apps.get_model("collab", "Blob")
    except LookupError:
        return None
    return dict(model._default_manager.values_list("digest", "size"))


def attachments(examined: Examined) -> Iterator[Finding]:
    wanted = known()
    if wanted is None:
        return
    there = {path.name: path for path in Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]/*") if _CONTENT.fullmatch(path.name)}
    wrong = [name for name, size in wanted.items() if name not in there or there[name].stat().st_size != size]
    if examined.deep:
        wrong += [name for name in wanted.keys() & there.keys() - set(wrong) if _digest(there[name]) != name]
    if wrong:
        yield Finding("files", BROKEN, _("%(count)d attached files are missing or damaged, such as %(name)s") % {
            "count": len(wrong), "name": min(wrong)[:12]}, _("Take them from a backup: the folder media in it holds files by this name."))
    orphans = len(there.keys() - wanted.keys())
    if orphans:
        yield Finding("files", ATTENTION, _("%(count)d files on the disk belong to no record") % {"count": orphans},
                      _("The worker clears them away after a day; if it does not, look whether it runs."))
    if not wrong and not orphans:
        yield Finding("files", OK, _("%(count)d attached files are there") % {"count": len(wanted)})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def leftovers(examined: Examined) -> Iterator[Finding]:
    places = {examined.house.data}
    if examined.house.engine == "sqlite":
        places.add(examined.house.file.parent)
    found = sorted(str(path) for place in places for mark in ("before-restore-*", ".zhike-*") for path in place.glob(mark))
    if found:
        yield Finding("leftovers", ATTENTION, _("left from earlier restores or backups: %(names)s") % {"names": ", ".join(found[:5])},
                      _("Delete them when you no longer need them; they hold customers' data."))
