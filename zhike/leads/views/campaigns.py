"""Pages of campaigns."""

from __future__ import annotations

from zhike.pages.details import DetailPage


class CampaignPage(DetailPage):
    """Everything about one campaign, with what came of it."""

    kind_name = "campaign"
    menu = "marketing"
    place = "campaigns"
