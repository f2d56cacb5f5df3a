"""Every move is allowed from its states and refused from all others, by the action that makes it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import Http404

from zhike.activities import actions as activities
from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.customers import actions as customers
from zhike.customers.lifecycle import LIFECYCLE
from zhike.customers.models import Customer, LifecycleChange, Opening
from zhike.leads import actions as leads
from zhike.marketing import actions as care
from zhike.marketing.models import CareItem, CareRule
from zhike.notices.models import Message
from zhike.opportunities import actions as opportunities
from zhike.opportunities.models import StageChange
from zhike.records import registry
from zhike.records.models import HistoryEntry

from . import oracle

ACTIONS = {
    ("opportunity", "suspend"): lambda row, by: opportunities.suspend_opportunity(
        row, reason="等预算", resume_on=clock.today() + timedelta(days=9), by=by),
    ("opportunity", "resume"): lambda row, by: opportunities.resume_opportunity(row, by=by),
    ("opportunity", "win"): lambda row, by: opportunities.win_opportunity(row, on=clock.today(), reason="质量", by=by),
    ("opportunity", "unwin"): lambda row, by: opportunities.unwin_opportunity(row, by=by, reason="误记"),
    ("opportunity", "lose"): lambda row, by: opportunities.lose_opportunity(row, reason="price", lost_to="无", remark="记录", by=by),
    ("opportunity", "unlose"): lambda row, by: opportunities.unlose_opportunity(row, by=by, reason="误记"),
    ("opportunity", "void"): lambda row, by: opportunities.void_opportunity(row, reason="重复", by=by),
    ("activity", "finish"): lambda row, by: activities.finish_activity(row, by=by, content="完成"),
    ("activity", "start"): lambda row, by: activities.check_in(row, by=by),
    ("activity", "cancel"): lambda row, by: activities.cancel_activity(row, by=by),
    **{("task", move): lambda row, by, move=move: activities.move_task(row, move, by=by, result="说明")
       for move in ("accept", "refuse", "finish", "confirm", "reopen", "cancel")},
    ("worklog", "submit"): lambda row, by: activities.submit_log(row, by=row.owner if by.is_admin else by),
    ("worklog", "withdraw"): lambda row, by: activities.withdraw_log(row, by=row.owner if by.is_admin else by),
    ("worklog", "read"): lambda row, by: activities.read_log(row, by=by),
    ("worklog", "comment"): lambda row, by: activities.comment_log(row, text="已阅，继续", by=by),
    ("care_item", "finish"): lambda row, by: care.finish_care(row, result="已问候", by=by),
    ("care_item", "skip"): lambda row, by: care.skip_care(row, reason="出差", by=by),
    ("care_item", "reopen"): lambda row, by: care.reopen_care(row, by=by),
    ("lead", "invalidate"): lambda row, by: leads.invalidate_leads([row], reason="no_demand", by=by),
    ("lead", "reopen"): lambda row, by: leads.reopen_leads([row], by=by),
    ("lead", "convert"): lambda row, by: leads.mark_converted(row, customer=Customer.objects.order_by("pk")[0], by=by),
    ("lead", "unconvert"): lambda row, by: leads.unmark_converted(row, by=by),
    ("campaign", "approve"): lambda row, by: leads.approve_campaign(row, by=by),
    ("campaign", "withdraw"): lambda row, by: leads.withdraw_campaign(row, by=by),
    ("campaign", "start"): lambda row, by: leads.start_campaign(row, by=by),
    ("campaign", "finish"): lambda row, by: leads.finish_campaign(row, by=by),
    ("campaign", "resume"): lambda row, by: leads.resume_campaign(row, by=by),
    ("campaign", "summarise"): lambda row, by: leads.summarise_campaign(row, summary="有效", cost=Decimal(100), by=by),
    ("campaign", "cancel"): lambda row, by: leads.cancel_campaign(row, reason="停办", by=by),
    ("campaign", "revive"): lambda row, by: leads.revive_campaign(row, by=by),
    ("customer", "lose"): lambda row, by: customers.lose_customer(row, reason="price", by=by),
}
# Moves the system makes where they are open, and passes over where they are not.
SYSTEM = {("customer", move): lambda row, by, move=move: customers.advance_lifecycle([row], move, by=by)
          for move in LIFECYCLE.moves if move != "lose"}
ACTIONS |= {
    ("opening", "accept"): lambda row, by: customers.accept_opening(row, by=by),
    ("opening", "return"): lambda row, by: customers.return_opening(row, reason="账号不全", by=by),
    ("opening", "resubmit"): lambda row, by: customers.resubmit_opening(row, by=by),
    ("opening", "withdraw"): lambda row, by: customers.withdraw_opening(row, by=by),
}
SYSTEM["lead", "follow"] = lambda row, by: leads.follow_leads([row], by=by)
WITHOUT_ACTION = set()
FLOWS = {**{kind.name: kind.flow for kind in registry.kinds() if kind.flow}, "customer": LIFECYCLE}
# A log that has been commented on may be commented on again; that is talk, no move.
TALK = {("worklog", "comment", "commented")}
MOVES = [(kind, name) for kind, flow in FLOWS.items() for name in flow.moves]


@pytest.fixture
def rows(rows, people):
    """With an item of customer care, which is planned by rules and made by nobody."""
    rule = CareRule.objects.create(name="示例", occasion="silence", days=30, channel="phone", text_zh="您好")
    customer = rows["customer"][0]
    item = CareItem.objects.create(rule=rule, title="示例关怀", customer=customer, occasion="silence", occasion_on=clock.today(), due_on=clock.today(),
                                   channel="phone", owner=customer.owner, owner_dept=customer.owner_dept)
    opening = Opening(customer=customer, category="direct", title=customer.name, bank="示例银行", account="6222000000000000", payment_term="net30",
                      uscc="91350100M000100Y43", tax_no="91350100M000100Y43")
    Customer.objects.filter(pk=customer.pk).update(lifecycle="opportunity")
    made = customers.create_openings([opening], by=customer.owner)
    Customer.objects.filter(pk=customer.pk).update(lifecycle="target")
    return {**rows, "care_item": [item], "opening": [Opening.objects.get(pk=made[0].pk)]}


def test_every_move_has_an_action():
    assert set(MOVES) == set(ACTIONS) | set(SYSTEM) | WITHOUT_ACTION


def written(kind, pk):
    """What a move leaves behind; equal before and after a refusal."""
    row = registry.kind(kind).model.objects.filter(pk=pk).values().get()
    return row, HistoryEntry.objects.count(), StageChange.objects.count(), LifecycleChange.objects.count(), Message.objects.count()


@pytest.mark.parametrize(("kind", "move"), [key for key in MOVES if key not in WITHOUT_ACTION])
def test_moves(kind, move, rows, people):
    flow, admin, row = FLOWS[kind], people["admin"], rows[kind][0]
    model, act = registry.kind(kind).model, ACTIONS.get((kind, move)) or SYSTEM[kind, move]
    step = flow.moves[move]
    for state in flow.states:
        model.objects.filter(pk=row.pk).update(**{flow.field: state})
        before = written(kind, row.pk)
        fresh = model.objects.get(pk=row.pk)
        if state in step.sources:
            given = act(fresh, admin)
            given = given[0] if isinstance(given, list) else given
            stored = model.objects.get(pk=row.pk)
            assert flow.state_of(stored) == flow.state_of(given) == step.target, (state, move)
            lines = HistoryEntry.objects.filter(kind=kind, row_id=row.pk).order_by("-id")
            assert HistoryEntry.objects.count() > before[1]
            assert any(line.diff.get(flow.field) == [state, step.target] for line in lines[:3])
        elif (kind, move, state) in TALK:
            continue
        elif (kind, move) in SYSTEM:
            assert act(fresh, admin) == []
            assert written(kind, row.pk) == before
        else:
            with pytest.raises(Refused) as no:
                act(fresh, admin)
            assert no.value.status == 422 and str(no.value)
            assert written(kind, row.pk) == before, (state, move)


@pytest.mark.parametrize(("kind", "move"), sorted(ACTIONS))
def test_an_old_row_in_hand_does_not_open_a_shut_door(kind, move, rows, people):
    """The row was loaded before somebody else moved it on: the stored state decides."""
    flow, admin, row = FLOWS[kind], people["admin"], rows[kind][0]
    model, step = registry.kind(kind).model, flow.moves[move]
    model.objects.filter(pk=row.pk).update(**{flow.field: step.sources[0]})
    stale = model.objects.get(pk=row.pk)
    shut = next(state for state in flow.states if state not in step.sources)
    model.objects.filter(pk=row.pk).update(**{flow.field: shut})
    before = written(kind, row.pk)
    with pytest.raises(Refused):
        ACTIONS[kind, move](stale, admin)
    assert written(kind, row.pk) == before


@pytest.mark.parametrize(("kind", "move"), sorted(key for key in ACTIONS if key[0] not in ("task", "opening")))
def test_moves_need_their_right(kind, move, rows, people):
    flow, model = FLOWS[kind], registry.kind(kind).model
    step, row = flow.moves[move], rows[kind][0]
    model.objects.filter(pk=row.pk).update(**{flow.field: step.sources[0]})
    row = next(found for found in rows[kind] if found.pk == row.pk)
    before, refused = written(kind, row.pk), 0
    for username in ("rep_south", "manager_south", "gm", "assistant", "presales", "marketing", "desk", "dispatcher", "finance",
                     "warehouse", "auditor", "engineer"):
        reading = step.permission == "view"  # whoever reads it does it
        allowed = oracle.may(username, kind, step.permission) and (reading or oracle.changes(username, row)) and oracle.sees(username, row)
        if allowed:
            continue
        wanted = Forbidden if oracle.sees(username, row) else Http404
        with pytest.raises(wanted):
            ACTIONS[kind, move](model.objects.get(pk=row.pk), people[username])
        refused += 1
    assert refused > 3
    assert written(kind, row.pk) == before


def test_stages_cannot_be_left_out_of_order(rows, people):
    """Forward by one when the gate is met, back with a reason, further only by right."""
    from zhike.opportunities.models import Opportunity, Stage

    row, rep, boss = rows["opportunity"][0], people["rep"], people["manager_east"]
    stages = list(Stage.objects.filter(process=row.process_id).order_by("order"))
    with pytest.raises(Refused) as no:
        opportunities.move_stage(row, stages[1], by=rep)
    assert no.value.code == "stage.gate" and no.value.items
    with pytest.raises(Refused) as no:
        opportunities.move_stage(row, stages[3], by=rep, reason="急")
    assert no.value.code == "stage.skip"
    with pytest.raises(Refused):
        opportunities.move_stage(row, stages[3], by=boss)  # without a reason
    other = Stage.objects.exclude(process=row.process_id).first()
    with pytest.raises(Refused):
        opportunities.move_stage(row, other, by=boss, reason="越界")
    assert Opportunity.objects.get(pk=row.pk).stage_id == stages[0].pk
    opportunities.move_stage(row, stages[3], by=boss, reason="客户急")
    row = Opportunity.objects.get(pk=row.pk)
    with pytest.raises(Refused):
        opportunities.move_stage(row, stages[0], by=rep)
    opportunities.move_stage(row, stages[0], by=rep, reason="重新谈")
    row = Opportunity.objects.get(pk=row.pk)
    assert row.stage_id == stages[0].pk and row.win_rate == stages[0].win_rate
    assert [change.target_id for change in row.stage_changes.order_by("id")] == [stages[0].pk, stages[3].pk, stages[0].pk]
