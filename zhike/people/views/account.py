"""One's own account: password, second factor, passkeys, and where one is signed in."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib.auth import authenticate, get_user, update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.org import second_factor, sessions
from zhike.org.access import roles_of
from zhike.org.models import SignedIn
from zhike.pages import cells, formats
from zhike.pages.actions import ActionParts
from zhike.pages.parts import Badge, Button, Card, Fact, Link, Mini, Notice
from zhike.pages.views import PageView, PostView, go_to
from zhike.records import once

from .. import accounts
from . import passkeys, tokens
from .own import OwnAction, ProvenAction
from .passwords import NewPasswordForm
from .second_step import CodeForm, offered_secret, take_secret

FEW_CODES = 3


class AccountPage(PageView):
    """What the house knows of one's own account."""

    template = "people/account.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        user, lang = self.user, get_language() or "zh-hans"
        factor = second_factor.of(user)
        person = Card(_("My account"), facts=[
            Fact(_("name"), user.name), Fact(_("user name"), Markup("<code>{}</code>").format(user.username)), Fact(_("department"), str(user.department or "—")),
            Fact(_("roles"), formats.listed(str(role) for role in roles_of(user)) or "—"),
            Fact(_("last sign-in"), formats.full(user.last_login, lang) if user.last_login else cells.DASH),
        ], buttons=[Button(_("Change password"), reverse("account-password"), dialog=True)])
        if factor is None:
            buttons = [Button(_("Set up"), reverse("account-factor"), style="p")]
            notices = [Notice(_("A code of your phone beside the password: a stolen password alone then opens nothing."), "info")]
        else:
            buttons = [Button(_("New recovery codes"), reverse("account-codes"), dialog=True),
                       Button(_("Take it off"), reverse("account-factor-off"), dialog=True)]
            left = len(factor.recovery)
            notices = [Notice(_("Set up on %(day)s; %(n)s recovery codes are left.") % {"day": formats.full(factor.made_at, lang), "n": left},
                              "wait" if left < FEW_CODES else "good")]
        places = []
        for place in sessions.of(user):
            here = place.session_key == request.session.session_key
            places.append(Mini(
                place.device or "—", sub=place.address, value=formats.near(place.last_used_at, lang),
                badge=Badge(_("this browser"), "good") if here else None,
                buttons=[] if here else [Button(_("End"), reverse("account-session", args=[place.pk]), "x", dialog=True)],
            ))
        others = [Button(_("End all others"), reverse("account-sessions"), dialog=True)] if len(places) > 1 else []
        return self.answer({"title": _("My account"), "cards": [
            person, Card(_("Second factor"), notices=notices, buttons=buttons), passkeys.card(user, passkeys.place_of(request)),
            Card(_("Signed in at"), minis=places, buttons=others), tokens.card(user, makes=self.access.may("user", "edit"), own=True),
        ]})


