"""The message centre: what I was told, what became of it, and how I want to be told."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.pages import formats
from zhike.pages.actions import ActionParts
from zhike.pages.forms import take_refusal
from zhike.pages.parts import Badge, Link
from zhike.pages.views import PostView
from zhike.records import registry

from .. import actions, wishing
from ..alerting import all_alerts, declared
from ..models import AlertHit, AlertRule, Message
from ..models.messages import wishes_of
from ..telling import DIGEST

PAGE = 50
STATES = ("unread", "open", "done", "all")


def tomorrow() -> datetime:
    """Eight o'clock of the next day."""
    return datetime.combine(clock.today() + timedelta(days=1), time(8), tzinfo=clock.zone())


def chosen_ids(request: HttpRequest) -> list[int]:
    """The ids a form posts; refuses none, too many, and what is no id."""
    texts = request.POST.getlist("ids")
    if not texts:
        raise Refused(_("Select at least one row first."), code="rows.none")
    if len(texts) > actions.MOST or any(not t.isascii() or not t.isdigit() or len(t) > 18 for t in texts):
        raise Refused(_("At most %(n)s rows at a time.") % {"n": actions.MOST}, code="rows.many")
    return sorted({int(text) for text in texts})


class _Marking(PostView):
    """What both lists do with the rows one has ticked."""

    def refused(self, no: Refused) -> HttpResponse:
        if no.status != 422:
            raise no
        self.error = no.message
        return self.show(status=422)

    error: Any = ""
    text: Any = ""

    def show(self, status: int = 200) -> HttpResponse:
        raise NotImplementedError

    def toast(self) -> dict[str, Any] | None:
        return {"text": self.text, "tone": "good"} if self.text else None

    def back(self) -> str:
        query = self.request.GET.urlencode()
        return f"{self.request.path}?{query}" if query else self.request.path


class MessagesPage(_Marking):
    """My messages, newest first; a post marks, handles or puts off what is ticked, or marks all as read."""

    template = "notices/messages.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show()

    def show(self, status: int = 200) -> HttpResponse:
        asked = self.asked()
        rows = list(self.rows(asked).select_related("hit", "sender").order_by("-pk")[: PAGE + 1])
        more = rows[PAGE - 1].pk if len(rows) > PAGE else None
        rows = rows[:PAGE]
        lines = self.lines(rows)
        links = [Link(label, self.link(asked, category=code), active=asked["category"] == code)
                 for code, label in [("", _("All kinds")), *((code, label) for code, label in Message.CATEGORIES)]]
        states = [Link(label, self.link(asked, state=code), active=asked["state"] == code)
                  for code, label in zip(STATES, (_("Unread"), _("To do"), _("Handled"), _("All")), strict=True)]
        urgent = Link(_("Urgent only"), self.link(asked, urgent="" if asked["urgent"] else "1"), active=bool(asked["urgent"]))
        return self.answer({
            "title": _("Messages"), "lines": lines, "categories": links, "states": states, "urgent": urgent, "error": self.error,
            "next": self.link(asked, before=str(more)) if more else "", "first": self.link(asked) if asked["before"] else "",
            "wishes_url": reverse("message-wishes"), "empty": _("No messages."),
            "filtered": asked["state"] != "all" or bool(asked["category"] or asked["urgent"]),
        }, status=status)

    def asked(self) -> dict[str, str]:
        given = self.request.GET
        category, state, before = given.get("category", ""), given.get("state", "all"), given.get("before", "")
        if category not in ("", *(code for code, _label in Message.CATEGORIES)) or state not in STATES:
            raise Http404
        if before and (not before.isascii() or not before.isdigit() or len(before) > 18):
            raise Http404
        return {"category": category, "state": state, "urgent": "1" if given.get("urgent") == "1" else "", "before": before}

    def link(self, asked: dict[str, str], **changes: str) -> str:
        merged = {name: value for name, value in {**asked, "before": "", **changes}.items() if value and (name, value) != ("state", "all")}
        return f"{reverse('messages')}?{urlencode(merged)}" if merged else reverse("messages")

    def rows(self, asked: dict[str, str]) -> Any:
        rows = actions.readable(Message.objects.filter(receiver=self.user), self.user)
        if asked["category"]:
            rows = rows.filter(category=asked["category"])
        if asked["urgent"]:
            rows = rows.filter(urgent=True)
        if asked["before"]:
            rows = rows.filter(pk__lt=int(asked["before"]))
        match asked["state"]:
            case "unread":
                return rows.waiting()
            case "open":
                return rows.filter(done_at=None)
            case "done":
                return rows.exclude(done_at=None)
        return rows

    def lines(self, rows: list[Message]) -> list[dict[str, Any]]:
        lang, now = get_language() or "zh-hans", clock.now()
        links = actions.links_of(rows, self.user)
        names = dict(Message.CATEGORIES)
        digests = {row.row_id for row in rows if row.text_key == DIGEST}
        left = AlertHit.objects.filter(receiver=self.user, rule__in=digests, closed_at=None, handled_at=None).values("rule_id").annotate(n=Count("pk"))
        open_: dict[int, int] = dict(left.order_by().values_list("rule_id", "n")) if digests else {}
        made = []
        for row in rows:
            resting = row.later is not None and row.later > now
            badge = Badge(_("handled"), "good") if row.done_at else Badge(_("later"), "neutral") if resting else None
            if row.text_key == DIGEST and not row.done_at and not resting:
                n = open_.get(row.row_id or 0, 0)
                badge = Badge(_("%(n)s open") % {"n": f"{n:,}"}, "wait" if n else "good")
            made.append({
                "id": row.pk, "title": actions.text_of(row), "url": links.get(row.pk, ""), "unread": row.read_at is None and not resting,
                "kind": names.get(row.category, row.category), "tone": row.tone, "urgent": row.urgent, "badge": badge,
                "at": formats.near(row.created_at, lang), "full": formats.full(row.created_at, lang), "done": row.done_at is not None,
            })
        return made

    def perform(self) -> str:
        do = self.request.POST.get("do", "all")
        mine = Message.objects.filter(receiver=self.user)
        if do == "all":
            actions.mark_read(mine, by=self.user)
            return self.back()
        mine = actions.readable(mine.filter(pk__in=chosen_ids(self.request)), self.user)
        if do == "read":
            self.text = _("%(n)s marked as read") % {"n": actions.mark_read(mine, by=self.user)}
        elif do == "done":
            self.text = _("%(n)s handled") % {"n": actions.mark_handled(mine, by=self.user)}
        elif do == "later":
            self.text = _("%(n)s put off until tomorrow") % {"n": actions.put_off(mine, until=tomorrow(), by=self.user)}
        else:
            raise Refused(_("Nothing to change."))
        return self.back()


