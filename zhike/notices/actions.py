"""Telling people something, once per occurrence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zhike.base import clock
from zhike.records import registry

from .models import Message

# key → text with %(name)s holes, made for the reader's language when it is read
TEXTS: dict[str, Any] = {}


# kind that is no record → function(user, ids) giving {id: address}, for those the reader may open
LINKS: dict[str, Any] = {}


def declare(key: str, text: Any) -> None:
    """Add a kind of message; `text` is lazily translated."""
    TEXTS[key] = text


def tell(users: Iterable[Any], text_key: str, *, key: str, row: Any = None, by: Any = None, tone: str = "info",
         category: str = "system", **values: Any) -> None:
    """Tell people something; a second telling with the same `key` changes nothing."""
    if text_key not in TEXTS:
        raise KeyError(text_key)
    Message.objects.bulk_create(
        [
            Message(receiver=user, sender=by, category=category, tone=tone, text_key=text_key, values=values,
                    kind=getattr(row, "KIND", ""), row_id=getattr(row, "pk", None), key=key[:120], created_at=clock.now())
            for user in users
            if by is None or user.pk != by.pk
        ],
        ignore_conflicts=True,
    )


def text_of(message: Message) -> str:
    """The message in the language of whoever reads it now."""
    text = TEXTS.get(message.text_key)
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
        message.pk: registry.kind(message.kind).url(message.row_id)
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
    return Message.objects.filter(receiver=user, read_at=None)[:100].count()
