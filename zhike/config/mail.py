"""Sending mail: through the server ZHIKE_MAIL_URL names, or not at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

TIMEOUT = 15  # seconds
HELP = "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465, or smtp://host:25/?tls=none"


def mail(url: str, sender: str) -> dict[str, Any]:
    """Django's settings for a mail address such as smtp://user:password@mail.example.com:587.

    smtp:// begins in the clear and must switch to TLS (`?tls=none` leaves that out, for a server on the
    same machine); smtps:// is TLS from the first byte. Without a URL nothing can be sent.
    """
    if not url:
        return {"EMAIL_BACKEND": "zhike.config.mail.NoMail", "MAIL_HOST": ""}
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    tls = options.pop("tls", "starttls")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("ZHIKE_MAIL_URL: the port is not a number from 1 to 65535") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or options or tls not in ("starttls", "none") or parts.path not in ("", "/"):
        raise ImproperlyConfigured(f"ZHIKE_MAIL_URL is not an address of a mail server; it looks like {HELP}")
    user = unquote(parts.username or "")
    sender = sender or (user if "@" in user else "")
    if "@" not in sender or any(sign in sender for sign in "\r\n"):
        raise ImproperlyConfigured("ZHIKE_MAIL_FROM must name the sender of mails, such as crm@example.com")
    implicit = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname, "EMAIL_PORT": port or (465 if implicit else 587),
        "EMAIL_HOST_USER": user, "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit, "EMAIL_USE_TLS": not implicit and tls == "starttls", "EMAIL_TIMEOUT": TIMEOUT,
        "DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender, "MAIL_HOST": parts.hostname,
    }


class NoMail(BaseEmailBackend):
    """Stands where no mail server was named: says so instead of losing mails without a word."""

    def send_messages(self, email_messages: Any) -> int:
        raise Refused(_("No mail can be sent: the server has no mail account. An administrator sets ZHIKE_MAIL_URL."), code="mail.unset")
