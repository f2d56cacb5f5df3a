"""What customer care asks the apps above it."""

from zhike.base.questions import Question

care_suppressed = Question(
    "marketing.care_suppressed",
    doc="Which of these customers get nothing by this `channel` now, e.g. no gift while an invoice is overdue? An answer names the customer and why.",
)
