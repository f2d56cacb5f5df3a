"""The states of a care item."""

from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow, Move, State

CARE = Flow(
    "status",
    [State("planned", _("planned"), "wait"), State("done", _("done"), "good"), State("skipped", _("skipped"), "neutral")],
    [
        Move("finish", ("planned",), "done", "edit", _("Done")),
        Move("skip", ("planned",), "skipped", "edit", _("Skip")),
        Move("reopen", ("skipped",), "planned", "edit", _("Plan again")),
    ],
)
