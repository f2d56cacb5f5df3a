"""What the administration of people adds to the shell and to the pages of every kind."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.org.access import access_of
from zhike.pages import changes, menus
from zhike.pages.parts import Button
from zhike.records import registry

from . import rights, setting_up
from .role_form import LEVELS
from .words import MODES


def _keeps(kind: str) -> Any:
    return lambda user: access_of(user).may(kind, "edit")


def who_sees(page: Any) -> list[Button]:
    """"Who can see this" in the menu of every owned record."""
    address = reverse("who-sees", args=[page.kind.name, page.row.pk])
    return [Button(gettext("Who can see this"), address, "users", dialog=True, menu=True)]


def right_line(name: str, value: Any) -> tuple[str, Any]:
    """A line of a role's history in words: "Customers: see", "Customers: sees rows", "Customers: phone"."""
    kind_name, _dot, what = name.partition(".")
    declared = registry.kind(kind_name) if registry.has(kind_name) else None
    before = f"{declared.plural}: " if declared else f"{kind_name}: "
    if what == "rows":
        levels = dict(LEVELS)
        return before + gettext("sees rows") + " / " + gettext("changes rows"), " / ".join(
            str(levels.get(part.split(" [")[0], part)) for part in str(value).split(" / ")
        )
    if isinstance(value, bool):
        return before + rights.action_label(what), gettext("yes") if value else gettext("no")
    label = declared.attr(what).label_text if declared and declared.has_attr(what) else what
    return before + label, MODES["" if value == "open" else str(value)] if value in ("open", *MODES) else value


changes.namers.add("role", right_line)
changes.PART_NAMES["roles"] = _("roles")
changes.PART_NAMES["passkey"] = _("passkey")

for _kind in registry.kinds():
    if _kind.owned and _kind.pages:
        _kind.buttons.add("who-sees", who_sees, order=900)

menus.pending_work.add("set-up", setting_up.lacking, order=5)
menus.place("settings", "users", _("Users"), "user-list", order=100, kind="user", allowed=_keeps("user"))
menus.place("settings", "departments", _("Departments"), "department-list", order=110, kind="department", allowed=_keeps("department"))
menus.place("settings", "roles", _("Roles"), "role-list", order=120, kind="role", allowed=_keeps("role"))

changes.verbs.add("roles", (_("Roles changed"), "users-group", "violet"))
changes.verbs.add("rights", (_("Rights changed"), "checkbox", "violet"))
changes.verbs.add("password", (_("Password set"), "check", "info"))
changes.verbs.add("password-link", (_("Password link made"), "mail", "wait"))
changes.verbs.add("factor-on", (_("Second factor set up"), "phone", "good"))
changes.verbs.add("factor-off", (_("Second factor taken off"), "phone", "wait"))
changes.verbs.add("factor-recovery", (_("Recovery code used"), "phone", "wait"))
changes.verbs.add("factor-codes", (_("New recovery codes"), "phone", "info"))
changes.verbs.add("factor-reset", (_("Second factor taken away"), "phone", "wait"))
changes.verbs.add("passkey-on", (_("Passkey added"), "key", "good"))
changes.verbs.add("passkey-used", (_("Signed in with a passkey"), "key", "info"))
changes.verbs.add("passkey-name", (_("Passkey renamed"), "key", "neutral"))
changes.verbs.add("passkey-off", (_("Passkey removed"), "key", "wait"))
changes.verbs.add("passkey-copied", (_("Passkey refused: its counter went back"), "key", "bad"))
changes.verbs.add("passkeys-reset", (_("All passkeys removed"), "key", "wait"))
changes.verbs.add("token", (_("API token made"), "key", "wait"))
changes.verbs.add("token-off", (_("API token revoked"), "key", "neutral"))
changes.verbs.add("sessions-ended", (_("Signed out everywhere"), "arrow-back-up", "neutral"))
changes.verbs.add("rescue", (_("Let in again from the server's shell"), "arrow-back-up", "wait"))
changes.verbs.add("looked", (_("Looked at what they would see"), "list-details", "wait"))
changes.verbs.add("reveal", (_("Masked value shown"), "phone", "wait"))
