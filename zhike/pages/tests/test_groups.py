"""Lists by groups: what a group says is what its rows say, for everybody, on both databases."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from zhike.base import clock
from zhike.customers.models import Customer
from zhike.opportunities.models import Opportunity
from zhike.pages.lists import ListPage
from zhike.records import grouping, listing, registry

pytestmark = pytest.mark.django_db
ROLES = ("rep", "manager_east", "sales_head", "gm", "desk", "admin")


@pytest.fixture
def rows(make):
    """Opportunities and customers of several owners, levels, months and amounts."""
    for i, owner in enumerate(("rep", "rep", "rep_east2", "rep_south", "manager_east")):
        customer = make.customer(owner, level=("A", "B", "", "A", "C")[i])
        for j in range(3):
            row = make.opportunity(customer, owner, amount=Decimal("100.10") * (i + 1) + j,
                                   expected_sign_date=None if j == 2 else clock.today() + timedelta(days=20 * (i + j)))
            Opportunity.objects.filter(pk=row.pk).update(created_at=clock.now() - timedelta(days=25 * i + 10 * j))
        Customer.objects.filter(pk=customer.pk).update(created_at=clock.now() - timedelta(days=31 * i))


def lines(html):
    """The grouped list: (name, figures, address) a head, and the figures of the total."""
    table = html[html.index("data-grouped"):html.index("</table>", html.index("data-grouped"))]

    def read(row):
        name, n = (unescape(re.sub("<.*?>", "", re.search(found, row, re.S)[1])).strip()
                   for found in (r'(?:<button[^>]*>|class="gplain">)(.*?)</(?:button|span)>', r'class="gn num".*?>(.*?)<'))
        return name, [n, *re.findall(r"<td[^>]*data-label[^>]*>(.*?)</td>", row)], unescape((re.search(r'data-url="(.*?)"', row) or [""] * 2)[1])

    return [read(row) for row in re.findall(r'<tbody class="gh">(.*?)</tbody>', table, re.S)], read(table[table.index("<tfoot"):])[1]


def unfolding(html):
    return [unescape(found) for found in re.findall(r'data-rows="(.*?)"', html)]


def opened(user, kind, address):
    from urllib.parse import parse_qs, urlsplit

    params = {key: values for key, values in parse_qs(urlsplit(address).query).items() if key not in ("view", "group", "columns")}
    return list(listing.read(kind, params, user).rows())


@pytest.mark.both
@pytest.mark.parametrize("username", ROLES)
def test_every_group_opens_to_the_rows_it_counted(rows, people, sign_in, username):
    client, user, seen = sign_in(username), people[username], 0
    for name, model in (("opportunity", Opportunity), ("customer", Customer)):
        kind = registry.kind(name)
        everything = set(model.objects.visible_to(user).values_list("pk", flat=True))
        for by in grouping.offered(kind, listing.access_of(user)):
            got = client.get(f"{kind.list_url()}?view=all&group={by.key}&columns=amount,won_amount")
            if not everything:
                assert got.status_code in (200, 404)
                continue
            found, total = lines(got.content.decode())
            met = []
            for _text, figures, address in found:
                there = opened(user, kind, address)
                met += [row.pk for row in there]
                assert figures[0] == f"{len(there):,}", (username, by.key, address)
                if name == "opportunity":
                    assert figures[1] == f"{sum((row.amount for row in there), Decimal(0)):,.2f}", (username, by.key, address)
                assert "data-grouped" not in client.get(address).content.decode()
                seen += 1
            assert len(met) == len(set(met)) and set(met) == everything, (username, by.key)
            assert total[0] == f"{len(everything):,}"
    assert seen or username == "desk"


def test_largest_first_months_newest_first(rows, sign_in):
    client = sign_in("gm")
    counts = [int(figures[0]) for _n, figures, _a in lines(client.get("/opportunities/?view=all&group=owner").content.decode())[0]]
    assert counts == sorted(counts, reverse=True) and len(counts) > 2
    months = [name for name, _f, _a in lines(client.get("/opportunities/?view=all&group=created_at:month").content.decode())[0]]
    assert months == sorted(months, reverse=True) and len(months) > 2 and months[0] == f"{clock.today():%Y-%m}"


@pytest.mark.both
def test_conditions_hold_and_a_month_keeps_the_range(rows, people, sign_in):
    client, kind, user = sign_in("gm"), registry.kind("opportunity"), people["gm"]
    since = (clock.today() - timedelta(days=40)).isoformat()
    found, _total = lines(client.get(f"/opportunities/?created_at__from={since}&group=created_at:month").content.decode())
    asked = listing.read(kind, {"created_at__from": [since]}, user).rows()
    assert sum(int(figures[0]) for _n, figures, _a in found) == asked.count() < Opportunity.objects.count()
    for _name, figures, address in found:
        assert int(figures[0]) == len(opened(user, kind, address))


@pytest.mark.both
@pytest.mark.parametrize(("username", "group"), [("rep", "status"), ("gm", "owner"), ("gm", "created_at:month"), ("gm", "expected_sign_date:month")])
def test_a_head_unfolds_to_its_rows_and_no_others(rows, people, sign_in, monkeypatch, username, group):
    monkeypatch.setattr(ListPage, "group_size", 2)
    client, user, met = sign_in(username), people[username], []
    page = client.get(f"/opportunities/?view=all&group={group}&columns=amount&order=-amount").content.decode()
    for (_name, figures, _address), rows_url in zip(lines(page)[0], unfolding(page), strict=True):
        there = []
        while rows_url:
            part = client.get(rows_url, HTTP_HX_REQUEST="true").content.decode()
            assert "<html" not in part and 0 < part.count('tr id="row-') <= 2
            there += [int(pk) for pk in re.findall(r'tr id="row-(\d+)"', part)]
            more = re.search(r'hx-get="([^"]*cursor=[^"]*)"', part)
            rows_url = unescape(more[1]) if more else ""
        assert len(there) == int(figures[0])
        amounts = [Opportunity.objects.in_bulk(there)[pk].amount for pk in there]
        assert amounts == sorted(amounts, reverse=True)
        met += there
    assert len(met) == len(set(met)) and set(met) == set(Opportunity.objects.visible_to(user).values_list("pk", flat=True))


def test_what_is_unfolded_and_peeked_at_stands_in_the_address(rows, sign_in):
    client = sign_in("gm")
    row = Opportunity.objects.first()
    address = f"/opportunities/?view=all&group=status&open=open&peek={row.pk}"
    page = client.get(address).content.decode()
    assert re.search(r'data-group="open"[^>]*data-unfold', page) and len(re.findall("data-unfold", page)) == 1
    assert f'data-record="{row.pk}"' in page
    alone = client.get(address, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="peek").content.decode()
    assert f'data-record="{row.pk}"' in alone and "data-grouped" not in alone
    assert 'data-bulk-all="all=1&amp;group=status"' in page  # neither is what one acts upon
    assert client.get("/opportunities/?view=all&group=status&open=nosuch&open=%00").status_code == 200


def test_after_a_cell_was_changed_the_heads_alone_come_anew(rows, people, sign_in, django_assert_max_num_queries):
    client, row = sign_in("rep"), Opportunity.objects.filter(owner=people["rep"]).first()
    address = "/opportunities/?view=all&group=owner&columns=amount"
    client.get("/opportunities/")  # from here on the rights are known

    def heads():
        with django_assert_max_num_queries(12):
            got = client.get(address, headers={"HX-Request": "true", "HX-Target": "groups"}).content.decode()
        assert 'data-grouped="owner"' in got and 'class="tabs"' not in got and "<html" not in got
        return lines(got)

    before, whole = heads()
    assert (before, whole) == lines(client.get(address).content.decode())
    Opportunity.objects.filter(pk=row.pk).update(amount=row.amount + 1000)
    after, total = heads()
    sums = [Decimal(found[1].replace(",", "")) for found in (before[0][1], after[0][1], whole, total)]
    assert sums[1] - sums[0] == sums[3] - sums[2] == 1000 and [line[0] for line in after] == [line[0] for line in before]


def test_hidden_and_masked_are_neither_groups_nor_sums(rows, people, sign_in):
    from zhike.org.models import FieldRule

    role = people["rep"].roles.get(code="SR")
    FieldRule.objects.create(role=role, kind="opportunity", field="amount", mode=FieldRule.MASK)
    FieldRule.objects.create(role=role, kind="opportunity", field="stage", mode=FieldRule.HIDE)
    client = sign_in("rep")
    page = client.get("/opportunities/?view=all&group=status&columns=amount,stage,won_amount").content.decode()
    table = page[page.index("data-grouped"):page.index("</table>")]
    assert 'data-label="预计金额' not in table and 'data-label="赢单金额（元）"' in table and "660.60" not in table
    assert "group=stage" not in page
    assert client.get("/opportunities/?view=all&group=stage").status_code == 400


@pytest.mark.parametrize("group", ["nonsense", "name", "amount", "created_at", "owner:month", "stage__name", "%00", "'", "x" * 5000, "c_1", ":month"])
def test_bad_groups_are_refused_in_words(sign_in, group):
    got = sign_in("rep").get(f"/opportunities/?view=all&group={group}")
    assert got.status_code == 400 and "status" in got.content.decode()


def test_more_than_a_hundred_groups_end_in_one_line(make, people, sign_in, monkeypatch):
    for i in range(6):
        customer = make.customer("rep")
        for _n in range(i + 1):
            make.opportunity(customer, "rep", amount=Decimal("10.05"))
    monkeypatch.setattr(grouping, "MOST", 4)
    found, total = lines(sign_in("rep").get("/opportunities/?view=all&group=customer").content.decode())
    assert [int(figures[0]) for _n, figures, _a in found] == [6, 5, 4, 3, 3] and found[-1][2] == ""
    assert found[-1][1][1] == "30.15" and total[:2] == ["21", "211.05"]


def test_too_many_rows_are_not_counted(rows, sign_in, monkeypatch):
    monkeypatch.setattr(grouping, "MOST_ROWS", 3)
    assert sign_in("gm").get("/opportunities/?view=all&group=owner").status_code == 400


def test_a_view_keeps_its_groups_and_opens_from_them(rows, sign_in):
    import secrets

    client = sign_in("rep")
    got = client.post("/views/opportunity/new/?status=open&group=owner", {"name": "按负责人", "pinned": "on", "_once": secrets.token_urlsafe(24)})
    view = got["Location"]
    found, _total = lines(client.get(view).content.decode())
    inside = client.get(found[0][2]).content.decode()
    assert "data-grouped" not in inside and 'tr id="row-' in inside
    unfolded = client.get(unfolding(client.get(view).content.decode())[0], HTTP_HX_REQUEST="true").content.decode()
    assert unfolded.count('tr id="row-') == int(found[0][1][0]) and "data-grouped" not in unfolded
    assert "data-grouped" not in client.get(view + "&group=").content.decode()
    refused = client.post("/views/opportunity/new/?group=nonsense", {"name": "坏", "_once": secrets.token_urlsafe(24)})
    assert refused.status_code == 422


def test_groups_cost_the_same_for_few_and_many(make, sign_in, django_assert_max_num_queries):
    client = sign_in("gm")
    for i in range(12):
        make.opportunity(make.customer("rep"), "rep_south" if i % 2 else "rep")
    client.get("/opportunities/?view=all&group=customer")
    with django_assert_max_num_queries(16):
        client.get("/opportunities/?view=all&group=customer")


@pytest.mark.both
def test_a_custom_choice_groups_too(make, people, sign_in):
    from zhike.records import crud

    field = make.custom_field(on="customer", type="choice", filterable=True, choices_text="a = 甲 | A\nb = 乙 | B")
    code = registry.kind("customer").attr(field.name).choices[0][0]
    for _n in range(2):
        crud.change(make.customer("rep"), {field.name: code}, by=people["rep"], version=None)
    make.customer("rep")
    found, _total = lines(sign_in("rep").get(f"/customers/?view=all&group={field.name}").content.decode())
    assert [figures[0] for _n, figures, _a in found] == ["2", "1"]
    for _name, figures, address in found:
        assert int(figures[0]) == len(opened(people["rep"], registry.kind("customer"), address))
