"""Passwords: by a one-time link before one can sign in, and asking for such a link."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from zhike.base.refused import Refused
from zhike.org import links
from zhike.pages.sign_in import at_the_door
from zhike.pages.views import go_to

from .. import accounts

GONE = gettext_lazy("This link does not work any more: it was used, replaced, or is older than a day. Ask an administrator for a new one.")


class NewPasswordForm(django_forms.Form):
    """A new password, typed twice and judged by the rules of the house."""

    password = django_forms.CharField(
        label=gettext_lazy("New password"), max_length=200, strip=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = django_forms.CharField(
        label=gettext_lazy("New password once more"), max_length=200, strip=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        password = found.get("password")
        if password and found.get("again") is not None and password != found["again"]:
            self.add_error("again", _("The two passwords differ."))
        if password:
            try:
                validate_password(password, self.user)
            except ValidationError as wrong:
                self.add_error("password", wrong)
        return found


class SetPasswordView(View):
    """Set a password by a one-time link. Used, old, foreign and made-up links answer alike."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        link = links.living(token)
        if link is None:
            return self.gone(request)
        return self.show(request, link.user, NewPasswordForm(link.user))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = links.living(token)
        if link is None:
            return self.gone(request)
        form = NewPasswordForm(link.user, request.POST)
        if not form.is_valid():
            return self.show(request, link.user, form, 422)
        try:
            accounts.set_password_by_link(token, form.cleaned_data["password"])
        except Refused:
            return self.gone(request)
        return go_to(request, reverse("sign-in"), toast={"text": _("Password set. Sign in with it."), "tone": "good"})

    def gone(self, request: HttpRequest) -> HttpResponse:
        return at_the_door(request, {"title": _("Password link"), "text": GONE}, 404)

    def show(self, request: HttpRequest, user: Any, form: NewPasswordForm, status: int = 200) -> HttpResponse:
        return at_the_door(request, {
            "title": _("Set your password"), "text": _("For the user name %(name)s") % {"name": user.username}, "form": form,
            "submit": _("Set the password"),
        }, status)


class AskForm(django_forms.Form):
    username = django_forms.CharField(label=gettext_lazy("User name"), max_length=100)


class AskPasswordView(View):
    """Say that one needs a new password; the answer is the same whatever name is given."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, AskForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AskForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, 422)
        links.ask_for_link(form.cleaned_data["username"].strip())
        return at_the_door(request, {
            "title": _("New password"),
            "text": _("If there is such a user, the administrators see now that a new password is wanted. Ask one of them for the link."),
        })

    def show(self, request: HttpRequest, form: AskForm, status: int = 200) -> HttpResponse:
        return at_the_door(request, {
            "title": _("New password"), "text": _("An administrator makes you a link with which you set one yourself."),
            "form": form, "submit": _("Ask for a new password"),
        }, status)
