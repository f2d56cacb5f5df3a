"""News of leads."""

from zhike.base.events import Event

leads_created = Event("leads.created", args=("source",), doc="New leads are there; `source` says by which way: page, form, import.")
leads_taken = Event("leads.taken", args=("to", "way"), doc="Leads that waited have an owner; `way` is take or assign.")
lead_converted = Event("leads.converted", args=(), doc="A lead has become a customer; its customer and contact are set.")
leads_invalidated = Event("leads.invalidated", args=("reason",), doc="Nothing will come of these leads.")
