"""What the trash asks the apps above."""

from zhike.base.questions import Question

keeps = Question("collab.keeps", doc="What forbids deleting these records, besides the records that point to them?")
fits_again = Question(
    "collab.fits_again",
    doc="A deleted record comes back: `rows` are not yet stored. Answerers fit them to what has happened meanwhile, or say what forbids it.",
)
