"""Customer care through pages: rules plan, reps work the list off, wishes are respected."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from zhike.activities.models import Activity
from zhike.base import clock
from zhike.base.questions import Answer
from zhike.base.refused import Refused
from zhike.customers.actions import change_customer, return_to_pool
from zhike.customers.models import Contact, Customer, Pool
from zhike.marketing import actions, jobs, planning, questions
from zhike.marketing.models import CareDay, CareItem, CareRule, ContactWish
from zhike.notices import jobs as notices
from zhike.notices import mailing, outbox
from zhike.notices.models import AlertRule, Message, Outgoing
from zhike.records import ownership
from zhike.records.models import HistoryEntry

DAY = "2026-11-24 09:30"


@pytest.fixture
def rule(people):
    def make(**values):
        values = {"name": "生日问候", "occasion": "birthday", "channel": "phone", "text_zh": "{{ salutation }}，{{ occasion }}快乐！", **values}
        return actions.create_rules([CareRule(**values)], by=people["marketing"])[0]

    return make


def titles():
    return set(CareItem.objects.filter(status="planned").values_list("title", "occasion_on"))


def hidden(page, *names):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in names or ("_once", "_version")}


def test_birthdays_of_the_coming_week_once(make, rule):
    with clock.freeze(DAY):
        customer = make.customer("rep")
        soon = make.contact(customer, name="林示例", gender="female", birthday=date(1980, 11, 27))
        make.contact(customer, name="王示例", birthday=date(1980, 12, 20))
        make.contact(customer, name="赵示例", birthday=date(1980, 11, 26), left=True)
        rule()
        assert jobs.plan_care() == 1 and jobs.plan_care() == 0
        item = CareItem.objects.get()
        assert item.contact_id == soon.pk and item.text == "林女士，生日快乐！" and item.owner.username == "rep"
        assert item.occasion_on == date(2026, 11, 27) and titles() == {("林示例 · 生日", date(2026, 11, 27))}


def test_lunar_and_29_february(make, rule, people):
    with clock.freeze("2026-02-25 09:00"):
        customer = make.customer("rep")
        make.contact(customer, name="闰日", birthday=date(1992, 2, 29))
        rule(gap_days=0)
        jobs.plan_care()
        assert titles() == {("闰日 · 生日", date(2026, 2, 28))}
    with clock.freeze("2026-03-15 09:00"):
        moon = make.contact(customer, name="闰月", birthday=date(2004, 3, 21))  # the first of the doubled second month of 2004
        actions.set_contact_wish(moon, lunar=True, opt_out=False, by=people["rep"])
        jobs.plan_care()
        assert ("闰月 · 生日", date(2026, 3, 19)) in titles()
        assert ("闰月 · 生日", date(2026, 3, 21)) not in titles()
        # The lunar day of the contact itself goes before the date: the 1st of the second month of 2026.
        make.contact(customer, name="农历", birthday=date(1990, 7, 1), lunar_month=2, lunar_day=1)
        jobs.plan_care()
        assert ("农历 · 生日", date(2026, 3, 19)) in titles()


def test_festivals_silences_and_days_to_remember(make, rule, people):
    with clock.freeze("2026-03-02 10:00"):
        customer = make.customer("rep", level="A", kind="overseas", name_en="Example Tools Ltd", name="示例海外工具公司")
        make.contact(customer, name="Kim", primary=True)
    with clock.freeze("2026-12-20 09:00"):
        rule(name="圣诞", occasion="festival", festival="christmas", channel="email", gap_days=0, text_zh="圣诞快乐", text_en="Merry {{ occasion }}, {{ customer }}")
        rule(name="久未联系", occasion="silence", days=30, levels="A", gap_days=0)
        rule(name="纪念日", occasion="anniversary", days=2, channel="visit", gap_days=0, text_zh="{{ years }} 年")
        actions.add_care_day(customer, name="建厂", first_on=date(2016, 12, 24), by=people["rep"])
        jobs.plan_care()
        found = {item.occasion.split(":")[0]: item for item in CareItem.objects.all()}
        assert found["christmas"].text == "Merry Christmas, Example Tools Ltd" and found["christmas"].occasion_on == date(2026, 12, 25)
        assert found["silence"].contact.name == "Kim" and found["silence"].due_on == date(2026, 12, 20)
        assert found["day"].due_on == date(2026, 12, 22) and found["day"].text == "10 年"
        assert jobs.plan_care() == 0
        customer.level = "C"
        type(customer).objects.filter(pk=customer.pk).update(level="C")
        CareItem.objects.filter(occasion="silence").update(status="skipped")
        assert jobs.plan_care() == 0


def test_nobody_is_attended_to_too_often_or_against_their_will(make, rule, people, monkeypatch):
    with clock.freeze(DAY):
        customer, other = make.customer("rep"), make.customer("rep")
        person = make.contact(customer, name="林示例", birthday=date(1980, 11, 26), primary=True)
        calm = make.contact(other, name="静示例", birthday=date(1980, 11, 26))
        actions.set_contact_wish(calm, lunar=False, opt_out=True, reason="本人要求", by=people["rep"])
        rule(gap_days=30)
        rule(name="又一次", gap_days=30)
        assert jobs.plan_care() == 1 and CareItem.objects.get().contact_id == person.pk
        actions.set_customer_wish(customer, opt_out=True, by=people["rep"])
        assert CareItem.objects.get().status == "skipped"
        CareItem.objects.all().delete()
        assert jobs.plan_care() == 0
        actions.set_customer_wish(customer, opt_out=False, by=people["rep"])
        gift = rule(name="礼品", channel="gift", gap_days=0)
        CareRule.objects.exclude(pk=gift.pk).update(enabled=False)
        asked = []

        def overdue(rows, *, by, channel):
            asked.append(channel)
            return [Answer(row.pk, "逾期发票") for row in rows]

        monkeypatch.setattr(questions.care_suppressed, "_answerers", [overdue])
        assert jobs.plan_care() == 0 and asked == ["gift"]
        monkeypatch.setattr(questions.care_suppressed, "_answerers", [])
        assert jobs.plan_care() == 1


@pytest.fixture
def item(make, rule):
    with clock.freeze(DAY):
        contact = make.contact(make.customer("rep"), name="林示例", birthday=date(1980, 11, 24), email="lin@example.com", mobile="13900001234")
        rule(channel="email")
        jobs.plan_care()
        return CareItem.objects.get(contact=contact)


def test_the_daily_list_is_worked_off(item, sign_in, once):
    with clock.freeze(DAY):
        rep = sign_in("rep")
        listed = rep.get(reverse("care_item-list")).content.decode()
        assert item.title in listed and "今天" in listed
        page = rep.get(reverse("care_item-detail", args=[item.pk])).content.decode()
        assert "生日快乐" in page and reverse("care_item-send", args=[item.pk]) in page
        finish = reverse("care_item-finish", args=[item.pk])
        assert rep.post(finish, {"_once": once(), "cost": "-1"}).status_code == 422
        assert rep.post(finish, {"_once": once(), "result": "聊得很好", "cost": "88.50"}).status_code == 303
        item.refresh_from_db()
        assert item.status == "done" and str(item.cost) == "88.50"
        done = Activity.objects.get(customer=item.customer_id)
        assert done.type == "email" and "聊得很好" in done.content and done.contact_id == item.contact_id
        row = f'id="row-{item.pk}"'
        assert row not in rep.get(reverse("care_item-list")).content.decode()
        assert row in rep.get(reverse("care_item-list") + "?state=done").content.decode()
        assert rep.post(finish, {"_once": once()}).status_code in (409, 422)
        assert item.title in rep.get(f"/customers/{item.customer_id}/care/").content.decode()


def test_a_mail_leaves_through_the_outbox_once(item, sign_in, once, settings):
    settings.MAIL_HOST, settings.EMAIL_BACKEND, settings.DEFAULT_FROM_EMAIL = "mail.example.com", "django.core.mail.backends.locmem.EmailBackend", "crm@example.com"
    with clock.freeze(DAY):
        rep = sign_in("rep")
        assert rep.post(reverse("care_item-send", args=[item.pk]), {"_once": once(), "to": item.contact_id, "subject": "生日问候", "text": "林女士，祝好！"}).status_code == 303
        notices.mail_out()
        notices.mail_out()
    assert [(found.to, found.body) for found in mail.outbox] == [(["lin@example.com"], "林女士，祝好！")]
    assert Outgoing.objects.get().state == "sent" and CareItem.objects.get(pk=item.pk).status == "done"
    assert Activity.objects.filter(customer=item.customer_id).count() == 1


def test_who_wants_to_be_left_alone_gets_nothing_that_waits(item, people, sign_in, once):
    with clock.freeze(DAY):
        CareItem.objects.filter(pk=item.pk).update(channel="sms")
        rep = sign_in("rep")
        assert rep.post(reverse("care_item-send", args=[item.pk]), {"_once": once(), "to": item.contact_id, "text": "祝好"}).status_code == 303
        assert Outgoing.objects.get().state == "waiting"
        form = rep.get(reverse("contact-care-wish", args=[item.contact_id])).content.decode()
        assert rep.post(reverse("contact-care-wish", args=[item.contact_id]), {**hidden(form), "opt_out": "on", "reason": "本人要求"}).status_code == 303
        assert Outgoing.objects.get().state == "cancelled" and ContactWish.objects.get().opt_out
        assert "发出前已撤回" in rep.get(reverse("care_item-detail", args=[item.pk])).content.decode()
        assert HistoryEntry.objects.filter(kind="contact", row_id=item.contact_id, action="care-wish").count() == 1
        CareItem.objects.filter(pk=item.pk).update(status="planned")
        with pytest.raises(Refused):
            actions.send_care(CareItem.objects.get(pk=item.pk), text="祝好", by=people["rep"])


def test_skipping_needs_a_reason_and_can_be_taken_back(item, sign_in, once):
    rep = sign_in("rep")
    skip = reverse("care_item-skip", args=[item.pk])
    assert rep.post(skip, {"_once": once(), "reason": ""}).status_code == 422
    assert rep.post(skip, {"_once": once(), "reason": "出差"}).status_code == 303
    assert rep.post(reverse("care_item-reopen", args=[item.pk]), {"_once": once()}).status_code == 303
    item.refresh_from_db()
    assert item.status == "planned" and item.reason == ""


def test_rights(item, sign_in, once, people):
    """One's own rows to see and change; who reads only may not; everybody else meets nothing."""
    names = ("finish", "skip", "send")
    for username, want in (("rep_south", 404), ("warehouse", 404), ("gm", 403), ("manager_east", 303)):
        client = sign_in(username)
        for name in names[:1] if want == 303 else names:
            got = client.post(reverse(f"care_item-{name}", args=[item.pk]), {"_once": once(), "reason": "x", "text": "x"})
            assert got.status_code == want, (username, name)
    for username, want in (("rep", 404), ("sales_head", 404), ("marketing", 200)):
        assert sign_in(username).get(reverse("care_rule-list")).status_code == want
        assert sign_in(username).get(reverse("care_rule-new")).status_code == want
    assert sign_in("rep_south").post(reverse("customer-care-day", args=[item.customer_id]), {"_once": once(), "name": "x", "first_on": "2020-01-01"}).status_code == 404


