"""News of the customer master."""

from zhike.base.events import Event

customers_created = Event("customers.created", args=("source",), doc="New customers are in the master.")
customers_opened = Event("customers.opened", args=(), doc="Customers have been opened formally by finance and have their code.")
lifecycle_moved = Event(
    "customers.lifecycle_moved",
    args=("move", "cause_kind", "cause_id"),
    doc="Customers have reached another stage of the life cycle; `move` names the step.",
)
