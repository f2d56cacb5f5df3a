"""What programs may do with opportunities besides reading and writing their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhike.customers.models import Contact
from zhike.org.access import access_of
from zhike.records import registry
from zhike.records.calls import Call, Part

from . import actions, contact_roles, gates
from .models import Criterion, OpportunityContact, OpportunityLine, Stage
from .processes import course_of

LINE = ("line_no", "product", "text", "quantity", "unit", "target_price", "remark")


def _stages(row: Any, user: Any) -> Any:
    return course_of(row.process_id, by=user).stages


def _criteria(row: Any, user: Any) -> Any:
    return Criterion.objects.filter(stage=row.stage_id)


def _contacts(row: Any, user: Any) -> Any:
    return Contact.objects.visible_to(user).filter(customer=row.customer_id)


def _read_people(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    """What contacts are to these opportunities; without those the person may not see."""
    found: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    told = OpportunityContact.objects.filter(opportunity__in=list(found), contact__in=Contact.objects.visible_to(user).values("pk"))
    for one in told.select_related("contact").order_by("pk"):
        found[one.opportunity_id].append({"contact": {"id": one.contact_id, "text": str(one.contact)},
                                          **{name: getattr(one, name) for name in contact_roles.FIELDS}})
    return found


def _read_stages(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    found: dict[int, list[dict[str, Any]]] = {}
    for stage in Stage.objects.filter(process__in={row.process_id for row in rows}).order_by("process", "order"):
        found.setdefault(stage.process_id, []).append(
            {"id": stage.pk, "code": stage.code, "text": str(stage), "order": stage.order, "win_rate": f"{stage.win_rate:.4f}"}
        )
    return {row.pk: found.get(row.process_id, []) for row in rows}


def _read_checklist(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    return {
        row.pk: [
            {"id": item.criterion.pk, "text": str(item.criterion), "required": item.criterion.required, "done": item.done,
             "tick": item.criterion.kind == Criterion.TICK}
            for item in gates.checklist(row, by=user)
        ]
        for row in rows
    }


def _read_lines(rows: Sequence[Any], user: Any) -> dict[int, Any]:
    found: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    money = access_of(user).field_mode("opportunity", "amount") in ("", "read")
    for line in OpportunityLine.objects.filter(opportunity__in=list(found)).select_related("product"):
        shown = {
            "line_no": line.line_no,
            "product": {"id": line.product_id, "text": str(line.product)} if line.product_id else None,
            "text": line.text, "quantity": f"{line.quantity:.4f}", "unit": line.unit, "remark": line.remark,
        }
        if money:
            shown["target_price"] = None if line.target_price is None else f"{line.target_price:.6f}"
            shown["amount"] = f"{line.amount:.2f}"
        found[line.opportunity_id].append(shown)
    return found


_TEXT, _NUMBER, _YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def _list_of(**fields: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": fields}}


_kind = registry.kind("opportunity")
for _call in (
    Call("move", actions.move_stage, takes=("to", "reason"), pick={"to": _stages}),
    Call("tick", actions.tick_criterion, takes=("criterion", "done"), pick={"criterion": _criteria}),
    Call("set-contact", contact_roles.set_contact_role, takes=("contact", "decision_role", "attitude", "influence", "involved", "note"),
         pick={"contact": _contacts}, dictionaries={"decision_role": "decision_role"}, choices={"attitude": Contact.ATTITUDES}),
    Call("lines", actions.set_lines, takes=("lines", "take_sum"), lines={"lines": LINE}),
    Call("win", actions.win_opportunity, takes=("on", "reason", "amount"), right="win"),
    Call("lose", actions.lose_opportunity, takes=("reason", "lost_to", "remark"), right="lose",
         dictionaries={"reason": "lose_reason"}),
    Call("unwin", actions.unwin_opportunity, takes=("reason",), right="unwin"),
    Call("unlose", actions.unlose_opportunity, takes=("reason",), right="unlose"),
    Call("suspend", actions.suspend_opportunity, takes=("reason", "resume_on")),
    Call("resume", actions.resume_opportunity),
    Call("void", actions.void_opportunity, takes=("reason",), right="void"),
):
    _kind.calls.add(_call.name, _call)
for _part in (
    Part("stages", _read_stages, _list_of(id=_NUMBER, code=_TEXT, text=_TEXT, order=_NUMBER, win_rate=_TEXT)),
    Part("checklist", _read_checklist, _list_of(id=_NUMBER, text=_TEXT, required=_YES, done=_YES, tick=_YES)),
    Part("people", _read_people, _list_of(contact={"type": "object"}, decision_role=_TEXT, attitude=_TEXT,
                                          influence={"type": ["integer", "null"]}, involved=_YES, note=_TEXT)),
    Part("lines", _read_lines, _list_of(line_no=_NUMBER, product={"type": ["object", "null"]}, text=_TEXT, quantity=_TEXT,
                                        unit=_TEXT, target_price=_TEXT, amount=_TEXT, remark=_TEXT)),
):
    _kind.parts.add(_part.name, _part)
