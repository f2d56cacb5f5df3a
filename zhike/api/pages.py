"""The API as this person's programs meet it, to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from zhike.pages.parts import Link
from zhike.pages.views import PageView

from .openapi import Document

TONES = {"get": "info", "post": "good", "patch": "wait", "put": "wait", "delete": "bad"}


@dataclass(slots=True)
class Operation:
    """One address and method with what it takes."""

    method: str
    tone: str
    path: str
    summary: str
    takes: list[tuple[str, str, str]] = field(default_factory=list)  # name, form, note


@dataclass(slots=True)
class Section:
    """The operations of one record type."""

    id: str
    title: str
    operations: list[Operation]


class ApiHelpPage(PageView):
    """Every address, its parameters and the fields of its body, within the reader's rights."""

    template = "api/help.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        document = Document(self.user).build()
        groups: dict[str, list[Operation]] = {}
        for path, entries in document["paths"].items():
            for method, entry in entries.items():
                if method != "parameters":
                    made = Operation(method.upper(), TONES.get(method, "neutral"), f"/api/v1{path}", entry["summary"], _taken(entry, document))
                    groups.setdefault(entry["tags"][0], []).append(made)
        sections = [Section(f"api-{n}", title, made) for n, (title, made) in enumerate(groups.items())]
        address = request.build_absolute_uri("/api/v1/")
        return self.answer({"sections": sections, "fields": _("Fields and parameters"), "address": address})

    def crumbs(self) -> list[Link]:
        return [Link(_("What programs may do here (API)"))]


def _taken(entry: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = [
        (given["name"], _form(given["schema"]), given.get("description", "")) for given in entry.get("parameters", [])
    ]
    schema = entry.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    needed = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        note = " · ".join(str(part) for part in (one.get("title"), one.get("description"), _("required") if name in needed else "") if part)
        found.append((name, _form(one), note))
    return found


def _form(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "object")
    text = "/".join(kind) if isinstance(kind, list) else str(kind)
    if "format" in schema:
        text += f" {schema['format']}"
    if "enum" in schema:
        text += ": " + ", ".join(str(code) for code in schema["enum"] if code not in ("", None))
    return text
