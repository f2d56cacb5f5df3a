"""Telling people something, once per occurrence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from zhike.base import clock
from zhike.records import registry

from .alerting import all_alerts
from .models import AlertHit, Message

# key → text with %(name)s holes, or a function of the message; put into the reader's language when it is read
TEXTS: dict[str, Any] = {}
MOST = 500  # messages at once


# kind that is no record → function(user, ids) giving {id: address}, for those the reader may open
LINKS: dict[str, Any] = {}


def declare(key: str, text: Any) -> None:
    """Add a kind of message; `text` is lazily translated."""
    TEXTS[key] = text


def tell(users: Iterable[Any], text_key: str, *, key: str, row: Any = None, by: Any = None, tone: str = "info",
         category: str = "system", place: str = "", urgent: bool = False, **values: Any) -> None:
    """Tell people something; a second telling with the same `key` changes nothing.

    `place` is where on the record's page it stands, e.g. "discussion/#comment-9".
    """
    if text_key not in TEXTS:
        raise KeyError(text_key)
    if place:
        values["place"] = place
    Message.objects.bulk_create(
        [
            Message(receiver=user, sender=by, category=category, tone=tone, urgent=urgent, text_key=text_key, values=values,
                    kind=getattr(row, "KIND", ""), row_id=getattr(row, "pk", None), key=key[:120], created_at=clock.now())
            for user in users
            if by is None or user.pk != by.pk
        ],
        ignore_conflicts=True,
    )


def text_of(message: Message) -> str:
    """The message in the language of whoever reads it now."""
    text = TEXTS.get(message.text_key)
    if callable(text):
        return str(text(message))
    return str(text) % message.values if text else message.text_key


def links_of(messages: Iterable[Message], user: Any) -> dict[int, str]:
    """Message id → its record's page, where the reader may still see it; one query for each kind."""
    by_kind: dict[str, set[int]] = {}
    messages = list(messages)
    for message in messages:
        if message.kind and message.row_id and registry.has(message.kind) and registry.kind(message.kind).pages:
            by_kind.setdefault(message.kind, set()).add(message.row_id)
    seen = {
        name: set(registry.kind(name).model.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
        for name, ids in by_kind.items()
    }
    links = {
        message.pk: registry.kind(message.kind).url(message.row_id) + str(message.values.get("place", ""))
        for message in messages
        if message.row_id in seen.get(message.kind, ())
    }
    for name, link in LINKS.items():
        named = {message.pk: message.row_id for message in messages if message.kind == name and message.row_id}
        if named:
            addresses = link(user, set(named.values()))
            links.update({pk: addresses[row_id] for pk, row_id in named.items() if row_id in addresses})
    return links


def unread(user: Any) -> int:
    """How many messages wait for this person, counted to a hundred."""
    return Message.objects.filter(receiver=user).waiting()[:100].count()


def readable(messages: Any, user: Any) -> Any:
    """Without the alerts about records that the person may no longer see."""
    seen = Q(hit=None)
    for name in sorted({alert.kind for alert in all_alerts()}):
        if not name:
            seen |= Q(kind="alert")
        else:
            rows = registry.kind(name).model.objects.visible_to(user).filter(pk=OuterRef("row_id"))
            seen |= Q(Exists(rows), kind=name)
    return messages.filter(seen)


def mark_read(messages: Any, *, by: Any) -> int:
    """Mark one's own messages as read; returns how many that changed."""
    return messages.filter(receiver=by, read_at=None).update(read_at=clock.now())


@transaction.atomic
def mark_handled(messages: Any, *, by: Any) -> int:
    """Say of one's own messages that they are dealt with: their alerts neither come again nor go to the manager."""
    now = clock.now()
    ids = list(messages.filter(receiver=by, done_at=None).values_list("pk", flat=True)[:MOST])
    AlertHit.objects.filter(receiver=by, messages__in=ids, handled_at=None).update(handled_at=now)
    mine = Message.objects.filter(pk__in=ids)
    mine.filter(read_at=None).update(read_at=now)
    return mine.update(done_at=now)


def put_off(messages: Any, *, until: Any, by: Any) -> int:
    """Let one's own messages rest until a moment; then they are unread again."""
    ids = list(messages.filter(receiver=by, done_at=None).values_list("pk", flat=True)[:MOST])
    return Message.objects.filter(pk__in=ids).update(later=until, read_at=None)


def handle_hits(hits: Any, *, by: Any) -> int:
    """The same for alerts in one's own list, told singly or in a digest."""
    now = clock.now()
    ids = list(hits.filter(receiver=by, closed_at=None, handled_at=None).values_list("pk", flat=True)[:MOST])
    Message.objects.filter(hit__in=ids, done_at=None).update(done_at=now, read_at=now)
    n = AlertHit.objects.filter(pk__in=ids).update(handled_at=now)
    finish_digests(ids)
    return n


def finish_digests(hits: Sequence[int]) -> None:
    """Digests of these alerts in which nothing is open any more need no reading."""
    now = clock.now()
    of = AlertHit.objects.filter(pk__in=hits).order_by()
    rules, receivers = (list(of.values_list(name, flat=True).distinct()) for name in ("rule_id", "receiver_id"))
    left = AlertHit.objects.filter(rule_id=OuterRef("row_id"), receiver_id=OuterRef("receiver_id"), closed_at=None, handled_at=None)
    digests = Message.objects.filter(kind="alert", hit=None, done_at=None, row_id__in=rules, receiver_id__in=receivers)
    digests.filter(~Exists(left)).update(done_at=now, read_at=now)


def put_off_hits(hits: Any, *, until: Any, by: Any) -> int:
    """Leave alerts out of one's own list until a moment; then they are told again."""
    ids = list(hits.filter(receiver=by, closed_at=None, handled_at=None).values_list("pk", flat=True)[:MOST])
    Message.objects.filter(hit__in=ids, done_at=None).update(later=until, read_at=None)
    return AlertHit.objects.filter(pk__in=ids).update(later=until, told_at=None)
