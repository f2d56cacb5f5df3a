"""From where something is done: page, api, import, job or system. History writes it down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_channel: ContextVar[str] = ContextVar("channel", default="system")


def current() -> str:
    return _channel.get()


@contextmanager
def through(name: str) -> Iterator[None]:
    token = _channel.set(name)
    try:
        yield
    finally:
        _channel.reset(token)
