"""What the company asks of an activity: how far back, when a change is marked, who deletes, who takes part, reminders."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zhike.activities.jobs import remind
from zhike.activities.models import Activity
from zhike.base import clock
from zhike.notices.models import Message
from zhike.org.models import Company


@pytest.fixture
def log(sign_in, once):
    def post(customer, username="rep", **values):
        return sign_in(username).post(f"/customers/{customer.pk}/log/", {"_once": once(), "type": "phone", "content": "谈过", **values})

    return post


def test_back_dating_has_a_limit_that_the_company_sets(make, log):
    customer = make.customer("rep")
    day = lambda n: f"{clock.local(clock.now() - timedelta(days=n)):%Y-%m-%dT%H:%M}"  # noqa: E731
    assert log(customer, at=day(29)).status_code == 303
    assert log(customer, at=day(32)).status_code == 422
    assert log(customer, at=day(-1)).status_code == 422
    company = Company.objects.first() or Company(name="示例")
    company.settings = {**company.settings, "activity_backdate_days": 2, "activity_content_min": 4}
    company.save()
    assert log(customer, at=day(3), content="很久以前的").status_code == 422
    assert log(customer, content="短").status_code == 422
    assert log(customer, content="不短的话").status_code == 303
    assert Activity.objects.filter(customer=customer).count() == 2


def test_a_result_alone_is_enough(make, log):
    customer = make.customer("rep")
    assert log(customer, content="", result="effective").status_code == 303
    assert log(customer, content="", result="").status_code == 422
    assert Activity.objects.get(customer=customer).subject == "电话"


def test_the_composer_takes_files_along(make, log, sign_in):
    customer = make.customer("rep")
    assert log(customer, files=SimpleUploadedFile("纪要.txt", "第一点".encode())).status_code == 303
    page = sign_in("rep").get(f"/customers/{customer.pk}/")
    assert "纪要.txt" in page.content.decode()
    for chip, shown in (("people", True), ("documents", False), ("system", False)):
        assert ("纪要.txt" in sign_in("rep").get(f"/customers/{customer.pk}/?timeline={chip}").content.decode()) is shown, chip


def test_a_change_after_a_day_is_marked_for_everybody(make, log, sign_in, once, people):
    with clock.freeze("2026-11-20 10:00"):
        customer = make.customer("rep")
        log(customer)
        row = Activity.objects.get(customer=customer)
    rep = sign_in("rep")

    def change(text):
        values = {"_once": once(), "_version": row.version, "subject": "谈过", "type": "phone", "customer": customer.pk, "content": text,
                  "at": f"{clock.local(row.at):%Y-%m-%dT%H:%M}"}
        return rep.post(f"/activities/{row.pk}/edit/", values)

    with clock.freeze("2026-11-21 09:00"):
        assert change("当天补充").status_code == 303
        row.refresh_from_db()
        assert row.amended_at is None
    with clock.freeze("2026-11-21 11:00"):
        assert change("隔天改写").status_code == 303
        row.refresh_from_db()
        assert row.amended_at is not None
        people["rep"].__class__.objects.filter(username="rep").update(language="en")
        assert "changed after 24 hours" in sign_in("rep").get(f"/activities/{row.pk}/").content.decode().lower()


def test_the_author_deletes_within_a_day_then_the_manager(make, log, sign_in, once):
    with clock.freeze("2026-11-20 10:00"):
        customer = make.customer("rep")
        log(customer)
        log(customer)
        first, second = Activity.objects.filter(customer=customer)
        planned = make.activity(customer)
    delete = lambda username, row: sign_in(username).post(f"/about/activities/{row.pk}/delete/", {"_once": once()}).status_code  # noqa: E731
    with clock.freeze("2026-11-21 09:00"):
        assert delete("rep", first) == 303
    with clock.freeze("2026-11-21 11:00"):
        assert delete("rep", second) == 422
        assert delete("rep", planned) == 303  # what has not taken place may go
        assert delete("manager_east", second) == 303
    assert not Activity.objects.filter(customer=customer).exists()


def test_colleagues_take_part_and_then_see_it(make, sign_in, once, people):
    row = make.activity(owner="rep")
    contact, foreign = make.contact(row.customer), make.contact(owner="rep_south")
    url, rep = f"/activities/{row.pk}/party/", sign_in("rep")
    assert sign_in("rep_south").get(f"/activities/{row.pk}/").status_code == 404
    more = {"more": people["rep_south"].pk, "contacts": contact.pk}
    assert rep.post(url, {"_once": once(), **more}).status_code == 303
    assert sign_in("rep_south").get(f"/activities/{row.pk}/").status_code == 200
    assert sign_in("rep_south").post(f"/activities/{row.pk}/finish/", {"_once": once(), "content": "去过了"}).status_code == 303
    assert Message.objects.filter(receiver=people["rep_south"], text_key="activity.invited").count() == 1
    page = rep.get(f"/activities/{row.pk}/").content.decode()
    assert str(people["rep_south"]) in page and contact.name in page
    assert rep.post(url, {"_once": once(), "contacts": foreign.pk}).status_code == 422
    assert rep.post(url, {"_once": once()}).status_code == 303
    assert sign_in("rep_south").get(f"/activities/{row.pk}/").status_code == 404


def test_the_next_contact_reminds_once_at_its_time(make, log, people):
    with clock.freeze("2026-11-20 10:00"):
        customer = make.customer("rep")
        log(customer, next_on="2026-11-24", next_action="谈付款")
    planned = Activity.objects.get(customer=customer, status="planned")
    assert planned.subject == "谈付款"
    told = Message.objects.filter(receiver=people["rep"], text_key="activity.remind")
    with clock.freeze("2026-11-24 08:29"):
        remind()
        assert not told.exists()
    with clock.freeze("2026-11-24 08:30"):
        remind()
        remind()
        assert told.count() == 1
    planned.refresh_from_db()
    assert planned.remind_at is None


def test_overdue_is_counted_from_the_clock(make, sign_in):
    with clock.freeze("2026-11-20 10:00"):
        late = make.activity(days=1, subject="迟到的计划")
        make.activity(late.customer, days=9, subject="以后的计划")
    with clock.freeze("2026-11-22 10:00"):
        rep = sign_in("rep")
        shown = rep.get("/activities/?view=all&late=1").content.decode()
        assert "迟到的计划" in shown and "以后的计划" not in shown
        assert "以后的计划" in rep.get("/activities/?view=all&late=0").content.decode()


def test_moving_a_next_contact_moves_its_plan(make, log, people):
    from zhike.activities.actions import change_activity

    customer = make.customer("rep")
    at = (clock.today() + timedelta(days=4)).isoformat()
    log(customer, next_on=at)
    row, later = Activity.objects.get(customer=customer, status="done"), clock.now() + timedelta(days=9)
    change_activity(row, {"next_contact_at": later}, by=people["rep"], version=row.version)
    assert Activity.objects.get(customer=customer, status="planned").at == later
