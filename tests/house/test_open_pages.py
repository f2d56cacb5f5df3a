"""The page of every kind of record opens for whoever may do everything, whole and in each of its tabs.

Who may edit all is offered all: a button to a page that the kind does without is a page that does not open.
"""

from __future__ import annotations

import itertools
import re

import pytest
from django.urls import NoReverseMatch

from zhike.records import registry

from .filling import Desk

pytestmark = [pytest.mark.django_db]


def with_pages():
    for kind in registry.kinds():
        try:
            kind.url(1)
        except NoReverseMatch:
            continue
        yield kind.name


def test_every_record_opens_with_all_its_tabs(make, people, sign_in, once):
    desk, wrong, opened = Desk(make, people, sign_in, once), [], 0
    admin = sign_in("admin")
    for name in with_pages():
        kind, row = registry.kind(name), desk.row(name)
        url = kind.url(row)
        page = admin.get(url)
        if page.status_code != 200:
            wrong.append(f"{name}: {page.status_code}")
            continue
        tabs = sorted(set(re.findall(rf'href="({re.escape(url)}[^"]*tab=[^"]+|{re.escape(url)}[a-z_-]+/)"', page.content.decode())))
        for address in itertools.islice(tabs, 30):
            got = admin.get(address.replace("&amp;", "&"))
            opened += 1
            if got.status_code not in (200, 302):
                wrong.append(f"{address}: {got.status_code}")
    assert not wrong and opened > 60
