"""The customer's page with mouse and thumb: one box for follow-ups and tasks, what is older on demand, the bar of the phone."""

import pytest
from playwright.sync_api import expect

from .conftest import ask
from .test_looks import ids, judge  # noqa: F401 -- the customer of the pictures

pytestmark = pytest.mark.browser


def test_one_box_for_follow_ups_and_tasks(wear, ids):  # noqa: F811
    hat = wear("manager_east")
    page = hat.go(f"/customers/{ids['customer']}/")
    box = page.locator("#composer")
    expect(box.get_by_label("截止时间")).to_be_hidden()
    box.get_by_text("任务", exact=True).click()
    expect(box.get_by_label("截止时间")).to_be_visible()
    expect(box.get_by_label("下次联系时间")).to_be_hidden()
    box.locator("textarea").fill("寄两份样本")
    box.get_by_label("截止时间").fill("2030-01-08")
    box.get_by_role("button", name="派任务").click()
    expect(page.get_by_text("任务已派出")).to_be_visible()

    # A colleague by @, from the list that opens while one types.
    box.locator("textarea").press_sequentially("请 @")
    able = page.locator("#say-log-people li:not([aria-disabled])").first
    able.wait_for()
    name = able.get_attribute("data-label")
    page.keyboard.press("Enter")
    expect(box.locator("textarea")).to_have_value(f"请 @{name} ")
    box.get_by_role("button", name="保存跟进").click()
    expect(page.locator("#card-timeline .tl li").first).to_contain_text(f"@{name}")
    assert not judge(page)


def test_new_chips_and_folded_fields(wear, ids):  # noqa: F811
    page = wear("manager_east").go(f"/customers/{ids['customer']}/")
    page.locator(".hd summary", has_text="新建").click()
    expect(page.locator(".hd .menu-list").get_by_role("link", name="联系人")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#card-basic summary", has_text="更多字段").click()
    expect(page.locator("#card-basic .fold dl")).to_be_visible()
    page.locator("#card-timeline .chip", has_text="交易").click()
    page.wait_for_url("**timeline=deal*")
    expect(page.locator("#card-timeline .chip[aria-current]")).to_have_text("交易")
    assert not judge(page)


def test_the_thumb_reaches_what_it_needs(wear, ids):  # noqa: F811
    hat = wear("manager_east", phone=True)
    page = hat.go(f"/customers/{ids['customer']}/")
    hat.fits()
    bar = page.locator(".mact")
    for name in ("导航", "拜访签到", "记录跟进"):
        button = bar.get_by_role("link", name=name)
        size = button.bounding_box()
        assert size["height"] >= 44 and size["width"] >= 44, name
    assert bar.get_by_role("link", name="拨打电话").get_attribute("href").startswith("tel:")
    assert bar.get_by_role("link", name="导航").get_attribute("href").startswith("/customers/")  # leads out only when pressed
    box = page.locator("#composer")
    expect(box.get_by_role("button", name="保存跟进")).to_be_hidden()
    bar.get_by_role("link", name="记录跟进").tap()
    expect(box.get_by_role("button", name="保存跟进")).to_be_visible()
    hat.fits()
    tabs = page.locator(".hd .tabs")
    assert tabs.evaluate("e => e.scrollWidth > e.clientWidth")
    tabs.get_by_role("link", name="变更记录").tap()
    page.wait_for_url("**/history/")
    hat.fits()
    hat.go(f"/customers/{ids['customer']}/")
    page.locator(".mact").get_by_role("link", name="拜访签到").tap()
    form = page.locator("dialog form[data-position]")
    expect(form.get_by_label("具体地点")).to_be_visible()
    assert form.locator("input[name=photo]").get_attribute("capture") == "environment"
    assert not judge(page)


def test_a_thumb_finds_the_call_button_and_the_fields(wear, house):
    hat = wear("rep", phone=True)
    page = hat.go(f"/contacts/{ask(house, 'select c.id from customers_contact c join org_user u on u.id = c.owner_id where u.username = ? limit 1', 'rep')}/")
    call = page.locator(".mact a[href^='tel:']")
    box, colours = call.bounding_box(), call.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert box["height"] >= 44 and box["width"] >= 44 and colours[0] not in (colours[1], "rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
    page = hat.go("/contacts/new/")
    assert all(field.bounding_box()["height"] >= 44 for field in page.locator(".fld input:visible:not([type=checkbox]), .fld select:visible").all())
    hat.fits()
