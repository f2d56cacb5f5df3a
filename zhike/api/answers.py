"""What a program is told: records as JSON, and refusals with text, code and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.pages.cells import masked
from zhike.records import customs, forwarding, registry
from zhike.records.attrs import PLACES, Attr
from zhike.records.calls import Part
from zhike.records.kept_files import KeptFile
from zhike.records.kinds import Kind

MAX_EXPANSIONS = 10
_MINIMAL = re.compile(r"(?:^|[,;\s])return=\"?minimal\b", re.ASCII | re.IGNORECASE)
Answer = TypeVar("Answer", bound=HttpResponse)
PLAIN = frozenset((str, bool))  # what JSON says as it is, whatever the field; numbers may be told as text


def told(text: Any, code: str, field: str | None = None, **more: Any) -> dict[str, Any]:
    return {"error": str(text), "code": code, "field": field, **more}


def error(status: int, text: Any, code: str) -> JsonResponse:
    return JsonResponse(told(text, code), status=status)


class LivesOn(Http404):
    """The record was merged into the one with this number."""

    def __init__(self, pk: int) -> None:
        super().__init__()
        self.pk = pk


class Stale(Exception):
    """The record is no longer at the expected version; `now` is what it is."""

    def __init__(self, now: dict[str, Any]) -> None:
        super().__init__()
        self.now = now


def failure(no: Refused | Stale | Http404) -> tuple[int, dict[str, Any]]:
    """The status and the words of a "no"; `items` name what stands in the way, `now` is the record as it is."""
    if isinstance(no, Stale):
        return 412, told(_("The record is no longer at this version. Here is what it is now."), "version", now=no.now)
    if isinstance(no, Refused):
        more = {"items": [_standing(found) for found in no.items]} if no.items else {}
        return no.status, told(no.message, no.code, no.field, **more)
    if isinstance(no, LivesOn):
        return 410, told(_("This record was merged into another one."), "merged", merged_into=no.pk)
    return 404, told(_("There is nothing here, or you may not see it."), "not_found")


def _standing(found: Any) -> Any:
    if hasattr(found, "plain"):
        return found.plain()
    return {"text": str(found[0] if isinstance(found, tuple) else found)}


def moment(value: datetime | None) -> str | None:
    """A time in UTC, as programs read it."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def link(row: Any) -> dict[str, Any] | None:
    """A record that another one points to: its id and its name."""
    return {"id": row.pk, "text": str(row)} if row is not None else None


def file(kind: Kind, row: Any, found: KeptFile) -> dict[str, Any]:
    """A file in a field: its number, its name, and where its content is."""
    return {"id": found.id, "name": found.name, "url": f"/api/v1/{kind.slug}/{row.pk}/files/{found.id}"}


