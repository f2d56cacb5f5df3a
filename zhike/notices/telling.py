"""Telling people of what the rules have found: one by one, or as one digest a day; never in quiet hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.records import registry

from . import actions
from .alerting import Alert, declared
from .models import AlertHit, AlertRule, Message, Wishes
from .models.messages import within

ONE_BY_ONE = 30  # more at once for one person come as a digest, whatever the rule says
BATCH = 1_000
DIGEST, HIT = "alert.digest", "alert.hit"


def _digest_text(message: Message) -> str:
    alert = declared(str(message.values.get("code", "")))
    label = str(alert.label) if alert else message.values.get("code", "")
    return _("%(alert)s: %(n)s records") % {"alert": label[:1].upper() + label[1:], "n": f"{message.values.get('n', 0):,}"}


def _hit_text(message: Message) -> str:
    from zhike.pages import formats

    alert = declared(str(message.values.get("code", "")))
    if alert is None:
        return str(message.values.get("row", ""))
    at = message.hit.since if message.hit is not None else None
    day = "—" if at is None or at == clock.NEVER else formats.d(clock.local(at).date())
    return str(alert.text) % {"row": message.values.get("row", ""), "day": day}


actions.declare(DIGEST, _digest_text)
actions.declare(HIT, _hit_text)


def tell_rule(rule: AlertRule) -> int:
    """Tell what waits to be told of one rule; returns how many messages that made."""
    alert, now = declared(rule.code), clock.now()
    hour = clock.local(now).hour
    if alert is None or not rule.enabled or within(hour, rule.quiet_from, rule.quiet_to):
        return 0
    if rule.repeat_days:
        told = AlertHit.objects.filter(rule=rule, closed_at=None, handled_at=None)
        told.filter(told_at__lte=now - timedelta(days=rule.repeat_days) + timedelta(hours=1)).update(told_at=None)
    waiting = AlertHit.objects.filter(rule=rule, closed_at=None, handled_at=None, told_at=None).filter(Q(later=None) | Q(later__lte=now))
    counts = dict(waiting.values("receiver_id").annotate(n=Count("pk")).order_by().values_list("receiver_id", "n"))
    wishes = {found.user_id: found for found in Wishes.objects.filter(user__in=list(counts))}
    muted = [pk for pk in counts if pk in wishes and rule.code in wishes[pk].muted]
    waiting.filter(receiver__in=muted).update(told_at=now)
    made = 0
    for receiver, n in counts.items():
        wish = wishes.get(receiver) or Wishes(user_id=receiver)
        if receiver in muted or wish.quiet_at(hour):
            continue
        with transaction.atomic():
            if rule.digest or n > ONE_BY_ONE:
                made += _digest(rule, alert, receiver, waiting.filter(receiver=receiver), n, wish, hour)
            else:
                made += _singly(rule, alert, list(waiting.filter(receiver=receiver).order_by("pk")[:ONE_BY_ONE]))
    return made


def _digest(rule: AlertRule, alert: Alert, receiver: int, hits: Any, n: int, wish: Wishes, hour: int) -> int:
    now, key = clock.now(), f"digest:{rule.code}:{clock.today():%Y%m%d}"
    if hour < wish.digest_hour or Message.objects.filter(receiver=receiver, key=key).exists():
        return 0  # what is found later that day waits for tomorrow's
    Message.objects.create(receiver_id=receiver, category="alert", tone=alert.tone, urgent=alert.urgent, text_key=DIGEST,
                           values={"code": rule.code, "n": n}, kind="alert", row_id=rule.pk, key=key, created_at=now)
    hits.update(told_at=now)
    return 1


def _singly(rule: AlertRule, alert: Alert, hits: list[AlertHit]) -> int:
    now = clock.now()
    titles = titles_of(rule, alert, [hit.row_id for hit in hits])
    ids = [hit.pk for hit in hits]
    # Told before: the same message waits anew, for a second one would be about the same occurrence.
    Message.objects.filter(hit__in=ids).update(read_at=None, done_at=None, later=None, created_at=now)
    Message.objects.bulk_create(
        [Message(receiver_id=hit.receiver_id, category="alert", tone=alert.tone, urgent=alert.urgent or hit.escalated, text_key=HIT,
                 values={"code": rule.code, "row": titles.get(hit.row_id, "")}, kind=alert.kind or "alert",
                 row_id=hit.row_id if alert.kind else rule.pk, hit=hit, key=f"alert:{hit.pk}", created_at=now) for hit in hits],
        ignore_conflicts=True,
    )
    AlertHit.objects.filter(pk__in=ids).update(told_at=now)
    return len(hits)


def titles_of(rule: AlertRule, alert: Alert, ids: list[int]) -> dict[int, str]:
    """What the records are called in a message."""
    if not alert.kind:
        from .scanning import scan_of

        return {pk: str(name) for pk, _mark, _since, name in alert.rows(scan_of(rule, alert))}  # type: ignore[misc]
    model = registry.kind(alert.kind).model
    return {pk: str(name)[:200] for pk, name in model._default_manager.filter(pk__in=ids).values_list("pk", alert.title)}
