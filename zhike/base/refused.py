"""The business "no"."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """Something the person asked for is not allowed now; the message says what to do instead.

    `field` names the form field at fault, `items` lists what stands in the way (texts or
    ``(text, url)``), `code` is stable for API clients. Anything else that is raised is a bug.
    """

    status = 422

    def __init__(
        self,
        message: Any,
        *,
        field: str | None = None,
        code: str = "refused",
        items: list[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
        self.items = items or []

    def __str__(self) -> str:
        return str(self.message)


class Conflict(Refused):
    """Somebody else changed the row in between; `theirs` maps field names to the stored values."""

    status = 409

    def __init__(self, message: Any, *, theirs: dict[str, Any] | None = None, code: str = "conflict") -> None:
        super().__init__(message, code=code)
        self.theirs = theirs or {}


class Forbidden(Refused):
    """The person may see the row but lacks the right to do this with it."""

    status = 403

    def __init__(self, message: Any, *, code: str = "forbidden") -> None:
        super().__init__(message, code=code)
