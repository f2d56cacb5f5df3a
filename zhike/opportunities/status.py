"""The status of an opportunity. Stages are data and move inside "open"."""

from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow, Move, State

STATUS = Flow(
    "status",
    [
        State("open", _("open"), "info"),
        State("suspended", _("suspended"), "wait"),
        State("won", _("won"), "good"),
        State("lost", _("lost"), "bad"),
        State("void", _("void"), "neutral"),
    ],
    [
        Move("suspend", ("open",), "suspended", "edit", _("Suspend")),
        Move("resume", ("suspended",), "open", "edit", _("Resume")),
        Move("win", ("open",), "won", "win", _("Win")),
        Move("unwin", ("won",), "open", "unwin", _("Undo won")),
        Move("lose", ("open", "suspended"), "lost", "lose", _("Lose")),
        Move("unlose", ("lost",), "open", "unlose", _("Undo lost")),
        Move("void", ("open", "suspended"), "void", "void", _("Void")),
    ],
)
