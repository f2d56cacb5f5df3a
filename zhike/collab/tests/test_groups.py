"""Discussion groups through the front door: members alone, words, unread, records, search, end."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab.actions import comments, groups
from zhike.collab.models import Comment, DiscussionGroup, GroupReading, GroupRecord
from zhike.notices.models import Message
from zhike.org.models import Department, User
from zhike.org.tokens import create_token
from zhike.records import history
from zhike.records.models import TeamGrant

pytestmark = pytest.mark.django_db
HERE = "/discussion-groups/"


@pytest.fixture
def group(make, people):
    row = make.discussion_group("rep", name="示例展会筹备", purpose="展位与样机")
    groups.set_members(row, [people["rep_east2"]], by=people["rep"])
    return row


def post(client, once, address, /, *args, **data):
    return client.post(reverse(address, args=args), {"_once": once(), **data})


def words(client):
    return client.get(HERE).content.decode()


def test_opened_by_page_and_met_by_members_alone(sign_in, people, once):
    rep = sign_in("rep")
    got = post(rep, once, "discussion_group-new", name="示例周会", purpose="每周一")
    row = DiscussionGroup.objects.get()
    assert (got.status_code, row.owner, row.status) == (303, people["rep"], "open")
    got = post(rep, once, "discussion_group-members", row.pk, more=people["rep_south"].pk, one_more=people["presales"].pk)
    assert got.status_code == 303
    assert {user.username for user in groups.members(row)} == {"rep_south", "presales"}
    assert Message.objects.filter(text_key="group.added", row_id=row.pk).count() == 2
    for name in ("rep_south", "presales", "admin"):
        page = sign_in(name).get(f"{HERE}{row.pk}/").content.decode()
        assert "示例周会" in page and "每周一" in page
        assert "示例周会" in words(sign_in(name))
    for name in ("manager_east", "rep_east2", "gm", "sales_head", "auditor"):
        stranger = sign_in(name)
        assert "示例周会" not in words(stranger)
        for address in (f"{HERE}{row.pk}/", f"{HERE}{row.pk}/discussion/", f"{HERE}{row.pk}/history/", reverse("discussion_group-words", args=[row.pk])):
            assert stranger.get(address).status_code == 404
        for page in ("members", "switch", "leave", "edit"):
            assert post(stranger, once, f"discussion_group-{page}", row.pk).status_code == 404
        assert post(stranger, once, "discussion_group-comment", row.pk, text="x").status_code == 404
        assert "示例周会" not in stranger.get("/palette/?q=示例周会").content.decode()
        assert json.loads(stranger.get("/lookup/discussion_group/?q=示例").content)["items"] == []


def test_a_member_neither_changes_nor_closes_it(group, sign_in, people, once):
    member = sign_in("rep_east2")
    for page in ("members", "switch", "edit", "transfer-one"):
        assert post(member, once, f"discussion_group-{page}", group.pk).status_code == 403
    assert post(member, once, "discussion_group-comment", group.pk, text="到").status_code == 303


def test_a_whole_department_comes_and_goes_by_itself(make, people, sign_in):
    east = people["rep"].department
    row = make.discussion_group("gm", name="示例华东", department=east)
    assert sign_in("rep").get(f"{HERE}{row.pk}/").status_code == 200
    assert sign_in("rep_south").get(f"{HERE}{row.pk}/").status_code == 404
    below = Department.objects.create(code="EAST9", name="示例二组", parent=east)
    User.objects.filter(username="rep_south").update(department=below)
    assert sign_in("rep_south").get(f"{HERE}{row.pk}/").status_code == 200
    User.objects.filter(username="rep").update(department=Department.objects.get(code="HQ"))
    assert sign_in("rep").get(f"{HERE}{row.pk}/").status_code == 404
    told = sign_in("gm").get(reverse("who-sees", args=["discussion_group", row.pk])).content.decode()
    assert str(people["rep_south"]) in told and str(people["rep"]) not in told
    with pytest.raises(Refused):
        groups.leave_group(row, by=people["rep_south"])


def test_only_members_are_named_and_the_owner_takes_others_in(group, people, sign_in, once):
    rep, member = sign_in("rep"), sign_in("rep_east2")
    south = people["rep_south"]
    part = {"HX-Request": "true"}
    address = reverse("discussion_group-comment", args=[group.pk])
    got = rep.post(address, {"_once": once(), "text": f"@{south.name} 来看"}, headers=part)
    assert got.status_code == 422 and 'name="let_in"' in got.content.decode()
    got = member.post(address, {"_once": once(), "text": f"@{south.name} 来看"}, headers=part)
    assert got.status_code == 422 and 'name="let_in"' not in got.content.decode()
    assert not Message.objects.filter(receiver=south).exists()
    offered = json.loads(rep.get(reverse("discussion_group-people", args=[group.pk]) + "?q=" + south.name).content)["items"][0]
    assert (offered["sees"], offered["can"]) == (False, True)
    got = rep.post(address, {"_once": once(), "text": f"@{south.name} 来看", "let_in": south.pk}, headers=part)
    assert got.status_code == 200
    assert Message.objects.get(receiver=south, text_key="comment.mention").row_id == group.pk
    assert "来看" in sign_in("rep_south").get(f"{HERE}{group.pk}/").content.decode()


def test_unread_is_counted_until_the_words_were_drawn(group, people, sign_in, once):
    rep, member = people["rep"], sign_in("rep_east2")
    comments.add_comment(group, "第一句", by=rep)
    gone = comments.add_comment(group, "第二句", by=rep)
    comments.delete_comment(gone, group, by=rep)
    comments.add_comment(group, "第三句", by=people["rep_east2"])  # one's own counts as read up to there
    comments.add_comment(group, "第四句", by=rep)
    assert groups.unread_in([group.pk], by=people["rep_east2"]) == {group.pk: 1}
    assert '<span class="bg info">1 条未读</span>' in words(member)
    # Fetching the page reads nothing, e.g. ahead of a click; the browser says so when it has drawn the words.
    page = member.get(f"{HERE}{group.pk}/").content.decode()
    assert '<span class="bg info">1 条未读</span>' in words(member)
    seen = re.search(r'hx-post="([^"]+/seen/)" hx-trigger="load"', page)[1]
    last = re.search(r'name="last" value="(\d+)"', page)[1]
    comments.add_comment(group, "画出之后才说的", by=rep)
    got = member.post(seen, {"_once": once(), "last": last}, headers={"HX-Request": "true"})
    assert got.status_code == 204
    assert groups.unread_in([group.pk], by=people["rep_east2"]) == {group.pk: 1}  # what came after it is still new
    for nonsense in ("", "x", "9" * 30, "999999"):
        assert member.post(seen, {"_once": once(), "last": nonsense}).status_code == 303
    assert sign_in("rep_south").post(seen, {"_once": once(), "last": last}).status_code == 404
    newest = Comment.objects.order_by("-pk").first().pk
    member.post(seen, {"_once": once(), "last": newest})
    member.post(seen, {"_once": once(), "last": last})  # an older page open beside it takes nothing back
    page = member.get(f"{HERE}{group.pk}/").content.decode()
    assert "/seen/" not in page
    assert "条未读</span>" not in words(member) and GroupReading.objects.filter(user=people["rep_east2"]).count() == 1
    assert groups.unread_in([group.pk], by=rep) == {}  # rep spoke last
    group.refresh_from_db()
    assert group.last_words_at > clock.NEVER and group.version == 1


def test_leaving_taking_out_and_handing_over(group, people, sign_in, once):
    owner, member = sign_in("rep"), sign_in("rep_east2")
    assert post(owner, once, "discussion_group-leave", group.pk).status_code == 422
    got = post(member, once, "discussion_group-leave", group.pk)
    assert (got.status_code, got["Location"]) == (303, HERE)
    assert member.get(f"{HERE}{group.pk}/").status_code == 404
    groups.set_members(group, [people["rep_east2"], people["presales"]], by=people["rep"])
    assert post(owner, once, "discussion_group-members", group.pk, people=[people["presales"].pk]).status_code == 303
    assert {user.username for user in groups.members(group)} == {"presales"}
    got = post(owner, once, "discussion_group-transfer-one", group.pk, to=people["presales"].pk, stays="")
    assert got.status_code == 303, got.content.decode()[-400:]
    assert owner.get(f"{HERE}{group.pk}/").status_code == 404
    assert sign_in("presales").get(f"{HERE}{group.pk}/").status_code == 200


def test_closed_it_is_read_but_not_spoken_in(group, people, sign_in, once):
    said = comments.add_comment(group, "最后一句", by=people["rep"])
    owner, member = sign_in("rep"), sign_in("rep_east2")
    assert post(owner, once, "discussion_group-switch", group.pk).status_code == 303
    assert Message.objects.filter(text_key="group.closed", receiver=people["rep_east2"]).count() == 1
    page = member.get(f"{HERE}{group.pk}/").content.decode()
    assert "最后一句" in page and 'id="say"' not in page
    assert post(member, once, "discussion_group-comment", group.pk, text="还有").status_code == 422
    assert post(owner, once, "comment-edit", said.pk, text="改").status_code == 422
    assert history.of(group).first().action == "group-close"
    assert post(owner, once, "discussion_group-switch", group.pk).status_code == 303
    assert post(member, once, "discussion_group-comment", group.pk, text="还有").status_code == 303


def test_records_are_linked_for_those_who_see_them(group, make, people, sign_in, once):
    mine = make.customer("rep", name="示例甲机械有限公司")
    rep, member = sign_in("rep"), sign_in("rep_east2")
    assert "在讨论组中讨论" in rep.get(f"/customers/{mine.pk}/").content.decode()
    got = post(rep, once, "customer-group", mine.pk, group=group.pk)
    assert (got.status_code, got["Location"]) == (303, f"{HERE}{group.pk}/")
    assert post(rep, once, "customer-group", mine.pk, group=group.pk).status_code == 422  # twice
    assert "示例甲机械" in rep.get(f"{HERE}{group.pk}/").content.decode()
    assert "示例展会筹备" in rep.get(f"/customers/{mine.pk}/discussion/").content.decode()
    assert "示例甲机械" not in member.get(f"{HERE}{group.pk}/").content.decode()
    link = GroupRecord.objects.get()
    assert post(member, once, "discussion_group-untie", group.pk, link.pk).status_code == 404
    # Who sees the customer and is no member learns nothing of the group.
    boss = sign_in("manager_east")
    assert "示例展会筹备" not in boss.get(f"/customers/{mine.pk}/discussion/").content.decode()
    assert post(boss, once, "customer-group", mine.pk, group=group.pk).status_code == 422
    # A member who does not see the customer ties nothing.
    theirs = make.customer("rep_south")
    assert post(rep, once, "customer-group", theirs.pk, group=group.pk).status_code == 404
    assert post(rep, once, "discussion_group-untie", group.pk, link.pk).status_code == 303
    assert not GroupRecord.objects.exists()


@pytest.mark.both
def test_words_and_names_are_found_by_members_alone(group, people, sign_in):
    comments.add_comment(group, "主轴要换成电主轴 ABC-77", by=people["rep"])
    gone = comments.add_comment(group, "删掉的暗号", by=people["rep"])
    comments.delete_comment(gone, group, by=people["rep"])
    member, stranger = sign_in("rep_east2"), sign_in("rep_south")
    for q in ("电主轴", "abc-77", "展会筹备", "样机"):
        assert "示例展会筹备" in member.get(HERE, {"q": q, "view": "all"}).content.decode(), q
        assert "示例展会筹备" in member.get("/palette/", {"q": q}).content.decode(), q
        assert "示例展会筹备" not in stranger.get(HERE, {"q": q, "view": "all"}).content.decode()
        assert "示例展会筹备" not in stranger.get("/palette/", {"q": q}).content.decode()
    for q in ("暗号", "轴", "%", "没说过"):
        assert "示例展会筹备" not in member.get(HERE, {"q": q, "view": "all"}).content.decode(), q


def test_programs_read_groups_as_other_kinds(group, people, client):
    for name, n in (("rep_east2", 1), ("rep_south", 0)):
        secret = create_token(people[name])
        got = client.get("/api/v1/discussion-groups", headers={"Authorization": f"Bearer {secret}"})
        assert got.status_code == 200, got.content
        assert len(got.json()["items"]) == n
        got = client.get(f"/api/v1/discussion-groups/{group.pk}", headers={"Authorization": f"Bearer {secret}"})
        assert got.status_code == (200 if n else 404)


def test_limits_and_bad_input(group, people, sign_in, once, monkeypatch):
    owner = sign_in("rep")
    monkeypatch.setattr(groups, "MOST_MEMBERS", 1)
    assert post(owner, once, "discussion_group-members", group.pk, people=[people["rep_east2"].pk], more=people["presales"].pk).status_code == 422
    assert TeamGrant.objects.filter(kind="discussion_group", row_id=group.pk).count() == 1
    monkeypatch.setattr(groups, "MOST_OWNED", 1)
    assert post(owner, once, "discussion_group-new", name="再来一个").status_code == 422
    assert post(owner, once, "discussion_group-new", name="").status_code == 422
    assert post(owner, once, "discussion_group-members", group.pk, more="x").status_code == 422
    assert post(owner, once, "discussion_group-untie", group.pk, 10**15).status_code == 404


def test_a_program_says_who_belongs_closes_and_leaves(group, people):
    def call(username, method, path, body=None, code=200):
        token = create_token(people[username], scope="write")
        got = getattr(Client(), method)(f"/api/v1/discussion-groups/{path}", json.dumps(body or {}) if method == "post" else None,
                                        content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert got.status_code == code, got.content
        return json.loads(got.content) if got.content else None

    def told(username="rep"):
        return [who["id"] for who in call(username, "get", f"{group.pk}?expand=members")["members"]]

    assert told() == [people["rep_east2"].pk]
    for _twice in range(2):
        call("rep", "post", f"{group.pk}/add-member", {"user": people["presales"].pk})
    assert told("presales") == [people["rep_east2"].pk, people["presales"].pk]
    assert Message.objects.filter(text_key="group.added", receiver=people["presales"]).count() == 1
    call("presales", "post", f"{group.pk}/remove-member", {"user": people["rep_east2"].pk}, 403)
    call("rep_south", "post", f"{group.pk}/leave", code=404)
    call("rep", "post", f"{group.pk}/leave", code=422)
    call("rep", "post", f"{group.pk}/remove-member", {"user": people["rep_east2"].pk})
    call("presales", "post", f"{group.pk}/close", code=403)
    for _twice in range(2):
        assert call("rep", "post", f"{group.pk}/close")["status"] == "closed"
    assert call("rep", "post", f"{group.pk}/reopen")["status"] == "open"
    call("presales", "post", f"{group.pk}/leave", code=204)
    assert told() == []


@pytest.mark.both
def test_only_the_newest_words_are_read_through(group, people, sign_in, monkeypatch):
    from zhike.collab import group_rights

    for text in ("很久以前的暗语", "昨天说的", "今天说的"):
        comments.add_comment(group, text, by=people["rep"])
    member = sign_in("rep_east2")
    assert "示例展会筹备" in member.get(f"{HERE}?q=暗语").content.decode()
    monkeypatch.setattr(group_rights, "NEWEST", 2)
    assert "示例展会筹备" not in member.get(f"{HERE}?q=暗语").content.decode()
    assert "示例展会筹备" in member.get(f"{HERE}?q=昨天说").content.decode()
