"""Tells with each answer how many queries it took; on request which ones."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse


class Measure:
    """Outermost: what the session and the rights ask for counts too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked: list[tuple[str, Any]] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            asked.append((sql, params))
            return execute(sql, params, many, context)

        began = time.process_time()
        with connection.execute_wrapper(note):
            response = self.get_response(request)
        if request.headers.get("X-Bench-Statements"):
            return HttpResponse(json.dumps([(sql, list(params or ())) for sql, params in asked], default=str))
        response.headers["X-Bench-Queries"] = str(len(asked))
        # The worker's own processor time: it stays the same when others use the machine too.
        response.headers["X-Bench-Cpu"] = f"{time.process_time() - began:.6f}"
        return response
