"""Tags on a record's head, behind the names of a list, as a filter and as a bulk action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import changes, details, lists, menus
from zhike.pages.parts import Badge, Button
from zhike.records import guard
from zhike.records.kinds import ExtraFilter, Kind

from ..actions import tags
from ..models import Tag, TagLink

changes.verbs.add("tag", (gettext_lazy("Tags changed"), "tag", "info"))
changes.PART_NAMES["tags"] = gettext_lazy("tags")
menus.place("settings", "tags", gettext_lazy("Tags"), "tags", order=400, allowed=tags.may_keep)


IN_LIST = 3  # tags shown behind a name; the others are counted


class Words(Sequence[tuple[str, Any]]):
    """The tags of a kind as choices of a filter, asked for when they are needed."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def _found(self) -> list[tuple[str, Any]]:
        return [(str(tag.pk), tag.name) for tag in tags.of_kind(self.kind)] if tags.any_of(self.kind) else []

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    @overload
    def __getitem__(self, at: int) -> tuple[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[str, Any]]: ...
    def __getitem__(self, at: Any) -> Any:
        return self._found()[at]


def _tagged(queryset: Any, values: Sequence[str], user: Any) -> Any:
    """Rows with any of the tags; the link table's own index finds them, the rights are asked beside it."""
    return queryset.filter(pk__in=TagLink.objects.filter(tag__in=[int(value) for value in values]).values("row_id"))


def _link(kind: Kind, tag: Tag) -> Markup:
    return Markup('<a class="tg" href="{}?view=all&amp;tag={}">{}</a>').format(kind.list_url(), tag.pk, tag.name)


def _on_head(page: Any) -> list[Badge]:
    found = tags.of_row(page.row) if tags.any_of(page.kind.name) else []
    return [Badge(_link(page.kind, tag), tag.tone, dot=False) for tag in found]


def _behind_names(kind: Kind, rows: Sequence[Any]) -> dict[int, Markup]:
    """Row id → its tags, for one page of a list in one question."""
    if not tags.any_of(kind.name):
        return {}
    found: dict[int, list[Markup]] = {}
    links = TagLink.objects.filter(kind=kind.name, row_id__in=[row.pk for row in rows]).select_related("tag").order_by("tag__name", "tag")
    for link in links:
        chip = Markup(' <span class="bg {} tgs">{}</span>').format(link.tag.tone, link.tag.name)
        found.setdefault(link.row_id, []).append(chip)
    more = {pk: Markup(' <span class="xs mut">+{}</span>').format(len(chips) - IN_LIST) for pk, chips in found.items() if len(chips) > IN_LIST}
    return {pk: Markup("").join(chips[:IN_LIST]) + more.get(pk, "") for pk, chips in found.items()}


def _button(page: Any) -> list[Button]:
    if not guard.can_edit(page.user, page.row):
        return []
    return [Button(_("Tags"), page.kind.action_url("tags", page.row), "tag", dialog=True, menu=True)]


def _bulk(page: Any) -> list[Button]:
    if not (page.kind.pages and page.kind.words and page.access.may(page.kind.name, "edit")):
        return []
    return [Button(_("Tags"), page.kind.action_url("tag-many"), "tags", "g", dialog=True)]


def add_to(kind: Kind) -> None:
    kind.extra_filters.add("tag", ExtraFilter("tag", gettext_lazy("tag"), Words(kind.name), _tagged), order=200)
    kind.buttons.add("tags", _button, order=90)


details.head_badges.add("tags", _on_head)
lists.behind_names.add("tags", _behind_names)
lists.bulk_buttons.add("tags", _bulk)
