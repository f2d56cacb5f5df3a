"""The message centre: filters, marking, putting off, rights at reading, and the daily mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.notices import actions, jobs, mailing, outbox, wishing
from zhike.notices.models import AlertHit, AlertRule, Message, Outgoing
from zhike.org.models import User
from zhike.records.models import TeamGrant

DAY = "2026-11-24 09:30"


@pytest.fixture
def told(make, people):
    """Two customers silent for long, told one by one to their owner."""
    with clock.freeze("2026-03-02 10:00"):
        rows = [make.customer("rep", level="A"), make.customer("rep", level="A")]
    AlertRule.objects.exclude(code="CU01").update(enabled=False)
    AlertRule.objects.filter(code="CU01").update(enabled=True, digest=False)
    with clock.freeze(DAY):
        jobs.scan_alerts()
    return rows


def bell(page):
    found = re.search(r'class="pip">(\d+)<', page)
    return int(found[1]) if found else 0


def test_filters_marks_and_the_bell(sign_in, told, people, once, make):
    with clock.freeze(DAY):
        make.task(title="寄样册")  # tells rep by another way
        rep = sign_in("rep")
        page = rep.get(reverse("messages")).content.decode()
        assert told[0].name in page and f'href="/customers/{told[0].pk}/"' in page and bell(page) == 3
        alerts = rep.get("/messages/?category=alert&state=unread").content.decode()
        assert told[0].name in alerts and "寄样册" not in alerts
        one = Message.objects.get(row_id=told[0].pk, kind="customer")
        here = "/messages/?category=alert&state=unread"
        assert rep.post(here, {"_once": once(), "do": "read", "ids": [str(one.pk)]})["Location"] == here
        assert told[0].name not in rep.get(here).content.decode() and told[1].name in rep.get(here).content.decode()
        two = Message.objects.get(row_id=told[1].pk, kind="customer")
        rep.post(here, {"_once": once(), "do": "later", "ids": [str(two.pk)]})
        assert told[1].name not in rep.get(here).content.decode() and bell(rep.get(here).content.decode()) == 1
        rep.post(here, {"_once": once(), "do": "done", "ids": [str(one.pk)]})
        assert told[0].name in rep.get("/messages/?state=done").content.decode()
        assert rep.post("/messages/", {"_once": once()}).status_code == 303  # the old way: all read
        assert rep.post(here, {"_once": once(), "do": "done"}).status_code == 422
        assert rep.post(here, {"_once": once(), "do": "done", "ids": ["x"]}).status_code == 422
        assert rep.get("/messages/?state=nonsense").status_code == 404 and rep.get("/messages/?before=x").status_code == 404
    with clock.freeze("2026-11-25 08:01"):
        Message.objects.filter(pk=two.pk).update(read_at=None)
        assert told[1].name in rep.get(here).content.decode()


def test_nobody_marks_what_is_not_theirs(sign_in, told, once):
    one = Message.objects.filter(kind="customer").first()
    sign_in("rep_south").post(reverse("messages"), {"_once": once(), "do": "done", "ids": [str(one.pk)]})
    one.refresh_from_db()
    assert one.done_at is None and one.read_at is None
    pk = AlertRule.objects.get(code="CU01").pk
    assert sign_in("rep_south").get(reverse("message-alerts", args=[pk])).status_code == 404


def test_rights_are_asked_at_reading(sign_in, told, people):
    """Handed over a minute ago: the old owner reads nothing of it, before any scan."""
    with clock.freeze(DAY):
        south = people["rep_south"]
        type(told[0]).objects.filter(pk=told[0].pk).update(owner=south, owner_dept=south.department)
        rep = sign_in("rep")
        for address in (reverse("messages"), "/", reverse("message-alerts", args=[AlertRule.objects.get(code="CU01").pk])):
            page = rep.get(address).content.decode()
            assert told[0].name not in page and told[1].name in page, address
        jobs.scan_alerts()
        assert set(AlertHit.objects.filter(row_id=told[0].pk, closed_at=None).values_list("receiver__username", flat=True)) == {"rep_south"}
        TeamGrant.objects.create(kind="customer", row_id=told[0].pk, user=people["rep"], level="read")
        assert told[0].name in sign_in("rep").get("/messages/?state=done").content.decode()


def test_a_digest_leads_to_its_records(sign_in, told, people, once):
    Message.objects.all().delete()
    AlertHit.objects.update(told_at=None)
    AlertRule.objects.filter(code="CU01").update(digest=True)
    with clock.freeze(DAY):
        jobs.tell_people()
        rep = sign_in("rep")
        page = rep.get(reverse("messages")).content.decode()
        link = re.search(r'href="(/messages/alerts/\d+/)"', page)[1]
        records = rep.get(link).content.decode()
        assert all(row.name in records for row in told)
        hit = AlertHit.objects.get(row_id=told[0].pk)
        assert rep.post(link, {"_once": once(), "do": "done", "ids": [str(hit.pk)]}).status_code == 303
        other = AlertHit.objects.get(row_id=told[1].pk)
        rep.post(link, {"_once": once(), "do": "later", "ids": [str(other.pk)]})
        assert told[0].name not in rep.get(link).content.decode()
        jobs.tell_people()
        assert Message.objects.count() == 1
    with clock.freeze("2026-11-25 08:30"):
        jobs.tell_people()
        assert Message.objects.count() == 2 and Message.objects.latest("pk").values["n"] == 1


def test_texts_in_both_languages(sign_in, told, people):
    with clock.freeze(DAY):
        for lang, word in (("en", "no contact since"), ("zh-hans", told[0].name)):
            with translation.override(lang):
                assert word in actions.text_of(Message.objects.select_related("hit").filter(kind="customer").first()) or lang == "zh-hans"


def test_older_ones_are_a_page_away(sign_in, people):
    rep = people["rep"]
    Message.objects.bulk_create([Message(receiver=rep, text_key="job.done", values={"title": f"第{i}件"}, key=f"k{i}",
                                         created_at=clock.now() - timedelta(minutes=i)) for i in range(60)])
    client = sign_in("rep")
    first = client.get(reverse("messages")).content.decode()
    link = re.search(r'href="(/messages/\?before=\d+)"', first)[1]
    second = client.get(link).content.decode()
    assert "第59件" in first and "第5件" not in first and "第5件" in second and "第59件" not in second


@pytest.fixture
def mail_server(settings):
    settings.MAIL_HOST = "mail.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "crm@example.com"


def test_the_daily_mail_is_written_once_and_holds_what_one_may_see(told, people, mail_server):
    wishing.set_wishes(muted=[], digest_hour=9, quiet_from=None, quiet_to=None, mail=True, by=people["rep"])
    with clock.freeze("2026-11-24 08:30"):
        jobs.mail_out()
        assert not mail.outbox
    with clock.freeze(DAY):
        south = people["rep_south"]
        type(told[0]).objects.filter(pk=told[0].pk).update(owner=south, owner_dept=south.department)
        jobs.mail_out()
        jobs.mail_out()
        assert len(mail.outbox) == 1 and mail.outbox[0].to == ["rep@example.com"]
        assert told[1].name in mail.outbox[0].body and told[0].name not in mail.outbox[0].body
        User.objects.filter(username="rep").update(email="")
        with pytest.raises(Refused):
            wishing.set_wishes(muted=[], digest_hour=9, quiet_from=None, quiet_to=None, mail=True, by=people["rep"])


def test_the_outbox_tries_again_and_gives_up(people, mail_server, monkeypatch, db):
    def later(row):
        return mailing.LATER, "450 try later"

    monkeypatch.setattr(mailing, "hand_over", later)
    with clock.freeze(DAY):
        row = outbox.put_out("mail", "a@example.com", "您好", key="one", by=people["rep"])
        assert outbox.put_out("mail", "b@example.com", "again", key="one").pk == row.pk
        with pytest.raises(Refused):
            outbox.put_out("mail", "nonsense", "x", key="two")
        with pytest.raises(Refused):
            outbox.put_out("mail", "a@example.com", " ", key="three")
    with clock.freeze(DAY):
        at = clock.local(clock.now())
    for n in range(1, 6):
        at += timedelta(days=1)
        with clock.freeze(at):
            outbox.send_waiting()
            outbox.send_waiting()  # not before its time
        row.refresh_from_db()
        assert row.attempts == n and row.state == (Outgoing.FAILED if n == 5 else Outgoing.WAITING)
    assert "450 try later" in mailing.words(row.error)


def test_without_a_mail_server_it_waits(people, db):
    outbox.put_out("sms", "13900000000", "您好", key="sms")
    row = outbox.put_out("mail", "a@example.com", "您好", key="m")
    assert outbox.send_waiting() == 0
    row.refresh_from_db()
    assert row.attempts == 0 and outbox.take_back([row.pk]) == 1
