"""Leads and campaigns in import plans: who gets what has no owner, what looks like something known, and again unchanged."""

import pytest

from zhike.leads.models import Campaign, Lead, LeadKey

from .conftest import outcome

pytestmark = pytest.mark.django_db
PLAN = """
name = "fair"
[files.rows]
path = "rows.csv"
[[section]]
name = "leads"
kind = "lead"
file = "rows"
key = "{id}"
[section.fields]
name = "{name}"
company = "{company}"
mobile = "{mobile}"
source = "{source}"
campaign = { from = "{campaign}", by = "name" }
owner = { from = "{owner}", by = "username" }
"""
ROWS = """id,name,company,mobile,source,campaign,owner
1,林访客,示例一厂,13800007001,exhibition,示例导入展,
2,周访客,示例二厂,13800007002,exhibition,示例导入展,rep_south
3,吴访客,示例三厂,1380000,exhibition,示例导入展,
4,郑访客,示例四厂,13800007004,pigeon,,
"""


@pytest.fixture
def fair(folder, make):
    make.campaign(name="示例导入展")
    return folder.write("rows.csv", ROWS).plan(PLAN)


def test_visitors_of_a_fair_wait_or_go_to_whom_the_file_names(fair):
    done, _rows = fair.one(by="marketing")
    assert outcome(done) == {"created": 2, "failed": 2}
    waits, given = Lead.objects.order_by("pk")
    assert (waits.name, waits.owner, waits.status) == ("林访客", None, "new")
    assert given.owner.username == "rep_south" and given.assigned_at is not None
    assert waits.campaign == Campaign.objects.get() and LeadKey.objects.filter(lead_number=waits.pk, what="phone").exists()
    again, _rows = fair.one(by="marketing")
    assert outcome(again) == {"unchanged": 2, "failed": 2}


def test_a_dry_run_writes_nothing_and_a_rep_may_not_import(fair):
    done, _rows = fair.one(by="marketing", dry_run=True)
    assert outcome(done) == {"created": 2, "failed": 2} and not Lead.objects.exists()
    from zhike.base.refused import Refused

    with pytest.raises(Refused):
        fair.run(by="rep")


def test_rows_that_look_like_something_known_are_named(fair, make):
    make.lead("rep", name="别人", mobile="13800007001")
    make.customer("rep", name="示例二厂")
    done, rows = fair.one(by="marketing")
    assert done.doubtful == 2
    assert any("looks like" in str(row) for row in rows)