class MyAlertsPage(_Marking):
    """What one rule has found for me: the records behind a digest, to be handled or put off."""

    template = "notices/alerts.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find(self.kwargs["pk"])
        return super().post(request)

    def find(self, pk: int) -> None:
        rule = AlertRule.objects.filter(pk=pk).first()
        alert = declared(rule.code) if rule else None
        if rule is None or alert is None or (alert.kind and not access_of(self.user).may(alert.kind, "view")):
            raise Http404
        if not AlertHit.objects.filter(rule=rule, receiver=self.user).exists():
            raise Http404
        self.rule, self.alert = rule, alert

    def hits(self) -> Any:
        """My open alerts of this rule, about records that I may see."""
        found = AlertHit.objects.filter(rule=self.rule, receiver=self.user, closed_at=None)
        if self.alert.kind:
            found = found.filter(row_id__in=registry.kind(self.alert.kind).model.objects.visible_to(self.user).values("pk"))
        return found

    def crumbs(self) -> list[Link]:
        return [Link(_("Messages"), reverse("messages")), Link(str(self.rule))]

    def show(self, status: int = 200) -> HttpResponse:
        before = self.request.GET.get("before", "")
        rows = self.hits().filter(handled_at=None)
        count = rows.count()
        if before.isascii() and before.isdigit() and len(before) <= 18:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows.order_by("-pk")[: PAGE + 1])
        more, found = (found[PAGE - 1].pk if len(found) > PAGE else None), found[:PAGE]
        return self.answer({
            "title": str(self.rule), "count_text": _("%(n)s open") % {"n": f"{count:,}"}, "lines": self.lines(found), "error": self.error,
            "next": f"{self.request.path}?before={more}" if more else "", "back": reverse("messages"), "empty": _("Nothing is open here."),
        }, status=status)

    def lines(self, hits: list[AlertHit]) -> list[dict[str, Any]]:
        from ..telling import titles_of

        lang, now = get_language() or "zh-hans", clock.now()
        titles = titles_of(self.rule, self.alert, [hit.row_id for hit in hits])
        kind = registry.kind(self.alert.kind) if self.alert.kind else None
        links = actions.LINKS[kind.name](self.user, set(titles)) if kind is not None and kind.name in actions.LINKS else {}
        made = []
        for hit in hits:
            never = hit.since is None or hit.since == clock.NEVER
            made.append({
                "id": hit.pk, "title": titles.get(hit.row_id, ""), "url": kind.url(hit.row_id) if kind is not None and kind.pages else links.get(hit.row_id, ""),
                "at": "—" if never else formats.d(clock.local(hit.since).date()), "full": "" if never else formats.full(hit.since, lang),
                "badge": Badge(_("from a colleague"), "violet") if hit.escalated else Badge(_("later"), "neutral") if hit.later and hit.later > now else None,
            })
        return made

    def perform(self) -> str:
        hits, do = self.hits().filter(pk__in=chosen_ids(self.request)), self.request.POST.get("do", "")
        if do == "done":
            self.text = _("%(n)s handled") % {"n": actions.handle_hits(hits, by=self.user)}
        elif do == "later":
            self.text = _("%(n)s put off until tomorrow") % {"n": actions.put_off_hits(hits, until=tomorrow(), by=self.user)}
        else:
            raise Refused(_("Nothing to change."))
        return self.back()


HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]


class WishesForm(django_forms.Form):
    """How one person wants to be told."""

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        access = access_of(user)
        rules = set(AlertRule.objects.filter(enabled=True).values_list("code", flat=True))
        offered = [(alert.code, alert.label) for alert in all_alerts() if alert.code in rules and (access.may(alert.kind, "view") if alert.kind else user.is_admin)]
        self.fields["alerts"] = django_forms.MultipleChoiceField(
            label=_("Tell me of"), choices=offered, required=False, widget=django_forms.CheckboxSelectMultiple)
        self.fields["digest_hour"] = django_forms.ChoiceField(label=_("hour of the daily digest"), choices=HOURS)
        for name, label in (("quiet_from", _("quiet from")), ("quiet_to", _("quiet until"))):
            self.fields[name] = django_forms.ChoiceField(label=label, choices=[("", "—"), *HOURS], required=False)
        self.fields["mail"] = django_forms.BooleanField(label=_("daily digest by mail as well"), required=False)


class WishesPage(PostView):
    """Which alerts I am told of, when, and whether by mail too."""

    template, fragment = "pages/action.html", "pages/confirm.html"
    form: WishesForm

    def crumbs(self) -> list[Link]:
        return [Link(_("Messages"), reverse("messages")), Link(_("Preferences"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        wish = wishes_of(self.user)
        self.form = WishesForm(self.user, initial={
            "digest_hour": str(wish.digest_hour), "quiet_from": "" if wish.quiet_from is None else str(wish.quiet_from),
            "quiet_to": "" if wish.quiet_to is None else str(wish.quiet_to), "mail": wish.mail,
        })
        self.form.initial["alerts"] = [code for code, _label in self.form.fields["alerts"].choices if code not in wish.muted]
        return self.answer(self.parts())

    def parts(self) -> ActionParts:
        errors = [(self.form[name].id_for_label if name in self.form.fields else "", text)
                  for name, texts in self.form.errors.items() for text in texts]
        return ActionParts(title=_("How I am told"), form=self.form, submit_label=_("Save"), post_url=self.request.path,
                           cancel_url=reverse("messages"), errors=errors,
                           text=_("In quiet hours nothing new appears; it comes when they are over."))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = WishesForm(self.user, request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request)

    def refused(self, no: Refused) -> HttpResponse:
        return self.answer_again(take_refusal(self.form, no))

    def answer_again(self, status: int) -> HttpResponse:
        return self.answer(self.parts(), status=status)

    def perform(self) -> str:
        given = self.form.cleaned_data
        offered = [code for code, _label in self.form.fields["alerts"].choices]
        wishing.set_wishes(
            muted=[code for code in offered if code not in given["alerts"]], digest_hour=int(given["digest_hour"]),
            quiet_from=int(given["quiet_from"]) if given["quiet_from"] else None, quiet_to=int(given["quiet_to"]) if given["quiet_to"] else None,
            mail=given["mail"], by=self.user,
        )
        return reverse("messages")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


