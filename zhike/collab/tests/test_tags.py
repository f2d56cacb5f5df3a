"""Tags through the front door: making, using, finding, bulk and way back, keeping them in order."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.collab.actions import tags
from zhike.collab.models import Tag, TagLink
from zhike.customers.models import Customer
from zhike.pages import whole
from zhike.records import history, jobs, registry
from zhike.records.models import Job, SavedView
from zhike.records.teams import share_row


@pytest.fixture
def word(people):
    return lambda name, kind="customer", **more: tags.make_tag(registry.kind(kind), name, by=people["admin"], **more)


@pytest.fixture
def put(sign_in, once):
    def post(row, *words, who="rep", slug="customers", **more):
        return sign_in(who).post(f"/about/{slug}/{row.pk}/tags/", {"tags": [tag.pk for tag in words], "_once": once(), **more})

    return post


def names(row):
    return [tag.name for tag in tags.of_row(row)]


@pytest.mark.parametrize("kind", ["customer", "contact", "opportunity", "activity", "task"])
def test_a_rep_tags_and_finds(kind, make, word, put, sign_in):
    row, other, tag = getattr(make, kind)(), getattr(make, kind)(), word("重点跟进", kind, tone="violet")
    declared, rep = registry.kind(kind), sign_in("rep")
    assert put(row, tag, slug=declared.slug).status_code == 303
    assert names(row) == ["重点跟进"] and history.of(row)[0].diff == {"tags": [[], ["重点跟进"]]}
    page = rep.get(declared.url(row)).content.decode()
    assert f'<span class="bg violet"><a class="tg" href="{declared.list_url()}?view=all&amp;tag={tag.pk}">重点跟进</a></span>' in page
    page = rep.get(f"{declared.list_url()}?view=all&tag={tag.pk}").content.decode()
    assert f'data-row="{row.pk}"' in page and f'data-row="{other.pk}"' not in page and '<span class="bg violet tgs">重点跟进</span>' in page
    assert put(row, slug=declared.slug).status_code == 303 and names(row) == []


def test_a_list_shows_three_and_counts_the_rest(make, word, people, sign_in):
    row = make.customer()
    tags.tag_rows([row], add=[word(f"签{i}") for i in range(5)], by=people["admin"])
    page = sign_in("rep").get("/customers/?view=all").content.decode()
    assert page.count('class="bg neutral tgs"') == 3 and '<span class="xs mut">+2</span>' in page


def test_taken_back_in_one_step(make, word, put, sign_in, once):
    row, first, second = make.customer(), word("甲"), word("乙")
    put(row, first)
    rep = sign_in("rep")
    rep.post(f"/about/customers/{row.pk}/tags/", {"tags": [second.pk], "_once": once()})
    assert names(row) == ["乙"]
    rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()})
    assert names(row) == ["甲"]


def test_using_is_not_making(make, put, word):
    row = make.customer()
    assert put(row, name="自造").status_code == 303 and names(row) == []  # the field is not offered to a rep: nothing is made
    assert not Tag.objects.exists()
    assert put(row, name="自造", tone="good", who="manager_east").status_code == 303 and names(row) == ["自造"]
    assert put(make.customer(), name="Ｋ１ 客户", who="manager_east").status_code == 303
    assert put(make.customer(), name="k1客户", who="manager_east").status_code == 303
    assert Tag.objects.filter(name="Ｋ１ 客户").count() == 1 and Tag.objects.count() == 2


def test_the_filter_keeps_to_the_rights(make, word, put, sign_in, people):
    mine, theirs, tag = make.customer(), make.customer("rep_south"), word("展会")
    tags.tag_rows([mine, theirs], add=[tag], by=people["admin"])
    page = sign_in("rep").get(f"/customers/?view=all&tag={tag.pk}").content.decode()
    assert f'data-row="{mine.pk}"' in page and f'data-row="{theirs.pk}"' not in page
    assert put(theirs, tag).status_code == 404 and put(mine, who="auditor").status_code == 403
    assert names(mine) == ["展会"] == names(theirs)


def test_unknown_and_foreign_tags_are_refused(make, word, put, sign_in):
    row, foreign = make.customer(), word("商机标签", "opportunity")
    rep = sign_in("rep")
    for odd in ("999999", "x", "-1", "１", f"{foreign.pk}"):
        assert rep.get(f"/customers/?view=all&tag={odd}").status_code == 400, odd
    word("本类")
    assert put(row, foreign).status_code == 422 and not TagLink.objects.exists()


def test_many_rows_at_once_and_back(make, word, sign_in, once):
    rows, tag, old = [make.customer() for _i in range(4)], word("批量"), word("旧")
    rep, url = sign_in("rep"), "/about/customers/tags/"
    ids = ",".join(str(row.pk) for row in rows)
    assert tag.name in rep.get(url, {"ids": ids}).content.decode()
    rep.post(f"/about/customers/{rows[0].pk}/tags/", {"tags": [old.pk], "_once": once()})
    got = rep.post(url, {"ids": ids, "add": [tag.pk], "remove": [old.pk], "_once": once()})
    assert got.status_code == 303 and [names(row) for row in rows] == [["批量"]] * 4
    rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()})
    assert [names(row) for row in rows] == [["旧"], [], [], []]
    assert rep.post(url, {"ids": ids, "_once": once()}).status_code == 422


def test_many_rows_ask_for_every_row(make, word, sign_in, once):
    mine, theirs, tag = make.customer(), make.customer("rep_south"), word("批量")
    data = {"ids": f"{mine.pk},{theirs.pk}", "add": [tag.pk]}
    assert sign_in("rep").post("/about/customers/tags/", {**data, "_once": once()}).status_code == 404
    assert sign_in("auditor").post("/about/customers/tags/", {**data, "_once": once()}).status_code == 403
    assert sign_in("warehouse").post("/about/customers/tags/", {**data, "_once": once()}).status_code == 404
    assert not TagLink.objects.exists()


def test_each_of_many_rows_answers_for_itself(make, word, sign_in, once, people, monkeypatch):
    mine, read, full, tag = make.customer(name="自己的标签机床有限公司"), make.customer("rep_south", name="只读的标签机床有限公司"), make.customer(name="满了的标签机床有限公司"), word("批量")
    share_row(read, [people["rep"]], by=people["rep_south"])
    monkeypatch.setattr(tags, "MOST_OF_ROW", 1)
    tags.tag_rows([full], add=[word("旧")], by=people["admin"])
    ids = ",".join(str(row.pk) for row in (mine, read, full))
    got = sign_in("rep").post("/about/customers/tags/", {"ids": ids, "add": [tag.pk], "_once": once()})
    page = got.content.decode()
    assert got.status_code == 422 and "只读的标签机床有限公司" in page and "满了的标签机床有限公司" in page and "自己的标签" not in page
    assert [names(row) for row in (mine, read, full)] == [["批量"], [], ["旧"]]
    none = sign_in("rep").post("/about/customers/tags/", {"ids": str(read.pk), "add": [tag.pk], "_once": once()})
    assert none.status_code == 422 and "只读的标签机床有限公司" in none.content.decode()


@pytest.mark.both
def test_every_match_in_the_background_and_back(make, word, sign_in, once, people, monkeypatch):
    monkeypatch.setattr(whole, "AT_ONCE", 2)
    rows, tag, old = [make.customer(name=f"批量标签{n}有限公司") for n in range(4)], word("批量"), word("旧")
    read = make.customer("rep_south", name="批量标签只读有限公司")
    share_row(read, [people["rep"]], by=people["rep_south"])
    tags.tag_rows(rows[:1], add=[old], by=people["rep"])
    rep, url = sign_in("rep"), "/about/customers/tags/"
    hidden = dict(re.findall(r'type="hidden" name="(all|query)" value="([^"]*)"', rep.get(url, {"all": "1", "q": "批量标签"}).content.decode()))
    assert rep.post(url, {**hidden, "add": [tag.pk], "remove": [old.pk], "_once": once()}).status_code == 303
    job = Job.objects.get(name="collab.tag")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.total, job.refused) == (Job.DONE, 5, 1), job.message
    assert [names(row) for row in (*rows, read)] == [["批量"]] * 4 + [[]]
    tags.tag_rows(rows[3:], add=[old], by=people["rep"])  # somebody was there meanwhile
    assert rep.post(f"/jobs/{job.pk}/undo/", {"_once": once()}).status_code == 303
    jobs.run(Job.objects.latest("pk").pk)
    assert [names(row) for row in rows] == [["旧"], [], [], ["批量", "旧"]]
    assert Job.objects.latest("pk").refused == 1


def test_one_question_tags_many(make, word, people):
    rows, tag = [make.customer() for _i in range(12)], word("批量")

    def count(part):
        with CaptureQueriesContext(connection) as asked:
            tags.tag_rows(part, add=[tag], by=people["rep"])
        return len(asked)

    assert count(rows[:2]) == count(rows[2:])


def test_words_and_tags_are_limited(make, word, put, monkeypatch):
    row = make.customer()
    many = [word(f"词{i}") for i in range(21)]
    assert put(row, *many).status_code == 422 and names(row) == []
    monkeypatch.setattr(tags, "MOST_OF_KIND", 21)
    assert put(row, name="再一个", who="manager_east").status_code == 422
    assert put(row, name="长" * 31, who="manager_east").status_code == 422


def test_the_keeper_renames_retires_and_merges(make, word, sign_in, once, people, put):
    one, two, row, other = word("老客户"), word("老顾客"), make.customer(), make.customer()
    tags.tag_rows([row], add=[one, two], by=people["admin"])
    tags.tag_rows([other], add=[two], by=people["admin"])
    SavedView.objects.create(kind="customer", owner=people["rep"], name="老", query=f"tag={two.pk}&owner=me")
    admin = sign_in("admin")
    page = admin.get("/settings/tags/").content.decode()
    assert "老客户" in page and "老顾客" in page
    assert admin.post(f"/settings/tags/{one.pk}/", {"name": "老 顾客", "tone": "good", "_once": once()}).status_code == 422
    assert admin.post(f"/settings/tags/{one.pk}/", {"name": "忠实客户", "tone": "good", "_once": once()}).status_code == 303
    assert admin.post(f"/settings/tags/{two.pk}/merge/", {"into": one.pk, "_once": once()}).status_code == 303
    assert names(row) == names(other) == ["忠实客户"] and not Tag.objects.filter(pk=two.pk).exists()
    assert SavedView.objects.get().query == f"tag={one.pk}&owner=me"
    assert admin.post(f"/settings/tags/{one.pk}/", {"name": "忠实客户", "tone": "good", "retired": "on", "_once": once()}).status_code == 303
    fresh = make.customer()
    put(fresh, one)  # not even offered
    assert names(fresh) == [] and names(row) == ["忠实客户"]
    assert put(fresh, name="忠实客户", who="manager_east").status_code == 422
    assert f'data-row="{row.pk}"' in sign_in("rep").get(f"/customers/?view=all&tag={one.pk}").content.decode()


@pytest.mark.parametrize("who", ["rep", "manager_east", "gm", "auditor"])
def test_only_the_keeper_meets_the_list_of_words(who, word, sign_in, once):
    one, two, client = word("甲"), word("乙"), sign_in(who)
    assert client.get("/settings/tags/").status_code == 404 and "/settings/tags/" not in client.get("/").content.decode()
    for url in (f"/settings/tags/{one.pk}/", f"/settings/tags/{one.pk}/merge/"):
        assert client.get(url).status_code == 404 and client.post(url, {"name": "x", "tone": "bad", "into": two.pk, "_once": once()}).status_code == 404
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["乙", "甲"]


def test_the_filter_is_found_by_its_index(make, word, people):
    """The database enters by the tag's own index, in each form the rights take."""
    tag, row = word("索引"), make.customer()
    tags.tag_rows([row], add=[tag], by=people["admin"])
    narrow = registry.kind("customer").extra_filters.get("tag").apply
    for mode in ("plain", "few", "walk"):
        rows = narrow(Customer.objects.visible_to(people["rep"], mode), [str(tag.pk)], people["rep"])
        assert list(rows) == [row]
        if connection.vendor == "sqlite":
            plan = rows.explain()
            assert "USING COVERING INDEX" in next(line for line in plan.splitlines() if "(tag_id=?)" in line), plan
