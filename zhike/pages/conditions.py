"""The dialog that puts conditions together with "all of" and "any of"; it only makes an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.records import listing, lookups, options, registry, routes, spans, where
from zhike.records.kinds import Kind

from .parts import Link, Option
from .views import PageView, go_to

MOST_GROUPS = where.MOST
LONGEST = 8_000  # characters of the list's address
SHOWN = 50  # records offered at once; the search finds the rest


@dataclass(slots=True)
class RowParts:
    at: str  # "0-1": the second condition of the first group
    fields: list[Option]
    ops: list[Option]
    input: str  # none, text, date, number, one, many
    values: list[str]
    options: list[Option] = field(default_factory=list)
    search_url: str = ""


@dataclass(slots=True)
class GroupParts:
    at: str
    mode: str
    rows: list[RowParts]


@dataclass(slots=True)
class BuilderParts:
    title: Any
    list_query: str
    cancel_url: str
    mode: str
    groups: list[GroupParts]
    error: Any = ""
    focus: str = ""  # the line that the last button made
    more_rows: bool = True
    more_groups: bool = True


class ConditionsPage(PageView):
    """The conditions of a list's address as a form. Applying leads to the list; nothing is written."""

    template = "pages/conditions.html"
    fragment = "pages/conditions_form.html"
    listed: Kind

    def crumbs(self) -> list[Link]:
        return [Link(self.listed.plural, self.listed.list_url()), Link(_("Conditions"))]

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not registry.has(kind) or not self.access.may(kind, "view") or not routes.known(f"{kind}-list"):
            raise Http404
        self.listed = registry.kind(kind)
        query = request.GET.get("list", "")
        if len(query) > LONGEST:
            raise Refused(_("These are too many conditions. Take some away first."), code="view.long")
        self.base = parse_qs(query, keep_blank_values=True)
        self.known = where.fields(self.listed, self.user)
        do = request.GET.get("do", "")
        group = self.typed(request.GET) if do else self.begun()
        if do != "apply":
            changed, focus = _changed(group, do)
            return self.answer(self.parts(changed, focus=focus))
        try:
            return go_to(request, self.address(group))
        except Refused as no:
            return self.answer(self.parts(group, error=no.message), status=422)

    # What the form says

    def begun(self) -> where.Group:
        """The conditions the list has now, as the form's groups; one empty line where it has none."""
        text = (self.base.get("where") or [""])[-1]
        if not text:
            return where.Group("all", [where.Group("all", [self._line()])])
        found = where.parse(text)
        bare = [item for item in found.items if isinstance(item, where.Condition)]
        groups = [item for item in found.items if isinstance(item, where.Group)]
        return where.Group(found.mode, [*([where.Group(found.mode, [*bare])] if bare else []), *groups])

    def _line(self) -> where.Condition:
        first = next(iter(self.known.values()), None)
        return where.Condition(first.name, first.ops[0], []) if first else where.Condition("", "", [])

    def typed(self, data: Any) -> where.Group:
        """The groups as the form has them; what it does not know becomes the first there is."""
        groups: list[where.Condition | where.Group] = []
        for g in range(MOST_GROUPS):
            rows: list[where.Condition | where.Group] = []
            for r in range(where.MOST):
                at = f"{g}-{r}"
                if f"f-{at}" not in data:
                    continue
                known = self.known.get(data.get(f"f-{at}", "")) or next(iter(self.known.values()))
                op = data.get(f"o-{at}", "")
                op = op if op in known.ops and data.get(f"w-{at}") == known.name else known.ops[0]
                values = [] if op in where.BARE else [value.strip() for value in data.getlist(f"v-{at}") if value.strip()][: lookups.MAX_VALUES]
                if data.get(f"w-{at}") != known.name:  # another field was chosen: its values are others
                    values = []
                rows.append(where.Condition(known.name, op, values))
            if rows:
                groups.append(where.Group(_mode(data.get(f"m-{g}", "")), rows))
        return where.Group(_mode(data.get("m", "")), groups or [where.Group("all", [self._line()])])

    def address(self, group: where.Group) -> str:
        """The list's address with these conditions; refuses what the list would refuse."""
        packed = _packed(group)
        changed: dict[str, Any] = {key: values for key, values in self.base.items() if key not in ("where", "cursor", "peek", "partial")}
        if packed is None:
            if "view" in changed:  # the view may have conditions of its own, which are to go
                changed["where"] = [""]
        else:
            text = packed.text()
            where.question(self.listed, where.parse(text), self.user)
            changed["where"] = [text]
        listing.read(self.listed, {key: values for key, values in changed.items() if key not in ("view", "density")}, self.user,
                     ignore=listing.SHAPE)
        return f"{self.listed.list_url()}?{urlencode(changed, doseq=True)}"

    # What is drawn

    def parts(self, group: where.Group, error: Any = "", focus: str = "") -> BuilderParts:
        groups = [item for item in group.items if isinstance(item, where.Group)]
        kept = urlencode({key: values for key, values in self.base.items() if key not in ("cursor", "peek", "partial")}, doseq=True)
        return BuilderParts(
            title=_("Conditions"), list_query=kept, cancel_url=f"{self.listed.list_url()}?{kept}", mode=group.mode,
            groups=[GroupParts(str(g), item.mode, [self.row(f"{g}-{r}", one) for r, one in enumerate(item.conditions())])
                    for g, item in enumerate(groups)],
            error=error, focus=focus, more_rows=len(group.conditions()) < where.MOST, more_groups=len(groups) < MOST_GROUPS,
        )

    def row(self, at: str, one: where.Condition) -> RowParts:
        known = self.known.get(one.field)
        fields = [Option(capfirst(str(item.label)), value=item.name, selected=item.name == one.field) for item in self.known.values()]
        if known is None:
            return RowParts(at, fields, [], "none", [])
        ops = [Option(where.OPERATORS[op], value=op, selected=op == one.op) for op in known.ops]
        found = RowParts(at, fields, ops, "none" if one.op in where.BARE else "text", one.values)
        if found.input == "none":
            return found
        attr = known.attr
        choices = self.choices(known)
        if choices is not None:
            found.input = "many" if one.op in where.SEVERAL else "one"
            found.options = [Option(capfirst(str(label)), value=code, selected=code in one.values) for code, label in choices]
        elif attr is not None and attr.link:
            self._records(found, attr, one)
        elif one.op == "within":
            found.input = "one"
            offered = spans.choices()
            more = [(value, spans.says(value)) for value in one.values if value not in dict(offered)]
            found.options = [Option(text, value=value, selected=value in one.values) for value, text in (*offered, *more)]
        elif attr is not None and attr.type in lookups.RANGED:
            found.input = "date" if attr.type in lookups.DATED else "number"
        return found

    def choices(self, known: where.Field) -> list[tuple[str, Any]] | None:
        if known.extra is not None:
            return list(known.extra.choices)
        attr = known.attr
        if attr is None or attr.type not in ("choice", "multi", "option", "bool"):
            return None
        if attr.type == "bool":
            return [("1", _("yes")), ("0", _("no"))]
        if attr.type == "option":
            return list(options.labels(attr.dictionary, get_language() or "zh-hans").items())
        return [(str(code), label) for code, label in attr.choices]

    def _records(self, found: RowParts, attr: Any, one: where.Condition) -> None:
        """Records to choose from: oneself, what is chosen, and the newest the person sees."""
        found.input = "many" if one.op in where.SEVERAL else "one"
        fixed = {"user": [("me", _("me"))], "department": [("mine", _("my department"))]}.get(attr.type, [])
        rows: list[Any] = []
        if attr.to and registry.has(attr.to):
            there = registry.kind(attr.to).model.objects.visible_to(self.user)
            ids = [pk for value in one.values if (pk := number(value)) is not None]
            rows = list(there.filter(pk__in=ids)) if ids else []
            if attr.to not in self._offered:
                self._offered[attr.to] = list(there.order_by("-pk")[:SHOWN])
            rows += [row for row in self._offered[attr.to] if row.pk not in ids]
            found.search_url = f"/lookup/{attr.to}/" if found.input == "one" and len(rows) >= SHOWN and not fixed else ""
        named = {*(code for code, _label in fixed), *(str(row.pk) for row in rows)}
        unseen = [(value, "?") for value in one.values if value not in named]
        found.options = [Option(label, value=code, selected=code in one.values)
                         for code, label in (*fixed, *((str(row.pk), str(row)) for row in rows), *unseen)]

    @property
    def _offered(self) -> dict[str, list[Any]]:
        return self.__dict__.setdefault("_kept_rows", {})  # type: ignore[no-any-return]


