"""Files in words, one thread on top, conclusions, and letting in whom one names."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.collab.actions import comments, files
from zhike.collab.models import Attachment, Comment
from zhike.notices.models import Message
from zhike.records import history
from zhike.records.models import TeamGrant

from . import things

HX = {"HX-Request": "true", "HX-Target": "tab"}


@pytest.fixture
def say(sign_in, once):
    def post(row, text, who="rep", **more):
        return sign_in(who).post(f"/about/customers/{row.pk}/comment/", {"text": text, "_once": once(), **more}, headers=HX)

    return post


@pytest.fixture
def hold(sign_in, media):
    def post(name="现场.png", content=None, who="rep"):
        got = sign_in(who).post("/about/customers/hold/", {"file": things.upload(name, content or things.picture("PNG", (300, 200)))})
        assert got.status_code == 201, got.content
        return got.json()["id"]

    return post


@pytest.mark.both
def test_a_picture_is_said_with_words_and_goes_with_them(make, say, hold, sign_in, once):
    row = make.customer()
    first, second = hold(), hold("图纸.pdf", things.PDF)
    assert say(row, "", file=[first, second]).status_code == 200  # a picture may say it all
    made = Comment.objects.get()
    assert set(Attachment.objects.filter(comment=made).values_list("pk", "row_id")) == {(first, row.pk), (second, row.pk)}
    page = sign_in("manager_east").get(f"/customers/{row.pk}/discussion/").content.decode()
    assert f"/files/{first}/?thumb=1" in page and "图纸.pdf" in page
    assert sign_in("manager_east").get(f"/files/{first}/?thumb=1").status_code == 200
    assert sign_in("rep_south").get(f"/files/{first}/").status_code == 404
    rep = sign_in("rep")
    assert "图纸.pdf" not in rep.get(f"/customers/{row.pk}/files/").content.decode()
    assert rep.post(f"/comments/{made.pk}/delete/", {"_once": once()}).status_code == 303
    undo_url = rep.session["toasts"][-1]["undo_url"]
    assert rep.get(f"/files/{first}/").status_code == 404  # gone with the words, and back with them
    assert rep.post(undo_url, {"_once": once()}).status_code == 303
    assert rep.get(f"/files/{first}/").status_code == 200
    rep.post(f"/comments/{made.pk}/delete/", {"_once": once()})
    with clock.freeze(clock.now() + timedelta(days=31)):
        comments.forget_deleted()
    assert Attachment.objects.filter(trashed_at=None).count() == 0
    with clock.freeze(clock.now() + timedelta(days=62)):
        assert files.purge_files() == 2


def test_only_ones_own_waiting_files_are_said(make, say, hold, monkeypatch):
    row = make.customer()
    theirs = hold(who="manager_east")
    for bad in (theirs, 999_999):
        assert say(row, "x", file=[bad]).status_code == 422
    mine = hold("我的.png", things.picture("PNG", (90, 60), "blue"))
    assert say(row, "一次", file=[mine]).status_code == 200
    assert say(row, "第二次", file=[mine]).status_code == 422
    monkeypatch.setattr(comments, "MOST_FILES", 0)
    assert say(row, "太多", file=[hold("又一.pdf", things.PDF)]).status_code == 422
    assert Comment.objects.count() == 1


def test_whoever_may_share_lets_in_whom_they_name(make, say, hold, people):
    row, stranger, held = make.customer(), people["rep_south"], hold()
    text = f"@{stranger.name} 看看"
    got = say(row, text, file=[held]).content.decode()
    asked = re.search(r'name="let_in" value="([\d,]+)"', got)
    assert asked and asked[1] == str(stranger.pk) and f'name="file" value="{held}"' in got and f"{text}</textarea>" in got
    assert not Comment.objects.exists() and not TeamGrant.objects.filter(user=stranger).exists()
    assert say(row, text, file=[held], let_in=asked[1]).status_code == 200
    grant = TeamGrant.objects.get(user=stranger)
    assert (grant.level, grant.row_id) == (TeamGrant.READ, row.pk) and "share" in [entry.action for entry in history.of(row)]
    assert Message.objects.get(category="mention").receiver == stranger and Attachment.objects.get(pk=held).comment == Comment.objects.get()


def test_who_may_not_share_is_offered_nothing_and_gets_nowhere(make, say, people):
    row, stranger = make.customer(), people["rep_south"]
    text = f"@{stranger.name} 看看"
    got = say(row, text, who="auditor")
    assert got.status_code == 422 and 'name="let_in"' not in got.content.decode()
    assert say(row, text, who="auditor", let_in=stranger.pk).status_code == 403
    # A place in the team does not give the right to the kind itself.
    keeper = people["warehouse"]
    got = say(row, f"@{keeper.name} 看看", let_in=keeper.pk)
    assert got.status_code == 422 and not TeamGrant.objects.exists() and not Comment.objects.exists()
    # Nobody is let in whom the words do not name.
    assert say(row, "没有点名", let_in=stranger.pk).status_code == 200 and not TeamGrant.objects.exists()


def test_the_list_after_an_at_says_who_could_come_in(make, sign_in, people):
    row = make.customer()

    def offered(who, name):
        found = sign_in(who).get(f"/about/customers/{row.pk}/people/", {"q": people[name].name}).json()["items"]
        return next((item["sees"], item["can"]) for item in found if item["value"] == people[name].pk)

    assert offered("rep", "manager_east") == (True, False) and offered("rep", "rep_south") == (False, True)
    assert offered("rep", "warehouse") == (False, False)  # no such records for them at all
    assert offered("auditor", "rep_south") == (False, False)  # whoever only reads lets nobody in


def test_one_thread_stands_on_top(make, say, sign_in, once):
    row = make.customer()
    for text in ("第一题", "第二题", "第三题"):
        say(row, text)
    first, second, third = Comment.objects.order_by("pk")
    say(row, "回第一题", parent=first.pk)

    def order():
        page = sign_in("rep").get(f"/customers/{row.pk}/discussion/").content.decode()
        return [int(pk) for pk in re.findall(r'id="comment-(\d+)"', page)]

    rep = sign_in("rep")
    assert rep.post(f"/comments/{first.pk}/pin/", {"_once": once()}, headers=HX).status_code == 200
    assert order()[0] == first.pk and order()[1] == first.replies.get().pk and len(order()) == 4
    assert rep.post(f"/comments/{second.pk}/pin/", {"_once": once()}).status_code == 303
    assert list(Comment.objects.filter(pinned_at__isnull=False)) == [second] and order()[0] == second.pk
    assert rep.post(f"/comments/{first.replies.get().pk}/pin/", {"_once": once()}).status_code == 422
    assert sign_in("auditor").post(f"/comments/{third.pk}/pin/", {"_once": once()}).status_code == 403
    assert sign_in("rep_south").post(f"/comments/{third.pk}/pin/", {"_once": once()}).status_code == 404
    assert sign_in("rep").post(f"/comments/{second.pk}/pin/", {"_once": once(), "off": "1"}).status_code == 303
    assert order()[0] == third.pk


def test_a_conclusion_is_on_top_found_alone_and_stays_as_it_is(make, say, sign_in, once):
    row = make.customer()
    say(row, "要不要降价？")
    head = Comment.objects.get()
    say(row, "不降，送一年维保", parent=head.pk)
    say(row, "别的话题")
    answer = Comment.objects.get(text="不降，送一年维保")
    manager = sign_in("manager_east")
    assert manager.post(f"/comments/{answer.pk}/conclude/", {"_once": once()}, headers=HX).status_code == 200
    rep, url = sign_in("rep"), f"/customers/{row.pk}/discussion/"
    page = rep.get(url).content.decode()
    assert page.index('class="cons"') < page.index("别的话题") and f'<a href="#comment-{answer.pk}"' in page
    only = rep.get(f"{url}?only=conclusions").content.decode()
    assert "不降，送一年维保" in only and "别的话题" not in only and "要不要降价" not in only
    # Its author no longer changes it, within the ten minutes either.
    assert rep.post(f"/comments/{answer.pk}/edit/", {"text": "降", "_once": once()}).status_code == 422
    assert sign_in("auditor").post(f"/comments/{head.pk}/conclude/", {"_once": once()}).status_code == 403
    rep = sign_in("rep")
    assert rep.post(f"/comments/{answer.pk}/delete/", {"_once": once()}).status_code == 303
    assert "不降，送一年维保" not in rep.get(url).content.decode()
    assert rep.post(f"/comments/{answer.pk}/conclude/", {"_once": once()}).status_code == 422
    assert rep.post(f"/comments/{head.pk}/conclude/", {"_once": once()}).status_code == 303
    assert rep.post(f"/comments/{head.pk}/conclude/", {"_once": once(), "off": "1"}).status_code == 303
    assert [entry.action for entry in history.of(row)][:2] == ["comment_unconclude", "comment_conclude"]


def test_words_can_be_changed_for_ten_minutes(make, say, sign_in, once):
    row = make.customer()
    say(row, "交期四周")
    made = Comment.objects.get()
    with clock.freeze(clock.now() + timedelta(minutes=11)):
        got = sign_in("rep").post(f"/comments/{made.pk}/edit/", {"text": "六周", "_once": once()})
        assert got.status_code == 422 and "10" in got.content.decode()
    with clock.freeze(clock.now() + timedelta(minutes=9)):
        assert sign_in("rep").post(f"/comments/{made.pk}/edit/", {"text": "六周", "_once": once()}).status_code == 303


def test_many_conclusions_and_files_cost_no_more_questions(make, people, sign_in, django_assert_max_num_queries):
    row, rep, user = make.customer(), sign_in("rep"), people["rep"]
    heads = Comment.objects.bulk_create([
        Comment(kind="customer", row_id=row.pk, text=f"话题{i}号", created_at=clock.now(), created_by=user, concluded_at=clock.now(), concluded_by=user)
        for i in range(60)])
    Comment.objects.filter(pk=heads[3].pk).update(pinned_at=clock.now())
    url = f"/customers/{row.pk}/discussion/"
    rep.get(url)
    with django_assert_max_num_queries(27):
        page = rep.get(url).content.decode()
    assert page.count('<a href="#comment-') == 20 and re.findall(r'id="comment-(\d+)"', page)[0] == str(heads[3].pk)
    older = re.search(r'href="([^"]*before=\d+&amp;only=conclusions)"', rep.get(f"{url}?only=conclusions").content.decode())[1]
    assert "话题9号" in rep.get(older.replace("&amp;", "&")).content.decode()
