"""What leads ask the apps above them."""

from zhike.base.questions import Question

contact_facts = Question(
    "leads.contact_facts",
    doc="First, last and next contact with these leads. Answers carry key first, last or next, `data` = (moment, text).",
)
