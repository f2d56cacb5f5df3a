"""Tokens of programs: those one has, one more for a colleague, and the end of one."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.text import clean_line
from zhike.org import tokens
from zhike.org.models import ApiToken
from zhike.pages import formats
from zhike.pages.parts import Badge, Button, Card, Link, Mini
from zhike.records import registry

from .. import programs
from .own import OwnAction
from .users import UserAction

SOON = 14  # days before its end that a token is marked
LIVES = (("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("One year")), ("", gettext_lazy("Without end")))


def card(user: Any, *, makes: bool, own: bool) -> Card:
    """The living tokens of a person; each may be revoked."""
    lang, minis = get_language() or "zh-hans", []
    for token in tokens.living(user):
        kinds = ", ".join(str(registry.kind(name).plural) for name in token.kinds if registry.has(name))
        used = _("used %(when)s") % {"when": formats.near(token.last_used_at, lang)} if token.last_used_at else _("never used")
        until = _("until %(day)s") % {"day": formats.day(clock.local(token.expires_at).date(), lang)} if token.expires_at else _("without end")
        left = (token.expires_at - clock.now()).days if token.expires_at else SOON
        address = reverse("account-token", args=[token.pk]) if own else reverse("user-token", args=[user.pk, token.pk])
        minis.append(Mini(
            token.name or _("Token %(n)s") % {"n": token.pk}, sub=" · ".join(part for part in (until, used, kinds) if part),
            badge=Badge(token.get_scope_display(), "wait" if token.scope == ApiToken.WRITE or left < SOON else "info"),
            buttons=[Button(_("Revoke"), address, "x", dialog=True)],
        ))
    empty = _("None. A program signs in with a token and may do what this account may.")
    if own and not makes:
        empty = _("None. An administrator makes one for you.")
    buttons = [Button(_("New token"), reverse("user-token-new", args=[user.pk]), "plus", dialog=True)] if makes else []
    return Card(_("API tokens"), minis=minis, empty=empty, buttons=buttons, key="tokens", more=Link(_("What programs may do"), reverse("api-help")))


class TokenForm(django_forms.Form):
    """What it is for, what it may do, how long it lives."""

    name = django_forms.CharField(label=gettext_lazy("What it is for"), max_length=60, help_text=gettext_lazy("For instance the program that uses it: web shop, weekly report."))
    scope = django_forms.ChoiceField(label=gettext_lazy("It may"), choices=ApiToken._meta.get_field("scope").choices, initial=ApiToken.READ,
                                     widget=django_forms.RadioSelect)
    days = django_forms.ChoiceField(label=gettext_lazy("It lives"), choices=LIVES, initial="90", required=False)
    kinds = django_forms.MultipleChoiceField(label=gettext_lazy("Only these records"), required=False, widget=django_forms.CheckboxSelectMultiple,
                                             help_text=gettext_lazy("None chosen: all that the account may see."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(kind.name, capfirst(str(kind.plural))) for kind in registry.kinds() if kind.api]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise django_forms.ValidationError(self.fields["name"].error_messages["required"])
        return name


class NewTokenPage(UserAction):
    """Make a token and show it, once."""

    title_text = gettext_lazy("New token")
    submit_text = gettext_lazy("Make the token")
    form_class = TokenForm
    token = ""

    def text(self) -> Any:
        return _("A program with it may do what %(user)s may, and no more; what it does stands in the history under this name.") % {"user": self.row}

    def run(self, values: dict[str, Any]) -> str | None:
        days = int(values["days"]) if values["days"] else None
        self.token = programs.make_token(self.row, name=values["name"], scope=values["scope"], days=days, kinds=values["kinds"], by=self.user)
        return None

    def done(self, url: str) -> HttpResponse:
        # Shown in the answer itself: nowhere between here and the screen is it written down.
        page = {"title": _("Token “%(name)s”") % {"name": self.form.cleaned_data["name"]}, "token": self.token, "back": self.kind.url(self.row),
                "address": self.request.build_absolute_uri("/api/v1/meta")}
        self.template = "people/token.html"  # type: ignore[misc]
        response = self.answer(page, fragment="people/token_body.html")
        response["Cache-Control"] = "no-store"
        return response


class RevokeTokenPage(UserAction):
    """A colleague's token stops at once."""

    title_text = gettext_lazy("Revoke the token")
    submit_text = gettext_lazy("Revoke")
    style = "x"
    done_text = gettext_lazy("Token revoked")

    def find(self, **kwargs: Any) -> None:
        super().find(**kwargs)
        if not ApiToken.objects.filter(pk=self.kwargs["number"], user=self.row).exists():
            raise Http404

    def text(self) -> Any:
        return _("Programs that use it are refused from now on.")

    def run(self, values: dict[str, Any]) -> str | None:
        programs.revoke_token(self.row, self.kwargs["number"], by=self.user)
        return None


class RevokeOwnTokenPage(OwnAction):
    """One of one's own tokens stops at once."""

    title_text = gettext_lazy("Revoke the token")
    submit_text = gettext_lazy("Revoke")
    lead = gettext_lazy("Programs that use it are refused from now on.")
    style = "x"
    done_text = gettext_lazy("Token revoked")

    def get(self, request: Any, **kwargs: Any) -> HttpResponse:
        if not tokens.living(self.user).filter(pk=kwargs["pk"]).exists():
            raise Http404
        return super().get(request, **kwargs)

    def run(self, values: dict[str, Any]) -> None:
        if not programs.revoke_own_token(self.user, self.kwargs["pk"]):
            raise Http404
