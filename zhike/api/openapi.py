"""The OpenAPI 3.1 document: what one person may do with a program, made from the kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike import __version__
from zhike.org.access import Access, access_of
from zhike.records import calls, crud, lookups, options, registry, spans, where
from zhike.records.attrs import PLACES, Attr
from zhike.records.calls import Call, Param
from zhike.records.kinds import Kind

from . import bodies, records
from .answers import expandable
from .base import ApiView

TEXT: dict[str, Any] = {"type": "string"}
FILE = {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT, "url": TEXT}, "required": ["id", "name", "url"]}
LINK = {"type": "object", "properties": {"id": {"type": "integer"}, "text": TEXT}, "required": ["id", "text"]}


def shape(attr: Attr, *, writing: bool = False) -> dict[str, Any]:
    """One field in JSON Schema: as it is read, or as it is `writing` taken."""
    found: dict[str, Any]
    if attr.link:
        found = {"type": "integer", "description": _("id of a record: %(kind)s") % {"kind": attr.to}} if writing else dict(LINK)
    elif attr.type == "file":
        found = {"type": "integer", "description": _("id of a file on the record, or of one sent to records/new/files for this field")} if writing else dict(FILE)
    elif attr.type == "bool":
        found = {"type": "boolean"}
    elif attr.type == "multi":
        codes = [str(code) for code, _label in attr.choices if not writing or attr.offered is None or code in attr.offered]
        found = {"type": "array", "items": {**TEXT, "enum": codes} if writing else TEXT}
    elif attr.type == "int":
        found = {"type": "integer"}
    elif attr.type in PLACES:
        found = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": [f"{0:.{PLACES[attr.type]}f}"]}
    elif attr.type == "date":
        found = {"type": "string", "format": "date"}
    elif attr.type == "datetime":
        found = {"type": "string", "format": "date-time"}
    else:
        found = dict(TEXT)
        size = getattr(attr.model_field, "max_length", None)
        if size:
            found["maxLength"] = size
        codes = _codes(attr)
        if codes and writing:
            found["enum"] = codes
    # Values kept before a choice was retired, or masked, still come out: only what goes in is narrow.
    field = attr.model_field
    if attr.custom or attr.type != "bool" and (field is None or field.null or attr.never is not None or "__" in attr.path):
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"] = [*found["enum"], None]
    return {"title": attr.label_text, **found}


def _codes(attr: Attr) -> list[str]:
    if attr.type == "option":
        return ["", *options.labels(attr.dictionary, get_language() or "zh-hans", enabled_only=True)]
    if attr.type != "choice":
        return []
    return [str(code) for code, _label in attr.choices if attr.offered is None or code in attr.offered]


def argument(param: Param, user: Any) -> dict[str, Any]:
    """One thing an action asks for, in JSON Schema."""
    if param.type == "lines":
        fields = {attr.name: shape(attr, writing=True) for attr in bodies.line_attrs(param)}
        return {"type": "array", "maxItems": bodies.MAX_LINES, "items": _object(fields, ())}
    simple: dict[str, dict[str, Any]] = {
        "ref": {"type": "integer", "description": _("id of a record: %(kind)s") % {"kind": param.to or param.name}},
        "bool": {"type": "boolean"}, "int": {"type": "integer"},
        "money": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
        "date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
    }
    found = dict(simple.get(param.type, TEXT))
    codes = [str(code) for code, _label in bodies.codes(param)]
    return {**found, "enum": codes if param.required else ["", *codes]} if codes else found


def _object(fields: Mapping[str, Any], required: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": dict(fields), "additionalProperties": False}
    needed = list(required)
    return {**found, "required": needed} if needed else found


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": dict(schema)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(text: Any, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"description": str(text)}
    if schema is not None:
        found["content"] = {"application/json": {"schema": dict(schema)}}
    return found


def _refusals(*statuses: int) -> dict[str, Any]:
    texts = {
        400: _("an unknown parameter or value"), 401: _("no valid token"), 403: _("the roles or the token do not allow it"),
        404: _("no such record, or out of sight"), 409: _("somebody was faster"), 411: _("the length of the body is not said"), 412: _("the record is at another version"),
        422: _("the program's rules say no; the message says what to do"), 428: _("If-Match is missing"),
        429: _("too many requests; see Retry-After"),
    }
    return {str(status): _answer(texts[status], _ref("Error")) for status in (401, 403, *statuses, 429)}


def _query(name: str, text: Any, schema: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": str(text), "schema": dict(schema or TEXT), **more}


def _header(name: str, text: Any, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": str(text), "required": required, "schema": TEXT}


ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


class Document:
    """The document of one person; of a token with a narrower scope if `kinds` or `writes` say so."""

    def __init__(self, user: Any, *, kinds: Sequence[str] = (), writes: bool = True) -> None:
        self.user, self.access, self.writes = user, access_of(user), writes
        self.only = set(kinds)
        self.paths: dict[str, Any] = {}
        self.schemas: dict[str, Any] = {"Error": _object({
            "error": {**TEXT, "description": _("for people")}, "code": {**TEXT, "description": _("stable, for programs")},
            "field": {"type": ["string", "null"]}, "items": {"type": "array", "items": {"type": "object"}}, "now": {"type": "object"},
            "index": {"type": "integer"},
        }, ("error", "code", "field"))}

    def build(self) -> dict[str, Any]:
        meta = _object({"user": LINK, "kinds": {"type": "array", "items": {"type": "object"}}}, ("user", "kinds"))
        self.paths["/meta"] = {"get": {
            "operationId": "meta.get", "summary": _("Whose token this is, and what it meets"), "tags": [_("Program")],
            "parameters": [], "responses": {"200": _answer(_("the person and the records"), meta), **_refusals()},
        }}
        for kind in registry.kinds():
            if kind.api and self.access.may(kind.name, "view") and (not self.only or kind.name in self.only):
                self.of_kind(kind)
        if self.access.may("opportunity", "view") and (not self.only or "opportunity" in self.only):
            self.reports(registry.kind("opportunity"), ("funnel", "won"))
        if self.access.may("customer", "view") and (not self.only or "customer" in self.only):
            self.reports(registry.kind("customer"), ("lifecycle",))
        return {
            "openapi": "3.1.0",
            "info": {"title": _("Zhike"), "version": __version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                     "description": _("What the person of this token may read and do. Money is text, times are UTC.")},
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "paths": self.paths,
            "components": {"schemas": self.schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        }

    def of_kind(self, kind: Kind) -> None:
        name = _name(kind)
        fields = {"id": {"type": "integer"}, **{attr.name: self.shown(kind, attr) for attr in kind.shown(kind.api_names(), self.access)}}
        for extra, part in kind.parts.items():
            fields[extra] = {**part.schema, "description": _("only with expand=%(name)s") % {"name": extra}}
        if hasattr(kind.model, "version"):
            fields["version"] = {"type": "integer"}
        self.schemas[name] = {"title": str(kind.label), "type": "object", "properties": fields, "required": ["id"]}
        listed: dict[str, Any] = {"get": self.listing(kind, name)}
        single: dict[str, Any] = {"parameters": [ID], "get": {
            "operationId": f"{kind.name}.get", "summary": _("One record: %(kind)s") % {"kind": kind.label}, "tags": [str(kind.plural)],
            "parameters": self.wishes(kind), "responses": {"200": self.single(name), **_refusals(400, 404)},
        }}
        if self.writes and records.may_write(kind):
            self.writing(kind, name, listed, single)
        self.paths[f"/{kind.slug}"] = listed
        self.paths[f"/{kind.slug}/{{id}}"] = single
        if self.writes:
            for call in calls.of(kind).values():
                if self.access.may(call.right_kind or kind.name, call.right):
                    self.paths[f"/{kind.slug}/{{id}}/{call.name}"] = {"parameters": [ID], "post": self.call(kind, name, call)}

        if kind.words:
            self.words(kind)

    def words(self, kind: Kind) -> None:
        """Files on a record and what is said about it. Whoever sees the record may speak; files ask for the right to change it."""
        number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
        when, who = {"type": ["string", "null"], "format": "date-time"}, {"anyOf": [LINK, {"type": "null"}]}
        self.schemas["File"] = _object({
            "id": {"type": "integer"}, "name": TEXT, "size": {"type": "integer"}, "type": TEXT, "sha256": TEXT, "created_at": when,
            "created_by": who}, ("id", "name", "size", "sha256"))
        self.schemas["Comment"] = _object({
            "id": {"type": "integer"}, "text": TEXT, "parent": {"type": ["integer", "null"]},
            "mentions": {"type": "array", "items": {"type": "integer"}}, "created_at": when, "created_by": who, "edited_at": when,
            "deleted_at": when, "pinned_at": when, "concluded_at": when,
            "files": {"type": "array", "items": _object({"id": {"type": "integer"}, "name": TEXT}, ("id", "name"))}}, ("id", "text"))
        binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        tags, base = [str(kind.plural)], f"/{kind.slug}/{{id}}"

        def entry(name: str, summary: Any, answers: dict[str, Any], *parameters: dict[str, Any], body: Any = None) -> dict[str, Any]:
            found = {"operationId": f"{kind.name}.{name}", "summary": f"{summary}: {kind.label}", "tags": tags,
                     "parameters": list(parameters), "responses": answers}
            return {**found, "requestBody": body} if body else found

        def listed(name: str, **more: Any) -> dict[str, Any]:
            return {"200": _answer(_("all of them"), _object({"items": {"type": "array", "items": _ref(name)}, **more}, ("items",))),
                    **_refusals(400, 404)}

        gone = {"204": _answer(_("done")), **_refusals(404, 422)}
        file_paths: dict[str, Any] = {"parameters": [ID], "get": entry("files", _("Files"), listed("File"))}
        file_path: dict[str, Any] = {"parameters": [ID, number], "get": entry(
            "file", _("A file's content"), {"200": {"description": _("the content"), "content": binary}, **_refusals(404)})}
        said: dict[str, Any] = {"parameters": [ID], "get": entry(
            "comments", _("Discussion"), listed("Comment", next={"type": ["integer", "null"]}),
            _query("after", _("only comments with a greater id"), {"type": "integer", "minimum": 0}))}
        self.paths[f"{base}/files"], self.paths[f"{base}/files/{{number}}"], self.paths[f"{base}/comments"] = file_paths, file_path, said
        if not self.writes:
            return
        if self.access.may(kind.name, "edit"):
            file_paths["post"] = entry(
                "attach", _("Attach a file"), {"201": _answer(_("the file"), _ref("File")), **_refusals(404, 411, 422)},
                _query("name", _("the file's name"), {"type": "string", "maxLength": 160}, required=True),
                _header("Idempotency-Key", _("8 to 200 signs of your own; the same request again gets the same answer for 7 days")),
                body={"required": True, "content": binary})
            if fields := [attr.name for attr in kind.writable(kind.api_names(), self.access) if attr.type == "file"]:
                self.paths[f"/{kind.slug}/new/files"] = {"post": entry(
                    "send_ahead", _("Send a file ahead for a field"), {"201": _answer(_("the file"), _ref("File")), **_refusals(404, 411, 422)},
                    _query("name", _("the file's name"), {"type": "string", "maxLength": 160}, required=True),
                    _query("field", _("the field"), {"type": "string", "enum": fields}, required=True),
                    body={"required": True, "content": binary})}
            file_path["delete"] = entry("detach", _("Take a file off"), gone)
        said["post"] = entry(
            "add_comment", _("Say something"), {"201": _answer(_("the comment"), _ref("Comment")), **_refusals(404, 422)},
            _header("Idempotency-Key", _("8 to 200 signs of your own; the same request again gets the same answer for 7 days")),
            body=_body(_object({"text": {"type": "string", "maxLength": 4000}, "parent": {"type": ["integer", "null"]}}, ("text",))))
        self.paths[f"{base}/comments/{{number}}"] = {
            "parameters": [ID, number],
            "patch": entry("edit_comment", _("Change a comment"), {"200": _answer(_("the comment"), _ref("Comment")), **_refusals(404, 422)},
                           body=_body(_object({"text": {"type": "string", "maxLength": 4000}}, ("text",)))),
            "delete": entry("delete_comment", _("Delete a comment"), gone),
        }

    def shown(self, kind: Kind, attr: Attr) -> dict[str, Any]:
        if self.access.field_mode(kind.name, attr.name) == "mask":
            return {"title": attr.label_text, "type": ["string", "null"], "description": _("masked")}
        return shape(attr)

    def single(self, name: str) -> dict[str, Any]:
        found = _answer(_("the record"), _ref(name))
        found["headers"] = {"ETag": {"description": _("the version, for If-Match"), "schema": TEXT}}
        return found

    def wishes(self, kind: Kind) -> list[dict[str, Any]]:
        names = [*(attr.name for attr in expandable(kind, self.user)), *(name for name, _part in kind.parts.items())]
        found = [_query("fields", _("only these fields, by comma"))]
        if names:
            found.append(_query("expand", _("what comes along whole, by comma: %(list)s") % {"list": ", ".join(names)}))
        return found

    def listing(self, kind: Kind, name: str) -> dict[str, Any]:
        orders = ["id", *(attr.name for attr in kind.sorts(self.access))]
        parameters = [
            _query("limit", _("rows of one answer"), {"type": "integer", "minimum": 1, "maximum": records.MAX_LIMIT, "default": 50}),
            _query("cursor", _("“next” of the answer before")),
            _query("order", _("downwards with - before it"), {"type": "string", "enum": [*orders, *(f"-{name}" for name in orders)]}),
            *self.wishes(kind), *self.filters(kind, self.access),
        ]
        if kind.searched():
            parameters.insert(2, _query("q", _("parts of names, pinyin, initials, codes"), {"type": "string", "maxLength": 100}))
        page = _object({
            "items": {"type": "array", "items": _ref(name)}, "next": {"type": ["string", "null"]}, "count": {"type": "integer"},
            "count_capped": {"type": "boolean"},
        }, ("items", "next", "count", "count_capped"))
        return {
            "operationId": f"{kind.name}.list", "summary": _("List: %(kind)s") % {"kind": kind.plural}, "tags": [str(kind.plural)],
            "parameters": parameters, "responses": {"200": _answer(_("a page of the list"), page), **_refusals(400)},
        }

    def filters(self, kind: Kind, access: Access) -> list[dict[str, Any]]:
        found = []
        found.append(_query("where", _("conditions with “any” and “all”, as JSON"), {"type": "string", "maxLength": where.LONGEST}))
        for attr in kind.open(kind.filter_names(), access):
            text = f"{attr.label_text} ({attr.type})"
            found.append(_query(attr.name, text, {"type": "array", "items": TEXT}, style="form", explode=True))
            if attr.type in lookups.RANGED:
                found.extend(_query(f"{attr.name}__{end}", f"{text} {end}") for end in ("from", "to"))
            if attr.type in lookups.DATED:
                found.append(_query(f"{attr.name}__within", f"{text} within: {', '.join(spans.CHOICES)}, -30d, +7d"))
        return found

    def writing(self, kind: Kind, name: str, listed: dict[str, Any], single: dict[str, Any]) -> None:
        once = _header("Idempotency-Key", _("8 to 200 signs of your own; the same request again gets the same answer for 7 days"))
        less = _header("Prefer", _("return=minimal: only the version, not the record"))
        match = _header("If-Match", _("the ETag of the record, or *"), required=True)
        tags = [str(kind.plural)]
        makes, changes = self.access.may(kind.name, "add"), self.access.may(kind.name, "edit")
        one_of = []
        if makes:
            attrs = records.new_attrs(kind, self.user)
            fields = {attr.name: shape(attr, writing=True) for attr in attrs}
            fields |= {flag: {"type": "boolean"} for flag in crud.flags(kind)}
            self.schemas[f"New{name}"] = _object(fields, records.required(kind, attrs, self.access.user))
            one_of.append(_ref(f"New{name}"))
            listed["post"] = {
                "operationId": f"{kind.name}.create", "summary": _("New: %(kind)s") % {"kind": kind.label}, "tags": tags, "parameters": [once, less],
                "requestBody": _body(_ref(f"New{name}")), "responses": {"201": self.single(name), **_refusals(409, 422)},
            }
        if changes:
            fields = {attr.name: shape(attr, writing=True) for attr in records.change_attrs(kind, self.user)}
            self.schemas[f"{name}Change"] = _object(fields, ())
            numbered = {"id": {"type": "integer"}, "version": {"type": "integer"}, **fields}
            one_of.append(_object(numbered, ("id", "version")))
            single["patch"] = {
                "operationId": f"{kind.name}.change", "summary": _("Change: %(kind)s") % {"kind": kind.label}, "tags": tags,
                "parameters": [match, once, less], "requestBody": _body(_ref(f"{name}Change")),
                "responses": {"200": self.single(name), "204": _answer(_("done, and out of sight now or not asked for")), **_refusals(404, 409, 412, 422, 428)},
            }
        if one_of:
            outcome = _object({"done": {"type": "integer"}, "failed": {"type": "integer"},
                               "outcomes": {"type": "array", "items": {"type": "object"}}}, ("done", "failed", "outcomes"))
            body = _object({"items": {"type": "array", "minItems": 1, "maxItems": records.MAX_BATCH, "items": {"anyOf": one_of}},
                            "all_or_nothing": {"type": "boolean", "default": False}}, ("items",))
            self.paths[f"/{kind.slug}/batch"] = {"post": {
                "operationId": f"{kind.name}.batch", "summary": _("Many at once: %(kind)s") % {"kind": kind.plural}, "tags": tags,
                "parameters": [once], "requestBody": _body(body), "responses": {"200": _answer(_("an outcome for each"), outcome), **_refusals(409, 422)},
            }}

    def call(self, kind: Kind, name: str, call: Call) -> dict[str, Any]:
        fields = {param.name: argument(param, self.user) for param in call.params}
        needed = [param.name for param in call.params if param.required]
        return {
            "operationId": f"{kind.name}.{call.name}", "tags": [str(kind.plural)],
            "summary": (call.action.__doc__ or "").strip().split("\n")[0],
            "parameters": [_header("If-Match", _("the ETag of the record, or *")),
                           _header("Idempotency-Key", _("8 to 200 signs of your own; the same request again gets the same answer for 7 days")),
                           _header("Prefer", _("return=minimal: only the version, not the record"))],
            "requestBody": {**_body(_object(fields, needed)), "required": bool(needed)},
            "responses": {"200": self.single(name), "204": _answer(_("done, and out of sight now or not asked for")), **_refusals(404, 409, 412, 422)},
        }

    def reports(self, kind: Kind, names: tuple[str, ...]) -> None:
        filters = self.filters(kind, self.access)
        periods = _query("by", _("the length of a period"), {"type": "string", "enum": ["month", "quarter", "year"]})
        measures = _query("measure", _("what the figures are"), {"type": "string", "enum": ["amount", "weighted", "count"]})
        for name in names:
            parameter = measures if name == "funnel" else periods
            self.paths[f"/reports/{name}"] = {"get": {
                "operationId": f"report.{name}", "summary": _("Report: %(name)s") % {"name": name}, "tags": [_("Reports")],
                "parameters": [parameter, *filters],
                "responses": {"200": _answer(_("the figures"), {"type": "object"}), **_refusals(400)},
            }}


def _name(kind: Kind) -> str:
    return "".join(part.capitalize() for part in kind.name.split("_"))


class OpenApiView(ApiView):
    """GET /api/v1/openapi.json: the document of this token."""

    def get(self, request: HttpRequest) -> JsonResponse:
        writes = self.token.scope == self.token.WRITE
        return JsonResponse(Document(self.user, kinds=self.token.kinds, writes=writes).build())


class MetaView(ApiView):
    """GET /api/v1/meta: the person, and the kinds and fields they meet, with filters and orders."""

    def get(self, request: HttpRequest) -> JsonResponse:
        access = access_of(self.user)
        kinds: list[dict[str, Any]] = []
        for kind in registry.kinds():
            if kind.api and access.may(kind.name, "view") and (not self.token.kinds or kind.name in self.token.kinds):
                kinds.append({
                    "name": kind.name, "records": kind.slug, "label": str(kind.label),
                    "fields": [{"name": a.name, "label": a.label_text, "type": a.type} for a in kind.shown(kind.api_names(), access)],
                    "filters": [a.name for a in kind.open(kind.filter_names(), access)],
                    "orders": ["id", *(a.name for a in kind.sorts(access))],
                })
        return JsonResponse({"user": {"id": self.user.pk, "text": str(self.user)}, "kinds": kinds})
