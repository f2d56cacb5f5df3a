"""The states of an opening application: a rep applies, finance checks."""

from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow, Move, State

OPENING = Flow(
    "status",
    [
        State("waiting", _("waiting for finance"), "wait"),
        State("returned", _("returned to the applicant"), "bad"),
        State("opened", _("formal customer"), "good"),
        State("withdrawn", _("application withdrawn"), "neutral"),
    ],
    [
        Move("accept", ("waiting",), "opened", "check", _("Accept opening")),
        Move("return", ("waiting",), "returned", "check", _("Return to applicant")),
        Move("resubmit", ("returned",), "waiting", "add", _("Apply again")),
        Move("withdraw", ("waiting", "returned"), "withdrawn", "add", _("Withdraw application")),
    ],
)
OPEN = ("waiting", "returned")
