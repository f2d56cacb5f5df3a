"""What every installation starts with: roles, option lists, regions, processes, the work calendar."""

from __future__ import annotations

from django.db import transaction


@transaction.atomic
def seed_house() -> None:
    """Fill in what the program brings along; what an administrator changed stays as it is."""
    from zhike.masterdata import seed as masterdata
    from zhike.notices.rules import ensure_rules
    from zhike.opportunities.seed import seed_processes
    from zhike.org.calendar import seed_calendar
    from zhike.org.roles import seed_roles

    seed_roles()
    masterdata.seed()
    seed_calendar()
    seed_processes()
    ensure_rules()
