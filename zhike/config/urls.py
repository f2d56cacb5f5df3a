"""Every address of the system: each app declares its own in its `urls` module."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("version", health.version, name="version"),
    # Highest floor first: an app above may put a page before those below it.
    *(path("", include(f"{app}.urls")) for app in reversed(settings.LOCAL_APPS) if find_spec(f"{app}.urls")),
]

handler400 = "zhike.pages.middleware.bad_request"
handler403 = "zhike.pages.middleware.forbidden"
handler404 = "zhike.pages.middleware.not_found"
handler500 = "zhike.pages.middleware.server_error"
