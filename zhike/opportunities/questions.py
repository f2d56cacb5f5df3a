"""What opportunities ask the apps above."""

from zhike.base.questions import Question

criterion_met = Question(
    "opportunities.criterion_met",
    doc="Is the document this criterion asks for there? An answer (any) for the row says yes; `text` names it.",
)
may_reopen = Question(
    "opportunities.may_reopen", doc="What forbids undoing the win of these opportunities (an effective contract)?"
)
