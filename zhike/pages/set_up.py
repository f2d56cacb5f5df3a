"""The first page of a new house: whose company it is, and who looks after it. There only while nobody can sign in."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from zhike.org.backends import BACKEND
from zhike.org.models import Company, User

from .personal import remember_language
from .views import go_to

USER_NAME = re.compile(r"[^\W_][\w.@+-]{1,59}")
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that can be taken for another
_code = ""
_settled: set[bool] = set()


def open_door() -> str:
    """Make the code that the set-up page asks for; called by the server before it forks, printed by it alone.

    Always asked for: behind a proxy every stranger seems to come from this very machine.
    """
    global _code  # noqa: PLW0603 -- shared with the workers by the fork, kept nowhere
    _code = "-".join("".join(secrets.choice(_LETTERS) for _i in range(4)) for _j in range(3))
    return _code


def settled() -> bool:
    """Whether somebody can sign in; once true it stays true for this process."""
    if not _settled and User.objects.exists():
        _settled.add(True)
    return bool(_settled)


def unless_empty(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead from the sign-in page to the set-up page while nobody could sign in."""

    def first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if settled() else go_to(request, reverse("set-up"))

    return first


def found_house(*, company: str, name: str, username: str, password: str, language: str) -> User | None:
    """Name the company and make its first administrator; None when somebody else was faster."""
    with transaction.atomic():
        Company.objects.get_or_create(pk=1, defaults={"name": company})
        # Whoever holds this row looks and writes alone: two posts make one administrator.
        house = Company.objects.select_for_update().get(pk=1)
        if User.objects.exists():
            return None
        house.name, house.language = company, language
        house.save()
        return User.objects.create_user(username, password, name=name, is_admin=True, language=language)


def _input(autocomplete: str, widget: type[django_forms.TextInput] = django_forms.TextInput) -> django_forms.TextInput:
    return widget(attrs={"autocomplete": autocomplete})


class SetUpForm(django_forms.Form):
    company = django_forms.CharField(label=gettext_lazy("Company name"), max_length=200, widget=_input("organization"))
    language = django_forms.ChoiceField(label=gettext_lazy("Language of the house"), choices=settings.LANGUAGES)
    name = django_forms.CharField(label=gettext_lazy("Your name"), max_length=60, widget=_input("name"))
    username = django_forms.CharField(
        label=gettext_lazy("User name"), max_length=60, widget=_input("username"),
        help_text=gettext_lazy("Letters, digits and . _ - @ +; you sign in with it."))
    code = django_forms.CharField(
        label=gettext_lazy("Set-up code"), max_length=40, widget=_input("off"),
        help_text=gettext_lazy("The server printed it when it started."))
    password = django_forms.CharField(
        label=gettext_lazy("Password"), max_length=200, strip=False, widget=_input("new-password", django_forms.PasswordInput),
        help_text=gettext_lazy("At least 10 characters."))
    again = django_forms.CharField(
        label=gettext_lazy("Password again"), max_length=200, strip=False, widget=_input("new-password", django_forms.PasswordInput))

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if not USER_NAME.fullmatch(username):
            raise ValidationError(_("A user name has 2 to 60 letters, digits and . _ - @ +, and begins with a letter or digit."))
        return username

    def clean_code(self) -> str:
        given = re.sub(r"[^A-Z0-9]", "", self.cleaned_data["code"].upper())
        if not _code or not hmac.compare_digest(given, _code.replace("-", "")):
            raise ValidationError(_("This is not the code the server printed at its last start."))
        return given

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        password = found.get("password")
        if password and found.get("again") and password != found["again"]:
            self.add_error("again", _("The two passwords differ."))
        if password:
            try:
                validate_password(password, User(username=found.get("username", ""), name=found.get("name", "")))
            except ValidationError as wrong:
                self.add_error("password", wrong)
        return found


class SetUpView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if settled():
            return go_to(request, reverse("sign-in"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, SetUpForm(initial={
            "language": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE), "code": request.GET.get("code", "")[:40]}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SetUpForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, status=422)
        given = form.cleaned_data
        user = found_house(**{name: given[name] for name in ("company", "name", "username", "password", "language")})
        if user is None:
            return go_to(request, reverse("sign-in"))
        login(request, user, backend=BACKEND)
        response = go_to(request, "/", toast={"text": _("Welcome. The house is yours."), "tone": "good"})
        remember_language(response, given["language"])
        return response

    def show(self, request: HttpRequest, form: SetUpForm, status: int = 200) -> HttpResponse:
        page = {"title": _("First set-up"), "form": form, "here": request.get_full_path()}
        return render(request, "pages/set_up.html", {"page": page, "shell": None}, status=status)
