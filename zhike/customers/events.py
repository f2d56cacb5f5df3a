"""News of the customer master."""

from zhike.base.events import Event

customers_created = Event("customers.created", args=("source",), doc="New customers are in the master.")
customers_opened = Event("customers.opened", args=(), doc="Customers have been opened formally by finance and have their code.")
lifecycle_moved = Event(
    "customers.lifecycle_moved",
    args=("move", "cause_kind", "cause_id"),
    doc="Customers have reached another stage of the life cycle; `move` names the step.",
)
customers_pooled = Event(
    "customers.pooled", args=("old_owners", "pool", "reason"),
    doc="Customers wait in a pool and belong to nobody; `old_owners` maps their ids to the former owners' ids, `pool` is its name.",
)
customers_taken = Event(
    "customers.taken", args=("to", "way"), doc="Customers of a pool have an owner again; `way` is pick, assign or apply.",
)
