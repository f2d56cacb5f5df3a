"""History as sentences: who did what, and each field from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.base.slots import Slot
from zhike.org.access import Access
from zhike.records import options
from zhike.records.kinds import Kind
from zhike.records.models import HistoryEntry

from . import formats
from .parts import Day, Event

# What the verbs of history are called; apps add their own: (label, icon, tone)
verbs: Slot[tuple[Any, str, str]] = Slot("history.verbs")
verbs.add("create", (gettext_lazy("Created"), "plus", "good"))
verbs.add("edit", (gettext_lazy("Changed"), "pencil", "info"))
verbs.add("import", (gettext_lazy("Imported"), "upload", "teal"))
verbs.add("transfer", (gettext_lazy("Handed over"), "user-share", "violet"))
verbs.add("share", (gettext_lazy("Let into the team"), "users", "info"))
verbs.add("unshare", (gettext_lazy("Taken out of the team"), "users-minus", "neutral"))
verbs.add("restate", (gettext_lazy("History restated"), "history", "teal"))


# What a timeline tells from its own rows, with more than the line of history says.
TOLD_ELSEWHERE: set[str] = {"edit", "stage"}
# What a kind calls the lines of its history that are no fields, e.g. the rights of a role:
# kind → function(name, value) giving the name and the value in words.
namers: Slot[Any] = Slot("history.namers")

# What a verb says besides the fields that changed: verb → function(entry) giving texts.
told: Slot[Any] = Slot("history.told")

# Names of what belongs to a record without being a field of it.
PART_NAMES: dict[str, Any] = {"lines": gettext_lazy("lines"), "addresses": gettext_lazy("addresses")}


def days(kind: Kind, entries: Sequence[HistoryEntry], access: Access) -> list[Day]:
    """Group entries by local day, newest first, leaving out fields the person may not see."""
    lang = get_language() or "zh-hans"
    made = []
    for date, of_day in groupby(entries, key=lambda entry: clock.local(entry.at).date()):
        made.append(Day(formats.day(date, lang), [sentence(kind, entry, access, lang) for entry in of_day]))
    return made


def sentence(kind: Kind, entry: HistoryEntry, access: Access, lang: str) -> Event:
    label, icon, tone = verbs.get(entry.action) or (entry.action, "point", "neutral")
    lines = []
    for name, (old, new) in entry.diff.items():
        attr_name = name.removesuffix("_id")
        try:
            attr = kind.attr(attr_name)
        except Exception:  # a field of the past that the model no longer has
            attr = None
        if access.field_mode(kind.name, attr_name) in ("hide", "mask"):
            continue
        label_text = str(attr.label if attr else PART_NAMES.get(name, name))
        before, after = _shown(attr, old, lang), _shown(attr, new, lang)
        namer = namers.get(kind.name)
        if attr is None and namer is not None:
            (label_text, before), (_same, after) = namer(name, old), namer(name, new)
        lines.append(
            Markup('<div>{}{} <span class="mut">→</span> {}</div>').format(
                Markup('<span class="mut">{}</span> ').format(capfirst(label_text)), before, after
            )
        )
    if entry.action == "reveal" and (shown := entry.args.get("field")):
        lines.append(Markup("<div>{}</div>").format(capfirst(kind.attr(shown).label_text if kind.has_attr(shown) else shown)))
    if entry.action in ("share", "unshare") and (people := entry.args.get("users")):
        lines.append(Markup("<div>{}</div>").format(formats.listed(people)))
    if (more := told.get(entry.action)) is not None:
        lines += [Markup("<div>{}</div>").format(text) for text in more(entry)]
    if reason := entry.args.get("reason"):
        lines.append(Markup("<div>{}</div>").format(reason))
    return Event(
        icon, label, formats.hm(entry.at, lang), formats.full(entry.at, lang),
        by=str(entry.by) if entry.by else _("system"), text=Markup("").join(lines), tone=tone,
    )


def _shown(attr: Any, value: Any, lang: str) -> Any:
    if value is None or value == "":
        return "—"
    if isinstance(value, dict):
        return value.get("text", "")
    if isinstance(value, list):
        # A point of a checklist is its text and whether it is ticked.
        points = (f"{item[0]} ✓" if item[-1] is True else str(item[0]) for item in value) if all(isinstance(item, list) and item for item in value) else map(str, value)
        return "; ".join(points) or "—"
    if attr is None:
        return value
    if attr.type == "bool" and isinstance(value, bool):
        return _("yes") if value else _("no")
    if attr.type == "datetime" and isinstance(value, str):
        try:
            return formats.full(datetime.fromisoformat(value), lang)
        except ValueError:  # written down otherwise by an older program
            return value
    if attr.type == "option":
        return options.labels(attr.dictionary, lang).get(value, value)
    if attr.type == "choice":
        return attr.choice_label(value)
    if attr.link and isinstance(value, int):
        found = attr.model_field.related_model._default_manager.filter(pk=value).first() if attr.model_field else None
        return str(found) if found else value
    return value
