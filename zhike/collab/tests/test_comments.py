"""The discussion of a record through the front door: who speaks, who is told, what is left of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.collab import mentions
from zhike.collab.actions import comments
from zhike.collab.models import Comment
from zhike.notices.models import Message
from zhike.records import history, teams
from zhike.records.registry import kind_of


@pytest.fixture
def say(sign_in, once):
    def post(row, text, who="rep", client=None, htmx=False, **more):
        client = client or sign_in(who)
        return client.post(f"/about/{kind_of(row).slug}/{row.pk}/comment/", {"text": text, "_once": once(), **more},
                           headers={"HX-Request": "true", "HX-Target": "tab"} if htmx else {})

    return post


@pytest.mark.parametrize("kind", ["customer", "contact", "opportunity", "activity", "task", "product"])
def test_every_kind_has_a_discussion(kind, make, say, sign_in):
    row = getattr(make, kind)()
    got = say(row, "先打电话问一下交期")
    made = Comment.objects.get()
    assert got.status_code == 303 and got["Location"] == f"{kind_of(row).url(row)}discussion/#comment-{made.pk}"
    page = sign_in("rep").get(f"{kind_of(row).url(row)}discussion/").content.decode()
    assert "先打电话问一下交期" in page and '<span class="n">1</span>' in page
    assert [entry.action for entry in history.of(row)][0] == "comment"


def test_who_is_named_is_told_and_led_there(make, say, people, sign_in):
    row = make.customer()
    manager = people["manager_east"]
    assert say(row, f"@{manager.name} 请看一下报价").status_code == 303
    made, message = Comment.objects.get(), Message.objects.get(category="mention")
    assert message.receiver == manager and message.sender == people["rep"] and made.mentions == [manager.pk]
    page = sign_in("manager_east").get("/messages/").content.decode()
    assert f'href="/customers/{row.pk}/discussion/#comment-{made.pk}"' in page
    assert f'<span class="men">@{manager.name}</span>' in sign_in("rep").get(f"/customers/{row.pk}/discussion/").content.decode()


def test_who_cannot_see_the_record_is_never_told(make, say, people):
    row, stranger = make.customer(), people["rep_south"]
    got = say(row, f"@{stranger.name} 看看", htmx=True)
    assert got.status_code == 422 and stranger.name in got.content.decode() and 'role="alert"' in got.content.decode()
    assert f"@{stranger.name} 看看</textarea>" in got.content.decode()  # what was typed is still there
    assert not Comment.objects.exists() and not Message.objects.filter(category="mention").exists()
    teams.share_row(row, [stranger], by=people["admin"])
    assert say(row, f"@{stranger.name} 看看").status_code == 303
    assert Message.objects.get(category="mention").receiver == stranger


def test_an_id_alone_notifies_nobody(make, say, people):
    row = make.customer()
    assert say(row, "没有点名", mention=[people["manager_east"].pk, people["gm"].pk]).status_code == 303
    assert not Message.objects.filter(category="mention").exists()


def test_two_of_one_name_are_told_apart_by_the_list(make, say, people):
    row, twin, other = make.customer(), people["manager_east"], people["gm"]
    other.name = twin.name
    other.save()
    assert say(row, f"@{twin.name} 看看").status_code == 422
    assert say(row, f"@{twin.name} 看看", mention=[other.pk]).status_code == 303
    assert Message.objects.get(category="mention").receiver == other


def test_the_longest_name_counts(people):
    short, long = people["manager_east"], people["gm"]
    short.name, long.name = "张三丰", "张三丰收"
    short.save()
    long.save()
    assert mentions.named_in("@张三丰收，你好") == [long]
    assert mentions.named_in("@张三丰，你好") == [short]
    assert mentions.named_in("@manager_east看") == [short]
    assert mentions.named_in("mail@example.com @@ @") == []


def test_the_list_of_colleagues(make, sign_in, people):
    row, rep = make.customer(), sign_in("rep")
    found = rep.get(f"/about/customers/{row.pk}/people/", {"q": people["manager_east"].name}).json()["items"]
    assert [(item["value"], item["sees"]) for item in found] == [(people["manager_east"].pk, True)]
    from zhike.base.chinese import pinyin

    stranger = people["rep_south"]
    for typed in (pinyin.full(stranger.name), stranger.name, "rep_south"):
        found = rep.get(f"/about/customers/{row.pk}/people/", {"q": typed}).json()["items"]
        mine = next(item for item in found if item["value"] == stranger.pk)
        assert mine["sees"] is False and stranger.name in mine["why"]
    assert len(rep.get(f"/about/customers/{row.pk}/people/").json()["items"]) <= 6
    assert sign_in("rep_south").get(f"/about/customers/{row.pk}/people/").status_code == 404
    for odd in ("\x00", "'", "%", "@" * 200, "\ud83d"):
        assert rep.get(f"/about/customers/{row.pk}/people/?q={odd.encode('utf-8', 'surrogatepass')}").status_code == 200


def test_answers_join_one_thread_and_tell_its_author(make, say, people, sign_in):
    row = make.customer()
    say(row, "第一句")
    head = Comment.objects.get()
    say(row, "第二句", who="manager_east", parent=head.pk)
    second = Comment.objects.get(text="第二句")
    say(row, "第三句", who="gm", parent=second.pk)
    assert set(Comment.objects.exclude(pk=head.pk).values_list("parent", flat=True)) == {head.pk}
    assert [(message.receiver.username, message.text_key) for message in Message.objects.filter(category="mention").order_by("pk")] == [
        ("rep", "comment.reply"), ("manager_east", "comment.reply")]
    other = make.customer()
    assert say(other, "串线", parent=head.pk).status_code == 404
    assert say(row, "x", parent="999999").status_code == 404


def test_own_words_are_changed_for_a_quarter_of_an_hour(make, say, people, sign_in, once):
    row = make.customer()
    say(row, "交期四周")
    made, rep = Comment.objects.get(), sign_in("rep")
    url = f"/comments/{made.pk}/edit/"
    assert "交期四周" in rep.get(url).content.decode()
    assert rep.post(url, {"text": "交期六周", "_once": once()}).status_code == 303
    made.refresh_from_db()
    assert made.text == "交期六周" and made.edited_at and history.of(row)[0].diff == {"comment": ["交期四周", "交期六周"]}
    assert sign_in("manager_east").post(url, {"text": "冒名", "_once": once()}).status_code in (403, 422)
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        assert rep.post(url, {"text": "太迟", "_once": once()}).status_code == 422
        assert url not in rep.get(f"/customers/{row.pk}/discussion/").content.decode()
    made.refresh_from_db()
    assert made.text == "交期六周"


def test_a_change_tells_only_who_is_newly_named(make, say, people, sign_in, once):
    row, manager, gm = make.customer(), people["manager_east"], people["gm"]
    say(row, f"@{manager.name} 看")
    sign_in("rep").post(f"/comments/{Comment.objects.get().pk}/edit/", {"text": f"@{manager.name} @{gm.name} 看", "_once": once()})
    assert sorted(Message.objects.filter(category="mention").values_list("receiver__username", flat=True)) == ["gm", "manager_east"]


def test_deleted_words_leave_their_place(make, say, sign_in, once, people):
    row, rep = make.customer(), sign_in("rep")
    say(row, "说错了")
    made = Comment.objects.get()
    say(row, "回复它", who="manager_east", parent=made.pk)
    url = f"/comments/{made.pk}/delete/"
    assert sign_in("manager_east").post(url, {"_once": once()}).status_code == 403
    assert rep.post(url, {"_once": once()}).status_code == 303
    undo_url = rep.session["toasts"][-1]["undo_url"]
    page = rep.get(f"/customers/{row.pk}/discussion/").content.decode()
    assert "说错了" not in page and "回复它" in page and '<span class="n">1</span>' in page
    assert "说错了" not in rep.get(f"/customers/{row.pk}/history/").content.decode()
    assert say(row, "再回", parent=made.pk).status_code == 422
    assert rep.post(undo_url, {"_once": once()}).status_code == 303
    assert "说错了" in rep.get(f"/customers/{row.pk}/discussion/").content.decode()
    assert sign_in("admin").post(url, {"_once": once()}).status_code == 303
    with clock.freeze(clock.now() + timedelta(days=31)):
        assert comments.forget_deleted() == 1
    assert Comment.objects.get(pk=made.pk).text == ""


def test_words_are_limited(make, say, monkeypatch):
    row = make.customer()
    for text in ("", "  \u200b\n", "长" * 4001):
        assert say(row, text).status_code == 422
    monkeypatch.setattr(comments, "A_MINUTE", 3)
    for i in range(3):
        assert say(row, f"第{i}句").status_code == 303
    assert say(row, "太快").status_code == 422
    with clock.freeze(clock.now() + timedelta(minutes=2)):
        assert say(row, "又可以").status_code == 303
    assert Comment.objects.count() == 4


HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<div hx-get="/x" hx-trigger="load">', "javascript:alert(1)", "{{7*7}}",
           'https://a.example/"onmouseover="alert(1)', "https://a.example/<script>", "a\r\nb", "\u202e反", "@<b>x</b>"]


def test_hostile_words_stay_words(make, say, sign_in):
    from tests.house.reading import Reader

    row, rep = make.customer(), sign_in("rep")
    for text in HOSTILE:
        assert say(row, text).status_code == 303
    for address in (f"/customers/{row.pk}/discussion/", f"/customers/{row.pk}/"):
        page = Reader(rep.get(address).content.decode())
        assert not [tag for tag, attrs in page.tags if tag == "script" and "src" not in attrs]
        assert not [name for _tag, attrs in page.tags for name in attrs if name.startswith("on")]
        assert not [attrs for _tag, attrs in page.tags if attrs.get("hx-get") == "/x" or str(attrs.get("href", "")).startswith("javascript")]
        assert "\u202e" not in "".join(page.texts) and "<script>alert(1)</script>" in " ".join(page.texts)


def test_addresses_become_links():
    html = str(mentions.rendered("看 https://example.com/a?b=1&c=2。还有(http://b.example).", ()))
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="noreferrer noopener nofollow" target="_blank">' in html
    assert '>http://b.example</a>).' in html


def test_who_does_not_see_the_record_hears_nothing(make, say, sign_in, once):
    row = make.customer()
    say(row, "内部消息")
    made = Comment.objects.get()
    for who in ("rep_south", "warehouse"):
        client = sign_in(who)
        assert say(row, "插话", client=client).status_code == 404
        assert client.get(f"/about/customers/{row.pk}/words/?after=0").status_code == 404
        assert client.get(f"/comments/{made.pk}/edit/").status_code == 404 == client.get("/comments/987654/edit/").status_code
        assert client.post(f"/comments/{made.pk}/delete/", {"_once": once()}).status_code == 404
    assert say(row, "审计也可以问", who="auditor").status_code == 303
    assert Comment.objects.count() == 2


def test_an_open_discussion_hears_of_news(make, say, sign_in):
    row, rep = make.customer(), sign_in("rep")
    say(row, "一")
    first = Comment.objects.get()
    ask = f"/about/customers/{row.pk}/words/?after={first.pk}"
    assert rep.get(ask).status_code == 204
    say(row, "二", who="manager_east")
    assert rep.get(ask).status_code == 200 and "/discussion/" in rep.get(ask).content.decode()
    assert sign_in("manager_east").get(ask).status_code == 204  # said it themself


def test_words_and_pictures_stand_on_the_timeline(make, say, attach, sign_in):
    from . import things

    row, rep = make.customer(), sign_in("rep")
    say(row, "时间线上的话")
    attach(row, things.upload("现场.jpg", things.picture()))
    page = rep.get(f"/customers/{row.pk}/").content.decode()
    assert "时间线上的话" in page and '<img class="ftl" src="/files/' in page
    assert "时间线上的话" not in rep.get(f"/customers/{row.pk}/?timeline=deal").content.decode()


def test_a_long_discussion_comes_in_parts(make, people, sign_in, django_assert_max_num_queries):
    row, rep, user = make.customer(), sign_in("rep"), people["rep"]
    heads = Comment.objects.bulk_create([Comment(kind="customer", row_id=row.pk, text=f"话题{i}号", created_at=clock.now(), created_by=user) for i in range(60)])
    Comment.objects.bulk_create([Comment(kind="customer", row_id=row.pk, text=f"回{i}", parent=heads[i % 60], created_at=clock.now(), created_by=user) for i in range(120)])
    url = f"/customers/{row.pk}/discussion/"
    rep.get(url)
    with django_assert_max_num_queries(25):
        page = rep.get(url).content.decode()
    assert "话题59号" in page and "话题9号" not in page
    older = f"{url}?before={heads[10].pk}"
    assert older in page.replace("&amp;", "&") and "话题9号" in rep.get(older).content.decode()
