"""What leaves the house, for administrators: what waits, was sent or failed; taken back, or tried once more."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.pages import formats
from zhike.pages.parts import Badge, Link, Notice
from zhike.pages.views import PostView
from zhike.records import registry

from .. import mailing, outbox
from ..models import Outgoing
from .messages import chosen_ids

PAGE = 50
TONES = {Outgoing.WAITING: "wait", Outgoing.SENDING: "info", Outgoing.SENT: "good", Outgoing.FAILED: "bad", Outgoing.CANCELLED: "neutral"}


class OutboxPage(PostView):
    """All texts to addresses outside, newest first; a post takes back or tries again what is ticked."""

    template = "notices/outbox.html"
    menu, place = "settings", "outbox"
    error: Any = ""
    text: Any = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Addresses and words to people outside: only for whoever runs the house.
        if request.user.is_authenticated and not request.user.is_admin:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def asked(self) -> dict[str, str]:
        given = self.request.GET
        state, channel, before = given.get("state", ""), given.get("channel", ""), given.get("before", "")
        if state not in ("", *dict(Outgoing.STATES)) or channel not in ("", *dict(Outgoing.CHANNELS)):
            raise Http404
        if before and number(before) is None:
            raise Http404
        return {"state": state, "channel": channel, "q": given.get("q", "").replace("\0", "").strip()[:100], "before": before}

    def link(self, asked: dict[str, str], **changes: str) -> str:
        merged = {name: value for name, value in {**asked, "before": "", **changes}.items() if value}
        return f"{reverse('outbox')}?{urlencode(merged)}" if merged else reverse("outbox")

    def show(self, status: int = 200) -> HttpResponse:
        asked = self.asked()
        rows = Outgoing.objects.all()
        if asked["channel"]:
            rows = rows.filter(channel=asked["channel"])
        if asked["q"]:
            rows = rows.filter(Q(address__icontains=asked["q"]) | Q(subject__icontains=asked["q"]) | Q(body__icontains=asked["q"]))
        counts = dict(rows.order_by().values("state").annotate(n=Count("pk")).values_list("state", "n"))
        if asked["state"]:
            rows = rows.filter(state=asked["state"])
        if asked["before"]:
            rows = rows.filter(pk__lt=int(asked["before"]))
        found = list(rows.select_related("sender").order_by("-pk")[: PAGE + 1])
        more, found = (found[PAGE - 1].pk if len(found) > PAGE else None), found[:PAGE]
        states = [Link(_("All"), self.link(asked, state=""), active=not asked["state"]),
                  *(Link(f"{label} {counts.get(code, 0):,}", self.link(asked, state=code), active=asked["state"] == code)
                    for code, label in Outgoing.STATES)]
        channels = [Link(_("All channels"), self.link(asked, channel=""), active=not asked["channel"]),
                    *(Link(label, self.link(asked, channel=code), active=asked["channel"] == code) for code, label in Outgoing.CHANNELS)]
        return self.answer({
            "title": _("Outbox"), "states": states, "channels": channels, "q": asked["q"], "clear": self.link(asked, q=""),
            "hidden": [(name, asked[name]) for name in ("state", "channel") if asked[name]], "filtered": any(asked.values()),
            "lines": self.lines(found), "error": self.error, "notices": self.notices(),
            "next": self.link(asked, before=str(more)) if more else "", "first": self.link(asked) if asked["before"] else "",
        }, status=status)

    def notices(self) -> list[Notice]:
        """Why something waits that nobody put off."""
        found = []
        if not settings.MAIL_HOST:
            found.append(Notice(_("No mail server is set up (ZHIKE_MAIL_URL): e-mails wait here until there is one."), "wait"))
        silent = [str(label) for code, label in Outgoing.CHANNELS if code != "mail"]
        if Outgoing.objects.filter(state=Outgoing.WAITING).exclude(channel="mail").exists():
            found.append(Notice(_("There is no connection for %(channels)s yet: these texts wait and can be taken back.")
                                % {"channels": formats.listed(silent)}, "wait"))
        return found

    def lines(self, rows: list[Outgoing]) -> list[dict[str, Any]]:
        lang, links = get_language() or "zh-hans", self.about(rows)
        return [{
            "id": row.pk, "title": row.subject or row.body.splitlines()[0][:80], "body": row.body, "address": row.address,
            "channel": row.get_channel_display(), "badge": Badge(row.get_state_display(), TONES[row.state]), "about": links.get((row.kind, row.row_id)),
            "at": formats.near(row.sent_at or row.created_at, lang), "full": formats.full(row.sent_at or row.created_at, lang),
            "facts": self.facts(row, lang), "error": mailing.words(row.error) if row.state != Outgoing.SENT else "",
        } for row in rows]

    def facts(self, row: Outgoing, lang: str) -> str:
        said = [_("written by %(who)s, %(at)s") % {"who": row.sender, "at": formats.near(row.created_at, lang)} if row.sender
                else _("written by the house, %(at)s") % {"at": formats.near(row.created_at, lang)}]
        if row.attempts and row.state != Outgoing.SENT:
            said.append(ngettext("tried once", "tried %(n)s times", row.attempts) % {"n": row.attempts})
        if row.state == Outgoing.WAITING and row.attempts:
            said.append(_("next try %(at)s") % {"at": formats.near(row.next_try_at, lang)})
        return " · ".join(said)

    def about(self, rows: list[Outgoing]) -> dict[tuple[str, int | None], Link]:
        """The records the texts are about, as far as the reader sees them; a query for each kind."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            if row.row_id and registry.has(row.kind):
                wanted[row.kind].add(row.row_id)
        found: dict[tuple[str, int | None], Link] = {}
        for name, ids in wanted.items():
            kind = registry.kind(name)
            for record in kind.visible(self.user).filter(pk__in=ids):
                found[name, record.pk] = Link(str(record), kind.url(record) if kind.pages else "")
        return found

    def refused(self, no: Refused) -> HttpResponse:
        if no.status != 422:
            raise no
        self.error = no.message
        return self.show(status=422)

    def perform(self) -> str:
        do, ids = self.request.POST.get("do", ""), chosen_ids(self.request)
        if do == "back":
            n = outbox.take_back(ids)
            self.text = ngettext("one text was taken back", "%(n)s texts were taken back", n) % {"n": f"{n:,}"}
        elif do == "again":
            n = outbox.try_again(ids)
            self.text = ngettext("one text is tried again within five minutes", "%(n)s texts are tried again within five minutes", n) % {"n": f"{n:,}"}
        else:
            raise Refused(_("Nothing to change."))
        if not n:
            raise Refused(_("Only what waits can be taken back.") if do == "back" else _("Only what failed or waits for its next try can be sent again."))
        return self.link(self.asked())

    def toast(self) -> dict[str, Any]:
        return {"text": self.text, "tone": "good"}
