"""The page of what leaves the house: who sees it, what can be taken back or tried again, and what cannot."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.notices import mailing, outbox
from zhike.notices.models import Outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def texts(make, people):
    """One of each state, the failed one about a customer."""
    customer = make.customer(owner="rep")
    found = {}
    for state, _label in Outgoing.STATES:
        row = outbox.put_out("mail", f"{state}@example.com", f"<b>{state}</b>\n第二行", key=state, subject=f"祝贺 {state}", row=customer, by=people["rep"])
        Outgoing.objects.filter(pk=row.pk).update(state=state)
        found[state] = row
    Outgoing.objects.filter(pk=found["failed"].pk).update(attempts=5, error="SMTPServerDisconnected: 没有回答")
    found["sms"] = outbox.put_out("sms", "13800138000", "短信", key="sms")
    return found


def post(client, do, *rows, **more):
    return client.post("/settings/outbox/", {"do": do, "ids": [row.pk for row in rows], "_once": uuid.uuid4().hex, **more})


def test_only_administrators_look_into_it(sign_in, texts):
    for name in ("rep", "manager_east", "gm"):
        assert sign_in(name).get("/settings/outbox/").status_code == 404
        assert post(sign_in(name), "back", texts["waiting"]).status_code == 404
    assert Outgoing.objects.get(pk=texts["waiting"].pk).state == "waiting"


def test_it_is_listed_found_and_filtered(sign_in, texts):
    admin = sign_in("admin")
    html = admin.get("/settings/outbox/").content.decode()
    for part in ("祝贺 failed", "SMTPServerDisconnected: 没有回答", "试过 5 次", "&lt;b&gt;sent&lt;/b&gt;", "没有接入", "ZHIKE_MAIL_URL", "13800138000"):
        assert part in html, part
    assert "祝贺 sent" in admin.get("/settings/outbox/?state=sent").content.decode()
    assert "祝贺 failed" not in admin.get("/settings/outbox/?state=sent").content.decode()
    assert "祝贺" not in admin.get("/settings/outbox/?channel=sms").content.decode()
    found = admin.get("/settings/outbox/?q=failed%40").content.decode()
    assert "祝贺 failed" in found and "祝贺 sent" not in found
    assert "没有匹配" in admin.get("/settings/outbox/?q=%E6%B2%A1%E6%9C%89").content.decode() or admin.get("/settings/outbox/?q=zzz").status_code == 200
    for wrong in ("state=x", "channel=fax", "before=x", "before=%EF%BC%91", "before=" + "9" * 30):
        assert admin.get(f"/settings/outbox/?{wrong}").status_code == 404, wrong


def test_what_waits_is_taken_back_and_what_failed_tried_again(sign_in, texts, mailoutbox, settings):
    admin = sign_in("admin")
    assert post(admin, "back", texts["waiting"], texts["sent"]).status_code in (302, 303)
    assert Outgoing.objects.get(pk=texts["waiting"].pk).state == "cancelled" and Outgoing.objects.get(pk=texts["sent"].pk).state == "sent"
    assert post(admin, "again", texts["failed"]).status_code in (302, 303)
    settings.MAIL_HOST = "mail.example.com"
    assert outbox.send_waiting() == 1 and [mail.to for mail in mailoutbox] == [["failed@example.com"]]
    # Who wanted no more texts gets none; nobody gets one twice; a text that waits for its channel has nothing to try.
    for row in ("cancelled", "sent", "failed", "sms"):
        answer = post(admin, "again", texts[row])
        assert answer.status_code == 422 and "重新发送" in answer.content.decode()
    assert post(admin, "back", texts["sent"]).status_code == 422
    assert outbox.send_waiting() == 0 and len(mailoutbox) == 1


def test_what_is_being_sent_can_be_neither_taken_back_nor_sent_again(sign_in, texts):
    admin = sign_in("admin")
    Outgoing.objects.filter(pk=texts["failed"].pk).update(error=mailing.note(mailing.REFUSED, "550 没有此用户"))
    page = admin.get("/settings/outbox/").content.decode()
    assert "发送中" in page and "邮件服务器拒收（550 没有此用户）" in page
    for do in ("back", "again"):
        assert post(admin, do, texts["sending"]).status_code == 422
    assert Outgoing.objects.get(pk=texts["sending"].pk).state == "sending"


def test_bad_input_changes_nothing(sign_in, texts):
    admin = sign_in("admin")
    assert post(admin, "back").status_code == 422
    assert post(admin, "burn", texts["waiting"]).status_code == 422
    assert admin.post("/settings/outbox/", {"do": "back", "ids": ["x"], "_once": uuid.uuid4().hex}).status_code == 422
    assert admin.post("/settings/outbox/", {"do": "back", "ids": [str(i) for i in range(600)], "_once": uuid.uuid4().hex}).status_code == 422
    assert Outgoing.objects.get(pk=texts["waiting"].pk).state == "waiting"


def test_page_by_page(sign_in, django_assert_max_num_queries):
    now = clock.now()
    Outgoing.objects.bulk_create(Outgoing(channel="mail", address=f"a{i}@example.com", body=f"文{i:03}", key=f"k{i}", created_at=now, next_try_at=now + timedelta(days=1))
                                 for i in range(60))
    admin = sign_in("admin")
    admin.get("/settings/outbox/")
    with django_assert_max_num_queries(14):
        html = admin.get("/settings/outbox/").content.decode()
    assert "文059" in html and "文009" not in html
    older = html.split("before=")[1].split('"')[0]
    assert "文009" in admin.get(f"/settings/outbox/?before={older}").content.decode()
