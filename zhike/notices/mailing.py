"""Handing one text to the mail server, and what its answer means.

What matters is what is sure: a server that said no has not taken the text, and it may be tried again.
Where the line broke while it was handed over nobody knows, and it is not tried again by itself.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from email.utils import parseaddr
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from zhike.org.models import Company

from .models import Outgoing

# What became of it: the first word of `Outgoing.error`, put into the reader's language by `words`.
SENT, UNREACHABLE, LATER, REFUSED, UNCLEAR, LATE = "sent", "unreachable", "later", "refused", "unclear", "late"
LONGEST = 400  # characters of a server's answer that are kept


def hand_over(row: Outgoing) -> tuple[str, str]:
    """(what became of it, the server's own words)."""
    connection = get_connection()
    try:
        connection.open()
    except Exception as wrong:  # no way there, or not let in: nothing was handed over
        return UNREACHABLE, _plain(wrong)
    try:
        written(row, connection).send()
    except SMTPRecipientsRefused as no:
        code, said = next(iter(no.recipients.values()))
        return (REFUSED if code >= 500 else LATER), _answer(code, said)
    except SMTPSenderRefused as no:  # our own account is the matter, which an administrator puts right
        return LATER, _answer(no.smtp_code, no.smtp_error)
    except SMTPResponseException as no:
        return (REFUSED if no.smtp_code >= 500 else LATER), _answer(no.smtp_code, no.smtp_error)
    except (ValueError, SMTPNotSupportedError) as wrong:  # no mail can be made of it
        return REFUSED, _plain(wrong)
    except Exception as wrong:
        return UNCLEAR, _plain(wrong)
    finally:
        with suppress(Exception):  # it has been taken by then, whatever the parting words are
            connection.close()
    return SENT, ""


def written(row: Outgoing, connection: object = None) -> EmailMessage:
    """The mail as it leaves: from the colleague who wrote it, by the house's address, answers to the colleague.

    Its number is the same at every try, so that a server or a mailbox knows a second copy.
    """
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = row.sender
    if sender is not None:
        name = " · ".join(part for part in (str(sender), str(Company.current())) if part)
    name = "".join(sign for sign in name if sign not in '"\\\r\n')
    number = hashlib.sha256(f"{row.pk}:{row.key}:{row.created_at.isoformat()}".encode()).hexdigest()[:24]
    return EmailMessage(
        row.subject, row.body, f'"{name}" <{address}>' if name else address, [row.address], connection=connection,
        reply_to=[sender.email] if sender is not None and sender.email else None,
        headers={"Message-ID": f"<{number}@{address.rpartition('@')[2] or 'localhost'}>"},
    )


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(f"{code} {text}".split())


def _plain(wrong: Exception) -> str:
    if isinstance(wrong, SMTPResponseException):
        return _answer(wrong.smtp_code, wrong.smtp_error)
    return " ".join(f"{type(wrong).__name__}: {wrong}".split())


def note(code: str, said: str = "") -> str:
    """How it is kept with the text."""
    return f"{code}: {said[:LONGEST]}" if said else code


def words(error: str) -> str:
    """What went wrong, for whoever reads it now."""
    code, _sep, said = error.partition(": ")
    match code:
        case "unreachable":
            return _("The mail server cannot be reached (%(why)s); it is tried again until it can.") % {"why": said}
        case "later":
            return _("The mail server did not take it (%(why)s).") % {"why": said}
        case "refused":
            return _("The mail server refused it for good (%(why)s). Check the address.") % {"why": said}
        case "unclear":
            return _("Interrupted while it was handed over: it may have arrived. Ask before you send it again.")
        case "late":
            return _("It waited for more than a week and did not leave any more. Send it again if it is still wanted.")
    return error
