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
rows_merged = Event(
    "customers.rows_merged", args=("lost", "merge"),
    doc="Records were joined into the one given; `lost` are the ids that lead to it now, `merge` the number of the merge. "
    "Everything that points to them by a foreign key or as any record has been moved already.",
)
merge_undone = Event("customers.merge_undone", args=("lost", "merge"), doc="A merge was taken back; the records `lost` stand again.")
