"""What a campaign's leads became in money, on the campaign's page and within rights."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.marketing import actions
from zhike.marketing.models import LeadConversion
from zhike.opportunities.actions import win_opportunity

from .test_conversion import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(sign_in, people, make, once):
    campaign = make.campaign(name="示例展会", goal_opportunities=4, goal_amount=Decimal("1000000"))
    type(campaign).objects.filter(pk=campaign.pk).update(cost=Decimal("50000"))
    lead = make.lead("rep", name="林访客", company="华东示例精密铸造有限公司", mobile="13800007701", interest="五轴加工中心",
                     amount=Decimal("300000"), campaign=campaign)
    data = filled(sign_in("rep"), lead, **{"opportunity-name": "五轴两台"})
    assert sign_in("rep").post(f"/leads/{lead.pk}/convert/", data).status_code == 303
    return campaign, lead, LeadConversion.objects.get(lead=lead)


def page(sign_in, who, campaign, tab=""):
    answer = sign_in(who).get(f"/campaigns/{campaign.pk}/{tab}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_tells_opportunities_won_amount_and_return_against_the_goals(sign_in, people, deal):
    campaign, _lead, found = deal
    html = page(sign_in, "manager_east", campaign)
    assert "仅含你有权查看的商机" in html and "仅含你有权查看的商机" not in page(sign_in, "admin", campaign)
    assert "card-deals" in html and f"/campaigns/{campaign.pk}/deals/" in html and "30.00 万" in html and "25%" in html
    win_opportunity(found.opportunity, on=clock.today(), reason="price", amount=Decimal("250000"), by=people["manager_east"])
    html = page(sign_in, "manager_east", campaign)
    assert "25.00 万" in html and "5.0 : 1" in html
    assert "五轴两台" in page(sign_in, "manager_east", campaign, "deals/")


def test_who_does_not_see_the_opportunity_neither_counts_nor_reads_it(sign_in, people, deal):
    campaign, *_rest = deal
    html = page(sign_in, "manager_south", campaign, "deals/") if sign_in("manager_south").get(f"/campaigns/{campaign.pk}/").status_code == 200 else ""
    assert "五轴两台" not in html and "30.00 万" not in html


def test_a_conversion_taken_back_counts_no_longer(sign_in, people, deal):
    campaign, _lead, found = deal
    actions.undo_conversion(found, by=people["rep"])
    assert "五轴两台" not in page(sign_in, "manager_east", campaign, "deals/")
