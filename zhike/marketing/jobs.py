"""What customer care does by the clock."""

from __future__ import annotations

from zhike.records import tasks

from .planning import plan_all


@tasks.job("marketing.plan_care", every=6 * 60)
def plan_care() -> int:
    """Plan what the rules ask for in the coming week."""
    return plan_all()
