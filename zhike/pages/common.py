"""Pages every kind gets: transfer, team, look-up, palette, undo, preferences, sign-in and out."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from zhike.base.refused import Refused
from zhike.base.text import clean_line
from zhike.org.models import Company, User
from zhike.records import listing, ownership, registry, search, teams, undo, visibility
from zhike.records.models import TeamGrant

from . import menus
from .actions import ActionPage
from .forms import DateField, LookupField
from .parts import Link
from .views import PageView, PostView, go_to


class TransferPage(ActionPage):
    """Hand records over to a colleague, choosing what goes along."""

    permission = "transfer"
    title_text = gettext_lazy("Transfer")
    submit_text = gettext_lazy("Transfer")
    many = True

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["to"] = LookupField(registry.kind("user"), self.user, label=_("New owner"), query="active=1")
        children = ownership.children_of.ask(self.rows, by=self.user)
        counts: dict[str, tuple[Any, int]] = {}
        for found in children:
            text, n = counts.get(found.key, (found.text, 0))
            counts[found.key] = (text, n + found.count)
        if counts:
            form.fields["children"] = django_forms.MultipleChoiceField(
                label=_("Also hand over"), required=False, widget=django_forms.CheckboxSelectMultiple,
                choices=[(key, f"{text} ({n})") for key, (text, n) in counts.items()], initial=list(counts),
            )
        form.fields["keep_team"] = django_forms.BooleanField(
            label=_("Keep the former owner in the team as a reader"), required=False
        )
        form.fields["reason"] = django_forms.CharField(label=_("Reason"), required=False, max_length=200)
        form.fields["to"].offer(data.get("to") if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        changed = ownership.transfer_rows(
            self.rows, to=values["to"], by=self.user, children=values.get("children", ()),
            keep_team=values["keep_team"], reason=values["reason"],
        )
        self.moved, self.to = changed, values["to"]
        still = self.kind.model.objects.visible_to(self.user).filter(pk=self.row.pk).exists()
        return None if still else self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s handed over to %(user)s") % {"n": len(self.moved), "user": self.to}, "tone": "good"}


class SharePage(ActionPage):
    """Let a colleague into the record's team, or change their right there."""

    permission = "transfer"
    title_text = gettext_lazy("Team")
    submit_text = gettext_lazy("Add to team")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["user"] = LookupField(registry.kind("user"), self.user, label=_("Colleague"), query="active=1")
        form.fields["level"] = django_forms.ChoiceField(
            label=_("Right"), choices=[(TeamGrant.READ, _("read only")), (TeamGrant.WRITE, _("read and write"))]
        )
        form.fields["until"] = DateField(label=_("Until"), required=False)
        form.fields["user"].offer(data.get("user") if data else None)  # type: ignore[attr-defined]
        return form

    def text(self) -> Any:
        members = [f"{grant.user} ({grant.get_level_display()})" for grant in teams.team_of(self.row)]
        return _("In the team: %(list)s") % {"list": ", ".join(members)} if members else ""

    def run(self, values: dict[str, Any]) -> str | None:
        from datetime import datetime, time, timedelta

        from zhike.base import clock

        until = values["until"]
        if until and until < clock.today():
            raise Refused(_("This day is over. Choose today or later."), field="until")
        expires = datetime.combine(until + timedelta(days=1), time.min, tzinfo=clock.zone()) if until else None
        teams.share_row(self.row, [values["user"]], level=values["level"], expires_at=expires, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Team changed"), "tone": "good"}


class LookupView(PageView):
    """Options of a searchable select: at most 20 records of a kind that the person may see."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        if not registry.has(kind):
            raise Http404
        found = registry.kind(kind)
        q = clean_line(request.GET.get("q", ""))[:100]
        rows = found.model.objects.visible_to(self.user)
        if request.GET.get("active") == "1" and found.name == "user":
            rows = rows.filter(is_active=True)
        parent = request.GET.get("customer", "")
        if parent.isascii() and parent.isdigit() and len(parent) <= 18 and "customer" in getattr(found.model, "PARENTS", ()):
            rows = rows.filter(customer_id=int(parent))
        if q and found.search is not None:
            rows = rows.filter(search.among(found.name, q, parts=listing.search_parts(found, self.user))[0])
        elif q:
            rows = rows.filter(named_like(found.model, q))
        items = [{"value": row.pk, "label": str(row), "sub": str(lookup_hint(row))} for row in rows.order_by("-pk")[:20]]
        return JsonResponse({"items": items})


NAMED_BY = ("name", "name_zh", "name_en", "subject", "title")


def named_like(model: Any, q: str) -> Q:
    """Rows of a small kind without a search index, by whatever the model calls its name."""
    known = {field.name for field in model._meta.concrete_fields}
    condition = Q()
    for name in known.intersection(NAMED_BY):
        condition |= Q(**{f"{name}__icontains": q})
    return condition


def lookup_hint(row: Any) -> Any:
    """The grey second text of an option, where the model offers one."""
    return getattr(row, "hint", "") or ""


class PaletteView(PageView):
    """Ctrl K: records by name, pinyin or number; then what can be made; then places."""

    template = fragment = "pages/palette.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        q = request.GET.get("q", "").strip()[:100]
        groups: list[tuple[Any, list[Link]]] = []
        if q:
            for kind in registry.kinds():
                if kind.search is None or not kind.pages or not self.access.may(kind.name, "view"):
                    continue
                parts = listing.search_parts(kind, self.user)
                if not parts:
                    continue
                # Newest first. A rare word's hits are collected and sorted (else PostgreSQL reads whole
                # tables to find six rows); for a common one the newest rows are looked at.
                wanted, common = search.among(kind.name, q, parts=parts)
                newest = F("pk") if common else visibility.Loose(F("pk"))
                rows = kind.visible(self.user, "walk" if common else "plain").filter(wanted).order_by(newest.desc())
                links = [Link(str(row), kind.url(row), icon=kind.icon, count=str(lookup_hint(row))) for row in rows[:6]]
                if links:
                    groups.append((kind.plural, links))
        folded = q.lower()
        new = [
            Link(item.label, item.url(), icon="plus") for item in menus.new_items
            if item.open_to(self.access) and folded in str(item.label).lower()
        ]
        if new:
            groups.append((_("Actions"), new))
        places = [
            Link(item.label, item.url(), icon="arrow-right")
            for menu in menus.MENUS.values() for item in menu.places
            if item.open_to(self.access) and folded in str(item.label).lower()
        ]
        if places:
            groups.append((_("Go to"), places[:8]))
        return render(request, self.fragment, {"groups": groups, "q": q})


class HelpView(PageView):
    """The keys of the house, as a dialog or a page."""

    template = "pages/help.html"
    fragment = "pages/help_body.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        groups = [
            (_("Everywhere"), [
                ("Ctrl K", _("Find records, actions and places")), ("C", _("New, with this record filled in")),
                ("G H", _("Go to the workbench")), ("G C", _("Go to the customers")), ("G O", _("Go to the opportunities")),
                ("G B", _("Go to the board")), ("G F", _("Go to the funnel")), ("G T", _("Go to the tasks")),
                ("?", _("This help")),
            ]),
            (_("Lists"), [
                ("/", _("Find in this list")), ("J K", _("Next or previous row")), ("Space", _("Peek at the row")),
                ("Enter", _("Open the row")), ("X", _("Select the row")), ("A", _("Hand over the selected rows")),
                ("Esc", _("Close what is open")),
            ]),
            (_("Records and forms"), [
                ("E", _("Edit")), ("L", _("Log a follow-up")), ("[ ]", _("Previous or next tab")), ("Ctrl S", _("Save")),
                ("Ctrl Enter", _("Send the form")), ("Ctrl Z", _("Take back the last step")),
            ]),
            (_("Board"), [("Space", _("Lift or put down a card")), ("← →", _("Move the lifted card")),
                          ("Enter", _("Drop the card")), ("Esc", _("Put the card back"))]),
        ]
        return self.answer({"title": _("Help and keys"), "groups": groups})


class UndoView(PostView):
    """Take the last action back."""

    def perform(self) -> str:
        undo.perform(self.kwargs["signed"], by=self.user)
        target = self.request.POST.get("next") or self.request.headers.get("Referer", "")
        allowed = url_has_allowed_host_and_scheme(target, allowed_hosts={self.request.get_host()})
        return target if target and allowed else "/"

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Taken back"), "tone": "good"}


CHOICES = {
    "theme": ("auto", "light", "dark"),
    "density": ("compact", "normal", "relaxed"),
    "language": ("zh-hans", "en"),
}


class PreferencesView(PostView):
    """The person's own theme, row height and language."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = {name: request.POST[name] for name, values in CHOICES.items() if request.POST.get(name) in values}
        if not chosen:
            raise Refused(_("Nothing to change."))
        User.objects.filter(pk=self.user.pk).update(**chosen)
        if request.headers.get("HX-Request") == "true" and "language" not in chosen:
            return HttpResponse(status=204)
        target = request.POST.get("next") or request.headers.get("Referer", "/")
        if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
            target = "/"
        response = go_to(request, target)
        if "language" in chosen:
            remember_language(response, chosen["language"])
        return response


def remember_language(response: HttpResponse, code: str) -> None:
    """Keep the language on this device, for the sign-in page too."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE,
                        samesite="Lax", httponly=True)


class SignInForm(django_forms.Form):
    username = django_forms.CharField(label=gettext_lazy("User name, mobile or e-mail"), max_length=100)
    password = django_forms.CharField(
        label=gettext_lazy("Password"), max_length=200, strip=False, widget=django_forms.PasswordInput
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
            form.add_error(None, _("User name or password is not right. Check capitals, or ask an administrator for a new password."))
            return self.show(request, form, status=422)
        login(request, user)
        request.session.set_expiry(7 * 86400 if form.cleaned_data["remember"] else 0)
        return go_to(request, safe_next(request))

    def one_click(self, request: HttpRequest) -> HttpResponse:
        user = User.objects.filter(username=request.POST["demo"][:60], is_active=True).first()
        if user is None:
            raise Http404
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
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
