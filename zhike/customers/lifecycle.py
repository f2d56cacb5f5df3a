"""The life cycle of a customer: target → potential → opportunity → deal → service, and lost."""

from django.utils.translation import gettext_lazy as _

from zhike.base.flow import Flow, Move, State

_ALL = ("target", "potential", "opportunity", "deal", "service", "lost")

LIFECYCLE = Flow(
    "lifecycle",
    [
        State("target", _("target customer"), "neutral"),
        State("potential", _("potential customer"), "teal"),
        State("opportunity", _("opportunity customer"), "info"),
        State("deal", _("deal customer"), "good"),
        State("service", _("service customer"), "violet"),
        State("lost", _("lost customer"), "bad"),
    ],
    [
        Move("show_demand", ("target",), "potential", "edit", _("shows demand")),
        Move("open_opportunity", ("target", "potential", "lost"), "opportunity", "edit", _("opportunity opened")),
        Move("close_deal", ("target", "potential", "opportunity", "lost"), "deal", "edit", _("deal closed")),
        Move("start_service", ("deal",), "service", "edit", _("first contract executed")),
        Move("lose", ("target", "potential", "opportunity", "deal", "service"), "lost", "lose", _("customer lost")),
        Move("take_back_opportunity", ("opportunity",), "potential", "edit", _("opportunity taken back")),
        Move("take_back_deal", ("deal",), "opportunity", "edit", _("deal taken back")),
        Move("take_back_demand", ("potential",), "target", "lose", _("demand taken back")),
        Move("return_lost", ("lost",), "potential", "lose", _("lost customer comes back")),
    ],
)
ORDER = _ALL
FIRST = "target"  # where a customer begins

# Steps that people take by hand, and the right each asks for; one back gives its reason.
BY_HAND = {
    "show_demand": "edit",
    "take_back_demand": "lose",
    "take_back_opportunity": "lose",
    "take_back_deal": "lose",
    "return_lost": "lose",
}


def open_by_hand(stage: str) -> list[str]:
    """The steps that may be taken by hand from this stage."""
    return [name for name in BY_HAND if stage in LIFECYCLE.moves[name].sources]
