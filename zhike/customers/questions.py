"""What the customer master asks the apps above it."""

from zhike.base.questions import Question

in_use = Question(
    "customers.in_use",
    doc="What open business forbids disabling these customers? Answers name the document and its page.",
)
contact_facts = Question(
    "customers.contact_facts",
    doc="Last and next contact of these customers. Answers carry key last or next, `data` = (moment, text).",
)
contact_used = Question(
    "customers.contact_used",
    doc="Which records of other apps speak of these contacts? They forbid giving a contact to another customer by a plain edit.",
)
keeps_apart = Question(
    "customers.keeps_apart", doc="What forbids merging these customers or contacts into one? Answers name the reason and its page.",
)
