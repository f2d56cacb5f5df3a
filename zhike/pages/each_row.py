"""A dialog over chosen rows of which each answers for itself: what refused stays before one's eyes with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zhike.records import guard

from . import formats
from .actions import ActionPage
from .views import with_toast

REASONS = 20  # rows named with their reason; then comes how many more there are


def first_of(texts: Sequence[str]) -> list[str]:
    """The first reasons, and how many more there are."""
    return [*texts[:REASONS], *([_("%(n)s more") % {"n": f"{len(texts) - REASONS:,}"}] if len(texts) > REASONS else [])]


def named(failed: Sequence[tuple[Any, str]]) -> list[str]:
    """The first rows that refused, each with its reason, and how many more there are; a reason that names its row stands alone."""
    return first_of([text if str(row) in text else formats.labelled(row, text) for row, text in failed])


class EachRowPage(ActionPage):
    """Do something with the chosen rows of a list; `perform` notes in `failed` which refused, and why."""

    many = True
    failed: Sequence[tuple[Any, str]] = ()

    def prepare(self, pk: int | None = None) -> None:
        self.rows = self._chosen()
        guard.require(self.user, self.kind, self.permission)

    def reasons(self) -> list[Any]:
        """What stays before one's eyes of those that refused."""
        return named(self.failed)

    def done(self, url: str) -> HttpResponse:
        """Rows that refused stay on the screen with their reasons; else back to the list."""
        if self.job is not None or not self.failed:
            return super().done(url)
        self.rows = [row for row, _text in self.failed]
        toast = self.toast()
        assert toast is not None
        self.form.add_error(None, toast["text"])
        return with_toast(self.answer(self.parts(blockers=self.reasons()), status=422), toast["text"], undo_url=toast.get("undo_url", ""))

    def back_url(self) -> str:
        return self.list_url()
