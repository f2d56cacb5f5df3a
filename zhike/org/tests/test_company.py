"""Settings of the company decide what people see: a change counts in every worker at once."""

from __future__ import annotations

import os

import pytest

from zhike.org.models import Company
from zhike.org.models import company as module

pytestmark = pytest.mark.django_db


def test_a_setting_changed_by_another_worker_counts_here_at_once(people):
    assert Company.current().setting("line_owners", False) is False
    Company.objects.update(settings={"line_owners": True})  # what the other worker has written
    assert Company.current().setting("line_owners", False) is False
    child = os.fork()
    if child == 0:
        module.kept.forget()  # what saving does there, in a process of its own
        os._exit(0)
    os.waitpid(child, 0)
    assert Company.current().setting("line_owners", False) is True


def test_a_saved_setting_is_read_at_once(people):
    row = Company.objects.first()
    assert Company.current().setting("line_owners", False) is False
    row.settings = {**row.settings, "line_owners": True}
    row.save()
    assert Company.current().setting("line_owners", False) is True
