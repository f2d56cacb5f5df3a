"""Pages of leads."""

from __future__ import annotations

from zhike.pages.details import DetailPage


class LeadPage(DetailPage):
    """Everything about one lead."""

    kind_name = "lead"
    menu = "marketing"
    place = "leads"
