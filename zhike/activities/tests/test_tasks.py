"""Tasks across departments, through the pages: acceptance, refusal, parts, checklist, followers, repetition, the right to read."""

from datetime import UTC, datetime, timedelta

import pytest

from zhike.activities.actions.tasks import followers, next_due, set_followers
from zhike.activities.jobs import remind
from zhike.activities.models import Task
from zhike.base import clock
from zhike.notices.actions import text_of
from zhike.notices.models import Message


@pytest.fixture
def give(sign_in, once, people):
    def post(who="manager_east", to="presales", query="", days=3, **values):
        at = clock.local(clock.now() + timedelta(days=days))
        body = {"_once": once(), "title": "核对图纸", "owner": people[to].pk, "due_at": f"{at:%Y-%m-%dT%H:%M}", "priority": "normal", **values}
        return sign_in(who).post(f"/tasks/new/{query}", body)

    return post


@pytest.fixture
def step(sign_in, once):
    def post(task, move, who="presales", **values):
        return sign_in(who).post(f"/tasks/{task.pk}/step/{move}/", {"_once": once(), **values}).status_code

    return post


def test_given_accepted_done_confirmed(give, step, people):
    assert give().status_code == 303
    task = Task.objects.get()
    assert task.status == "open" and task.giver.username == "manager_east"
    assert step(task, "confirm", "manager_east") == 422
    assert step(task, "accept", "manager_south") == 404
    assert [step(task, "accept"), step(task, "finish", result="已核对"), step(task, "confirm", "manager_east")] == [303, 303, 303]
    task.refresh_from_db()
    assert (task.status, task.result, task.progress) == ("confirmed", "已核对", 100) and task.finished_at


def test_refused_only_with_a_reason_and_the_past_is_no_time(give, step):
    assert give(days=-1).status_code == 422
    give()
    task = Task.objects.get()
    assert step(task, "refuse") == 422 and step(task, "refuse", result="  ") == 422
    assert step(task, "refuse", result="缺资料") == 303
    assert Message.objects.filter(receiver__username="manager_east", text_key="task.refuse").exists()
    assert step(task, "reopen", "manager_east") == 303


def test_the_assignee_reads_what_it_is_about_and_the_owner_learns_so(make, give, sign_in, people):
    contact = make.contact(make.customer("rep"), owner="rep")
    activity = make.activity(owner="rep")
    other = make.contact(make.customer("rep"), owner="rep", name="周示例")
    presales = sign_in("presales")
    for row in (contact, activity):
        url = f"/{'contacts' if row is contact else 'activities'}/{row.pk}/"
        assert presales.get(url).status_code == 404
        assert give(query=f"?about={row.KIND}-{row.pk}").status_code == 303
        assert presales.get(url).status_code == 200 and presales.get(f"{url}edit/").status_code == 403
    assert presales.get(f"/contacts/{other.pk}/").status_code == 404
    assert presales.get(f"/customers/{contact.customer_id}/").status_code == 404
    told = Message.objects.filter(receiver=people["rep"], text_key="task.let_in")
    assert told.count() == 2
    page = presales.get(f"/tasks/{Task.objects.order_by('pk').first().pk}/").content.decode()
    assert contact.name in page
    foreign = make.contact(owner="rep_south")
    assert give(query=f"?about=contact-{foreign.pk}").status_code == 422
    assert give(query="?about=nonsense-1").status_code == 303  # no record, no link


def test_what_the_giver_says_leaves_the_result_alone(give, step, sign_in, people):
    give()
    task, told = Task.objects.get(), lambda who, key: [text_of(one) for one in Message.objects.filter(receiver=people[who], text_key=key)]
    step(task, "accept")
    step(task, "finish", result="已核对，改了两处")
    assert all("退回" in sign_in("manager_east").get(url).content.decode() for url in ("/", f"/tasks/{task.pk}/"))
    assert any("已核对，改了两处" in text for text in told("manager_east", "task.finish"))
    assert step(task, "reopen", "manager_east", result="第三张图还没看") == 303
    assert any("第三张图还没看" in text for text in told("presales", "task.reopen"))
    task.refresh_from_db()
    assert (task.status, task.result) == ("accepted", "已核对，改了两处")
    step(task, "finish")
    step(task, "confirm", "manager_east", result="很好")
    task.refresh_from_db()
    assert (task.status, task.result) == ("confirmed", "已核对，改了两处")
    page = sign_in("presales").get(f"/tasks/{task.pk}/history/").content.decode()
    assert "第三张图还没看" in page and "很好" in page


def test_a_refusal_that_no_longer_holds_is_no_result(give, step):
    give()
    task = Task.objects.get()
    step(task, "refuse", result="缺资料")
    step(task, "reopen", "manager_east", result="资料已补")
    task.refresh_from_db()
    assert (task.status, task.result) == ("accepted", "")


def test_another_time_is_told_to_everybody_concerned(give, sign_in, once, people):
    give()
    task, boss = Task.objects.get(), sign_in("manager_east")
    boss.post(f"/tasks/{task.pk}/followers/", {"_once": once(), "more": people["rep"].pk})
    at = clock.local(clock.now() + timedelta(days=5))
    assert boss.post(f"/tasks/{task.pk}/due/", {"_once": once(), "to": f"{at:%Y-%m-%dT%H:%M}"}).status_code == 303
    assert set(Message.objects.filter(text_key="task.due").values_list("receiver__username", flat=True)) == {"presales", "rep"}


