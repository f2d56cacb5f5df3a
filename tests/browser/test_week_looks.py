"""The pages of the rep's day and of customers whole: accessible in both themes at both widths, and a picture each."""

from __future__ import annotations

import pytest

from .test_looks import judge

pytestmark = pytest.mark.browser

# name, address, who looks
PAGES = (
    ("calendar", "/calendar/?view=week", "rep"),
    ("calendar-month", "/calendar/?view=month", "rep"),
    ("check-in", "/customers/{customer}/check-in/", "rep"),
    ("work-logs", "/work-logs/?view=mine", "rep"),
    ("work-log", "/work-logs/{log}/", "rep"),
    ("task", "/tasks/{task}/", "rep"),
    ("care", "/care/", "rep"),
    ("pool-due", "/pools/due/", "rep"),
    ("preferences", "/messages/preferences/", "rep"),
    ("pool", "/pools/{pool}/", "rep"),
    ("duty", "/reports/duty/", "manager_east"),
    ("lifecycle", "/reports/lifecycle/", "manager_east"),
    ("pairs", "/customers/duplicates/", "manager_east"),
    ("merge", "{merge}", "manager_east"),
    ("map", "/customers/{group}/map/", "manager_east"),
    ("group", "/customers/{group}/group/", "manager_east"),
    ("incomplete", "/customers/?view=incomplete", "manager_east"),
    ("opening", "/openings/{opening}/", "finance"),
    ("openings", "/openings/?view=waiting", "finance"),
    ("care-rules", "/care/rules/", "marketing"),
    ("alert-rules", "/settings/alerts/", "admin"),
    ("alert-rule", "/settings/alerts/{alert}/", "admin"),
    ("pool-settings", "/settings/pools/{pool}/", "admin"),
    ("hand-over", "/settings/users/{leaver}/hand-over/", "admin"),
)
KEPT = ("calendar", "check-in", "work-log", "care", "pool-due", "pool", "duty", "pairs", "merge", "map", "opening", "alert-rules", "hand-over")


@pytest.fixture(scope="module")
def numbers(browser, house):
    """What the addresses are filled with, found where people find it."""
    from .conftest import DESK, Hat

    context = browser.new_context(**DESK, locale="zh-CN")

    def number(hat, path, where="tr[data-row]"):
        row = hat.go(path).locator(where).first
        return (row.get_attribute("data-url") or row.get_attribute("href")).rstrip("/").split("/")[-1]

    rep = Hat(context, house, "rep")
    found = {"customer": number(rep, "/customers/?view=mine"), "log": number(rep, "/work-logs/?view=mine&status=commented"),
             "task": number(rep, "/tasks/?view=all"), "pool": number(rep, "/pools/")}
    context.close()
    context = browser.new_context(**DESK, locale="zh-CN")
    boss = Hat(context, house, "manager_east")
    boss.go("/customers/duplicates/")
    found["merge"] = boss.page.get_by_role("link", name="对比并合并").first.get_attribute("href")
    found["group"] = number(boss, "/customers/?view=all&relation=subsidiary")
    context.close()
    context = browser.new_context(**DESK, locale="zh-CN")
    admin = Hat(context, house, "admin")
    found["alert"] = number(admin, "/settings/alerts/")
    found["opening"] = number(admin, "/openings/?view=waiting")
    found["leaver"] = number(admin, "/settings/users/?q=朱南山")
    context.close()
    return found


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_pages_of_the_week(wear, numbers, album, phone):
    problems, hats = [], {}
    for name, address, username in PAGES:
        hat = hats.get(username) or hats.setdefault(username, wear(username, phone=phone))
        page = hat.go(address.format(**numbers))
        hat.fits()
        problems += [f"{name}: {text}" for text in judge(page)]
        if name in KEPT:
            page.screenshot(path=album / f"{name}-{'phone' if phone else 'light'}.png")
        # In the dark only the colours differ.
        page.emulate_media(color_scheme="dark")
        problems += [f"{name}, dark: {text}" for text in judge(page, {"runOnly": ["color-contrast"]})]
        page.emulate_media(color_scheme="light")
    assert not problems
