"""Lists and records: read, made, changed, many at once, and their actions by name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.pages.forms import needed
from zhike.records import calls, crud, customs, guard, history, listing
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import answers, bodies, once
from .answers import Stale
from .base import ApiView

MAX_LIMIT = 200
MAX_BATCH = 500
_VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')


def new_attrs(kind: Kind, user: Any) -> list[Attr]:
    """The fields of a new record that the person may fill."""
    return kind.writable([*kind.create_names(), *kind.more_names()], access_of(user))


def change_attrs(kind: Kind, user: Any) -> list[Attr]:
    """The fields of a record that the person may change."""
    names = dict.fromkeys(name for section in kind.all_sections() for name in section.fields)
    return kind.writable(list(names), access_of(user))


def required(kind: Kind, attrs: list[Attr], user: Any) -> list[str]:
    """The fields a new record cannot do without, as far as this person is asked for them."""
    known = {attr.name for attr in attrs}
    return [name for name in dict.fromkeys([*needed(attrs), *kind.required_names(user)]) if name in known]


def may_write(kind: Kind) -> bool:
    """Kinds without forms of their own (regions, stages) are kept elsewhere."""
    return bool(kind.pages and kind.create)


def create(kind: Kind, given: Mapping[str, Any], user: Any) -> Any:
    """Make one record from what a program sent."""
    guard.require(user, kind, "add")
    said = {name: given[name] for name in crud.flags(kind) if name in given}
    for name, value in said.items():
        if not isinstance(value, bool):
            raise Refused(f"{name}: {_('give true or false.')}", code="invalid", field=name)
    attrs = new_attrs(kind, user)
    fields = {name: value for name, value in given.items() if name not in said}
    values = bodies.values(kind, attrs, fields, user, required=required(kind, attrs, user))
    return crud.create(kind, crud.build(kind, values, by=user), by=user, **said)


def change(kind: Kind, pk: int, version: int | None, given: Mapping[str, Any], user: Any) -> None:
    """Change the named fields of a record the person sees; `version` None takes it as it is."""
    row = held(kind, pk, version, user, "edit")
    asked = [name for name in customs.required_of(kind, user) if name in given]
    values = bodies.values(kind, change_attrs(kind, user), given, user, required=asked, row=row)
    crud.change(row, values, by=user, version=None)


def held(kind: Kind, pk: int, version: int | None, user: Any, right: str = "") -> Any:
    """The record, locked and at the version it is expected to have. Raises `Stale`, and 404 for what the person does not see."""
    row = guard.hold(kind, pk, user)
    if row is None:
        raise answers.gone(kind, pk, user)
    if right:
        guard.require_rows(user, [row], right)
    if version is not None and row.version != version:
        raise Stale(answers.item(kind, row, user))
    return row


def asked(request: HttpRequest, kind: Kind, pk: int, user: Any, *, needed: bool) -> tuple[dict[str, Any], int | None]:
    """What is asked of a record, and of which version. What one may not see asks for neither: 404 comes before a fault in the words."""
    try:
        return bodies.read(request), asked_version(request, needed=needed)
    except Refused:
        if not kind.model.objects.visible_to(user).filter(pk=pk).exists():
            raise answers.gone(kind, pk, user) from None
        raise


def asked_version(request: HttpRequest, *, needed: bool) -> int | None:
    """The version of `If-Match`; `*` takes any. Raises `Refused` where one is needed and missing."""
    text = request.headers.get("If-Match", "").strip()
    if text == "*":
        return None
    found = _VERSION.fullmatch(text)
    if found:
        return int(found[1])
    if text:
        raise Refused(_("If-Match is the ETag of the record, or *."), code="version.form")
    if needed:
        no = Refused(_("Say which version you change: If-Match with the ETag of the record, or *."), code="version.missing")
        no.status = 428
        raise no
    return None


class ListView(ApiView):
    """GET: a page of a list. POST: a new record."""

    def get(self, request: HttpRequest, slug: str) -> JsonResponse:
        kind = answers.kind_or_404(slug, self.user)
        self.within(kind.name)
        text = request.GET.get("limit", "50")
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_LIMIT or len(text) > 6:
            raise Refused(_("limit is a number from 1 to %(n)s.") % {"n": MAX_LIMIT}, code="limit", field="limit")
        wish = answers.read_wish(kind, request.GET.get("fields", ""), request.GET.get("expand", ""), self.user)
        params = {key: request.GET.getlist(key) for key in request.GET}
        asked = listing.read(kind, params, self.user, ignore=("fields", "expand"))
        columns = [attr for attr, _hidden in answers.fields(kind, self.user) if wish.wants(attr.name)]
        found = listing.page(asked, limit=int(text), cursor=request.GET.get("cursor", ""), related=answers.joined(kind, wish), columns=columns)
        return JsonResponse({
            "items": answers.items(kind, found.items, self.user, wish),
            "next": found.next or None, "count": found.count, "count_capped": found.capped,
        })

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        kind = _to_write(self, slug)
        given = bodies.read(request)

        def work() -> HttpResponse:
            made = create(kind, given, self.user)
            # What was made for a colleague may be out of sight at once.
            response = answers.written(request, kind, made.pk, self.user, JsonResponse({"id": made.pk}, status=201), row=made)
            response["Location"] = f"{request.path}/{made.pk}"
            return response

        return once.answer(request, self.user, work)


def _to_write(view: ApiView, slug: str) -> Kind:
    kind = answers.kind_or_404(slug, view.user)
    view.within(kind.name)
    if not may_write(kind):
        no = Refused(_("%(kind)s cannot be written here.") % {"kind": kind.plural}, code="method")
        no.status = 405
        raise no
    return kind


class ItemView(ApiView):
    """GET: one record. PATCH: change some of its fields. A record out of sight is one that is not there."""

    def get(self, request: HttpRequest, slug: str, pk: str) -> JsonResponse:
        kind = answers.kind_or_404(slug, self.user)
        self.within(kind.name)
        wish = answers.read_wish(kind, request.GET.get("fields", ""), request.GET.get("expand", ""), self.user)
        row = answers.row_or_404(kind, pk, self.user)
        return answers.tagged(JsonResponse(answers.items(kind, [row], self.user, wish)[0]), row)

    def patch(self, request: HttpRequest, slug: str, pk: str) -> HttpResponse:
        kind = _to_write(self, slug)
        found = answers.number(pk)
        given, version = asked(request, kind, found, self.user, needed=True)

        def work() -> HttpResponse:
            change(kind, found, version, given, self.user)
            return answers.written(request, kind, found, self.user, HttpResponse(status=204))

        return once.answer(request, self.user, work)


class CallView(ApiView):
    """POST: do something with a record, by the name of the action."""

    def post(self, request: HttpRequest, slug: str, pk: str, name: str) -> HttpResponse:
        kind = answers.kind_or_404(slug, self.user)
        self.within(kind.name)
        call = calls.of(kind).get(name)
        if call is None:
            raise Http404
        found = answers.number(pk)
        given, version = asked(request, kind, found, self.user, needed=False)

        def work() -> HttpResponse:
            row = held(kind, found, version, self.user)
            done = call.run(row, bodies.arguments(call, row, given, self.user), by=self.user)
            # What was handed over may be out of sight now.
            return answers.written(request, kind, row.pk, self.user, HttpResponse(status=204), row=done)

        return once.answer(request, self.user, work)


class BatchView(ApiView):
    """POST: up to 500 new or changed records, each with an outcome of its own."""

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        kind = _to_write(self, slug)
        given = bodies.read(request)
        items, whole = given.get("items"), given.get("all_or_nothing", False)
        if set(given) - {"items", "all_or_nothing"} or not isinstance(items, list) or not isinstance(whole, bool):
            raise Refused(_("Send {\"items\": […], \"all_or_nothing\": false}."), code="body.form")
        if not 1 <= len(items) <= MAX_BATCH:
            raise Refused(_("Send from 1 to %(n)s items.") % {"n": MAX_BATCH}, code="body.many", field="items")
        try:
            with history.in_batch(uuid.uuid4().hex):
                return once.answer(request, self.user, lambda: self._do(kind, items, whole))
        except _Whole as stop:
            words = answers.failure(stop.no)[1]
            words.pop("now", None)  # nothing of the batch was done: what one record is now is not the answer
            return JsonResponse({**words, "index": stop.place}, status=422)

    def _do(self, kind: Kind, items: list[Any], whole: bool) -> HttpResponse:
        outcomes: list[dict[str, Any]] = []
        for place, given in enumerate(items):
            try:
                with transaction.atomic():
                    outcomes.append(self._one(kind, given))
            except (Refused, Stale, Http404) as no:
                if whole:
                    raise _Whole(place, no) from None
                status, words = answers.failure(no)
                outcomes.append({"status": status, **words})
        done = sum(outcome["status"] < 300 for outcome in outcomes)
        return JsonResponse({"done": done, "failed": len(outcomes) - done, "outcomes": outcomes})

    def _one(self, kind: Kind, given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise Refused(_("Each item is an object."), code="body.form")
        if "id" not in given:
            made = create(kind, given, self.user)
            return {"status": 201, "item": answers.as_seen(kind, made.pk, self.user)}
        pk, version = given["id"], given.get("version")
        if not isinstance(pk, int) or isinstance(pk, bool) or pk < 0 or not isinstance(version, int) or isinstance(version, bool):
            raise Refused(_("To change a record give its id and version."), code="version.missing", field="version")
        fields = {name: value for name, value in given.items() if name not in ("id", "version")}
        change(kind, answers.number(str(pk)), version, fields, self.user)
        return {"status": 200, "item": answers.as_seen(kind, pk, self.user)}


class _Whole(Exception):
    """One item failed and nothing of the batch is to stay."""

    def __init__(self, place: int, no: Refused | Stale | Http404) -> None:
        super().__init__()
        self.place, self.no = place, no
