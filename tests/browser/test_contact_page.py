"""A contact's page and the decision map with mouse, keys and thumb; the workbench turned to the department."""

import pytest
from playwright.sync_api import expect

from .conftest import ask

pytestmark = pytest.mark.browser


def test_a_follow_up_with_the_person_by_thumb(wear, house):
    contact = ask(house, """SELECT c.id FROM customers_contact c JOIN customers_customer k ON k.id = c.customer_id JOIN org_user u ON u.id = k.owner_id
                            WHERE u.username = 'rep' AND c."left" = 0 AND c.mobile <> '' ORDER BY c.id LIMIT 1""")
    hat = wear("rep", phone=True)
    page = hat.go(f"/contacts/{contact}/")
    hat.fits()
    bar = page.locator(".mact")
    assert bar.get_by_role("link", name="拨打电话").get_attribute("href").startswith("tel:")
    for name in ("拨打电话", "记录跟进"):
        assert bar.get_by_role("link", name=name).bounding_box()["height"] >= 44, name
    box = page.locator("#composer")
    expect(box.get_by_role("button", name="保存跟进")).to_be_hidden()
    bar.get_by_role("link", name="记录跟进").tap()
    box.locator("textarea").fill("约好周五看样")
    box.get_by_role("button", name="保存跟进").tap()
    expect(page.locator("#card-timeline")).to_contain_text("约好周五看样")  # a plan of later today may stand above it
    assert page.url.endswith(f"/contacts/{contact}/")
    hat.fits()


def test_the_map_says_why_not_and_keeps_the_focus(wear, house):
    boss, below, customer = (ask(house, f"""SELECT {what} FROM customers_contact c JOIN customers_contact b ON b.id = c.reports_to_id
        JOIN customers_customer k ON k.id = c.customer_id JOIN org_user u ON u.id = k.owner_id
        WHERE u.username = 'rep' AND c."left" = 0 AND b."left" = 0 ORDER BY c.id LIMIT 1""") for what in ("b.id", "c.id", "c.customer_id"))
    hat = wear("rep")
    hat.expected.add(422)
    page = hat.go(f"/customers/{customer}/map/")
    page.focus(f"[data-person='{boss}']")
    page.keyboard.press("Space")
    page.focus(f"[data-person='{below}']")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("汇报")
    page.keyboard.press("Escape")
    page.focus(f"[data-person='{below}']")
    page.keyboard.press("Space")
    page.focus("[data-top]")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-person='{below}'][data-boss='']")).to_be_focused()


def test_a_manager_turns_the_workbench_to_the_department(wear):
    hat = wear("manager_east", phone=True)
    page = hat.go("/")
    page.get_by_role("button", name="本部门").tap()
    expect(page.locator("#card-team")).to_be_visible()
    hat.fits()
    page = hat.go("/")
    expect(page.locator("#card-team")).to_be_visible()
    page.get_by_role("button", name="我的", exact=True).tap()
    expect(page.locator("#card-team")).to_be_hidden()
