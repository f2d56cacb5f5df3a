"""Actions by name, and what belongs to a record: what a kind offers to programs besides its fields."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from . import ownership, teams
from .kinds import Kind
from .models import TeamGrant

_SCALARS = {str: "text", bool: "bool", int: "int", Decimal: "money", date: "date", datetime: "datetime"}


@dataclass(slots=True)
class Param:
    """One thing an action asks for. `to` is the kind of a link, `fields` those of a line."""

    name: str
    type: str  # text, bool, int, money, date, datetime, ref, lines
    required: bool
    to: str = ""
    model: Any = None
    fields: Sequence[str] = ()
    dictionary: str = ""
    choices: Sequence[tuple[str, Any]] = ()
    pick: Callable[[Any, Any], Any] | None = None


@dataclass(slots=True)
class Call:
    """An action of one record under the name a program calls it by.

    Types and defaults of what it `takes` come from the action's own signature, so that the two
    cannot differ. `links` names the kind of a link whose annotation does not; `pick(row, user)`
    narrows what a link may point to (else: what the person may see); `lines` names the fields of a
    line; `dictionaries` and `choices` the codes a text may be; `fixed` is said always. `row_as` is the
    name of the record's own parameter where it is not the first; `many` marks an action of sets.
    """

    name: str
    action: Callable[..., Any]
    takes: Sequence[str] = ()
    right: str = "edit"
    right_kind: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    pick: Mapping[str, Callable[[Any, Any], Any]] = field(default_factory=dict)
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dictionaries: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, Any]]] = field(default_factory=dict)
    required: Sequence[str] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    row_as: str = ""
    many: bool = False
    params: list[Param] = field(init=False)
    _held: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        asked = inspect.signature(self.action).parameters
        hints = typing.get_type_hints(inspect.unwrap(self.action))
        # Whoever calls holds the record locked and has compared its version.
        self._held = {"version": None} if "version" in asked else {}
        self.params = [self._param(asked[name], hints.get(name)) for name in self.takes]

    def _param(self, asked: inspect.Parameter, hint: Any) -> Param:
        name = asked.name
        made = Param(
            name, "text", required=asked.default is asked.empty or name in self.required, pick=self.pick.get(name),
            dictionary=self.dictionaries.get(name, ""), choices=self.choices.get(name, ()),
        )
        if isinstance(hint, types.UnionType):
            hint = next(part for part in hint.__args__ if part is not type(None))
        if name in self.lines:
            made.type, made.model, made.fields = "lines", typing.get_args(hint)[0], self.lines[name]
        elif name in self.links:
            made.type, made.to = "ref", self.links[name]
        elif isinstance(hint, type) and issubclass(hint, models.Model):
            made.type, made.to, made.model = "ref", getattr(hint, "KIND", ""), hint
        elif hint in _SCALARS:
            made.type = _SCALARS[hint]
        else:
            raise TypeError(f"{self.name}: say what {name} is")
        return made

    def run(self, row: Any, values: Mapping[str, Any], *, by: Any) -> Any:
        """Do it with a record held locked. Raises what the action raises."""
        said = {**values, **self.fixed, **self._held}
        if self.row_as:
            return self.action(**{self.row_as: row}, **said, by=by)
        return self.action([row] if self.many else row, **said, by=by)


@dataclass(slots=True)
class Part:
    """What belongs to records of a kind and is asked for along with them (`expand=`).

    `read(rows, user)` answers for all rows at once, as row id → plain JSON values; `schema` says in
    JSON Schema what one row's answer looks like.
    """

    name: str
    read: Callable[[Sequence[Any], Any], Mapping[int, Any]]
    schema: Mapping[str, Any]


_LEVELS = ((TeamGrant.READ, "read"), (TeamGrant.WRITE, "write"))
# What is owned can be handed over and shared, where its kind knows that right: a work log stays its author's.
_OWNED = (
    Call("transfer", ownership.transfer_rows, takes=("to", "stays", "stays_as", "reason"), right="transfer", links={"to": "user"},
         choices={"stays": (("", "no"), *_LEVELS), "stays_as": (("", ""), *teams.ROLES)}, many=True),
    Call("share", teams.share_with, takes=("user", "level", "role", "until"), right="transfer",
         choices={"level": _LEVELS, "role": (("", ""), *teams.ROLES)}),
)


def of(kind: Kind) -> dict[str, Call]:
    """Everything that may be called on records of a kind, by name."""
    handed = _OWNED if kind.owned and "transfer" in kind.actions else ()
    return {**{call.name: call for call in handed}, **dict(kind.calls.items())}