def test_parts_come_first(give, step, sign_in):
    give(to="rep")
    whole = Task.objects.get()
    assert give(to="rep", parent=whole.pk, title="出总图").status_code == 303
    part = Task.objects.get(parent=whole)
    assert step(whole, "finish", "rep") == 422
    assert "出总图" in sign_in("rep").get(f"/tasks/{whole.pk}/").content.decode()
    assert step(part, "finish", "rep") == 303 and step(whole, "finish", "rep") == 303
    assert give(to="rep", parent=whole.pk).status_code == 422  # what is done takes no more parts


def test_the_giver_reads_what_became_of_the_parts(give, sign_in, people):
    give()
    whole = Task.objects.get()
    assert give("presales", "engineer", parent=whole.pk, title="现场复测").status_code == 303
    part = Task.objects.get(parent=whole)
    boss = sign_in("manager_east")
    assert "现场复测" in boss.get(f"/tasks/{whole.pk}/").content.decode() and boss.get(f"/tasks/{part.pk}/").status_code == 200
    assert boss.get(f"/tasks/{part.pk}/edit/").status_code == 403 and sign_in("rep_south").get(f"/tasks/{part.pk}/").status_code == 404


def test_a_checklist_from_the_start_and_in_words(give, step, sign_in, once):
    assert give(points="量尺寸\n\n拍照\n量尺寸").status_code == 303
    task, presales = Task.objects.get(), sign_in("presales")
    assert task.checklist == [["量尺寸", False], ["拍照", False]]
    presales.post(f"/tasks/{task.pk}/tick/", {"_once": once(), "point": "0", "done": "1"})
    told = presales.get(f"/tasks/{task.pk}/history/").content.decode()
    assert "量尺寸 ✓; 拍照" in told and "False" not in told
    assert "尚未勾选：拍照" in presales.get(f"/tasks/{task.pk}/step/finish/").content.decode()
    step(task, "finish")
    step(task, "reopen", "manager_east")
    task.refresh_from_db()
    assert task.progress == 50  # what is sent back is as far as its checklist says
    assert give(points="\n".join(map(str, range(51)))).status_code == 422


def test_the_checklist_counts_progress(give, sign_in, once):
    give(to="rep")
    task, rep = Task.objects.get(), sign_in("rep")
    assert rep.post(f"/tasks/{task.pk}/checklist/", {"_once": once(), "points": "量尺寸\n\n 拍照 \n量尺寸\n写报告"}).status_code == 303
    tick = lambda point, done="1", who=rep: who.post(f"/tasks/{task.pk}/tick/", {"_once": once(), "point": point, "done": done}).status_code  # noqa: E731
    assert [tick("0"), tick("9"), tick("x"), tick("0", who=sign_in("rep_south"))] == [303, 422, 422, 404]
    task.refresh_from_db()
    assert task.checklist == [["量尺寸", True], ["拍照", False], ["写报告", False]] and task.progress == 33
    assert rep.post(f"/tasks/{task.pk}/checklist/", {"_once": once(), "points": "\n".join(map(str, range(51)))}).status_code == 422


def test_followers_read_it_and_hear_of_it(give, step, sign_in, once, people):
    give()
    task, south = Task.objects.get(), people["rep_south"]
    assert sign_in("rep_south").get(f"/tasks/{task.pk}/").status_code == 404
    assert sign_in("manager_east").post(f"/tasks/{task.pk}/followers/", {"_once": once(), "more": south.pk}).status_code == 303
    assert Message.objects.filter(receiver=south, text_key="task.follow").count() == 1  # whoever is let in learns of it
    assert sign_in("rep_south").get(f"/tasks/{task.pk}/").status_code == 200
    assert sign_in("rep_south").get(f"/tasks/{task.pk}/edit/").status_code == 403
    step(task, "accept")
    assert Message.objects.filter(receiver=south, text_key="task.accept").count() == 1


def test_a_repeating_task_comes_again_once(give, step, people):
    give(to="rep", recurrence="monthly")
    task = Task.objects.get()
    set_followers(task, [people["rep_south"]], by=people["manager_east"])
    step(task, "finish", "rep")
    step(task, "reopen", "manager_east")
    step(task, "finish", "rep")
    again = Task.objects.get(repeat_of=task)
    assert [user.username for user in followers(again)] == ["rep_south"]  # who follows one follows the next
    assert again.status == "accepted" and again.due_at > task.due_at and again.giver_id == task.giver_id


def test_when_it_is_due_again(people):
    at = lambda text: datetime.fromisoformat(text).replace(tzinfo=clock.zone()).astimezone(UTC)  # noqa: E731
    with clock.freeze("2027-01-31 18:00"):
        due = at("2027-01-31T17:00")
        assert [clock.local(next_due(due, step)).date().isoformat() for step in ("daily", "weekly", "monthly", "quarterly", "yearly")] == [
            "2027-02-01", "2027-02-07", "2027-02-28", "2027-04-30", "2028-01-31"]
    with clock.freeze("2026-09-30 18:00"):
        assert clock.local(next_due(at("2026-09-30T17:00"), "workdays")).date().isoformat() == "2026-10-08"
    with clock.freeze("2027-06-15 08:00"):  # long overdue: not one for every month that passed
        assert clock.local(next_due(at("2027-01-31T17:00"), "monthly")).date().isoformat() == "2027-06-30"


def test_a_task_reminds_before_it_is_due(give, people):
    with clock.freeze("2026-11-20 10:00"):
        give(remind_before="60", days=2)
    with clock.freeze("2026-11-22 09:00"):
        remind()
        remind()
    assert Message.objects.filter(receiver=people["presales"], text_key="task.remind").count() == 1
