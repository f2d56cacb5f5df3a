"""The rep's day, the manager's pairs and the leaver's hand-over with mouse, keyboard and thumb."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def choose(page, label, text):
    """Pick from a select that searches on the server."""
    box = page.get_by_role("combobox", name=label, exact=True)
    box.fill(text)
    page.locator(".lookup [role=option]:visible").filter(has_text=text).first.click()


def thumb(page, name):
    """Press in the bar at the bottom of the phone."""
    page.locator(".mact").get_by_role("link", name=name, exact=True).click()


def test_a_pair_is_merged_field_by_field_and_taken_back(wear):
    boss = wear("manager_east")
    page = boss.go("/customers/duplicates/")
    pair = page.locator(".pairs section").filter(has=page.get_by_role("link", name="对比并合并")).first
    names = pair.locator(".two a.lk").all_inner_texts()
    pair.get_by_role("link", name="对比并合并").click()
    expect(page.locator(".merge .sides section")).to_have_count(2)
    page.locator(".merge .sides").get_by_role("button", name="保留这一条").click()  # the other one stays
    expect(page.locator(".merge .keep")).to_have_count(1)
    kept = page.locator(".merge .keep h2").inner_text()
    field = page.locator("fieldset.pick").filter(has_text="客户名称")
    other = next(name for name in names if name != kept)
    field.get_by_text(other, exact=True).click()
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(other)
    page.locator(".toast-z").get_by_role("button", name="撤销").click()
    page.wait_for_load_state("networkidle")
    for name in names:
        boss.go(f"/customers/?view=all&q={name}")
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()


def test_a_customer_is_picked_with_the_thumb(wear):
    rep = wear("rep", phone=True)
    page = rep.go("/pools/")
    page.get_by_role("link", name="华东公海").click()
    first = page.locator("tr[data-row] a.lk").nth(2)  # not what was the rep's own the other day
    name = first.inner_text()
    first.click()
    thumb(page, "领取")
    expect(page.locator("dialog[open]")).to_contain_text("还可以领取")
    rep.fits()
    page.locator("dialog[open]").get_by_role("button", name="领取").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.locator("main")).to_contain_text("张三")
    rep.go("/pools/")
    page.get_by_role("link", name="华东公海").click()
    expect(page.locator("main")).not_to_contain_text(name)


@pytest.mark.parametrize("found", [False, True], ids=["no position", "position"])
def test_checking_in_at_the_gate(wear, found):
    rep = wear("rep", phone=True)
    if found:
        rep.context.grant_permissions(["geolocation"])
        rep.context.set_geolocation({"latitude": 31.298123, "longitude": 120.585456, "accuracy": 12})
    page = rep.go("/customers/?view=mine")
    page.goto(rep.house + page.locator("tr[data-row]").nth(4 + found).get_attribute("data-url"))
    thumb(page, "拜访签到")
    box = page.locator("dialog[open]")
    expect(box.get_by_role("status")).to_contain_text("12" if found else "没有取得位置，仍可签到")
    box.get_by_role("button", name="拜访签到").click()
    expect(page.locator(".hd")).to_contain_text("进行中")
    expect(page.locator("#card-check-in")).to_contain_text("31.298123, 120.585456" if found else "无定位")
    rep.fits()


def plan(hat, subject, at):
    """A visit planned through the form; returns where it stands."""
    page = hat.go(f"/activities/new/?at={at}&type=visit")
    page.get_by_label("主题").fill(subject)
    choose(page, "客户", "")
    page.get_by_role("button", name="创建活动").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def week_ahead(page):
    """Monday of the week after next, as the house counts days."""
    return page.evaluate("""() => {const d = new Date(Date.now() + 8 * 3600e3); d.setUTCDate(d.getUTCDate() + 14 - (d.getUTCDay() + 6) % 7);
        return d.toISOString().slice(0, 10);}""")


def test_a_plan_is_moved_by_mouse_and_by_keys(wear):
    rep = wear("rep")
    monday, mark = week_ahead(rep.page), secrets.token_hex(3)
    plan(rep, f"拖动{mark}", f"{monday}T09:30")
    page = rep.go(f"/calendar/?view=week&date={monday}")
    entry = page.locator("[data-entry]").filter(has_text=f"拖动{mark}")
    cells = page.locator("[data-calendar] [data-at]")
    wednesday = cells.nth(2 * 7 + 2)  # ten o'clock
    day = wednesday.get_attribute("data-at")
    entry.drag_to(wednesday)
    expect(page.locator(".toast-z")).to_contain_text(f"拖动{mark}")
    expect(page.locator(f'[data-at="{day}"]')).to_contain_text(f"拖动{mark}")
    # The same with keys: two to the right, one up; Escape first leaves it where it is.
    entry.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator(f'[data-at="{day}"]')).to_contain_text(f"拖动{mark}")
    page.locator("[data-entry]").filter(has_text=f"拖动{mark}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    target = page.locator("[data-calendar] .over").get_attribute("data-at")
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-at="{target}"]')).to_contain_text(f"拖动{mark}")
    # And back by the toast.
    page.locator(".toast-z").get_by_role("button", name="撤销").click()
    page.wait_for_load_state("networkidle")
    rep.go(f"/calendar/?view=week&date={monday}")
    expect(page.locator(f'[data-at="{day}"]')).to_contain_text(f"拖动{mark}")
    # What is dropped into the past is refused with a reason and stays.
    rep.go("/calendar/?view=month")


def test_the_decision_map_is_drawn_and_changed_by_dialog(wear):
    boss = wear("manager_east")
    page = boss.go("/customers/?view=department")
    for i in range(8):
        path = page.locator("tr[data-row]").nth(i).get_attribute("data-url")
        boss.go(f"{path}map/")
        if page.locator(".dmn").count() >= 3:
            break
        boss.go("/customers/?view=department")
    people = page.locator("#dmap .dmn")
    assert people.count() >= 3 and page.locator("#dmap .dm ul li").count() >= 1  # somebody reports to somebody
    last = people.last
    name = last.locator("a.lk").inner_text()
    other = next(text for text in people.locator("a.lk").all_inner_texts() if text != name)
    last.get_by_role("link", name=f"{name} 的决策信息").click()
    box = page.locator("dialog[open]")
    box.get_by_label("态度").select_option("support")
    choose(box, "汇报给", other)
    box.get_by_role("button", name="保存").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    here = page.locator(".dmn").filter(has=page.get_by_role("link", name=name, exact=True)).first
    expect(here).to_contain_text("支持")
    expect(here).to_contain_text(f"向 {other} 汇报")


def test_a_work_log_is_written_on_the_phone(wear):
    rep = wear("rep_west", phone=True)
    page = rep.go("/work-logs/new/")
    page.locator("select[name=period]").select_option("daily")
    page.get_by_role("button", name="创建工作日志").click()
    page.get_by_label("问题").fill("样机还没到")
    rep.fits()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".hd")).to_contain_text("草稿")
    thumb(page, "提交")
    page.locator("dialog[open]").get_by_role("button", name="提交").click()
    expect(page.locator(".hd")).to_contain_text("已提交")
    boss = wear("manager_west", phone=True)
    desk = boss.go("/messages/")
    desk.get_by_role("link", name=re.compile("杨冬藏 提交了")).first.click()
    expect(desk.locator("main")).to_contain_text("样机还没到")
    thumb(desk, "点评")
    desk.locator("dialog[open]").get_by_label("评论").fill("明天去催")
    desk.locator("dialog[open]").get_by_role("button", name="点评").click()
    expect(desk.locator(".hd")).to_contain_text("已点评")


def test_messages_are_ticked_and_put_off(wear):
    rep = wear("rep")
    page = rep.go("/messages/?state=open")
    before = page.locator(".msg").count()
    assert before >= 2
    first = page.locator(".msg").first
    title = first.locator("a").first.inner_text()
    first.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="标为已处理").click()
    expect(page.locator(".toast-z")).to_contain_text("1")
    rep.go("/messages/?state=done")
    expect(page.locator("main")).to_contain_text(title)
    rep.go("/messages/?state=unread")
    if page.locator(".msg").count():
        page.locator(".msg input[type=checkbox]").first.check()
        page.get_by_role("button", name="明天再提醒").click()
        expect(page.locator(".toast-z")).to_contain_text("1")


def test_somebody_leaves(wear):
    admin = wear("admin")
    page = admin.go("/settings/users/?q=秦北野")
    page.get_by_role("link", name="秦北野").first.click()
    page.locator(".hd details.menu > summary").first.click()
    page.locator(".menu-list a:visible", has_text="离职交接").first.click()
    choose(page, "接收人 1", "朱南山")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("status").filter(has_text="尚未执行")).to_be_visible()
    expect(page.locator("#lots")).to_contain_text("朱南山")
    page.get_by_role("button", name="移交").click()
    page.wait_for_url(re.compile("/jobs/"))
    expect(page.locator("main")).to_contain_text("账号已停用", timeout=60_000)
    out = wear("")
    out.expected.add(422)
    door = out.go("/sign-in/")
    door.fill("input[name=username]", "rep_west3")
    door.fill("input[name=password]", "zhike-demo-2026")
    door.click("form .btn-p")
    expect(door.get_by_role("alert")).to_be_visible()
    heir = wear("rep_west2")
    expect(heir.go("/customers/?view=mine").locator("[aria-live]").first).to_contain_text(re.compile(r"\d{2}"))
