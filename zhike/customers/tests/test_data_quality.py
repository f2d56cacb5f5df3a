"""What is missing or wrong with customers: told in the list, counted in the figures, each number opening its customers."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.customers.quality import refresh_quality
from zhike.org.access import Access

pytestmark = pytest.mark.django_db


def test_the_list_names_what_is_missing_or_wrong(make, sign_in):
    row = make.customer("rep", phone="", address="")
    refresh_quality([row.pk])
    rep = sign_in("rep")
    page = rep.get("/customers/?gap=phone&enabled=1").content.decode()
    assert "缺电话" in page.split("<tbody")[1] and "资料完整度" in page.split("<thead")[1].split("</thead")[0]
    # A list that is about something else stays as it was.
    assert "缺电话" not in rep.get("/customers/?view=all").content.decode().split("<tbody")[1]


def test_who_may_not_see_the_phone_does_not_learn_that_it_is_missing(make, sign_in, monkeypatch):
    row = make.customer("rep", phone="", industry="")
    refresh_quality([row.pk])
    before = Access.field_mode
    monkeypatch.setattr(Access, "field_mode", lambda self, kind, name: "hide" if (kind, name) == ("customer", "phone") else before(self, kind, name))
    rep = sign_in("rep")
    for address in ("/customers/?gap=industry&enabled=1", "/reports/customers/"):
        page = rep.get(address).content.decode()
        assert "缺行业" in page and "缺电话" not in page.split("</thead")[-1], address


def test_figures_of_quality_open_exactly_their_customers(make, sign_in):
    rows = [make.customer("rep", phone="") for _i in range(3)] + [make.customer("rep_south", phone="")]
    refresh_quality([row.pk for row in rows])
    rep = sign_in("rep")
    card = rep.get("/reports/customers/").content.decode().split('id="gaps"')[1].split("</table>")[0]
    line = next(part for part in card.split("<tr") if "缺电话" in part)
    url, n = re.search(r'href="([^"]+)">(\d+)<', line).groups()
    listed = rep.get(url.replace("&amp;", "&")).content.decode()
    assert n == "3" and all(f"/customers/{row.pk}/" in listed for row in rows[:3]) and f"/customers/{rows[3].pk}/" not in listed


def test_what_a_list_lacks_is_the_field_that_is_offered(make, sign_in):
    """From the list of a gap the dialog starts with its field; from any other list the person chooses."""
    row = make.customer("rep", industry="")
    refresh_quality([row.pk])
    boss = sign_in("manager_east")

    def offered(query):
        dialog = boss.get(f"/customers/change/?ids={row.pk}", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=f"http://testserver/customers/?{query}")
        return re.findall(r'<option value="(\w+)" selected', dialog.content.decode())

    assert offered("gap=industry&enabled=1") == ["industry"] and offered("view=all") == [] and offered("gap=contact") == []


def test_as_many_questions_for_many_rows_as_for_few(make, sign_in):
    rep = sign_in("rep")

    def asked(address):
        rep.get(address)
        with CaptureQueriesContext(connection) as found:
            assert rep.get(address).status_code == 200
        return len(found)

    addresses = ("/customers/?gap=phone&enabled=1", "/reports/customers/")
    refresh_quality([make.customer("rep", phone="").pk])
    few = [asked(address) for address in addresses]
    refresh_quality([make.customer("rep", phone="").pk for _i in range(8)])
    assert [asked(address) for address in addresses] == few