def test_days_to_remember_on_the_customers_page(item, sign_in, once):
    rep = sign_in("rep")
    add = reverse("customer-care-day", args=[item.customer_id])
    assert rep.post(add, {"_once": once(), "name": "建厂", "first_on": "2999-01-01"}).status_code == 422
    added = rep.post(add, {"_once": once(), "name": "建厂", "first_on": "2016-02-29", "lunar": "on"})
    assert (added.status_code, added["Location"]) == (303, f"/customers/{item.customer_id}/care/")
    page = rep.get(f"/customers/{item.customer_id}/care/").content.decode()
    assert "建厂" in page and "2016-02-29" in page
    remove = reverse("care-day-remove", args=[CareDay.objects.get().pk])
    assert sign_in("rep_south").post(remove, {"_once": once()}).status_code == 404
    assert rep.post(remove, {"_once": once()}).status_code == 303 and not CareDay.objects.exists()


def test_rules_are_kept_on_pages_with_a_preview(sign_in, people):
    marketing = sign_in("marketing")
    new = reverse("care_rule-new")
    form = marketing.get(new).content.decode()
    values = {**hidden(form, "_once"), "name": "生日", "occasion": "birthday", "festival": "", "days": "2", "channel": "phone", "text_zh": "{{ phone }}", "gap_days": "7"}
    wrong = marketing.post(new, values)
    assert wrong.status_code == 422 and "phone" in wrong.content.decode()
    assert marketing.post(new, {**values, "text_zh": "{{ salutation }}您好", **hidden(wrong.content.decode(), "_once")}).status_code == 303
    made = CareRule.objects.get(name="生日")
    look = marketing.get(reverse("care_rule-preview"), {"text_zh": "{{ salutation }}与{{ company }}"}).content.decode()
    assert "启衡精密机械" in look
    assert "nothing" in marketing.get(reverse("care_rule-preview"), {"text_zh": "{{ nothing }}"}).content.decode()
    edit = reverse("care_rule-edit", args=[made.pk])
    page = marketing.get(edit).content.decode()
    got = marketing.post(edit, {**values, **hidden(page), "text_zh": "好", "occasion": "festival"})
    assert got.status_code == 422
    again = {**values, **hidden(got.content.decode()), "text_zh": "好", "occasion": "festival", "festival": "spring"}
    assert marketing.post(edit, again).status_code == 303
    made.refresh_from_db()
    assert made.festival == "spring" and made.version == 2


