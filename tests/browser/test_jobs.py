"""A background job by keyboard: started from a list, watched until it is over, its reasons fetched, undone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def start(page, field, value):
    """Take every match of the list and give it a value; all by keyboard."""
    keys = page.keyboard
    keys.press("j")
    keys.press("x")
    page.locator("[data-bulk-all]").focus()
    keys.press("Enter")
    page.locator("[data-bulk-url*=change]").focus()
    keys.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.locator("select[name=field]").select_option(field)
    dialog.locator("[data-submit]").focus()
    keys.press("Enter")
    dialog.locator(f"[name={field}]").wait_for()
    expect(dialog).to_contain_text("后台")
    dialog.locator(f"select[name={field}]").select_option(value)
    dialog.locator("[data-submit]").focus()
    keys.press("Enter")
    link = page.locator(".toast-z a")
    link.focus()
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))


def test_started_watched_and_taken_back_by_keyboard(wear, album):
    hat = wear("sales_head")
    page = hat.go("/activities/?view=all")
    start(page, "type", "email")
    expect(page.locator("#jobs .bg").first).to_contain_text("已完成", timeout=60_000)  # without a reload
    expect(page.locator("#jobs[data-live]")).to_have_count(0)
    hat.fits()
    page.screenshot(path=album / "jobs-desktop.png")
    found = Axe().run(page).response["violations"]
    assert not [v["id"] for v in found if v["impact"] in ("serious", "critical")]
    page.locator("[id^=job-undo]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#jobs section").first.locator("h2")).to_contain_text("撤销")
    expect(page.locator("#jobs section").first.locator(".bg")).to_contain_text("已完成", timeout=60_000)
    page.set_viewport_size({"width": 390, "height": 844})
    hat.fits()
    page.screenshot(path=album / "jobs-phone.png")


def test_rows_with_reasons_are_fetched_by_keyboard(wear, album):
    """Who sees everything and changes only their own rows is told row by row."""
    hat = wear("gm")
    page = hat.go("/activities/?view=all")
    start(page, "type", "email")
    expect(page.locator("#jobs .bg").first).to_contain_text("已完成", timeout=60_000)
    expect(page.locator("#jobs table")).to_contain_text("不能修改")
    with page.expect_download() as wanted:
        page.get_by_role("link", name="原因清单 xlsx").focus()
        page.keyboard.press("Enter")
    assert wanted.value.suggested_filename.endswith(".xlsx")
    hat.fits()
    page.set_viewport_size({"width": 390, "height": 844})
    hat.fits()
    page.screenshot(path=album / "job-reasons-phone.png")
    page.goto(page.url.split("/jobs/")[0] + "/messages/")
    expect(page.locator(".mini a[href^='/jobs/']").first).to_be_visible()


def test_cancelled_and_gone_on_with_by_keyboard(wear, album):
    """Cancel while it waits or runs, and go on from there; a job that was quicker than the key is done anyway."""
    hat = wear("sales_head", phone=True)
    hat.page.set_viewport_size({"width": 1440, "height": 900})
    page = hat.go("/activities/?view=all")
    start(page, "type", "phone")
    page.set_viewport_size({"width": 390, "height": 844})
    hat.fits()
    page.screenshot(path=album / "job-running-phone.png")
    page.evaluate("document.querySelector('[id^=job-cancel]')?.focus()")
    page.keyboard.press("Enter")
    over = page.locator("#jobs section .bg").first
    expect(over).to_contain_text(re.compile("已取消|已完成"), timeout=60_000)
    hat.fits()
    if "已取消" in over.inner_text():
        page.locator("[id^=job-retry]").first.focus()
        page.keyboard.press("Enter")
    expect(page.locator("#jobs section").first).to_contain_text(re.compile(r"([\d,]+) 行中的 \1 行"), timeout=60_000)
    expect(page.locator("#jobs section .bg").first).to_contain_text("已完成", timeout=60_000)
