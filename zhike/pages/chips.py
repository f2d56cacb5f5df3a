"""The bar of conditions above a list: a chip for every field one may filter by."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.text import number
from zhike.records import listing, lookups, options, registry, spans
from zhike.records.attrs import Attr

from . import formats
from .parts import Chip, Option
from .views import PageView

# The spans of a date's chip; all of them are in the builder of conditions.
OFFERED = ("today", "week", "last_week", "month", "last_month", "next_month", "quarter", "year", "-30d", "-90d", "+7d", "+30d")
FREE = ("text", "email", "phone")
IN_BAR = 3  # conditions offered in the bar while unused; used ones always stand there


class ChipBar(PageView):
    """The part of a list's page that shows and changes its conditions."""

    def with_view(self, params: dict[str, list[str]]) -> dict[str, list[str]]:
        raise NotImplementedError

    def link(self, params: dict[str, list[str]], **changes: Any) -> str:
        raise NotImplementedError

    def chips(self, params: dict[str, list[str]], asked: listing.Request) -> list[Chip]:
        used: dict[str, list[lookups.Used]] = {}
        for found in asked.lookup.used:
            used.setdefault(found.name, []).append(found)
        base = self.with_view(params)
        attrs = self.kind.open(self.kind.filter_names(), self.access)
        # Free texts are found by a program's exact words only; a person uses the search field.
        chips = [self._chip(base, attr, used.get(attr.name, [])) for attr in attrs if not (attr.custom and attr.type in FREE)]
        for name, extra in self.kind.extra_filters.items():
            values, choices = used[name][0].values if name in used else [], list(extra.choices)
            if choices:
                chips.append(self._choice_chip(base, name, extra.label, choices, values))
        for i, chip in enumerate(chips):
            chip.shown = chip.on or i < IN_BAR
        return chips

    def _chip(self, params: dict[str, list[str]], attr: Attr, used: list[lookups.Used]) -> Chip:
        values = [value for found in used if not found.part for value in found.values]
        if attr.type in lookups.RANGED:
            dated = attr.type in lookups.DATED
            shown = " – ".join(
                ("≥ " if len(used) == 1 and found.part == "from" else "≤ " if len(used) == 1 and found.part == "to" else "")
                + (spans.says(found.values[0]) if found.part == "within" else spans.day_says(found.values[0]) if dated else found.values[0])
                for found in used
            )
            return Chip(attr.name, attr.label, shown, bool(used), self._spans(params, attr.name, used) if dated else [],
                        input="date-range" if dated else "number-range", name=attr.name)
        found = self.choices(attr, values)
        if found is None:
            shown = formats.listed(self._name(attr, value) for value in values)
            return Chip(attr.name, attr.label, shown, bool(values), search_url=f"/lookup/{attr.to}/", name=attr.name,
                        options=self._fixed(params, attr, values))
        return self._choice_chip(params, attr.name, attr.label, found, values)

    def _spans(self, params: dict[str, list[str]], name: str, used: list[lookups.Used]) -> list[Option]:
        """Spans to choose from in one step; each takes the place of what stood there."""
        chosen = [value for found in used if found.part == "within" for value in found.values]
        more = [value for value in chosen if value not in OFFERED]
        bare = {f"{name}__{part}" if part else name: None for part in lookups.PARTS}
        found = []
        for value in (*OFFERED, *more):
            on = value in chosen
            # The address says everything itself: a view's own condition must not stay beside the new one.
            changed = {**bare, **({} if on else {f"{name}__within": [value]}), **({"view": "all"} if used else {})}
            found.append(Option(spans.says(value), self.link(params, **changed), value, on))
        return found

    def _fixed(self, params: dict[str, list[str]], attr: Attr, values: list[str]) -> list[Option]:
        fixed = {"user": [("me", _("me"))], "department": [("mine", _("my department"))]}.get(attr.type, [])
        return [Option(label, self.link(params, **{attr.name: [code]}), code, code in values) for code, label in fixed]

    def _choice_chip(self, params: Any, name: str, label: Any, options: Any, values: list[str]) -> Chip:
        shown = "、".join(str(text) for code, text in options if str(code) in values) if zh() else ", ".join(
            str(text) for code, text in options if str(code) in values
        )
        links = []
        for code, text in options:
            code = str(code)
            chosen = [value for value in values if value != code] if code in values else [*values, code]
            links.append(Option(text, self.link(params, view="all" if not chosen else None, **{name: chosen}), code, code in values))
        return Chip(name, label, shown, bool(values), links, name=name)

    def choices(self, attr: Attr, values: list[str]) -> list[tuple[str, Any]] | None:
        """The choices of a filter, or None when there are too many and the server searches."""
        if attr.type in ("choice", "multi"):
            return [(str(code), label) for code, label in attr.choices]
        if attr.type == "option":
            return list(options.labels(attr.dictionary, get_language() or "zh-hans").items())
        if attr.type == "bool":
            return [("1", _("yes")), ("0", _("no"))]
        return None

    def _name(self, attr: Attr, value: str) -> str:
        fixed = {"me": _("me"), "mine": _("my department"), "none": _("none")}
        if value in fixed:
            return fixed[value]
        if attr.to and registry.has(attr.to) and (pk := number(value)) is not None:
            row = registry.kind(attr.to).model.objects.visible_to(self.user).filter(pk=pk).first()
            return str(row) if row else "?"
        return value


def zh() -> bool:
    return (get_language() or "zh").startswith("zh")
