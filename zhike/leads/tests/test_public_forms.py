"""Public forms: what strangers may send, what they are told, and what becomes of it."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from zhike.base import clock
from zhike.leads import actions
from zhike.leads.actions import forms as form_actions
from zhike.leads.models import FormDay, FormEntry, Lead, LeadForm
from zhike.leads.views import public
from zhike.notices.models import Message
from zhike.records.models import HistoryEntry

pytestmark = pytest.mark.django_db
ASKED = ["company", "mobile", "email", "region", "industry", "interest", "need"]


@pytest.fixture(autouse=True)
def _counted_anew():
    public.rates.forget()
    yield
    public.rates.forget()


@pytest.fixture
def form(people, make):
    return actions.create_forms(
        [LeadForm(title_zh="示例展会登记", title_en="Visitors of the fair", campaign=make.campaign(), asked=ASKED, must=["company", "mobile"],
                  greeting_zh="欢迎来到展台")], by=people["marketing"])[0]


def stranger(**more):
    return Client(enforce_csrf_checks=True, **more)


def word_of(html):
    return re.search(r'name="word" value="([^"]+)"', html)[1]


def send(form, client=None, *, wait=5, lang="zh", **values):
    """Open the form, wait as people do, and send it."""
    client = client or stranger()
    url = f"/f/{form.slug}/?lang={lang}"
    now = clock.now()
    with clock.freeze(now):
        page = client.get(url)
    data = {"name": "林访客", "company": "示例轴承有限公司", "mobile": "13800006601", "consent": "on", "word": word_of(page.content.decode()), **values}
    with clock.freeze(now + timedelta(seconds=wait)):
        return client.post(url, {key: value for key, value in data.items() if value is not None})


def test_a_stranger_becomes_a_lead_without_a_cookie(form, people):
    client = stranger(headers={"Accept-Language": "zh-CN"})
    page = client.get(f"/f/{form.slug}/")
    html = page.content.decode()
    assert page.status_code == 200 and "示例展会登记" in html and "欢迎来到展台" in html and 'lang="zh-CN"' in html
    assert page["X-Robots-Tag"].startswith("noindex") and page["Cache-Control"] == "no-store" and "script" not in html.lower()
    assert page["Content-Security-Policy"]
    answer = send(form, client, need="想看五轴", interest="五轴机床", region="320000", industry="metal")
    assert answer.status_code == 303 and answer.url.startswith(f"/f/{form.slug}/thanks/")
    assert not client.cookies
    lead = Lead.objects.get(mobile="13800006601")
    assert (lead.name, lead.company, lead.source, lead.campaign_id, lead.region_id, lead.industry, lead.need, lead.interest) == (
        "林访客", "示例轴承有限公司", "exhibition", form.campaign_id, 320000, "metal", "想看五轴", "五轴机床")
    assert lead.owner_id is None and lead.created_by_id is None and lead.code
    line = HistoryEntry.objects.get(kind="lead", row_id=lead.pk, action="lead-form")
    assert line.channel == "form" and line.by_id is None
    thanks = client.get(answer.url)
    assert thanks.status_code == 200 and not client.cookies
    day = FormDay.objects.get(form=form)
    assert (day.shown, day.sent, day.again) == (2, 1, 0)


@pytest.mark.parametrize(("header", "query", "english"), [
    ("zh-CN,zh;q=0.9", "", False), ("en-US", "", True), ("de-DE,de;q=0.9,en;q=0.5", "", True), ("", "", False), ("en", "?lang=zh", False),
    ("zh-TW", "?lang=en", True), ("*", "", False), (";;;q=x", "", False)])
def test_it_speaks_as_the_browser_does(form, header, query, english):
    html = stranger().get(f"/f/{form.slug}/{query}", headers={"Accept-Language": header} if header else {}).content.decode()
    assert ("Visitors of the fair" in html) is english and ("示例展会登记" in html) is not english


def test_the_same_number_adds_to_the_first_lead_and_nobody_can_tell(form):
    first = send(form)
    again = send(form, mobile="+86 138-0000-6601", company="示例轴承（苏州）有限公司", email="lin@example.com", need="请回电")
    assert (again.status_code, again.url) == (first.status_code, first.url)
    lead = Lead.objects.get()
    assert lead.company == "示例轴承有限公司" and lead.email == "lin@example.com" and lead.need == "请回电"
    assert "示例轴承（苏州）有限公司" in lead.remark and FormEntry.objects.filter(again=True).count() == 1
    assert send(form, name="别人", mobile="13800006602").status_code == 303 and Lead.objects.count() == 2
    with clock.freeze(clock.now() + timedelta(days=31)):
        send(form)
    assert Lead.objects.count() == 3


def test_the_owner_of_a_lead_is_told_of_it_and_of_its_coming_again(form, people):
    actions.change_form(form, {"receiver": people["rep"]}, by=people["marketing"], version=None)
    send(form)
    send(form, need="再来一次")
    assert Lead.objects.get().owner == people["rep"]
    keys = list(Message.objects.filter(receiver=people["rep"]).order_by("pk").values_list("text_key", flat=True))
    assert keys == ["lead.assigned", "lead.again"]


def test_a_double_click_counts_once(form):
    client = stranger()
    now = clock.now()
    with clock.freeze(now):
        word = word_of(client.get(f"/f/{form.slug}/").content.decode())
    data = {"name": "林访客", "company": "甲厂", "mobile": "13800006603", "consent": "on", "word": word}
    with clock.freeze(now + timedelta(seconds=9)):
        for _twice in range(2):
            assert client.post(f"/f/{form.slug}/", data).status_code == 303
    assert Lead.objects.count() == 1 and FormEntry.objects.count() == 1


@pytest.mark.parametrize("values", [
    {"name": ""}, {"name": "　\u200b"}, {"company": "", "mobile": ""}, {"mobile": "1380000"}, {"mobile": "电话"}, {"email": "not-an-address"}, {"email": "a@b.c\0om"},
    {"consent": None}, {"name": "长" * 51}, {"need": "长" * 2001}, {"region": "999999"}, {"region": "abc"}, {"industry": "nonsense"}, {"word": ""},
    {"word": "forged"}, {"word": "x" * 5000}])
def test_what_is_wrong_is_said_and_nothing_is_lost(form, values):
    answer = send(form, **{"need": "保留的话", **values})
    html = answer.content.decode()
    assert answer.status_code == 422 and not Lead.objects.exists()
    if "need" not in values:
        assert "保留的话" in html
    assert 'role="alert"' in html or 'class="fe"' in html


@pytest.mark.parametrize(("values", "stored"), [
    ({"name": "林\0访客"}, {"name": "林访客"}), ({"company": "<script>alert(1)</script>"}, {"company": "<script>alert(1)</script>"}),
    ({"name": "𠮷田🙂"}, {"name": "𠮷田🙂"}), ({"mobile": "１３８００００６６０９"}, {"mobile": "13800006609"}),
    ({"mobile": "+49 151 23456789"}, {"mobile": "+4915123456789"}), ({"name": "a\u202eb"}, {"name": "ab"}), ({"need": "{{7*7}} ' OR 1=1--"}, {"need": "{{7*7}} ' OR 1=1--"}),
    ({"company": "=1+1"}, {"company": "=1+1"}), ({"need": "一\r\n二"}, {"need": "一\n二"})])
def test_odd_texts_are_kept_clean(form, values, stored, sign_in):
    assert send(form, **values).status_code == 303
    lead = Lead.objects.get()
    for name, value in stored.items():
        assert getattr(lead, name) == value
    page = sign_in("marketing").get(f"/leads/{lead.pk}/").content.decode()
    assert "<script>alert(1)" not in page


def test_hidden_fields_and_more_fields_change_nothing(form, people):
    answer = send(form, owner=str(people["rep"].pk), status="converted", source="referral", campaign="", code="X-1", id="7", job_title="不问")
    lead = Lead.objects.get()
    assert answer.status_code == 303 and lead.owner_id is None and lead.status == "new" and lead.source == "exhibition" and lead.job_title == ""


def test_programs_that_fill_in_everything_are_thanked_and_forgotten(form):
    answer = send(form, subject_line="12345")
    assert answer.status_code == 303 and not Lead.objects.exists() and FormDay.objects.get(form=form).refused == 1


def test_too_quick_and_too_old_pages_are_sent_once_more(form):
    quick = send(form, wait=0)
    assert quick.status_code == 422 and not Lead.objects.exists()
    kept = word_of(quick.content.decode())
    with clock.freeze(clock.now() + timedelta(seconds=30)):
        data = {"name": "林", "company": "甲", "mobile": "13800006604", "consent": "on", "word": kept}
        assert stranger().post(f"/f/{form.slug}/", data).status_code == 303
    assert send(form, wait=13 * 3600, mobile="13800006605").status_code == 422


def test_a_word_of_another_form_does_not_count(form, people):
    other = actions.create_forms([LeadForm(title_zh="另一张", asked=["mobile"], must=["mobile"])], by=people["marketing"])[0]
    assert send(form, word=public.word(other)).status_code == 422


def test_ten_megabytes_are_not_even_read(form):
    answer = stranger().post(f"/f/{form.slug}/", data="name=" + "x" * 10_000_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413 and not Lead.objects.exists()
    for body, kind in ((b"\xff\xfe\x00", "application/x-www-form-urlencoded"), (b"{}", "application/json"), (b"--x", "multipart/form-data; boundary=x"),
                       (b"", "multipart/form-data")):
        assert stranger().post(f"/f/{form.slug}/", data=body, content_type=kind).status_code in (400, 422)
    for method in ("put", "delete", "patch"):
        assert getattr(stranger(), method)(f"/f/{form.slug}/").status_code == 405
    many = {f"x{i}": "1" for i in range(2_100)}
    assert stranger().post(f"/f/{form.slug}/", many).status_code in (400, 413)


def test_closed_over_full_and_unknown_forms_answer_alike(form, people):
    unknown = stranger().get("/f/zzzzzzzzzz/")
    assert unknown.status_code == 404

    def same():
        got = stranger().get(f"/f/{form.slug}/")
        assert (got.status_code, re.sub(r"/f/\w+/", "", got.content.decode())) == (404, re.sub(r"/f/\w+/", "", unknown.content.decode()))
        assert stranger().post(f"/f/{form.slug}/", {"name": "x"}).status_code == 404

    by, now = people["marketing"], clock.now()
    actions.switch_form(form, enabled=False, by=by)
    same()
    actions.switch_form(form, enabled=True, by=by)
    for values in ({"opens_at": now + timedelta(hours=1)}, {"opens_at": None, "closes_at": now - timedelta(seconds=1)}):
        actions.change_form(form, values, by=by, version=None)
        same()
    actions.change_form(form, {"closes_at": None, "most": 1}, by=by, version=None)
    assert send(form).status_code == 303
    same()


def test_a_new_address_closes_the_old_one(form, people):
    old = form.slug
    actions.renew_address(form, by=people["marketing"])
    assert form.slug != old and stranger().get(f"/f/{old}/").status_code == 404 and stranger().get(f"/f/{form.slug}/").status_code == 200


def test_one_address_may_not_send_for_ever(form, monkeypatch):
    monkeypatch.setattr(public, "POSTS", 3)
    for i in range(3):
        assert send(form, mobile=f"1380000670{i}").status_code == 303
    held = send(form, mobile="13800006709", need="只打一遍")
    assert held.status_code == 429 and held["Retry-After"] and Lead.objects.count() == 3
    assert "只打一遍" in held.content.decode() and word_of(held.content.decode())  # nobody types it twice
    other = stranger(REMOTE_ADDR="198.51.100.7")
    assert send(form, other, mobile="13800006709").status_code == 303
    monkeypatch.setattr(public, "LOOKS", 1)
    public.rates.forget()
    assert [stranger().get(f"/f/{form.slug}/").status_code for _twice in range(2)] == [200, 429]


def test_a_form_takes_so_many_an_hour(form, monkeypatch):
    monkeypatch.setattr(form_actions, "AN_HOUR", 1)
    assert send(form).status_code == 303
    busy = send(form, mobile="13800006608", need="别丢")
    assert busy.status_code == 429 and "别丢" in busy.content.decode() and Lead.objects.count() == 1


def test_the_number_itself_is_not_kept_beside_the_lead(form):
    send(form)
    entry = FormEntry.objects.get()
    assert "13800006601" not in entry.reach and len(entry.reach) == 40
    assert "我同意" in entry.consent  # what was agreed to, word for word


# Keeping

def test_marketing_makes_a_form_and_prints_its_picture(sign_in, once, make):
    client = sign_in("marketing")
    assert client.get("/lead-forms/").status_code == 200 and client.get("/lead-forms/new/").status_code == 200
    answer = client.post("/lead-forms/new/", {
        "_once": once(), "title_zh": "展位登记", "asked": ["company", "mobile"], "must": ["mobile"], "source": "exhibition", "again_days": "30"})
    form = LeadForm.objects.get(title_zh="展位登记")
    assert answer.status_code == 303 and answer.url == f"/lead-forms/{form.pk}/"
    page = client.get(answer.url).content.decode()
    assert f"http://testserver/f/{form.slug}/" in page and "<svg" in page
    png = client.get(f"/lead-forms/{form.pk}/qr/?as=png")
    assert png["Content-Type"] == "image/png" and png.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert b"<svg" in client.get(f"/lead-forms/{form.pk}/qr/").content and client.get(f"/lead-forms/{form.pk}/qr/?as=gif").status_code == 404
    for size in ("", "?size=stand"):
        card = client.get(f"/lead-forms/{form.pk}/card/{size}").content.decode()
        assert "展位登记" in card and "<svg" in card
    assert client.post(f"/lead-forms/{form.pk}/switch/", {"_once": once()}).status_code == 303
    assert stranger().get(f"/f/{form.slug}/").status_code == 404


@pytest.mark.parametrize("values", [
    {"must": []}, {"asked": ["company"], "must": ["mobile"]}, {"asked": ["nonsense"]}, {"again_days": "400"}, {"most": "0"}, {"title_zh": ""},
    {"opens_at": "2026-12-02T09:00", "closes_at": "2026-12-01T09:00"}])
def test_forms_that_cannot_work_are_refused(sign_in, once, values):
    data = {"_once": once(), "title_zh": "展位登记", "asked": ["company", "mobile"], "must": ["mobile"], "again_days": "30", **values}
    answer = sign_in("marketing").post("/lead-forms/new/", data)
    assert answer.status_code == 422 and not LeadForm.objects.exists()


def test_who_keeps_forms(sign_in, form, once):
    rep = sign_in("rep")
    assert rep.get(f"/lead-forms/{form.pk}/").status_code == 200  # the picture for the stand
    assert rep.get(f"/lead-forms/{form.pk}/edit/").status_code == 403
    assert rep.post(f"/lead-forms/{form.pk}/renew/", {"_once": once()}).status_code == 403
    assert sign_in("warehouse").get(f"/lead-forms/{form.pk}/").status_code == 404


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_the_same_number_sent_at_once_makes_one_lead(people):
    form = actions.create_forms([LeadForm(title_zh="并发", asked=["mobile"], must=["mobile"])], by=people["marketing"])[0]
    gate, done = threading.Barrier(6), []

    def post(i):
        try:
            gate.wait(10)
            done.append(form_actions.take_entry(form, {"name": "林", "mobile": "13800006699"}, token=f"token-{i}-0123456789"))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(done) == 6 and Lead.objects.count() == 1 and FormEntry.objects.filter(again=True).count() == 5
    day = FormDay.objects.get(form=form)
    assert (day.sent, day.again) == (1, 5)
