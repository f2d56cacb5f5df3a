"""Kind: the declaration of a record type.

Pages, API, search, import and the free tests are generated from it. A kind names fields and
rights; it holds no rules: what has consequences is an action.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow
from zhike.base.slots import Slot
from zhike.org import access as rights
from zhike.org.access import Access

from . import customs, registry, routes
from .attrs import PLAIN, Attr


@dataclass(slots=True)
class View:
    """A ready-made tab above a list: a name and the query string it stands for."""

    key: str
    label: Any
    query: str = ""
    permission: str = ""


@dataclass(slots=True)
class Section:
    """A heading and its fields in a form or a facts card."""

    title: Any
    fields: Sequence[str]


@dataclass(slots=True)
class ExtraFilter:
    """A filter a higher app adds to a lower list: `apply(queryset, values, user)`."""

    name: str
    label: Any
    choices: Sequence[tuple[str, Any]]
    apply: Callable[[Any, Sequence[str], Any], Any]


@dataclass(slots=True)
class SearchKeys:
    """What the search finds a record by; `phones` may be left out for people who see them masked."""

    names: Sequence[str] = ("name",)
    codes: Sequence[str] = ()
    phones: Sequence[str] = ()


NO_KEYS = SearchKeys(names=())


@dataclass(slots=True, eq=False)
class Kind:
    name: str
    model: Any
    label: Any
    plural: Any
    slug: str
    icon: str = "file"
    attrs: Sequence[Attr] = ()
    columns: Sequence[str] = ()
    filters: Sequence[str] = ()
    order: str = "-id"
    views: Sequence[View] = ()
    search: SearchKeys | None = None
    create: Sequence[str] = ()
    more: Sequence[str] = ()
    sections: Sequence[Section] = ()
    api: Sequence[str] = ()
    import_keys: Sequence[str] = ()
    number_field: str = ""
    number_prefix: str = ""
    actions: Sequence[str] = ("view", "add", "edit", "delete", "import", "export", "transfer")
    flow: Flow | None = None
    related: Sequence[str] = ()
    count_text: Any = _("%(n)s records")
    owned: bool = True
    pages: bool = True
    words: bool = True  # files, discussion and tags belong to its records
    personal: bool = False  # people's data: who may not see the kind at all meets its records in no link either
    deletable: bool = False  # into the trash; what is not is closed or disabled
    in_place: Sequence[str] | None = None  # fields a cell of the list changes; None: the plain ones of the form
    required: Sequence[str] = ()  # asked of a new record beyond what its table cannot do without
    created_by_action: Callable[..., Any] | None = None  # a set of rows
    one_created_by_action: Callable[..., Any] | None = None  # where one made by hand is looked at more closely
    changed_by_action: Callable[..., Any] | None = None
    # The same for many rows the person may change: `(rows, values, *, by)` → (changed, refused with
    # reasons), or None where each row has to be asked by itself.
    changed_together: Callable[..., tuple[list[Any], list[tuple[Any, str]]] | None] | None = None
    extra_filters: Slot[ExtraFilter] = field(init=False)
    extra_columns: Slot[Any] = field(init=False)
    tabs: Slot[Any] = field(init=False)
    cards: Slot[Any] = field(init=False)
    facts: Slot[Any] = field(init=False)
    buttons: Slot[Any] = field(init=False)
    creates: Slot[Any] = field(init=False)  # what can be made from a record's page: function(page) → buttons
    attention: Slot[Any] = field(init=False)  # what is late or wrong with a record: function(page) → notices
    timeline: Slot[Any] = field(init=False)
    calls: Slot[Any] = field(init=False)  # actions by name (calls.Call)
    parts: Slot[Any] = field(init=False)  # what belongs to a record, for programs (calls.Part)
    _by_name: dict[str, Attr] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for slot in ("extra_filters", "extra_columns", "tabs", "cards", "facts", "buttons", "creates", "attention",
                     "timeline", "calls", "parts"):
            setattr(self, slot, Slot(f"{self.name}.{slot}"))
        self._by_name = {attr.name: attr.bind(self.model) for attr in self.attrs}
        registry.register(self)
        if self.personal:
            rights.personal.add(self.name)
        for column in self.model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and (shows := getattr(column.related_model, "KIND", "")):
                rights.links[self.name, column.name] = shows

    def attr(self, name: str) -> Attr:
        """The declared field, a custom one, or one made on the spot from the model."""
        found = self._by_name.get(name)
        if found is None and customs.is_custom(name):
            found = customs.attr_of(self, name)
            if found is None:
                raise FieldDoesNotExist(name)
            return found
        if found is None:
            self.model._meta.get_field(name)  # a misspelt name fails here, at start-up
            found = self._by_name[name] = Attr(name).bind(self.model)
        return found

    def has_attr(self, name: str) -> bool:
        return name in self._by_name

    def add_attr(self, attr: Attr) -> Attr:
        self._by_name[attr.name] = attr.bind(self.model)
        return attr

    def options(self) -> list[Attr]:
        """The fields whose values come from an option list."""
        return [attr for attr in self._by_name.values() if attr.dictionary]

    # Names, with what the administrator added

    def filter_names(self) -> list[str]:
        return [*self.filters, *(attr.name for attr in customs.of(self) if attr.filterable)]

    def column_names(self) -> list[str]:
        return [*self.columns, *(attr.name for attr in customs.of(self) if attr.on_list)]

    def api_names(self) -> list[str]:
        return [*self.api, *(attr.name for attr in customs.of(self))] if self.api else []

    def create_names(self) -> list[str]:
        return [*self.create, *(attr.name for attr in customs.of(self) if attr.on_create)] if self.create else []

    def more_names(self) -> list[str]:
        return [*self.more, *(attr.name for attr in customs.of(self) if not attr.on_create)]

    def required_names(self, user: Any) -> list[str]:
        return [*self.required, *customs.required_of(self, user)]

    def all_sections(self) -> list[Section]:
        own = [attr.name for attr in customs.of(self)]
        return [*self.sections, Section(_("Further data"), own)] if own else list(self.sections)

    # What a person meets of it

    def shown(self, names: Sequence[str], access: Access) -> list[Attr]:
        """Those of the named fields that the person's roles do not hide."""
        return [attr for attr in map(self.attr, names) if self.mode(attr, access) != "hide"]

    def open(self, names: Sequence[str], access: Access) -> list[Attr]:
        """Those one may filter and sort by: neither hidden nor masked, else guessing would tell."""
        return [attr for attr in map(self.attr, names) if self.mode(attr, access) in ("", "read")]

    def mode(self, attr: Attr, access: Access) -> str:
        """How the person meets a field: "" open, "read", "mask" or "hide"; a custom link to people's data included."""
        if attr.custom and attr.to in rights.personal and not access.may(attr.to, "view"):
            return "hide"
        return access.field_mode(self.name, attr.name)

    def writable(self, names: Sequence[str], access: Access) -> list[Attr]:
        return [
            attr
            for attr in (self.attr(name) for name in names)
            if not attr.readonly and self.mode(attr, access) == ""
        ]

    def in_place_fields(self, access: Access) -> dict[str, Attr]:
        """The fields this person may change in a cell of the list, by name: plain ones of the edit form.

        What a flow moves, who owns a record and what is worked out from elsewhere is not among them.
        """
        names = [name for part in self.all_sections() for name in part.fields] if self.in_place is None else self.in_place
        flowing = self.flow.field if self.flow is not None else ""
        return {attr.name: attr for attr in self.writable(list(dict.fromkeys(names)), access)
                if attr.type in PLAIN and attr.path == attr.name and attr.name not in (flowing, "owner", "owner_dept")}

    def search_parts(self, access: Access) -> tuple[str, ...]:
        """The search keys the person may use: never a field they see masked or not at all.

        Custom fields are named each by itself, for each has rights of its own.
        """
        def all_open(names: Sequence[str]) -> bool:
            return bool(names) and all(access.field_mode(self.name, name) in ("", "read") for name in names)

        keys = self.search or NO_KEYS
        sets = {"names": keys.names, "codes": keys.codes, "phones": keys.phones}
        own = (attr.name for attr in customs.searched(self) if self.mode(attr, access) in ("", "read"))
        return (*(part for part, names in sets.items() if all_open(names)), *own)

    def searched(self) -> bool:
        """Whether its records have keys in the search: of the house, or by custom fields."""
        return self.search is not None or bool(customs.searched(self))

    def offered_views(self, access: Access) -> list[View]:
        """The ready-made tabs of its list that are open to the person."""
        return [view for view in self.views if not view.permission or access.may(*view.permission.split("."))]

    def sorts(self, access: Access) -> list[Attr]:
        return [a for a in [*self._by_name.values(), *customs.of(self)] if a.sort and access.field_mode(self.name, a.name) in ("", "read")]

    # Addresses

    def list_url(self) -> str:
        return routes.address(f"{self.name}-list")

    def url(self, row_or_id: Any) -> str:
        return routes.address(f"{self.name}-detail", getattr(row_or_id, "pk", row_or_id))

    def action_url(self, action: str, row_or_id: Any = None) -> str:
        if row_or_id is None:
            return routes.address(f"{self.name}-{action}")
        return routes.address(f"{self.name}-{action}", getattr(row_or_id, "pk", row_or_id))

    # Rows

    def visible(self, user: Any, mode: str = "plain") -> models.QuerySet[Any]:
        return self.model.objects.visible_to(user, mode).select_related(*self.related)

    def editable(self, user: Any) -> models.QuerySet[Any]:
        return self.model.objects.editable_by(user).select_related(*self.related)
