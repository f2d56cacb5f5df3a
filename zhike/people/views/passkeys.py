"""Passkeys: made and kept at one's own account, asked for at the door."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar

from axes.handlers.proxy import AxesProxyHandler
from django import forms as django_forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org import passkeys, second_factor
from zhike.org.backends import BACKEND
from zhike.org.models import Passkey, User
from zhike.pages import formats
from zhike.pages.parts import Badge, Button, Card, Link, Mini, Notice
from zhike.pages.sign_in import Waiting, at_the_door, enter, safe_next, waiting_user
from zhike.pages.views import PostView, go_to

from .. import accounts
from .own import OwnAction, ProvenAction

CHALLENGE = "passkey"  # the name under which the session keeps the one challenge of this browser
PATIENCE = timedelta(minutes=5)
MAKE, ENTER, SECOND = "make", "enter", "second"
TOO_LATE = gettext_lazy("More than five minutes passed, or this was sent before. Begin again.")
UNFIT = gettext_lazy("This passkey opens nothing here. Sign in with your password, or ask an administrator.")
COPIED = gettext_lazy("This passkey was refused: its counter went back, which happens when a key has been copied. Sign in with your "
                      "password and remove it in your account.")
LOCKED = gettext_lazy("Too many attempts. Wait 15 minutes or ask an administrator.")


def place_of(request: HttpRequest) -> passkeys.Place:
    """The house under the name this browser uses; names that are not the house's never get this far."""
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host
    return passkeys.Place(name.lower(), f"{request.scheme}://{host.lower()}")


def remember(request: HttpRequest, purpose: str, offer: passkeys.Offer, **more: Any) -> None:
    """Keep the challenge for five minutes; an earlier one of this browser ends."""
    request.session[CHALLENGE] = {"for": purpose, "challenge": offer.challenge, "at": clock.now().isoformat(), **more}


def recall(request: HttpRequest, purpose: str) -> dict[str, Any] | None:
    """The challenge kept for this purpose, once; None where there is none or it is too old."""
    kept: dict[str, Any] | None = request.session.pop(CHALLENGE, None)
    if kept is None or kept["for"] != purpose or clock.now() - datetime.fromisoformat(kept["at"]) > PATIENCE:
        return None
    return kept


class SignInView(View):
    """The way in by a passkey: the offer for the browser's script, then what the device made of it.

    `second` is the step after the password. Wrong answers count like wrong passwords, towards the same lock.
    """

    second = False

    def get(self, request: HttpRequest) -> HttpResponse:
        return go_to(request, reverse("sign-in-code" if self.second else "sign-in"))

    def post(self, request: HttpRequest) -> HttpResponse:
        found = waiting_user(request) if self.second else None
        if self.second and found is None:
            return JsonResponse({"error": str(TOO_LATE)}, status=422) if "offer" in request.POST else go_to(request, reverse("sign-in"))
        if "offer" in request.POST:
            return self.offer(request, found)
        return self.judge(request, found)

    def offer(self, request: HttpRequest, found: tuple[User, Waiting] | None) -> HttpResponse:
        offer = passkeys.offer_signing(place_of(request), found[0] if found else None)
        remember(request, SECOND if self.second else ENTER, offer)
        if not self.second and not request.user.is_authenticated:
            request.session.set_expiry(600)  # of a stranger who only asks nothing shall stay
        response = HttpResponse(offer.options, content_type="application/json")
        response["Cache-Control"] = "no-store"
        return response

    def judge(self, request: HttpRequest, found: tuple[User, Waiting] | None) -> HttpResponse:
        answer = request.POST.get("credential", "")
        kept = recall(request, SECOND if self.second else ENTER)
        if len(answer) > passkeys.LONGEST:
            return self.no(request, UNFIT, 413)
        key, named = passkeys.named_in(answer)
        owner = found[0] if found else key.user if key else None
        # A key nobody has counts by itself, so that a stranger locks nobody else out.
        who = {"username": owner.username if owner else "passkey:" + hashlib.sha256(named.encode()).hexdigest()[:24]}
        if not AxesProxyHandler.is_allowed(request, who):
            return self.no(request, LOCKED, 429)
        if kept is None:
            return self.no(request, TOO_LATE)
        wrong: Any = UNFIT
        if key is not None and owner is not None and owner.pk == key.user_id and owner.is_active:
            try:
                accounts.use_passkey(key, answer, challenge=kept["challenge"], place=place_of(request))
            except passkeys.Unfit as no:
                wrong = COPIED if isinstance(no, passkeys.Copied) else UNFIT
            else:
                waiting = found[1] if found else Waiting(
                    owner.pk, BACKEND, owner.get_session_auth_hash(),
                    bool(request.POST.get("remember")), safe_next(request), clock.now().isoformat())
                return enter(request, owner, waiting)
        user_login_failed.send(sender=__name__, credentials=who, request=request)
        if getattr(request, "axes_locked_out", False):
            return self.no(request, LOCKED, 429)
        return self.no(request, wrong)

    def no(self, request: HttpRequest, text: Any, status: int = 422) -> HttpResponse:
        again = None if status == 429 else {"action": request.path, "next": safe_next(request)}
        return at_the_door(request, {"title": _("Sign in with a passkey"), "errors": [text], "passkey": again}, status)


