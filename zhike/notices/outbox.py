"""The outbox: what shall leave the house is written down in the transaction of its cause and sent by a job.

Only mail has a channel today. The rest waits, is listed as waiting, and can be taken back.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused

from . import actions, mailing
from .models import Message, Outgoing, Wishes

log = logging.getLogger("zhike.outbox")
ATTEMPTS = 5
AT_ONCE = 200
LONGEST = 10_000  # characters of a text
LINES = 50  # of a digest
HANDING = timedelta(minutes=10)  # no mail server takes longer over one text
LATEST = timedelta(days=7)  # what nobody tried for so long does not leave by itself any more
FAILED = "mail.failed"


def _failed_text(message: Message) -> str:
    return _("Sending “%(subject)s”: %(why)s") % {
        "subject": message.values.get("subject", ""), "why": mailing.words(str(message.values.get("error", "")))}


actions.declare(FAILED, _failed_text)


def put_out(channel: str, address: str, body: str, *, key: str, subject: str = "", row: Any = None, by: Any = None) -> Outgoing:
    """Write down what shall be sent; the same `key` again changes nothing. Refuses an address that is none."""
    body, subject = body.strip(), " ".join(subject.split())[:200]
    if not body or len(body) > LONGEST:
        raise Refused(_("A text to send has 1 to %(n)s characters.") % {"n": f"{LONGEST:,}"}, field="text")
    if channel == "mail":
        try:
            validate_email(address)
        except Exception:
            raise Refused(_("“%(address)s” is no e-mail address.") % {"address": address[:100]}, field="address") from None
    elif not address.strip():
        raise Refused(_("There is no address for this channel."), field="address")
    now = clock.now()
    made, _new = Outgoing.objects.get_or_create(key=key[:120], defaults={
        "channel": channel, "address": address.strip()[:254], "subject": subject, "body": body, "kind": getattr(row, "KIND", ""),
        "row_id": getattr(row, "pk", None), "sender": by, "created_at": now, "next_try_at": now,
    })
    return made


def take_back(ids: list[int], *, failed: bool = False) -> int:
    """Cancel what has not left yet; with `failed` also what could not leave, so that nobody tries it once more."""
    states = (Outgoing.WAITING, Outgoing.FAILED) if failed else (Outgoing.WAITING,)
    return Outgoing.objects.filter(pk__in=ids, state__in=states).update(state=Outgoing.CANCELLED)


def try_again(ids: list[int]) -> int:
    """Have what failed or waits for its next try sent at once; its tries count anew. Returns how many.

    What was sent stays sent, and what was taken back (somebody wants no more texts, perhaps) stays back.
    """
    tried = Outgoing.objects.filter(Q(state=Outgoing.FAILED) | Q(state=Outgoing.WAITING, attempts__gt=0), pk__in=ids)
    return tried.update(state=Outgoing.WAITING, attempts=0, error="", next_try_at=clock.now())


def send_waiting() -> int:
    """Send what waits for the mail server; five tries with growing pauses. Without a server it waits."""
    if not settings.MAIL_HOST:
        return 0
    _name_interrupted()
    now, sent = clock.now(), 0
    ready = Outgoing.objects.filter(channel="mail", state=Outgoing.WAITING, next_try_at__lte=now).select_related("sender").order_by("next_try_at", "pk")
    for found in ready[:AT_ONCE]:
        taken = Outgoing.objects.filter(pk=found.pk, state=Outgoing.WAITING, attempts=found.attempts)
        if found.next_try_at < now - LATEST:  # the server was set up, or the worker started, long after: nobody wants it any more
            if taken.update(state=Outgoing.FAILED, error=mailing.LATE):
                _tell_sender(found, mailing.LATE)
            continue
        # Written down before it is handed over: what a kill leaves in between has perhaps left, and nobody gets a text twice.
        if not taken.update(state=Outgoing.SENDING, attempts=found.attempts + 1, next_try_at=clock.now() + HANDING):
            continue
        code, said = mailing.hand_over(found)
        sent += code == mailing.SENT
        _note(found, code, said)
        if code == mailing.UNREACHABLE:
            break  # the others would wait as long for nothing
    return sent


def _note(row: Outgoing, code: str, said: str) -> None:
    """What became of a text. A server that cannot be reached is not the text's fault and costs no try."""
    now, error = clock.now(), mailing.note(code, said)
    mine = Outgoing.objects.filter(pk=row.pk, state=Outgoing.SENDING)
    if code == mailing.SENT:
        mine.update(state=Outgoing.SENT, sent_at=now, error="")
        return
    log.warning("mail %s was not taken: %s", row.pk, code)
    if code == mailing.UNREACHABLE:
        mine.update(state=Outgoing.WAITING, attempts=row.attempts, next_try_at=now + timedelta(minutes=5), error=error)
    elif code == mailing.LATER and row.attempts + 1 < ATTEMPTS:
        mine.update(state=Outgoing.WAITING, next_try_at=now + timedelta(minutes=5 * 4**row.attempts), error=error)
    elif mine.update(state=Outgoing.FAILED, error=error):
        _tell_sender(row, error)


def _name_interrupted() -> None:
    """What a worker was handing over when it was killed: perhaps it arrived, so a person decides whether it is sent again."""
    stuck = Outgoing.objects.filter(state=Outgoing.SENDING, next_try_at__lte=clock.now()).select_related("sender")
    for row in stuck[:AT_ONCE]:
        if Outgoing.objects.filter(pk=row.pk, state=Outgoing.SENDING).update(state=Outgoing.FAILED, error=mailing.UNCLEAR):
            _tell_sender(row, mailing.UNCLEAR)


def _tell_sender(row: Outgoing, error: str) -> None:
    """Whoever wrote it learns that it did not leave, and why."""
    if row.sender is not None and row.sender.is_active:
        actions.tell([row.sender], FAILED, key=f"outgoing:{row.pk}:{clock.now():%Y%m%d%H%M%S}", tone="bad", subject=row.subject or row.body[:40], error=error,
                     row=SimpleNamespace(KIND=row.kind, pk=row.row_id) if row.kind else None)


def write_digests() -> int:
    """One mail a day to whoever wants it: the unread alerts of which they may see the record."""
    today, hour, made = clock.today(), clock.local(clock.now()).hour, 0
    wanted = Wishes.objects.filter(mail=True, user__is_active=True, digest_hour__lte=hour).exclude(mailed_on=today)
    for wish in wanted.exclude(user__email="").select_related("user"):
        if wish.quiet_at(hour):
            continue
        with transaction.atomic(), translation.override(wish.user.language or "zh-hans"):
            made += _write_digest(wish, today)
    return made


def _write_digest(wish: Wishes, today: Any) -> int:
    if not Wishes.objects.filter(pk=wish.pk).exclude(mailed_on=today).update(mailed_on=today):
        return 0
    rows = actions.readable(Message.objects.filter(receiver=wish.user, category="alert").waiting(), wish.user)
    rows = list(rows.select_related("hit").order_by("-pk")[: LINES + 1])
    if not rows:
        return 0
    lines = [f"· {actions.text_of(row)}" for row in rows[:LINES]]
    if len(rows) > LINES:
        lines.append("…")
    lines += ["", _("Open the message centre to work on them.")]
    put_out("mail", wish.user.email, "\n".join(lines), key=f"digest:{wish.user.pk}:{today:%Y%m%d}",
            subject=_("Zhike: %(n)s reminders") % {"n": len(rows[:LINES])})
    return 1
