"""Headers on every answer: what a page may load and do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# No inline script or style, nothing from elsewhere, and no nonces: a page
# that needs one of those is written wrong. data: images are drawn by CSS.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
PERMISSIONS_POLICY = "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"


class SecurityHeaders:
    """Set the content policy; keep what only its reader may see out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Static files say for themselves how long they may be kept.
        headers.setdefault("Cache-Control", "private, no-store" if _signed_in(request) else "no-cache")
        return response


def _signed_in(request: HttpRequest) -> bool:
    # Not request.user: reading it here would cost pages without a user a query.
    session = getattr(request, "session", None)
    return bool(session is not None and session.accessed)
