"""At the door, after the password: the code of the authenticator app or a passkey, or setting one up where a role asks for it."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms as django_forms
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.org import passkeys, second_factor
from zhike.org.models import User
from zhike.pages.sign_in import at_the_door, enter, waiting_user
from zhike.pages.views import go_to
from zhike.records import history

from .. import accounts

SECRET = "factor_secret"  # noqa: S105 -- the name under which the session keeps it


class CodeForm(django_forms.Form):
    """Six digits of the app, or a recovery code."""

    code = django_forms.CharField(
        label=gettext_lazy("Code"), max_length=20,
        widget=django_forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


def offered_secret(request: HttpRequest, user: User) -> dict[str, Any]:
    """A new secret for this browser and person, as picture and text; it stays the same until it is confirmed."""
    kept = request.session.get(SECRET)
    if not kept or kept[0] != user.pk:
        kept = request.session[SECRET] = [user.pk, second_factor.new_secret()]
    try:
        return {"picture": Markup(second_factor.picture(kept[1], user)), "secret": second_factor.secret_text(kept[1])}
    except second_factor.Broken:
        del request.session[SECRET]
        return offered_secret(request, user)


def take_secret(request: HttpRequest, user: User, code: str) -> list[str]:
    """Confirm the secret offered to this browser; the recovery codes. Raises `Refused`."""
    kept = request.session.get(SECRET) or [0, ""]
    codes = accounts.set_up_factor(user, kept[1] if kept[0] == user.pk else "", code)
    del request.session[SECRET]
    return codes


class CodeView(View):
    """The second step of signing in. Wrong codes count like wrong passwords, towards the same lock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = waiting_user(request)
        if found is None:
            return go_to(request, reverse("sign-in"))
        return self.show(request, found[0], CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        found = waiting_user(request)
        if found is None:
            return go_to(request, reverse("sign-in"))
        user, waiting = found
        form, who = CodeForm(request.POST), {"username": user.username}
        if not AxesProxyHandler.is_allowed(request, who):
            return self.locked(request)
        if not form.is_valid():
            return self.show(request, user, form, 422)
        how = second_factor.check(user, form.cleaned_data["code"])
        if not how:
            user_login_failed.send(sender=__name__, credentials=who, request=request)
            if getattr(request, "axes_locked_out", False):
                return self.locked(request)
            form.add_error("code", _("This code does not fit, or was used already. Wait for the next one."))
            return self.show(request, user, form, 422)
        if how == "recovery":
            factor = second_factor.of(user)
            history.log(user, "factor-recovery", by=user, args={"left": len(factor.recovery) if factor else 0})
        return enter(request, user, waiting)

    def locked(self, request: HttpRequest) -> HttpResponse:
        return at_the_door(request, {
            "title": _("Second factor"), "errors": [_("Too many attempts. Wait 15 minutes or ask an administrator.")],
        }, 429)

    def show(self, request: HttpRequest, user: User, form: CodeForm, status: int = 200) -> HttpResponse:
        by_code = second_factor.of(user) is not None
        key = {"action": reverse("sign-in-code-passkey")} if passkeys.any_of(user) else None
        text = _("Type the six digits your authenticator app shows now. Without the phone, one of your recovery codes does.") \
            if by_code else _("One of your roles asks for a second factor. Use your passkey.")
        return at_the_door(request, {
            "title": _("Second factor"), "form": form if by_code else None, "submit": _("Sign in"), "passkey": key, "text": text,
        }, status)


class FirstFactorView(View):
    """Setting the second factor up on the way in, because a role asks for it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = waiting_user(request)
        if found is None or second_factor.of(found[0]) is not None or passkeys.any_of(found[0]):
            return go_to(request, reverse("sign-in"))
        return self.show(request, found[0], CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        found = waiting_user(request)
        if found is None or second_factor.of(found[0]) is not None or passkeys.any_of(found[0]):
            return go_to(request, reverse("sign-in"))
        (user, waiting), form = found, CodeForm(request.POST)
        if not form.is_valid():
            return self.show(request, user, form, 422)
        try:
            with transaction.atomic():
                codes = take_secret(request, user, form.cleaned_data["code"])
        except Refused as no:
            form.add_error("code", str(no.message))
            return self.show(request, user, form, 422)
        way = enter(request, user, waiting)
        return at_the_door(request, {
            "title": _("Recovery codes"), "codes": codes, "on": way.headers.get("Location") or waiting.next,
            "text": _("Each lets you in once when the phone is not at hand. Print them or write them down: they are not shown again."),
        })

    def show(self, request: HttpRequest, user: User, form: CodeForm, status: int = 200) -> HttpResponse:
        return at_the_door(request, {
            "title": _("Set up the second factor"), "form": form, "submit": _("Confirm"), **offered_secret(request, user),
            "text": _("One of your roles asks for it. Take the picture with an authenticator app, then type the six digits it shows."),
        }, status)
