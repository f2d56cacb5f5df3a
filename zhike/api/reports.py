"""Figures: the same functions as the report pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse

from zhike.analytics.funnel import funnel, won
from zhike.analytics.lifecycle import Report
from zhike.org.access import access_of

from .base import ApiView


class FunnelView(ApiView):
    """GET /api/v1/reports/funnel?measure=amount|weighted|count&<filters>"""

    kind_name = "opportunity"

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

    kind_name = "opportunity"

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


class LifecycleView(ApiView):
    """GET /api/v1/reports/lifecycle?by=month|quarter|year&of=2026-Q4&group=source|owner&<filters>"""

    kind_name = "customer"

    def get(self, request: HttpRequest) -> JsonResponse:
        if not access_of(self.user).may("customer", "view"):
            raise Http404
        report = Report(self.user, {key: request.GET.getlist(key) for key in request.GET})
        found = report.figures()
        return JsonResponse({
            "period": report.key, "first": str(found.first), "last": str(found.last),
            "stages": [{"code": stage, "count": n, "days": str(found.days[stage]) if stage in found.days else None}
                       for stage, n in found.stock.items()],
            "flow": [{"from": source, "to": target, "count": n} for (source, target), n in sorted(found.flow.items())],
            "group": report.group,
            "conversion": [{"key": line.key, "text": line.label, "made": line.made, "opportunity": line.opportunity, "deal": line.deal}
                           for line in found.lines],
        })