def test_the_alert_leads_to_the_item(item, sign_in, people):
    AlertRule.objects.exclude(code="CU03").update(enabled=False)
    AlertRule.objects.filter(code="CU03").update(digest=False)
    with clock.freeze(DAY):
        notices.scan_alerts()
        assert Message.objects.get(receiver=people["rep"]).row_id == item.pk
        rep = sign_in("rep")
        assert f'href="/care/{item.pk}/"' in rep.get(reverse("messages")).content.decode()
        actions.finish_care(item, by=people["rep"])
        notices.scan_alerts()
        assert Message.objects.get(receiver=people["rep"]).done_at


def test_care_follows_the_customer(item, people):
    ownership.transfer_rows([item.customer], to=people["rep_east2"], by=people["manager_east"])
    item.refresh_from_db()
    assert item.owner.username == "rep_east2"


def test_as_many_queries_for_many_as_for_few(make, rule, sign_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with clock.freeze(DAY):
        customer = make.customer("rep")
        rule(gap_days=0)

        def asked():
            planning.plan_all()
            rep = sign_in("rep")
            rep.get(reverse("care_item-list"))
            with CaptureQueriesContext(connection) as found:
                assert rep.get(reverse("care_item-list")).status_code == 200
            return len(found)

        make.contact(customer, name="一号", birthday=date(1980, 11, 24))
        few = asked()
        for n in range(12):
            make.contact(make.customer("rep"), name=f"第{n}号", birthday=date(1980, 11, 24) + timedelta(days=n % 5))
        assert asked() == few and CareItem.objects.count() == 13


def test_a_level_that_changed_is_an_occasion(make, rule, people):
    with clock.freeze("2026-11-20 09:00"):
        raised, lowered, first, back = (make.customer("rep", level=level) for level in ("C", "A", "", "C"))
        person = make.contact(raised, name="林示例", primary=True)
    with clock.freeze(DAY):
        for row, level in ((raised, "A"), (lowered, "C"), (first, "A"), (back, "A"), (back, "C")):
            row.refresh_from_db()
            change_customer(row, {"level": level}, by=people["rep"], version=row.version)
        rule(name="升级致谢", occasion="level", levels="A", days=3, gap_days=0, text_zh="{{ salutation }}，感谢支持")
        assert jobs.plan_care() == 1 and jobs.plan_care() == 0
        item = CareItem.objects.get()
        # To whoever went up to A from another level; a first level is no change, and who went down again is not A.
        assert (item.customer, item.contact, item.due_on) == (raised, person, date(2026, 11, 27))
        assert "级别" in item.title
    with pytest.raises(Refused):
        rule(name="太晚", occasion="level", days=61)
    with clock.freeze("2026-12-20 09:00"):
        assert jobs.plan_care() == 0  # long ago


def test_finished_with_a_next_contact(item, sign_in, once):
    with clock.freeze(DAY):
        rep, finish = sign_in("rep"), reverse("care_item-finish", args=[item.pk])
        assert 'name="next_contact_at"' in rep.get(finish).content.decode()
        late = rep.post(finish, {"_once": once(), "result": "已致电", "next_contact_at": "2026-11-20T10:00"})
        assert late.status_code == 422 and "已致电" in late.content.decode() and not Activity.objects.exists()
        assert rep.post(finish, {"_once": once(), "result": "已致电", "next_contact_at": "2026-12-01T10:00"}).status_code == 303
        done, planned = Activity.objects.order_by("pk")
        assert (done.status, planned.status, planned.planned_from_id) == ("done", "planned", done.pk)
        assert clock.local(planned.at).isoformat()[:16] == "2026-12-01T10:00" and planned.customer_id == item.customer_id


@pytest.mark.both
def test_nobody_attends_to_customers_of_a_pool(make, rule, people):
    with clock.freeze(DAY):
        kept, given = make.customer("rep_east2"), make.customer("rep")
        for customer in (kept, given):
            make.contact(customer, customer.owner.username, name="林示例", birthday=date(1980, 11, 27))
        rule(gap_days=0)
        assert jobs.plan_care() == 2
        pool = make.pool()
        Pool.objects.filter(pk=pool.pk).update(enabled=True)
        pool.refresh_from_db()
        return_to_pool([given], pool, reason="联系不上", by=people["rep"])
        assert CareItem.objects.get().customer == kept
        assert jobs.plan_care() == 0  # the pool has no owner who could
        Customer.objects.filter(pk=given.pk).update(owner=people["rep_east3"], owner_dept=people["rep_east3"].department, pool=None)
        assert jobs.plan_care() == 1 and CareItem.objects.get(customer=given).owner == people["rep_east3"]


def test_a_text_goes_to_whom_one_chooses_and_tells_what_became_of_it(item, make, sign_in, once, people):
    with clock.freeze(DAY):
        rep, send = sign_in("rep"), reverse("care_item-send", args=[item.pk])
        CareItem.objects.filter(pk=item.pk).update(channel="sms")
        Contact.objects.filter(pk=item.contact_id).update(mobile="")
        assert "没有联系人填写了此渠道的地址" in rep.get(send).content.decode()
        assert rep.post(send, {"_once": once(), "to": item.contact_id, "text": "祝好"}).status_code == 422
        chosen = make.contact(item.customer, name="周示例", mobile="13900002222")
        stranger = make.contact(make.customer("rep"), name="别家", mobile="13900003333")
        calm = make.contact(item.customer, name="静示例", mobile="13900004444")
        actions.set_contact_wish(calm, lunar=False, opt_out=True, by=people["rep"])
        form = rep.get(send).content.decode()
        assert "周示例 · 139" in form and "静示例" not in form and "别家" not in form
        assert rep.post(send, {"_once": once(), "to": stranger.pk, "text": "祝好"}).status_code == 422
        assert rep.post(send, {"_once": once(), "to": chosen.pk, "text": "祝好"}).status_code == 303
        left = Outgoing.objects.get()
        assert (left.channel, left.address, left.state) == ("sms", "13900002222", "waiting")
        assert Activity.objects.get(customer=item.customer_id).contact == chosen
        page = rep.get(reverse("care_item-detail", args=[item.pk])).content.decode()
        assert "等待中" in page and "尚未接通" in page


def test_a_rule_plans_as_soon_as_it_is_made(make, sign_in, people, once):
    from django_tasks_db.models import DBTaskResult

    with clock.freeze(DAY):
        make.contact(make.customer("rep"), name="林示例", birthday=date(1980, 11, 27))
        values = {"_once": once(), "name": "生日", "occasion": "birthday", "festival": "", "days": "2", "channel": "phone", "text_zh": "好", "gap_days": "0"}
        assert sign_in("marketing").post(reverse("care_rule-new"), values).status_code == 303
        for found in DBTaskResult.objects.ready():
            found.task.call(*found.task_result.args, **found.task_result.kwargs)
        assert CareItem.objects.count() == 1


def test_care_of_who_leaves_goes_along_and_is_counted(item, people, sign_in, once):
    from zhike.records import jobs as background
    from zhike.records.models import Job

    got = sign_in("admin").post(reverse("user-hand-over", args=[people["rep"].pk]), {"_once": once(), "to1": people["rep_east2"].pk, "do": "go"})
    assert got.status_code == 303
    job = Job.objects.latest("pk")
    background.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.refused) == (Job.DONE, 0) and "客户关怀：已移交 1" in job.message, job.message
    assert CareItem.objects.get(pk=item.pk).owner == people["rep_east2"]


