"""The public form: seen by strangers, on a phone at a stand. No session, no cookie, nothing told that a stranger should not know."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from zhike.base import clock
from zhike.base.peers import client_address, household
from zhike.base.rates import Rates
from zhike.base.refused import Refused
from zhike.org.models import Company

from ..actions import forms as actions
from ..entry_form import EntryForm
from ..models import LeadForm

SALT = "zhike.leads.form"
LARGEST = 64 * 1024
AT_LEAST = 2  # seconds: nobody types a name and a number faster
AT_MOST = 12 * 3600
LOOKS, LOOK_SPAN = 240, 60  # of one address a minute; a hall's network is one address
POSTS, POST_SPAN = 60, 600
rates = Rates()


def language_of(request: HttpRequest) -> str:
    """As asked for in the address, else as the browser speaks: Chinese for the Chinese, English for everybody else."""
    wanted = request.GET.get("lang", "")
    if wanted in ("zh", "en"):
        return "zh-hans" if wanted == "zh" else "en"
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200]):
        if code != "*":
            return "zh-hans" if code.startswith("zh") else "en"
    return Company.current().language


# The post carries a signed word of the page it comes from, and nobody is signed in here whose name it could misuse.
@method_decorator(csrf_exempt, name="dispatch")
class PublicPage(View):
    """What all pages of a public form have in common: language, limits, headers."""

    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "options"]
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        who = household(client_address(request))
        posting = request.method == "POST"
        with translation.override(language_of(request)):
            self.language = translation.get_language()
            wait = rates.take(f"post:{who}", POSTS, POST_SPAN) if posting else rates.take(f"look:{who}", LOOKS, LOOK_SPAN)
            if wait:
                response = self.busy(_("Very many requests come from your network. Try again in a few minutes."))
                response["Retry-After"] = str(wait)
            else:
                response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["Content-Language"] = "en" if self.language == "en" else "zh-hans"
        return response

    def busy(self, text: Any) -> HttpResponse:
        """What somebody reads whose network asks too much."""
        return self.say(_("Just a moment"), text, status=429)

    def draw(self, page: dict[str, Any], status: int = 200) -> HttpResponse:
        other = "zh" if self.language == "en" else "en"
        whole = {"company": str(Company.current()), "language": self.language, "other_url": f"{self.request.path}?lang={other}", **page}
        return render(self.request, "leads/public.html", {"page": whole}, status=status)

    def say(self, title: Any, text: Any, *, status: int = 200, good: bool = False) -> HttpResponse:
        return self.draw({"title": title, "text": text, "good": good}, status)

    def closed(self) -> HttpResponse:
        """One answer for a form that is over, full, switched off, or was never there."""
        return self.say(_("This form is not open"), _("It is over, or its address has changed. Ask whoever gave you the address."), status=404)


def word(form: LeadForm) -> str:
    """What a page gives along and the post brings back: which form, when, and once."""
    return signing.dumps([form.pk, secrets.token_hex(8), int(clock.now().timestamp())], salt=SALT)


def read_word(form: LeadForm, text: str) -> tuple[str, int]:
    """(token, seconds since the page was drawn). Raises `BadSignature` for a word that is not ours or of another form."""
    pk, token, at = signing.loads(text[:300], salt=SALT)
    if pk != form.pk:
        raise signing.BadSignature
    return token, int(clock.now().timestamp()) - at


class FormView(PublicPage):
    """The form itself."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = actions.open_form(slug)
        if form is None:
            return self.closed()
        if request.method == "GET":
            actions.count(form, "shown")
        return self.show(form, EntryForm(form))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > LARGEST:
            return self.say(_("That is too much"), _("Write a little less, please."), status=413)
        form = actions.open_form(slug)
        if form is None:
            return self.closed()
        entry = EntryForm(form, request.POST)
        if entry.trapped:
            actions.count(form, "refused")
            return self.thank(form)
        try:
            token, seconds = read_word(form, request.POST.get("word", ""))
        except (signing.BadSignature, ValueError, TypeError):
            actions.count(form, "refused")
            return self.again(form, entry, _("This page was open for a long time. Please send it once more."))
        if seconds > AT_MOST:
            return self.again(form, entry, _("This page was open for a long time. Please send it once more."))
        if seconds < AT_LEAST:
            return self.again(form, entry, _("That was very quick. Please send it once more."), request.POST["word"])
        if not entry.is_valid():
            return self.again(form, entry, "", request.POST["word"])
        try:
            actions.take_entry(form, entry.values(), token=token, consent=str(entry.fields["consent"].label))
        except actions.Closed:
            return self.closed()
        except actions.Busy as no:
            return self.again(form, entry, str(no.message), request.POST["word"], status=429)
        except Refused as no:
            entry.add_error(no.field if no.field in entry.fields else None, str(no.message))
            return self.again(form, entry, "", request.POST["word"])
        return self.thank(form)

    def busy(self, text: Any) -> HttpResponse:
        """Nobody types it twice: what was sent stands there again."""
        request, length = self.request, self.request.META.get("CONTENT_LENGTH") or "0"
        form = actions.open_form(str(self.kwargs["slug"])) if request.method == "POST" and length.isdigit() and int(length) <= LARGEST else None
        if form is None:
            return super().busy(text)
        return self.again(form, EntryForm(form, request.POST), str(text), request.POST.get("word", "")[:300], status=429)

    def thank(self, form: LeadForm) -> HttpResponse:
        """The same for everybody: known or not, taken or not."""
        query = "?lang=en" if self.language == "en" else "?lang=zh"
        return HttpResponseRedirect(reverse("public-form-thanks", args=[form.slug]) + query, status=303)

    def again(self, form: LeadForm, entry: EntryForm, text: str, kept: str = "", *, status: int = 422) -> HttpResponse:
        told = [text] if text else [*entry.non_field_errors(), _("Please look at the marked fields.")] if entry.errors else []
        return self.show(form, entry, errors=told, kept=kept, status=status)

    def show(self, form: LeadForm, entry: EntryForm, *, errors: list[str] | None = None, kept: str = "", status: int = 200) -> HttpResponse:
        return self.draw({
            "title": form.said("title"), "greeting": form.said("greeting"), "form": entry, "word": kept or word(form), "errors": errors or [],
            "post_url": f"{self.request.path}?lang={'en' if self.language == 'en' else 'zh'}",
        }, status)


class ThanksView(PublicPage):
    """What somebody reads who has sent the form; also when it has closed meanwhile."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = LeadForm.objects.filter(slug=slug[:20]).first()
        if form is None:
            return self.closed()
        return self.say(_("Thank you"), form.said("thanks") or _("We have your details and will be in touch soon."), good=True)
