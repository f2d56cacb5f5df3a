"""The way in and out, and the language at the door."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms as django_forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org import passkeys, second_factor
from zhike.org.backends import BACKEND
from zhike.org.models import Company, User

from .personal import CHOICES, remember_language
from .views import go_to

FEW_TRIES = 5  # from here on it is said how many are left


class SignInForm(django_forms.Form):
    username = django_forms.CharField(
        label=gettext_lazy("User name, mobile or e-mail"), max_length=100,
        widget=django_forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = django_forms.CharField(
        label=gettext_lazy("Password"), max_length=200, strip=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    remember = django_forms.BooleanField(
        label=gettext_lazy("Stay signed in on this computer for 7 days"), required=False
    )


class SignInView(View):
    """The way in. Errors say what to check, never which half was wrong."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return go_to(request, safe_next(request))
        return self.show(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and request.POST.get("demo"):
            return self.one_click(request)
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, status=422)
        username = login_name(form.cleaned_data["username"].strip())
        user = authenticate(request, username=username, password=form.cleaned_data["password"])
        if user is None:
            if getattr(request, "axes_locked_out", False):
                form.add_error(None, _("Too many attempts. Wait 15 minutes or ask an administrator."))
                return self.show(request, form, status=429)
            form.add_error(None, wrong_text(request, username))
            form.add_error("password", _("Check capitals, or ask for a new password."))
            return self.show(request, form, status=422)
        waiting = Waiting(user.pk, user.backend, user.get_session_auth_hash(), form.cleaned_data["remember"], safe_next(request),
                          clock.now().isoformat())
        if second_factor.of(user) is not None:
            return wait(request, waiting, "sign-in-code")
        if second_factor.needed_by(user):
            return wait(request, waiting, "sign-in-code" if passkeys.any_of(user) else "sign-in-factor")
        return enter(request, user, waiting)

    def one_click(self, request: HttpRequest) -> HttpResponse:
        user = User.objects.filter(username=request.POST["demo"][:60], is_active=True).first()
        if user is None:
            raise Http404
        login(request, user, backend=BACKEND)
        return go_to(request, safe_next(request))

    def show(self, request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
        page = {
            "title": _("Sign in"),
            "form": form,
            "company": str(Company.current()),
            "next": safe_next(request),
            "errors": list(form.non_field_errors()) if form.is_bound else [],
            "demo_users": demo_users() if settings.DEMO else [],
        }
        return render(request, "pages/sign_in.html", {"page": page, "shell": None}, status=status)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who has given the right password and must still show the second factor. Kept in the session."""

    user: int
    backend: str
    hash: str
    remember: bool
    next: str
    at: str


WAITING = "waiting"
PATIENCE = timedelta(minutes=10)


def wait(request: HttpRequest, waiting: Waiting, step: str) -> HttpResponse:
    """Keep in mind whose password was right, and lead to the next step at the door."""
    if request.user.is_authenticated:
        logout(request)  # somebody else was signed in at this browser
    request.session.cycle_key()
    request.session[WAITING] = asdict(waiting)
    request.session.set_expiry(0)
    return go_to(request, reverse(step))


def waiting_user(request: HttpRequest) -> tuple[User, Waiting] | None:
    """The person at the door between password and second factor; None after ten minutes, or when the
    account or the password changed meanwhile."""
    kept = request.session.get(WAITING)
    if kept is None or request.user.is_authenticated:
        return None
    waiting = Waiting(**kept)
    if clock.now() - datetime.fromisoformat(waiting.at) > PATIENCE:
        return None
    user = User.objects.filter(pk=waiting.user, is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), waiting.hash):
        return None
    return user, waiting


def enter(request: HttpRequest, user: User, waiting: Waiting) -> HttpResponse:
    """Let the person in, for a week where they asked for it, and lead to where they wanted to go."""
    request.session.pop(WAITING, None)
    login(request, user, backend=waiting.backend)
    request.session.set_expiry(7 * 86400 if waiting.remember else 0)
    return go_to(request, waiting.next)


def at_the_door(request: HttpRequest, page: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for people who are not signed in; never kept by a browser or a proxy."""
    whole = {"company": str(Company.current()), **page}
    response = render(request, "pages/door.html", {"page": whole, "shell": None}, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "same-origin"
    return response


def wrong_text(request: HttpRequest, username: str) -> str:
    """What is wrong, never which half; and how often one may still try, whether there is such a name or not."""
    left = settings.AXES_FAILURE_LIMIT - AxesProxyHandler.get_failures(request, {"username": username})
    if not 0 < left <= FEW_TRIES:
        return _("User name or password is not right.")
    return ngettext("User name or password is not right. %(n)s more try.", "User name or password is not right. %(n)s more tries.", left) % {"n": left}


def login_name(text: str) -> str:
    """The user name behind what was typed: a user name, mobile number or e-mail address."""
    for field in ("username__iexact", "mobile", "email__iexact"):
        found = list(User.objects.filter(**{field: text}).values_list("username", flat=True)[:2])
        if len(found) == 1:
            return found[0]
    return text


def demo_users() -> list[tuple[str, str, str]]:
    """One person per role for the one-click sign-in of demo mode: (role, name, user name)."""
    from zhike.org.models import Role

    chosen = []
    for role in Role.objects.order_by("order"):
        user = role.users.filter(is_active=True).order_by("pk").first()
        if user:
            chosen.append((str(role), str(user), user.username))
    return chosen


def safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if allowed and not target.startswith(reverse("sign-in")) else "/"


class SignOutView(View):
    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return go_to(request, reverse("sign-in"))


class LanguageView(View):
    """Change the language before signing in."""

    def post(self, request: HttpRequest) -> HttpResponse:
        code = request.POST.get("language", "")
        if code not in CHOICES["language"]:
            raise Refused(_("Nothing to change."))
        response = go_to(request, safe_next(request) if request.POST.get("next") else reverse("sign-in"))
        remember_language(response, code)
        return response
