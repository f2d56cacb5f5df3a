"""What the message centre does by the clock."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records import jobs as background
from zhike.records import tasks

from . import outbox
from .models import AlertHit, AlertRule, Message, Outgoing
from .rules import ensure_rules
from .scanning import scan_rule
from .telling import tell_rule

log = logging.getLogger("zhike.alerts")
KEPT_DAYS = 180


@tasks.job("notices.scan_alerts", every=60)
def scan_alerts() -> int:
    """Look through every rule that is on; a broken one is named on its page and stops no other."""
    ensure_rules()
    opened = 0
    for rule in AlertRule.objects.filter(enabled=True):
        try:
            opened += scan_rule(rule).opened
        except Exception as wrong:
            log.exception("alert %s failed", rule.code)
            AlertRule.objects.filter(pk=rule.pk).update(scan_error=f"{type(wrong).__name__}: {wrong}"[:500], scanned_at=clock.now())
    tell_people()
    return opened


@tasks.job("notices.tell", every=10)
def tell_people() -> int:
    """Tell what waited for a quiet hour to end or for somebody's digest hour."""
    return sum(tell_rule(rule) for rule in AlertRule.objects.filter(enabled=True))


@tasks.job("notices.mail", every=5)
def mail_out() -> int:
    """Write the daily mails and send what waits for the mail server."""
    outbox.write_digests()
    return outbox.send_waiting()


@tasks.job("notices.prune", every=24 * 60)
def prune() -> int:
    """Forget messages after half a year, alerts half a year after they are over, and what was sent."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    gone = Message.objects.filter(created_at__lt=before).exclude(hit__closed_at=None, hit__isnull=False).delete()[0]
    gone += AlertHit.objects.filter(closed_at__lt=before).delete()[0]
    return gone + Outgoing.objects.filter(created_at__lt=before).exclude(state=Outgoing.WAITING).delete()[0]


@background.job("notices.scan_rule", label=gettext_lazy("Scan of an alert rule"))
def scan_one(ctx: background.Context) -> None:
    """One rule at once, for the administrator who waits for it."""
    rule = AlertRule.objects.filter(pk=ctx.payload["rule"], enabled=True).first()
    if rule is None:
        raise Refused(_("The rule is off: turn it on to scan."))
    tally = scan_rule(rule)
    tell_rule(rule)
    ctx.say(_("%(records)s records, %(opened)s new alerts, %(closed)s closed.")
            % {"records": f"{tally.records:,}", "opened": f"{tally.opened:,}", "closed": f"{tally.closed:,}"})
