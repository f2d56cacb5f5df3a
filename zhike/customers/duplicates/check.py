"""The one place where a save is held against what is there: form, import, API and conversion come through here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from . import holding, keys, policy, probe
from .probe import Match

_FIELDS = {"uscc": "uscc", "phone": "phone", "domain": "email"}


def _refuse(found: list[Match], rules: dict[str, str], field: str) -> None:
    forbidden = [match for match in found if match.level(rules) == policy.FORBID]
    if forbidden:
        text = _("This customer exists already (%(why)s). Open it; who may not see it asks its owner to let them join.") if field != "contact" else \
            _("This contact exists already (%(why)s). Open it; who may not see it asks its owner.")
        raise Refused(text % {"why": " · ".join(forbidden[0].texts())}, field=_FIELDS.get(forbidden[0].why, "name" if field != "contact" else "mobile"),
                      code="duplicate", items=found)
    text = _("This customer may exist already. Open it, or tick “create all the same” when it is another one.") if field != "contact" else \
        _("This contact may exist already. Open it, or tick “create all the same” when it is somebody else.")
    raise Refused(text, field=_FIELDS.get(found[0].why, "name" if field != "contact" else "mobile"), code="duplicate", items=found)


def check_customers(rows: Sequence[Any], *, by: Any, despite: bool = False, only: frozenset[str] | None = None) -> None:
    """Refuse rows that exist already by the house's policy; call in the transaction that saves them.

    `despite` goes on with what the policy only warns of, never with what it forbids. `only` names the
    points that count (a change counts what it changed). Nobody else saves the same firm until the
    transaction ends. Raises `Refused` (code `duplicate`) with the hits of the first row at fault.
    """
    rules = policy.current()
    if only is not None:
        rules = {point: level if point in only else policy.ALLOW for point, level in rules.items()}
    probe.hold(rows)
    least = policy.FORBID if despite else policy.WARN
    stops = {point for point, level in rules.items() if policy.RANK[level] >= policy.RANK[least]} - {"contact"}
    if not stops:
        return
    beside = probe.look_beside(rows, by) if stops & policy.BESIDE else [[] for _row in rows]
    # Who is warned is shown all that is known; where only a ban stops, nothing else needs to be looked for.
    looked = probe.look(rows, by, points=stops, shown=probe.MOST) if despite else probe.look(rows, by, wide="similar" in stops)
    for found, also in zip(looked, beside, strict=True):
        found += also
        stopping = [match for match in found if policy.RANK[match.level(rules)] >= policy.RANK[least]]
        if stopping:
            _refuse(stopping[: probe.SHOWN], rules, "customer")


def check_contacts(rows: Sequence[Any], *, by: Any, despite: bool = False) -> None:
    """The same for new contacts: their mobile number, over all customers and the trash. One by one: forms and programs make one."""
    rules = policy.current()
    holding.hold(f"phone:{number}" for row in rows for number in keys.numbers_of(row.mobile))
    if policy.RANK[rules["contact"]] < policy.RANK[policy.FORBID if despite else policy.WARN]:
        return
    for row in rows:
        found = probe.contacts_like(row, by, exclude=row.pk)
        if found:
            _refuse(found, rules, "contact")