class OwnPasswordForm(NewPasswordForm):
    """The old password first: an unattended screen must not be enough."""

    old = django_forms.CharField(
        label=gettext_lazy("Present password"), max_length=200, strip=False,
        widget=django_forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password", "again")


class PasswordPage(OwnAction):
    title_text = gettext_lazy("Change password")
    submit_text = gettext_lazy("Change password")
    lead = gettext_lazy("You are signed out everywhere else.")
    done_text = gettext_lazy("Password changed; other sessions ended")

    def make_form(self, data: Any = None) -> Any:
        return OwnPasswordForm(self.user, data)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.session.session_key or ""
        response = super().dispatch(request, *args, **kwargs)
        if request.method != "POST" or self.did_it:
            return response
        return self.other_half(request, key) or response

    def other_half(self, request: HttpRequest, key: str) -> HttpResponse | None:
        """The answer to the second half of a double click, which still comes by the session that its first half left.

        It follows into the new one only as the very same post: both passwords and the form's own token.
        """
        moved = sessions.successor(key)
        if moved is None:
            return None
        left = request.session, request.user
        request.session = moved
        request.user = get_user(request)
        answer = once.done_before(request) if request.user.is_authenticated else None
        if answer is None:
            request.session, request.user = left
            return None
        moved.modified = True  # so that the browser is given its key
        return go_to(request, answer)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Judged outside the transaction, so that wrong tries are counted although nothing else is written.
        if (again := self.repeated()) is not None:
            return again
        self.form = self.make_form(request.POST)
        if self.form.is_valid() and authenticate(request, username=self.user.username, password=self.form.cleaned_data["old"]) is None:
            locked = getattr(request, "axes_locked_out", False)
            self.form.add_error("old", _("Too many attempts. Wait 15 minutes or ask an administrator.") if locked
                                else _("This is not your present password."))
            return self.answer(self.parts(), status=429 if locked else 422)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return PostView.post(self, request)

    def run(self, values: dict[str, Any]) -> None:
        request = self.request
        accounts.change_password(self.user, values["password"], session_key=request.session.session_key or "")
        old = request.session.session_key or ""
        update_session_auth_hash(request, self.user)
        request.session.save()  # whole, before anybody follows
        new = request.session.session_key or ""
        SignedIn.objects.filter(session_key=old).update(session_key=new)
        sessions.leave_word(old, new)


class FactorPage(PostView):
    """Set the second factor up."""

    template = "people/factor.html"

    def crumbs(self) -> list[Link]:
        return [Link(_("My account"), reverse("account")), Link(_("Second factor"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if second_factor.of(self.user) is not None:
            return go_to(request, reverse("account"))
        return self.show(CodeForm())

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        response = self.answer({"title": _("Set up the second factor"), "form": form, **offered_secret(self.request, self.user)}, status=status)
        response["Cache-Control"] = "no-store"
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = CodeForm(request.POST)
        if not self.form.is_valid():
            return self.show(self.form, 422)
        return super().post(request)

    def refused(self, no: Refused) -> HttpResponse:
        self.form.add_error("code" if no.field == "code" else None, str(no.message))
        return self.show(self.form, 422)

    def perform(self) -> str:
        self.codes = take_secret(self.request, self.user, self.form.cleaned_data["code"])
        return reverse("account")

    def done(self, url: str) -> HttpResponse:
        return codes_page(self, self.codes)


def codes_page(page: Any, codes: list[str]) -> HttpResponse:
    """Recovery codes, in the answer itself: shown once and stored as digests only."""
    page.template = "people/codes.html"
    response = page.answer({"title": _("Recovery codes"), "codes": codes, "back": reverse("account")}, fragment="people/codes_body.html")
    response["Cache-Control"] = "no-store"
    return response


class WithCode(ProvenAction):
    """A step that asks for a code first."""

    def make_form(self, data: Any = None) -> Any:
        return CodeForm(data)

    def proven(self) -> bool:
        if second_factor.check(self.user, self.form.cleaned_data["code"]):
            return True
        self.form.add_error("code", _("This code does not fit, or was used already. Wait for the next one."))
        return False


class FactorOffPage(WithCode):
    title_text = gettext_lazy("Take the second factor off")
    submit_text = gettext_lazy("Take it off")
    style = "x"
    done_text = gettext_lazy("Second factor taken off")

    def run(self, values: dict[str, Any]) -> None:
        accounts.drop_factor(self.user)


class CodesPage(WithCode):
    title_text = gettext_lazy("New recovery codes")
    submit_text = gettext_lazy("Make new codes")
    lead = gettext_lazy("The old ones stop counting.")

    def run(self, values: dict[str, Any]) -> None:
        self.codes = accounts.renew_codes(self.user)

    def done(self, url: str) -> HttpResponse:
        return codes_page(self, self.codes)


class EndSessionPage(OwnAction):
    """Sign out one other browser; the dialog says which."""

    title_text = gettext_lazy("End this session")
    submit_text = gettext_lazy("End it")
    done_text = gettext_lazy("Session ended")
    style = "x"

    def parts(self) -> ActionParts:
        place = SignedIn.objects.filter(user=self.user, pk=self.kwargs["pk"]).first()
        if place is None:
            raise Http404
        lang = get_language() or "zh-hans"
        found = super().parts()
        found.text = _("%(device)s at %(address)s, since %(since)s, last used %(used)s. Whoever sits there has to sign in again.") % {
            "device": place.device or "—", "address": place.address or "—", "since": formats.full(place.since, lang),
            "used": formats.near(place.last_used_at, lang)}
        return found

    def run(self, values: dict[str, Any]) -> None:
        if not accounts.end_session(self.user, self.kwargs["pk"]):
            raise Http404


class EndOthersPage(OwnAction):
    title_text = gettext_lazy("End all other sessions")
    submit_text = gettext_lazy("End them")
    lead = gettext_lazy("You stay signed in here.")
    done_text = gettext_lazy("Other sessions ended")

    def run(self, values: dict[str, Any]) -> None:
        accounts.end_other_sessions(self.user, session_key=self.request.session.session_key or "")
