"""The read API: lists, records and reports with bearer tokens, within the token's person's rights."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from zhike.analytics.funnel import funnel, won
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.tokens import check_token
from zhike.pages.cells import masked
from zhike.records import listing, registry
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

MAX_LIMIT = 200
PLACES = {"money": 2, "price": 6, "quantity": 4, "percent": 4}


@method_decorator(csrf_exempt, name="dispatch")  # tokens, never cookies, say who is asking
class ApiView(View):
    """Answers JSON; a missing or dead token is 401, a refusal carries text, code and field."""

    http_method_names = ["get", "head", "options"]
    user: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        head, _sep, token = request.headers.get("Authorization", "").partition(" ")
        found = check_token(token.strip()) if head.lower() == "bearer" else None
        if found is None:
            response = error(401, _("Give a valid token: Authorization: Bearer …"), "token")
            response["WWW-Authenticate"] = "Bearer"
            return response
        self.user = found.user
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as no:
            return error(400 if no.status == 422 else no.status, no.message, no.code, no.field)
        except Http404:
            return error(404, _("There is nothing here, or you may not see it."), "not_found")

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = error(405, _("This address only answers GET."), "method")
        response["Allow"] = "GET, HEAD, OPTIONS"
        return response


def error(status: int, text: Any, code: str, field: str | None = None) -> JsonResponse:
    return JsonResponse({"error": str(text), "code": code, "field": field}, status=status)


def plain(attr: Attr, value: Any) -> Any:
    """Money with two places, prices with six, both as text; links as id and text; times in UTC."""
    if value is None:
        return None
    if attr.type in PLACES:
        return f"{value:.{PLACES[attr.type]}f}"
    if attr.type in ("ref", "user", "department"):
        return {"id": value.pk, "text": str(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value


def item(kind: Kind, row: Any, user: Any) -> dict[str, Any]:
    access = access_of(user)
    found: dict[str, Any] = {"id": row.pk}
    for attr in kind.shown(kind.api, access):
        value = attr.value(row)
        if access.field_mode(kind.name, attr.name) == "mask" and value not in (None, ""):
            found[attr.name] = masked(attr, value)
        else:
            found[attr.name] = plain(attr, value)
    if hasattr(row, "version"):
        found["version"] = row.version
    return found


def kind_or_404(slug: str, user: Any) -> Kind:
    kind = registry.by_slug(slug)
    if kind is None or not kind.api or not access_of(user).may(kind.name, "view"):
        raise Http404
    return kind


def joined(kind: Kind) -> list[str]:
    """The links of a kind's API fields, fetched along so that a list needs no query a row."""
    return [attr.path for attr in (kind.attr(name) for name in kind.api) if attr.type in ("ref", "user", "department")]


class ListView(ApiView):
    """GET /api/v1/<records>?limit=&cursor=&order=&q=&<filter>="""

    def get(self, request: HttpRequest, slug: str) -> JsonResponse:
        kind = kind_or_404(slug, self.user)
        text = request.GET.get("limit", "50")
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_LIMIT or len(text) > 6:
            raise Refused(_("limit is a number from 1 to %(n)s.") % {"n": MAX_LIMIT}, code="limit", field="limit")
        params = {key: request.GET.getlist(key) for key in request.GET}
        found = listing.page(listing.read(kind, params, self.user), limit=int(text), cursor=request.GET.get("cursor", ""),
                             related=joined(kind))
        return JsonResponse({
            "items": [item(kind, row, self.user) for row in found.items],
            "next": found.next or None, "count": found.count, "count_capped": found.capped,
        })


class ItemView(ApiView):
    """GET /api/v1/<records>/<id>; a record one may not see answers like one that is not there."""

    def get(self, request: HttpRequest, slug: str, pk: str) -> JsonResponse:
        kind = kind_or_404(slug, self.user)
        if not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            raise Http404
        row = kind.model.objects.visible_to(self.user).select_related(*kind.related).filter(pk=int(pk)).first()
        if row is None:
            raise Http404
        return JsonResponse(item(kind, row, self.user))


class FunnelView(ApiView):
    """GET /api/v1/reports/funnel?measure=amount|weighted|count&<filters>"""

    def get(self, request: HttpRequest) -> JsonResponse:
        if not access_of(self.user).may("opportunity", "view"):
            raise Http404
        params = {key: request.GET.getlist(key) for key in request.GET}
        found = funnel(self.user, request.GET.get("measure", "amount"), params)

        def shown(value: Decimal) -> Any:
            return int(value) if found.measure == "count" else f"{value:.2f}"

        return JsonResponse({
            "measure": found.measure,
            "process": {"id": found.process.pk, "text": str(found.process)} if found.process else None,
            "stages": [{"id": layer.stage.pk, "code": layer.stage.code, "text": str(layer.stage), "value": shown(found.value(layer)),
                        "count": layer.count} for layer in found.layers],
            "total": shown(found.value(found.total)),
        })


class WonView(ApiView):
    """GET /api/v1/reports/won?by=quarter|month|year"""

    def get(self, request: HttpRequest) -> JsonResponse:
        if not access_of(self.user).may("opportunity", "view"):
            raise Http404
        by = request.GET.get("by", "quarter")
        rows = won(self.user, by=by, params={key: request.GET.getlist(key) for key in request.GET})
        total = sum((row["amount"] for row in rows), Decimal(0))
        return JsonResponse({
            "by": by, "rows": [{**row, "amount": f"{row['amount']:.2f}"} for row in rows], "total": f"{total:.2f}",
            "count": sum(row["count"] for row in rows),
        })


class MetaView(ApiView):
    """GET /api/v1/meta: the kinds and fields this person meets, with filters and orders."""

    def get(self, request: HttpRequest) -> JsonResponse:
        access = access_of(self.user)
        kinds: list[dict[str, Any]] = []
        for kind in registry.kinds():
            if kind.api and access.may(kind.name, "view"):
                kinds.append({
                    "name": kind.name, "records": kind.slug, "label": str(kind.label),
                    "fields": [{"name": a.name, "label": a.label_text, "type": a.type} for a in kind.shown(kind.api, access)],
                    "filters": [a.name for a in kind.open(kind.filters, access)],
                    "orders": ["id", *(a.name for a in kind.sorts(access))],
                })
        return JsonResponse({"kinds": kinds})


