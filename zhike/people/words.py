"""What rights, reaches and field modes are called."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Any] = {
    "view": _("see"),
    "add": _("add"),
    "edit": _("change"),
    "delete": _("delete"),
    "import": _("import"),
    "export": _("export"),
    "transfer": _("hand over"),
    "share": _("share"),
    "merge": _("merge"),
    "disable": _("disable"),
    "win": _("win"),
    "lose": _("lose"),
    "unwin": _("take back a win"),
    "unlose": _("take back a loss"),
    "void": _("make void"),
    "stage_skip": _("skip a stage"),
    "win_early": _("win early"),
    "check": _("check openings"),
    "reveal": _("show masked values"),
    "take": _("take what waits"),
    "assign": _("assign"),
    "convert": _("convert"),
    "approve": _("approve"),
}
MODES: dict[str, Any] = {"": _("in the open"), "read": _("read only"), "mask": _("masked"), "hide": _("hidden")}
