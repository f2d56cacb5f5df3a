"""News of opportunities."""

from zhike.base.events import Event

opportunities_created = Event("opportunities.created", doc="New opportunities have been opened.")
stage_moved = Event("opportunities.stage_moved", args=("source", "target"), doc="An opportunity reached another stage.")
opportunity_won = Event("opportunities.won", doc="Opportunities have been won.")
opportunity_lost = Event("opportunities.lost", doc="Opportunities have been lost.")
opportunity_reopened = Event("opportunities.reopened", args=("was",), doc="A won or lost opportunity is open again.")
opportunities_restated = Event(
    "opportunities.restated", doc="Opportunities imported with their history have another state elsewhere now."
)
