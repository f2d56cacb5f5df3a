"""Recording a follow-up: what the action itself holds, whichever door it is called through."""

import pytest

from zhike.activities.actions import log_activity
from zhike.activities.models import Activity
from zhike.base.refused import Refused


def test_types_results_and_links_are_checked(make, people):
    rep, mine, foreign = people["rep"], make.customer("rep"), make.contact(owner="rep_south")
    good = {"customer": mine, "type": "phone", "content": "已回复", "by": rep}
    for wrong, field in (({"type": "nonsense"}, "type"), ({"result": "wonderful"}, "result"), ({"contact": foreign}, "contact")):
        with pytest.raises(Refused) as no:
            log_activity(**{**good, **wrong})
        assert no.value.field == field
    assert not Activity.objects.exists()
    assert log_activity(**good).status == "done"


def test_the_next_contact_is_told_to_those_who_see_it(make, people, sign_in):
    from datetime import timedelta

    from zhike.base import clock

    row = make.customer("rep")
    log_activity(customer=row, type="phone", content="下周再谈", by=people["rep"], next_action="谈夹具报价",
                 next_contact_at=clock.now() + timedelta(days=5))
    url = f"/customers/{row.pk}/"
    assert "谈夹具报价" in sign_in("rep").get(url).content.decode()
    other = sign_in("desk").get(url).content.decode()  # sees every customer, not the rep's plans
    assert "下次联系" in other and "谈夹具报价" not in other
