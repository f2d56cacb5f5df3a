"""The main job from end to end, through pages: a rep, their manager, and somebody who has no business there."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.records.models import HistoryEntry


class Hat:
    """Somebody at a browser: opens pages, fills the forms that are there, and presses their buttons."""

    def __init__(self, client):
        self.client = client

    def open(self, url, code=200, **more):
        got = self.client.get(url, **more)
        assert got.status_code == code, (url, got.status_code)
        return got.content.decode()

    def press(self, url, code=303, **values):
        """Open the form at `url`, take its hidden fields, and post it."""
        page = self.client.get(url)
        hidden = {}
        if page.status_code == 200:
            for field in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page.content.decode()):
                name, value = re.search(r'name="([^"]+)"', field), re.search(r'value="([^"]*)"', field)
                if name and name[1] in ("_once", "_version", "ids"):
                    hidden[name[1]] = value[1] if value else ""
        assert page.status_code != 200 or hidden.get("_once"), f"{url} offers no form"
        return self.send(url, code, **hidden, **values)

    def send(self, url, code=303, **values):
        import secrets

        values.setdefault("_once", secrets.token_urlsafe(24))
        got = self.client.post(url, values)
        assert got.status_code == code, (url, got.status_code, got.content.decode()[-1500:])
        return got.get("Location", "") if code == 303 else got.content.decode()


@pytest.fixture
def hat(sign_in):
    return lambda username: Hat(sign_in(username))


@pytest.mark.both
def test_from_first_visit_to_won(hat, people):
    rep, boss, stranger = hat("rep"), hat("manager_east"), hat("rep_south")
    today = clock.today()

    # A customer is opened; one that looks the same is shown before a second is made.
    url = rep.press("/customers/new/", name="苏州示例精密机械有限公司", level="A", phone="0512-62345678")
    customer = Customer.objects.get(name="苏州示例精密机械有限公司")
    assert url == f"/customers/{customer.pk}/" and customer.code.startswith("KH-")
    assert customer.code in rep.open(url)
    again = stranger.press("/customers/new/", 422, name="苏州示例精密机械有限责任公司")
    assert "张三" in again and customer.name not in again  # whose it is, and no more
    assert Customer.objects.filter(match_name=customer.match_name).count() == 1

    contact_url = rep.press(f"/contacts/new/?customer={customer.pk}", name="林示例", customer=customer.pk, mobile="13812345678")
    contact = Contact.objects.get(name="林示例")
    assert contact.primary and contact_url == f"/contacts/{contact.pk}/"

    # A visit is written down with the next contact; life cycle and facts follow.
    next_on = today + timedelta(days=1)
    rep.send(f"/customers/{customer.pk}/log/", type="visit", content="看了车间，需要两条线", contact=contact.pk, result="has_demand",
             next_on=next_on.isoformat())
    customer.refresh_from_db()
    assert customer.lifecycle == "potential"
    assert clock.local(customer.facts.last_contact_at).date() == today
    assert clock.local(customer.facts.next_contact_at).date() == next_on
    page = rep.open(url)
    assert "看了车间" in page and "潜在客户" in page
    assert customer.name in rep.open("/")  # the next contact waits on the workbench

    # An opportunity is opened with the form, and taken through its gates.
    refused = rep.press("/opportunities/new/", 422, name="两条精加工线", customer=customer.pk, type="new_project", amount="1,200,000.005")
    assert "预计金额" in refused and Opportunity.objects.count() == 0
    url_o = rep.press("/opportunities/new/", name="两条精加工线", customer=customer.pk, type="new_project", amount="1,200,000.00",
                      contact=contact.pk, expected_sign_date=(today + timedelta(days=40)).isoformat())
    opportunity = Opportunity.objects.get(name="两条精加工线")
    assert url_o == f"/opportunities/{opportunity.pk}/" and opportunity.code.startswith("SJ-")
    customer.refresh_from_db()
    assert customer.lifecycle == "opportunity"
    stages = list(opportunity.process.stages.order_by("order"))
    assert opportunity.stage == stages[0] and opportunity.weighted_amount == Decimal("120000.00")

    move = reverse("opportunity-move", args=[opportunity.pk])
    gate = rep.open(f"{move}?to={stages[1].pk}")
    assert "填写客户需求" in gate
    rep.press(f"{move}?to={stages[1].pk}", 422)
    opportunity.refresh_from_db()
    rep.press(f"{url_o}edit/", name=opportunity.name, customer=customer.pk, type="new_project", amount="1200000.00", contact=contact.pk,
              expected_sign_date=opportunity.expected_sign_date.isoformat(), demand="两条线，节拍 60 秒")
    for stage, following in zip(stages, stages[1:], strict=False):
        for criterion in stage.criteria.filter(kind="tick"):
            assert criterion.name_zh in rep.open(f"{move}?to={following.pk}")
            rep.send(reverse("opportunity-tick", args=[opportunity.pk, criterion.pk]), done="1")
        rep.press(f"{move}?to={following.pk}")
    opportunity.refresh_from_db()
    assert opportunity.stage == stages[-1] and opportunity.weighted_amount == Decimal("1080000.00")

    # The manager sees it in the funnel and opens the list behind the band.
    funnel = boss.open(f"{reverse('report-funnel')}?process={opportunity.process_id}")
    assert "120.00" in funnel
    drill = boss.open(f"{reverse('report-funnel')}?process={opportunity.process_id}&stage_drill={stages[-1].pk}")
    assert opportunity.name in drill
    listed = boss.open(f"/opportunities/?status=open&stage={stages[-1].pk}&process={opportunity.process_id}")
    assert opportunity.name in listed
    assert opportunity.name in boss.open(f"{reverse('opportunity-board')}?process={opportunity.process_id}")

    # Won: the figures follow; the customer becomes a deal customer with the contract, not before.
    rep.press(reverse("opportunity-win", args=[opportunity.pk]), on=today.isoformat(), reason="节拍和服务", amount="1,150,000.00")
    opportunity.refresh_from_db()
    customer.refresh_from_db()
    assert (opportunity.status, opportunity.won_amount, opportunity.win_rate) == ("won", Decimal("1150000.00"), Decimal(1))
    assert customer.lifecycle == "opportunity"
    assert "1,150,000.00" in boss.open(f"{reverse('report-won')}?by=year")
    assert opportunity.name not in boss.open(f"{reverse('opportunity-board')}?process={opportunity.process_id}")
    rep.press(reverse("opportunity-win", args=[opportunity.pk]), 422, on=today.isoformat(), reason="再来", amount="1")
    assert [change.target for change in customer.lifecycle_changes.all()] == ["target", "potential", "opportunity"]

    # The history tells all of it.
    told = list(HistoryEntry.objects.filter(kind="opportunity", row_id=opportunity.pk).order_by("id").values_list("action", flat=True))
    assert told[0] == "create" and told.count("stage") == len(stages) - 1 and told[-1] == "win"
    assert {entry.channel for entry in HistoryEntry.objects.filter(kind="opportunity", row_id=opportunity.pk)} == {"page"}
    assert stages[-1].name_zh in rep.open(f"{url_o}history/")

    # A stranger finds nothing, on any door.
    for address in (url, f"{url}contacts/", f"{url}edit/", contact_url, url_o, f"{url_o}edit/", move + f"?to={stages[0].pk}",
                    reverse("opportunity-win", args=[opportunity.pk]), f"/customers/?view=all&peek={customer.pk}"):
        stranger.open(address, 404)
    for address in ("/customers/?view=all&q=苏州示例", "/opportunities/?view=all&q=精加工", "/palette/?q=苏州示例", "/lookup/customer/?q=苏州示例"):
        assert customer.name not in stranger.open(address) and opportunity.name not in stranger.open(address)


@pytest.mark.both
def test_a_task_goes_and_comes_back(hat, people, make):
    """A manager gives a task about a customer; messages and the workbench carry it there and back."""
    boss, rep = hat("manager_east"), hat("rep")
    customer = make.customer("rep_east2")
    due = (clock.local(clock.now()) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    url = boss.press("/tasks/new/", title="核对报价", owner=people["rep"].pk, due_at=due, priority="high", customer=customer.pk)
    number = int(url.strip("/").split("/")[1])
    assert "核对报价" in rep.open("/") and "核对报价" in rep.open("/messages/")
    assert customer.name in rep.open(f"/customers/{customer.pk}/")  # let in by the task, to read
    rep.open(f"/customers/{customer.pk}/edit/", 403)
    step = f"/tasks/{number}/step/"
    boss.press(f"{step}accept/", 303)  # a manager may do it for their people
    rep.press(f"{step}finish/", result="已核对")
    assert "核对报价" in boss.open("/messages/")
    boss.press(f"{step}confirm/")
    rep.press(f"{step}reopen/", 422)
    assert "核对报价" not in re.sub(r"(?s)<aside.*?</aside>", "", rep.open("/tasks/?view=mine"))


@pytest.mark.both
def test_a_customer_changes_hands(hat, people, make):
    """With its contacts and open business; the former owner is out unless kept as a reader."""
    boss, rep, other = hat("manager_east"), hat("rep"), hat("rep_east2")
    customer = make.customer("rep")
    contact, opportunity = make.contact(customer), make.opportunity(customer, amount=Decimal("300.00"))
    other.open(f"/customers/{customer.pk}/", 404)
    boss.press(f"/customers/{customer.pk}/transfer/", to=people["rep_east2"].pk, children=["contacts", "opportunities_open"], reason="分区调整")
    for url in (f"/customers/{customer.pk}/", f"/contacts/{contact.pk}/", f"/opportunities/{opportunity.pk}/"):
        assert other.open(url)
        rep.open(url, 404)
    opportunity.refresh_from_db()
    assert opportunity.stage.order == 1 and opportunity.owner == people["rep_east2"]
    boss.press(f"/customers/{customer.pk}/transfer/", to=people["rep"].pk, stays="read")
    assert rep.open(f"/customers/{customer.pk}/") and other.open(f"/customers/{customer.pk}/")
    other.open(f"/customers/{customer.pk}/edit/", 403)
