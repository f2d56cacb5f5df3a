"""What administrators keep, in a real browser: fits, accessible, and done without a mouse."""

import re

import pytest
from playwright.sync_api import expect

from .test_looks import judge

pytestmark = pytest.mark.browser


def open_list(hat, code="scale"):
    page = hat.go("/settings/option-lists/")
    return hat.go(page.locator(f"tr:has(code:text-is('{code}')) a.lk").get_attribute("href"))


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_pages_fit_and_are_accessible(wear, album, look):
    hat = wear("admin", phone=look == "phone", theme="dark" if look == "dark" else "light")
    hat.page.emulate_media(reduced_motion="reduce")  # a colour on its way would be measured
    problems = []

    def look_at(name, page):
        hat.fits()
        problems.extend(f"{name}: {text}" for text in judge(page))
        page.screenshot(path=album / f"settings-{name}-{look}.png")

    look_at("option-lists", hat.go("/settings/option-lists/"))
    page = open_list(hat, "industry")
    look_at("option-list", page)
    box = page.locator(".choices")
    wide = box.evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert wide <= 0 or look != "phone"  # on the phone nothing hides at the side
    page.locator("a[href$='/rename/']").first.click()
    page.locator("dialog[open] #id_name_zh").wait_for()
    look_at("choice-rename", page)
    look_at("numbering", hat.go("/settings/numbering/"))
    look_at("number-rule", hat.go("/settings/numbering/customers/"))
    assert not problems


def test_a_choice_is_added_moved_and_retired_by_keyboard(wear):
    hat = wear("admin")
    page = open_list(hat)
    keys = page.keyboard
    rows = page.locator("tbody tr[id^='choice-']")
    n = rows.count()
    keys.press("e")
    expect(page.locator("dialog[open] #id_name_zh")).to_be_focused()
    keys.type("集团公司")
    keys.press("Tab")
    keys.type("group")
    keys.press("Control+Enter")
    expect(rows).to_have_count(n + 1)
    page.wait_for_function("document.readyState === 'complete'")  # the script of the new page is there
    added = page.locator("tbody tr[id^='choice-']", has_text="集团公司")
    expect(rows.last).to_contain_text("集团公司")

    up = added.locator("button[id^='up-']")
    up.focus()
    for place in (n - 1, n - 2):
        keys.press("Enter")
        expect(rows.nth(place)).to_contain_text("集团公司")
        expect(added.locator("button[id^='up-']")).to_be_focused()  # the same button, one row higher
        # New buttons listen a moment after they are drawn: no hand is as quick as this one.
        expect(page.locator(".htmx-settling")).to_have_count(0)
    assert not judge(page)

    added.locator("a[href$='/switch/']").focus()
    keys.press("Enter")
    page.locator("dialog[open] [data-submit]").wait_for()
    keys.press("Control+Enter")
    expect(added).to_contain_text("已停用")
    page.wait_for_function("document.readyState === 'complete'")
    added.locator("a[href$='/delete/']").focus()
    keys.press("Enter")
    danger = page.locator("dialog[open] .btn-x")
    danger.wait_for()
    for touch in (danger.focus, danger.hover, danger.focus):  # the button of a deletion stays readable whatever points at it
        touch()
        page.wait_for_timeout(200)  # colours take 150 ms
        assert not judge(page)
        colours = danger.evaluate("(button) => { const style = getComputedStyle(button); return [style.color, style.backgroundColor] }")
        assert colours[0] == "rgb(179, 38, 30)" and "oklab" not in colours[1]
    page.mouse.move(0, 0)
    danger.focus()
    keys.press("Control+Enter")
    expect(rows).to_have_count(n)
    page.wait_for_function("document.readyState === 'complete'")
    assert not judge(page)
    page.locator("nav.tabs a", has_text="变更").focus()
    keys.press("Enter")
    page.wait_for_url(re.compile("/history/$"))
    expect(page.locator("#tab")).to_contain_text("集团公司")


def test_a_numbering_rule_shows_what_it_makes_while_one_types(wear):
    hat = wear("admin")
    page = hat.go("/settings/numbering/customers/")
    keys = page.keyboard
    expect(page.locator("#preview code")).to_have_count(3)
    page.locator("#id_pattern").focus()
    keys.press("Control+a")
    keys.type("VIP{YYYY}-{SEQ}")
    expect(page.locator("#preview")).to_contain_text("重新计数")  # yearly parts, counted monthly: it says why not
    page.locator("#id_reset").focus()
    page.locator("#id_reset").select_option("year")
    expect(page.locator("#preview code").first).to_contain_text(re.compile(r"VIP\d{4}-0001"))
    keys.press("Control+s")
    expect(page.locator(".tl")).to_contain_text("VIP{YYYY}-{SEQ}")
    page.wait_for_function("document.readyState === 'complete'")
    page.locator("#id_pattern").fill("KH-{YYYYMM}-{SEQ}")
    page.locator("#id_reset").select_option("month")
    keys.press("Control+s")
    expect(page.locator(".tl li")).to_have_count(2)
    assert not judge(page)


def test_what_is_not_saved_is_asked_about_and_what_was_given_up_is_not(wear):
    hat = wear("admin")
    hat.expected.add(422)
    page, asked = hat.go("/customers/new/"), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("[name=name]").press_sequentially("试")
    page.fill("[name=phone]", "12")
    page.locator("#form [data-submit]").click()
    expect(page.locator(".errors")).to_be_visible()  # refused: it comes back, not saved
    page = open_list(hat)
    assert asked == ["beforeunload"]
    page.locator("a[data-dialog][href*=rename]").first.click()
    page.locator("dialog[open] input[type=text]").first.press_sequentially("x")
    page.locator("dialog[open] [data-cancel]").first.click()
    hat.go("/")
    assert asked == ["beforeunload"]
