"""A run that was asked for on PostgreSQL is on PostgreSQL: in every process of it, and for the houses that tests start."""

from __future__ import annotations

import pytest
from django.db import connection

from .drills import POSTGRESQL

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_the_database_is_the_one_asked_for(request):
    asked = request.config.getoption("postgresql")
    assert (connection.vendor == "postgresql") is asked is POSTGRESQL
