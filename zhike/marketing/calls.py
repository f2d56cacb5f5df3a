"""What programs may do with leads besides reading and writing their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.records import registry
from zhike.records.calls import Call, Part

from . import actions
from .models import LeadConversion

_lead = registry.kind("lead")
_lead.calls.add("convert", Call(
    "convert", actions.convert_as_it_is, right="convert", dictionaries={"opportunity_type": "opportunity_type"},
    takes=("customer", "contact", "with_opportunity", "opportunity_name", "opportunity_type", "amount", "expected_sign_date", "despite_duplicates"),
))
_lead.calls.add("unconvert", Call("unconvert", actions.undo_last_conversion, right="convert"))


def _became(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    """What leads became, as far as the person sees it."""
    found = list(LeadConversion.objects.filter(lead__in=[row.pk for row in rows], undone_at=None).select_related("customer", "contact", "opportunity"))
    seen: dict[str, set[int]] = {}
    for name in ("customer", "contact", "opportunity"):
        ids = {getattr(one, f"{name}_id") for one in found} - {None}
        seen[name] = set(registry.kind(name).model.objects.visible_to(user).filter(pk__in=ids).order_by().values_list("pk", flat=True)) if ids else set()
    told: dict[int, Any] = {row.pk: None for row in rows}
    for one in found:
        told[one.lead_id] = {
            "at": one.at.isoformat(), "made": one.made,
            **{name: {"id": row.pk, "text": str(row)} if (row := getattr(one, name)) is not None and row.pk in seen[name] else None for name in seen},
        }
    return told


_lead.parts.add("conversion", Part("conversion", _became, {
    "type": ["object", "null"], "properties": {
        "at": {"type": "string"}, "made": {"type": "array", "items": {"type": "string"}},
        **{name: {"type": ["object", "null"]} for name in ("customer", "contact", "opportunity")},
    }}))
