"""Logs: one JSON line for each event and each request, on standard error, without anybody's data.

A line says who by number and what by route name. It never holds an address with its query, a form,
a name, a number of a telephone; texts of errors are stripped of what they quote.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.http import HttpRequest, HttpResponse

log = logging.getLogger("zhike.request")
FORMATS = ("json", "text")
# Asked every few seconds by machines.
QUIET = {"healthz", "readyz", "version"}
FRAMES, LONGEST = 25, 500
_request: ContextVar[dict[str, Any]] = ContextVar("request", default={})  # noqa: B039 -- never changed, only replaced
# Quoted text, addresses of mail, long numbers; what stands between brackets in "Key (mobile)=(…)".
_DATA = re.compile(r"'[^']*'|\"[^\"]*\"|=\([^)]*\)|“[^”]*”|\S+@\S+|\d{5,}|[\u3400-\u9fff]+")


def stripped(text: str) -> str:
    """The first line of a text with whatever may be somebody's data taken out."""
    return _DATA.sub("…", text.strip().split("\n", 1)[0])[:LONGEST]


class JsonLines(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, and what the request says about itself."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": record.getMessage()[:2000],
            **_request.get(), **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= _error(record.exc_info[1], record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def _error(wrong: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return {
        "error": type(wrong).__name__, "said": stripped(str(wrong)),
        "frames": [f"{frame.filename.rsplit('site-packages/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }


class RequestLines:
    """Gives every request a number, which its lines and its answer carry, and writes one line when it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, began = uuid.uuid4().hex[:16], time.perf_counter()
        request.number = number  # type: ignore[attr-defined]  # a page that failed tells it
        token = _request.set({"request": number})
        try:
            response = self.get_response(request)
            match = request.resolver_match
            route = match.view_name if match else ""
            # Not request.user: reading it would cost pages without a user a query.
            user = getattr(request, "_cached_user", None)
            log.log(
                logging.DEBUG if route in QUIET else logging.INFO, "request",
                extra={"facts": {
                    "method": request.method if request.method in ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS") else "other",
                    "route": route, "status": response.status_code, "user": getattr(user, "pk", None),
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                }},
            )
        finally:
            _request.reset(token)
        response.headers["X-Request-Id"] = number
        return response


def logging_settings(level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING for a level and a format, "json" or "text"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "zhike.config.logs.JsonLines"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # Its warnings repeat the address somebody typed; our own line has the status.
            "django.request": {"level": "ERROR"},
            # The same: an address may be a key (a password link), and our line says 403 and the route.
            "django.security.csrf": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
            "django_tasks": {"level": "WARNING"},
            "django_tasks_db": {"level": "WARNING"},
            # As text a line a request would only bury the others.
            "zhike.request": {"level": level if form == "json" else "WARNING"},
        },
    }
