"""The message centre."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import formats
from zhike.pages.parts import Mini
from zhike.pages.views import PostView

from . import actions
from .models import Message


class MessagesPage(PostView):
    """My messages, newest first; a post marks all of them read."""

    template = "notices/messages.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        lang = get_language() or "zh-hans"
        rows = list(Message.objects.filter(receiver=self.user).order_by("-pk")[:100])
        links = actions.links_of(rows, self.user)
        minis = [Mini(actions.text_of(row), links.get(row.pk, ""), value=formats.near(row.created_at, lang),
                      sub="" if row.read_at else _("unread")) for row in rows]
        return self.answer({"title": _("Messages"), "minis": minis})

    def perform(self) -> str:
        Message.objects.filter(receiver=self.user, read_at=None).update(read_at=clock.now())
        return "/messages/"