def card(user: User, place: passkeys.Place) -> Card:
    """One's own passkeys on the page of one's account."""
    lang = get_language() or "zh-hans"
    minis = [
        Mini(
            key.name,
            sub=_("last used %(day)s") % {"day": formats.near(key.last_used_at, lang)} if key.last_used_at
            else _("made %(day)s, not used yet") % {"day": formats.near(key.made_at, lang)},
            badge=None if key.place == place.name else Badge(_("only at %(name)s") % {"name": key.place}, "wait"),
            buttons=[Button(_("Rename"), reverse("account-passkey-name", args=[key.pk]), "pencil", dialog=True),
                     Button(_("Remove"), reverse("account-passkey-remove", args=[key.pk]), "x", dialog=True)],
        )
        for key in passkeys.of(user)
    ]
    notices = [] if minis else [Notice(_("A key on your phone, computer or security key: sign in with finger, face or PIN instead of "
                                         "the password. It counts as both factors."), "info")]
    buttons = [Button(_("Add"), reverse("account-passkey-new"), style="p" if not minis else "d", dialog=True)]
    return Card(_("Passkeys"), key="passkeys", minis=minis, notices=notices, buttons=buttons)


class NameForm(django_forms.Form):
    name = django_forms.CharField(label=gettext_lazy("Name"), max_length=60,
                                  help_text=gettext_lazy("By which you know it again, e.g. “My phone”."))


class Proved(ProvenAction):
    """A step for which one shows once more who one is: by a code where there is a second factor, else by the password."""

    form_class: ClassVar[type[django_forms.Form]] = django_forms.Form

    def make_form(self, data: Any = None) -> Any:
        form = self.form_class(data)
        if second_factor.of(self.user) is not None:
            form.fields["code"] = django_forms.CharField(
                label=_("Code"), max_length=20, widget=django_forms.TextInput(attrs={"autocomplete": "one-time-code"}))
        else:
            form.fields["old"] = django_forms.CharField(
                label=_("Present password"), max_length=200, strip=False,
                widget=django_forms.PasswordInput(attrs={"autocomplete": "current-password"}))
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = self.make_form(request.POST)
        # A password costs time and counts as often as it is typed: judged before anybody has to wait.
        if "old" in self.form.fields and self.form.is_valid() and authenticate(
                request, username=self.user.username, password=self.form.cleaned_data["old"]) is None:
            self.form.add_error("old", LOCKED if getattr(request, "axes_locked_out", False) else _("This is not your present password."))
            return self.answer(self.parts(), status=422)
        return super().post(request)

    def proven(self) -> bool:
        if "code" not in self.form.cleaned_data or second_factor.check(self.user, self.form.cleaned_data["code"]):
            return True
        self.form.add_error("code", _("This code does not fit, or was used already. Wait for the next one."))
        return False


class NewPage(Proved):
    """The first half of adding a passkey: its name, and who asks."""

    title_text = gettext_lazy("Add a passkey")
    submit_text = gettext_lazy("Go on")
    lead = gettext_lazy("In the next step the browser asks on which device the key shall be, and has you unlock it.")
    form_class = NameForm

    def run(self, values: dict[str, Any]) -> None:
        offer, handle = accounts.offer_passkey(self.user, place_of(self.request))
        remember(self.request, MAKE, offer, handle=handle, name=values["name"], user=self.user.pk)
        self.options, self.name = offer.options, values["name"]

    def done(self, url: str) -> HttpResponse:
        page = {"title": self.title_text, "name": self.name, "options": self.options, "action": reverse("account-passkey-keep")}
        self.template = "people/passkey.html"  # type: ignore[misc]
        response = self.answer(page, fragment="people/passkey_body.html")
        response["Cache-Control"] = "no-store"
        return response


class KeepPage(PostView):
    """The second half: what the device has made."""

    template = "people/passkey.html"

    def crumbs(self) -> list[Link]:
        return [Link(_("My account"), reverse("account")), Link(_("Add a passkey"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return go_to(request, reverse("account-passkey-new"))

    def perform(self) -> str:
        kept, answer = recall(self.request, MAKE), self.request.POST.get("credential", "")
        if kept is None or kept["user"] != self.user.pk:
            raise Refused(TOO_LATE)
        if not answer or len(answer) > passkeys.LONGEST:
            raise Refused(_("What the device answered does not fit. Begin again, in the same window."))
        accounts.add_passkey(self.user, answer, challenge=kept["challenge"], place=place_of(self.request),
                             handle=kept["handle"], name=kept["name"])
        return reverse("account")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Passkey added"), "tone": "good"}

    def refused(self, no: Refused) -> HttpResponse:
        return self.answer({"title": _("Add a passkey"), "errors": [no.message], "again": reverse("account-passkey-new")}, status=422)


class OwnKey(OwnAction):
    """A dialog about one of one's own passkeys; another's is not found."""

    key: Passkey

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            found = Passkey.objects.select_related("user").filter(user_id=request.user.pk, pk=kwargs["pk"]).first()
            if found is None:
                if (again := self.repeated()) is not None:  # the second half of a double click on "remove"
                    return again
                raise Http404
            self.key = found
        return super().dispatch(request, *args, **kwargs)


class RenamePage(OwnKey):
    title_text = gettext_lazy("Rename the passkey")
    submit_text = gettext_lazy("Save")
    done_text = gettext_lazy("Passkey renamed")

    def make_form(self, data: Any = None) -> Any:
        return NameForm(data, initial={"name": self.key.name})

    def run(self, values: dict[str, Any]) -> None:
        accounts.rename_passkey(self.key, values["name"])


class RemovePage(OwnKey, Proved):
    title_text = gettext_lazy("Remove the passkey")
    submit_text = gettext_lazy("Remove")
    style = "x"
    done_text = gettext_lazy("Passkey removed")
    lead = gettext_lazy("It opens nothing here any more. On the device itself it stays listed until you delete it there.")

    def run(self, values: dict[str, Any]) -> None:
        accounts.remove_passkey(self.key)