def plain(attr: Attr, value: Any) -> Any:
    """Money with two places, prices with six, both as text; links as id and text; times in UTC."""
    if value is None:
        return None
    if attr.type in PLACES:
        return f"{value:.{PLACES[attr.type]}f}"
    if attr.link:
        return link(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value


def fields(kind: Kind, user: Any) -> list[tuple[Attr, bool]]:
    """The fields of a kind that a person meets, each with whether only as a mask; worked out once a request."""
    access = access_of(user)
    key = ("api fields", kind.name)
    if key not in access.memo:
        access.memo[key] = [(attr, access.field_mode(kind.name, attr.name) == "mask") for attr in kind.shown(kind.api_names(), access)]
    return access.memo[key]


def _readers(kind: Kind, user: Any) -> list[tuple[str, Callable[[Any], Any]]]:
    """For each field how it is read from a row and said; settled once a request, not once a cell."""
    memo, key = access_of(user).memo, ("api readers", kind.name)
    if key not in memo:
        memo[key] = [(attr.name, _reader(kind, attr, hidden)) for attr, hidden in fields(kind, user)]
    return memo[key]


def _reader(kind: Kind, attr: Attr, hidden: bool) -> Callable[[Any], Any]:
    read = attr.value

    def hiding(row: Any) -> Any:
        value = read(row)
        return masked(attr, value) if value not in (None, "") else _said(kind, attr, row, value)

    return hiding if hidden else lambda row: _said(kind, attr, row, read(row))


def _said(kind: Kind, attr: Attr, row: Any, value: Any) -> Any:
    if value is None or value.__class__ in PLAIN:
        return value
    return file(kind, row, value) if isinstance(value, KeptFile) else plain(attr, value)


def item(kind: Kind, row: Any, user: Any, names: Sequence[str] | None = None) -> dict[str, Any]:
    """One record as its person may see it; `names` leaves only these fields."""
    found: dict[str, Any] = {"id": row.pk}
    for name, read in _readers(kind, user):
        if names is None or name in names:
            found[name] = read(row)
    if hasattr(row, "version"):
        found["version"] = row.version
    return found


def one(kind: Kind, row: Any, user: Any, *, status: int = 200) -> JsonResponse:
    """A record with its version as `ETag`."""
    response = JsonResponse(item(kind, row, user), status=status)
    return tagged(response, row)


def as_seen(kind: Kind, pk: int, user: Any) -> dict[str, Any]:
    """A record that was just written; only its number where the person does not see it any more."""
    row = kind.visible(user).filter(pk=pk).first()
    return {"id": pk} if row is None else item(kind, row, user)


def written(request: HttpRequest, kind: Kind, pk: int, user: Any, bare: HttpResponse, *, row: Any = None) -> HttpResponse:
    """The record after a write: as its person sees it, or `bare` where it is out of sight.

    Who sends `Prefer: return=minimal` (RFC 7240) has it bare with the version alone, which spares reading it again with all it points to;
    `row` is the record as its action left it.
    """
    if not _MINIMAL.search(request.headers.get("Prefer", "")):
        row = kind.visible(user).filter(pk=pk).first()
        return bare if row is None else one(kind, row, user, status=201 if bare.status_code == 201 else 200)
    if not isinstance(row, kind.model) or row.pk != pk:
        row = kind.model.objects.visible_to(user).filter(pk=pk).only("pk", *(("version",) if hasattr(kind.model, "version") else ())).first()
    bare["Preference-Applied"] = "return=minimal"
    return bare if row is None else tagged(bare, row)


def tagged(response: Answer, row: Any) -> Answer:
    if hasattr(row, "version"):
        response["ETag"] = f'"{row.version}"'
    return response


def kind_or_404(slug: str, user: Any) -> Kind:
    kind = registry.by_slug(slug)
    if kind is None or not kind.api or not access_of(user).may(kind.name, "view"):
        raise Http404
    return kind


def number(pk: str) -> int:
    """The number of a record in an address. Raises 404 for what is none."""
    if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        raise Http404
    return int(pk)


def row_or_404(kind: Kind, pk: str, user: Any) -> Any:
    found = number(pk)
    row = kind.visible(user).filter(pk=found).first()
    if row is None:
        raise gone(kind, found, user)
    return row


def gone(kind: Kind, pk: int, user: Any) -> Http404:
    """What to say of a record that is not there, or not for this person."""
    found = forwarding.successor_for(kind, pk, user)
    return LivesOn(found) if found is not None else Http404()


def joined(kind: Kind, wish: Wish) -> list[str]:
    """The links that will be told, fetched along so that a list needs no query a row."""
    told = [name for name in kind.api if wish.wants(name)]
    return [attr.path for attr in (kind.attr(name) for name in told) if attr.link]


@dataclass(slots=True)
class Wish:
    """Which fields of the records a program wants, and what it wants along with them."""

    names: list[str] | None = None
    links: list[Attr] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def wants(self, name: str) -> bool:
        return self.names is None or name in self.names or any(attr.name == name for attr in self.links)


def expandable(kind: Kind, user: Any) -> list[Attr]:
    """Links whose records can come along whole."""
    access = access_of(user)
    found = []
    for attr in kind.shown(kind.api_names(), access):
        if attr.link and registry.has(attr.to):
            target = registry.kind(attr.to)
            if target.api and access.may(target.name, "view") and access.field_mode(kind.name, attr.name) != "mask":
                found.append(attr)
    return found


def read_wish(kind: Kind, fields: str, expand: str, user: Any) -> Wish:
    """`fields=name,code` and `expand=owner,lines`; refuses names it does not know."""
    wish = Wish()
    if fields:
        known = [attr.name for attr in kind.shown(kind.api_names(), access_of(user))]
        wish.names = _named(fields, known, "fields")
    if expand:
        links = {attr.name: attr for attr in expandable(kind, user)}
        parts = dict(kind.parts.items())
        for name in _named(expand, [*links, *parts], "expand"):
            if name in links:
                wish.links.append(links[name])
            else:
                wish.parts.append(parts[name])
    return wish


def _named(text: str, known: list[str], parameter: str) -> list[str]:
    asked = [name for name in text[:2000].split(",") if name]
    unknown = next((name for name in asked if name not in known), None)
    if unknown is not None or len(text) > 2000:
        raise Refused(
            _("There is no “%(key)s” for %(parameter)s. Possible: %(list)s")
            % {"key": (unknown or text)[:60], "parameter": parameter, "list": ", ".join(known)},
            code=f"{parameter}.unknown", field=parameter,
        )
    if parameter == "expand" and len(set(asked)) > MAX_EXPANSIONS:
        raise Refused(_("At most %(n)s.") % {"n": MAX_EXPANSIONS}, code="expand.many", field="expand")
    return list(dict.fromkeys(asked))


def items(kind: Kind, rows: Sequence[Any], user: Any, wish: Wish) -> list[dict[str, Any]]:
    """Records with what was wished for along with them, at one query for each wish."""
    customs.attach([attr for attr, _hidden in fields(kind, user) if wish.wants(attr.name)], rows)
    found = [item(kind, row, user, wish.names) for row in rows]
    for attr in wish.links:
        target = registry.kind(attr.to)
        linked = {row.pk: attr.value(row) for row in rows}
        ids = {other.pk for other in linked.values() if other is not None}
        there = {other.pk: other for other in target.visible(user).filter(pk__in=ids)} if ids else {}
        for row, made in zip(rows, found, strict=True):
            other = linked[row.pk]
            # A record out of sight stays what it is without `expand`: an id and a name.
            if other is not None and other.pk in there:
                made[attr.name] = {**item(target, there[other.pk], user), "text": str(there[other.pk])}
            elif wish.names is not None:
                made[attr.name] = plain(attr, other)
    for part in wish.parts:
        read = part.read(rows, user)
        for row, made in zip(rows, found, strict=True):
            made[part.name] = read.get(row.pk)
    return found