def test_whoever_opens_the_page_reads_that_they_want_to_be_left_alone(item, people, sign_in):
    rep = sign_in("rep")
    pages = (f"/customers/{item.customer_id}/", f"/contacts/{item.contact_id}/")
    assert not any("只在正事上联系" in rep.get(page).content.decode() for page in pages)
    actions.set_customer_wish(item.customer, opt_out=True, reason="只在正事上联系", by=people["rep"])
    actions.set_contact_wish(item.contact, lunar=False, opt_out=True, reason="只在正事上联系", by=people["rep"])
    assert all("只在正事上联系" in rep.get(page).content.decode() for page in pages)


def test_a_mail_is_headed_for_the_customer_and_its_refusal_leads_to_another_try(item, sign_in, once, settings, people, monkeypatch):
    settings.MAIL_HOST, settings.EMAIL_BACKEND, settings.DEFAULT_FROM_EMAIL = "mail.example.com", "django.core.mail.backends.locmem.EmailBackend", "crm@example.com"
    rep, send, page = sign_in("rep"), reverse("care_item-send", args=[item.pk]), reverse("care_item-detail", args=[item.pk])
    with clock.freeze(DAY):
        form = rep.get(send).content.decode()
        subject = re.search(r'name="subject" value="([^"]*)"', form)[1]
        assert subject.startswith("生日问候 · ") and item.title not in subject
        data = {"to": item.contact_id, "subject": subject, "text": "林女士，祝好！"}
        assert rep.post(send, {"_once": once(), **data}).status_code == 303
        assert rep.post(send, {"_once": once(), **data}).status_code == 422  # it waits: nothing to send again
        monkeypatch.setattr(mailing, "hand_over", lambda row: (mailing.REFUSED, "550 no such user"))
        notices.mail_out()
        monkeypatch.undo()
        told = rep.get(page).content.decode()
        assert "邮件服务器拒收（550 no such user）" in told and "lin@example.com" in told and send in told
        item.contact.refresh_from_db()
        Contact.objects.filter(pk=item.contact_id).update(email="lin.neu@example.com")
        assert "邮件服务器拒收" in rep.get(send).content.decode()
        assert rep.post(send, {"_once": once(), **data}).status_code == 303
        assert rep.post(send, {"_once": once(), **data}).status_code == 422
        first = Outgoing.objects.order_by("pk").first()
        assert first.state == "cancelled" and outbox.try_again([first.pk]) == 0  # an administrator would send both
        notices.mail_out()
        notices.mail_out()
    assert [(one.to, one.subject) for one in mail.outbox] == [(["lin.neu@example.com"], subject)]
    assert Activity.objects.filter(customer=item.customer_id).count() == 1  # one attention, however often it was tried
    settled = rep.get(page).content.decode()
    assert "已发送" in settled and "已重新发送" in settled and "邮件服务器拒收" not in settled and send not in settled


def test_wechat_is_copied_and_sent_by_hand(item, make, sign_in, once):
    with clock.freeze(DAY):
        CareItem.objects.filter(pk=item.pk).update(channel="wechat")
        chosen = make.contact(item.customer, name="周示例", wechat="zhou_sample")
        rep, send = sign_in("rep"), reverse("care_item-send", args=[item.pk])
        form = rep.get(send).content.decode()
        assert 'data-copy="#id_text"' in form and "我已发送" in form and 'name="subject"' not in form
        assert 'data-copy="#care-text"' in rep.get(reverse("care_item-detail", args=[item.pk])).content.decode()
        assert rep.post(send, {"_once": once(), "to": chosen.pk, "text": "祝好"}).status_code == 303
    assert not Outgoing.objects.exists() and CareItem.objects.get(pk=item.pk).status == "done"
    assert Activity.objects.get(customer=item.customer_id).type == "wechat"


def test_a_text_that_is_due_is_sent_from_the_workbench_not_just_ticked_off(item, sign_in):
    with clock.freeze(DAY):
        page = sign_in("rep").get("/").content.decode()
    assert reverse("care_item-send", args=[item.pk]) in page and reverse("care_item-finish", args=[item.pk]) not in page
