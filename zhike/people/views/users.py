"""Users: list, page, forms, and what an administrator does with an account."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.core.validators import RegexValidator
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.org import links, passkeys, second_factor, sessions
from zhike.org.models import Role
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.lists import ListPage, ListParts
from zhike.pages.parts import Badge, Button, Card, Fact, Link, Mini, Notice

from .. import actions
from ..leaving import lots_of, still_open
from .keeping import Keeping

NAME = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._@+-]{1,59}\Z",
    gettext_lazy("2 to 60 letters, digits and . _ - @ +, beginning with a letter or digit."),
)


class UserList(Keeping, ListPage):
    kind_name, place = "user", "users"

    def parts(self, params: Any, asked: Any, found: Any) -> ListParts:
        prefetch_related_objects(found.items, "roles")
        return super().parts(params, asked, found)


class UserPage(Keeping, DetailPage):
    """One colleague's account: person, roles, how they get in, where they are signed in."""

    kind_name, place = "user", "users"

    def mark(self) -> str:
        return str(self.row)[:1]

    def subtitle(self) -> Any:
        return Markup("<code>{}</code>").format(self.row.username)

    def badges(self) -> list[Badge]:
        found = [Badge(_("Enabled"), "good") if self.row.is_active else Badge(_("Disabled"), "neutral")]
        if self.row.is_admin:
            found.append(Badge(_("System administrator"), "violet"))
        return found

    def actions(self) -> list[Button]:
        def go(name: str, label: Any, icon: str, style: str = "d") -> Button:
            return Button(label, reverse(name, args=[self.row.pk]), icon, style, dialog=True, menu=True)

        buttons = [Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", "p", key="e", phone=True)]
        if self.user.is_admin:
            buttons.append(Button(_("What would they see"), reverse("user-sees", args=[self.row.pk]), "list-details", menu=True))
        buttons.append(Button(_("Hand over and leave"), reverse("user-hand-over", args=[self.row.pk]), "user-share", menu=True))
        if not self.row.is_active:
            return [*buttons, go("user-enable", _("Enable"), "circle-check")]
        buttons += [go("user-link", _("Password link"), "mail"), go("user-sign-out", _("Sign out everywhere"), "arrow-back-up")]
        if second_factor.of(self.row):
            buttons.append(go("user-factor", _("Take the second factor away"), "phone"))
        if self.keys:
            buttons.append(go("user-passkeys", _("Remove all passkeys"), "key"))
        if self.row.pk != self.user.pk:
            buttons.append(go("user-disable", _("Disable"), "ban", "x"))
        return buttons

    def notices(self) -> list[Notice]:
        link = Button(_("Password link"), reverse("user-link", args=[self.row.pk]), dialog=True)
        if self.row.is_active and not self.row.has_usable_password():
            return [Notice(_("No password yet: make a link and hand it over."), "wait", button=link)]
        if self.row.is_active and self.row.password_asked_at:
            return [Notice(_("Somebody asked for a new password for this user name. Make sure who it was before you make a link."),
                           "wait", button=link)]
        return []

    @cached_property
    def keys(self) -> list[Any]:
        """The person's passkeys, asked for once: for the button and for their number."""
        return passkeys.of(self.row)

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        lang = get_language() or "zh-hans"
        roles = [Mini(str(role), role_url(self, role)) for role in self.row.roles.all()]
        parts.rail.append(Card(_("Roles"), minis=roles, empty=_("No role: this person can sign in and see nothing.")))
        factor = second_factor.of(self.row)
        last = self.row.last_login
        parts.rail.append(Card(_("Signing in"), facts=[
            Fact(_("last sign-in"), formats.full(last, lang) if last else cells.DASH),
            Fact(_("second factor"), _("on") if factor else _("off")),
            Fact(_("passkeys"), str(len(self.keys) or _("none"))),
        ]))
        hand_over = Link(_("Hand over"), reverse("user-hand-over", args=[self.row.pk]))
        owned = [Fact(lot.label, f"{lot.count:,}") for lot in lots_of(self.row)]
        parts.rail.append(Card(_("Belongs to them"), facts=owned, more=hand_over if owned else None, empty=_("Nothing.")))
        places = [Mini(place.device or "—", sub=place.address, value=formats.near(place.last_used_at, lang))
                  for place in sessions.of(self.row)]
        parts.rail.append(Card(_("Signed in at"), minis=places, empty=_("Nowhere at present.")))
        from .tokens import card  # stands on the pages of users itself

        parts.rail.append(card(self.row, makes=self.row.is_active, own=False))


def role_url(page: Any, role: Role) -> str:
    return reverse("role-detail", args=[role.pk]) if page.access.may("role", "edit") else ""


class AccountForm:
    """The part of the user's form that is not a plain field: roles, and who is an administrator."""

    user: Any
    form: Any

    def add_rights(self, form: Any, row: Any) -> Any:
        form.fields["roles"] = django_forms.MultipleChoiceField(
            label=_("roles"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(role.code, str(role)) for role in Role.objects.all()],
            initial=list(row.roles.values_list("code", flat=True)) if row is not None else [],
        )
        if self.user.is_admin:
            form.fields["is_admin"] = django_forms.BooleanField(
                label=_("system administrator"), required=False, initial=bool(row and row.is_admin),
                help_text=_("Sees and may do everything, whatever the roles say."),
            )
        if "username" in form.fields:
            form.fields["username"].validators.append(NAME)
        return form


class NewUserPage(Keeping, AccountForm, NewPage):
    kind_name, place, right = "user", "users", "add"

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [*super().sections(), (_("Roles"), ["roles", "is_admin"])]

    def make_form(self, data: Any = None) -> Any:
        return self.add_rights(super().make_form(data), None)

    def build(self, values: dict[str, Any]) -> Any:
        row = super().build(values)
        row.is_admin = self.form.cleaned_data.get("is_admin", False)
        return row

    def create(self, row: Any) -> Any:
        made = super().create(row)
        if self.form.cleaned_data["roles"]:
            actions.set_roles({made.pk: self.form.cleaned_data["roles"]}, by=self.user)
        return made


class EditUserPage(Keeping, AccountForm, EditPage):
    kind_name, place = "user", "users"

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [*super().sections(), (_("Roles"), ["roles", "is_admin"])]

    def make_form(self, data: Any = None) -> Any:
        return self.add_rights(super().make_form(data), self.row)

    def perform(self) -> str:
        changed, form = set(self.form.changed_data), self.form
        values = {name: value for name, value in form.values().items() if name in changed}
        if "is_admin" in changed:
            values["is_admin"] = form.cleaned_data["is_admin"]
        self.change(values, self.posted_version())
        if "roles" in changed:
            actions.set_roles({self.row.pk: form.cleaned_data["roles"]}, by=self.user)
        return self.kind.url(self.row)


class UserAction(Keeping, ActionPage):
    """A dialog about one account."""

    kind_name, place = "user", "users"
    done_text: Any = ""

    def toast(self) -> dict[str, Any] | None:
        return {"text": str(self.done_text), "tone": "good"}


class PasswordLinkPage(UserAction):
    """Make a one-time link and show it, once, to be handed over."""

    title_text = gettext_lazy("Password link")
    submit_text = gettext_lazy("Make the link")
    token = ""

    def text(self) -> Any:
        return _("The link is shown once. It sets a new password, works for %(n)s hours and one time; links made before stop "
                 "working. Hand it over in person or on paper, never by open mail.") % {"n": links.HOURS}

    def run(self, values: dict[str, Any]) -> str | None:
        self.token = actions.make_password_link(self.row, by=self.user)
        return None

    def done(self, url: str) -> HttpResponse:
        # Shown in the answer itself: nowhere between here and the screen is it written down.
        page = {
            "title": _("Password link for %(user)s") % {"user": self.row}, "row": self.row, "back": self.kind.url(self.row),
            "link": self.request.build_absolute_uri(reverse("password-set", args=[self.token])), "hours": links.HOURS,
        }
        self.template = "people/link.html"  # type: ignore[misc]
        response = self.answer(page, fragment="people/link_body.html")
        response["Cache-Control"] = "no-store"
        return response


class DisableUserPage(UserAction):
    title_text = gettext_lazy("Disable")
    submit_text = gettext_lazy("Disable")
    style = "x"
    done_text = gettext_lazy("Disabled; signed out everywhere")

    def text(self) -> Any:
        return _("They are signed out everywhere at once, their API tokens and password links stop. Their records stay.")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        if still_open(self.row):
            form.fields["keeps_records"] = django_forms.BooleanField(
                label=_("Disable now, hand the records over later"), required=False
            )
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.disable_user(self.row, by=self.user, keeps_records=values.get("keeps_records", False))
        return None


class EnableUserPage(UserAction):
    title_text = gettext_lazy("Enable")
    submit_text = gettext_lazy("Enable")
    done_text = gettext_lazy("Enabled")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.enable_user(self.row, by=self.user)
        return None


class SignOutUserPage(UserAction):
    title_text = gettext_lazy("Sign out everywhere")
    submit_text = gettext_lazy("Sign out everywhere")
    done_text = gettext_lazy("Signed out everywhere")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.end_sessions(self.row, by=self.user)
        return None


class ReasonForm(django_forms.Form):
    reason = django_forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class FactorResetPage(UserAction):
    title_text = gettext_lazy("Take the second factor away")
    submit_text = gettext_lazy("Take the second factor away")
    style = "x"
    form_class = ReasonForm
    done_text = gettext_lazy("Second factor taken away")

    def text(self) -> Any:
        return _("For a lost phone. Make sure that it is really they who ask: after this the password alone lets in, "
                 "until they set the second factor up again.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.reset_second_factor(self.row, by=self.user, reason=values["reason"])
        return None


class PasskeysResetPage(UserAction):
    title_text = gettext_lazy("Remove all passkeys")
    submit_text = gettext_lazy("Remove all passkeys")
    style = "x"
    form_class = ReasonForm
    done_text = gettext_lazy("All passkeys removed; signed out everywhere")

    def text(self) -> Any:
        return _("For a lost device. The keys on it open nothing any more; the password and the second factor stay as they are.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.remove_passkeys(self.row, by=self.user, reason=values["reason"])
        return None