def _mode(text: str) -> str:
    return text if text in ("all", "any") else "all"


def _changed(group: where.Group, do: str) -> tuple[where.Group, str]:
    """The form after one of its buttons (a line more, a group more, a line less), and the line to go on with."""
    verb, _sep, at = do.partition(":")
    groups = [item for item in group.items if isinstance(item, where.Group)]
    g, r = [*(-1 if (n := number(part, 2)) is None else n for part in at.split("-")), -1, -1][:2]
    first, focus = group.conditions()[0], ""
    blank = where.Condition(first.field, "", [])  # the first comparison of the field
    room = len(group.conditions()) < where.MOST
    if verb == "row" and room and 0 <= g < len(groups):
        groups[g].items.append(blank)
        focus = f"{g}-{len(groups[g].items) - 1}"
    elif verb == "group" and room and len(groups) < MOST_GROUPS:
        groups.append(where.Group("all", [blank]))
        focus = f"{len(groups) - 1}-0"
    elif verb == "drop" and 0 <= g < len(groups) and 0 <= r < len(groups[g].items):
        del groups[g].items[r]
        focus = "0-0"
    left: list[where.Condition | where.Group] = [item for item in groups if item.items]
    return where.Group(group.mode, left or [where.Group("all", [blank])]), focus


def _packed(group: where.Group) -> where.Group | None:
    """The form's groups in their shortest form, lines without a value left out; None where nothing is left."""
    groups: list[where.Group] = []
    for item in group.items:
        assert isinstance(item, where.Group)
        rows: list[where.Condition | where.Group] = [one for one in item.conditions() if one.values or one.op in where.BARE]
        if rows:
            groups.append(where.Group(item.mode, rows))
    if len(groups) < 2:
        return groups[0] if groups else None
    return where.Group(group.mode, [item.items[0] if len(item.items) == 1 else item for item in groups])


def chip(page: Any, base: Mapping[str, list[str]], asked: listing.Request) -> tuple[Any, str, str]:
    """The chip of the nested conditions over a list: its text ("" for none), the dialog's address, and the one that clears it."""
    used = next((one for one in asked.lookup.used if one.name == "where"), None)
    kept = {key: values for key, values in base.items() if key not in ("cursor", "peek", "partial")}
    address = f"{reverse('conditions', args=[page.kind.name])}?{urlencode({'list': urlencode(kept, doseq=True)})}"
    text = _("Advanced conditions (%(n)s)") % {"n": used.count} if used else ""
    return text, address, page.link(dict(base), where=[""] if "view" in base else None) if used else ""
