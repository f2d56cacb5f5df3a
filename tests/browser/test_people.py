"""Accounts, roles and rights in a real browser: done by hand, accessible, on the desk and on the phone."""

import re
import time

import pyotp
import pytest

from .test_looks import judge

pytestmark = pytest.mark.browser
PASSWORD = "stille-drehbank-77"

# name, address, who looks
PAGES = (
    ("users", "/settings/users/", "admin"),
    ("user", "/settings/users/{rep}/", "admin"),
    ("user-new", "/settings/users/new/", "admin"),
    ("user-edit", "/settings/users/{rep}/edit/", "admin"),
    ("user-sees", "/settings/users/{rep}/sees/", "admin"),
    ("departments", "/settings/departments/", "admin"),
    ("department", "/settings/departments/{dept}/", "admin"),
    ("roles", "/settings/roles/", "admin"),
    ("role", "/settings/roles/{role}/", "admin"),
    ("role-rights", "/settings/roles/{role}/rights/", "admin"),
    ("account", "/me/", "rep"),
    ("account-password", "/me/password/", "rep"),
    ("account-factor", "/me/second-factor/", "rep"),
    ("who-sees", "/who-sees/customer/{customer}/", "rep"),
)


@pytest.fixture(scope="module")
def ids(browser, house):
    """The rep, a department, the rep's role, and a customer of the rep's."""
    from .conftest import DESK, Hat

    def number(page, path, selector):
        page = hat.go(path)
        return re.search(r"/(\d+)/$", page.locator(selector).first.get_attribute("href"))[1]

    context = browser.new_context(**DESK, locale="zh-CN")
    hat = Hat(context, house, "admin")
    found = {
        "rep": number(hat, "/settings/users/?view=all&q=rep_east2", "#list a.lk"),
        "dept": number(hat, "/settings/departments/", "a.lk"),
        "role": number(hat, "/settings/roles/", "a.lk:has-text('业务员')"),
    }
    context.close()
    context = browser.new_context(**DESK, locale="zh-CN")
    hat = Hat(context, house, "rep")
    found["customer"] = number(hat, "/customers/?view=mine", "#list a.lk")
    context.close()
    return found


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_pages_fit_and_are_accessible(wear, ids, album, look):
    problems, hats = [], {}
    for name, address, username in PAGES:
        hat = hats.get(username) or hats.setdefault(username, wear(username, phone=look == "phone", theme="dark" if look == "dark" else "light"))
        page = hat.go(address.format(**ids))
        hat.fits()
        problems += [f"{name}: {text}" for text in judge(page)]
        page.screenshot(path=album / f"people-{name}-{look}.png")
    assert not problems


def code(secret, last=[0]):  # noqa: B006 -- a code counts once: the next one is waited for
    while int(time.time()) // 30 <= last[0]:
        time.sleep(0.5)
    last[0] = int(time.time()) // 30
    return pyotp.TOTP(secret).now()


def test_from_the_new_user_to_the_second_factor(wear, house):
    name = f"novice{int(time.time()) % 100000}"
    admin = wear("admin")
    page = admin.go("/settings/users/new/")
    page.fill("[name=name]", "新同事")
    page.fill("[name=username]", name)
    page.get_by_label("业务员").check()
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/settings/users/\d+/$"))
    page.locator(".nt.wait a").click()
    page.locator("dialog[open] [data-submit]").click()
    link = page.locator("#password-link").input_value()
    assert link.startswith(f"{house}/password/")
    assert not judge(page)
    user_page = page.url

    novice = wear("", phone=True)
    own = novice.page
    own.goto(link)
    assert not judge(own)
    own.fill("[name=password]", PASSWORD)
    own.fill("[name=again]", PASSWORD)
    own.click("form .btn-p")
    own.wait_for_url(f"{house}/sign-in/")
    own.fill("[name=username]", name)
    own.fill("[name=password]", PASSWORD)
    own.click("form .btn-p")
    own.wait_for_url(f"{house}/")

    own.goto(f"{house}/me/second-factor/")
    assert own.locator("svg path").count() and not judge(own)
    secret = own.locator("main code").inner_text().replace(" ", "")
    own.fill("[name=code]", code(secret))
    own.click("form [data-submit]")
    own.locator("main li code").first.wait_for()
    recovery = own.locator("main li code").all_inner_texts()
    assert len(recovery) == 10
    own.goto(f"{house}/me/")
    novice.fits()

    again = wear("")
    other = again.page
    other.goto(f"{house}/sign-in/?next=/customers/")
    other.fill("[name=username]", name)
    other.fill("[name=password]", PASSWORD)
    other.click("form .btn-p")
    other.wait_for_url(f"{house}/sign-in/code/")
    again.fits()
    assert not judge(other)
    again.expected.add(422)
    other.fill("[name=code]", "000000")
    other.click("form .btn-p")
    other.locator(".fe").wait_for()
    other.fill("[name=code]", recovery[0])
    other.click("form .btn-p")
    other.wait_for_url(f"{house}/customers/")

    # Two places; one ends the other.
    own.goto(f"{house}/me/")
    own.locator(".mini .ibtn").first.click()
    own.locator("dialog[open] [data-submit]").click()
    own.wait_for_load_state("networkidle")
    other.goto(f"{house}/customers/")
    assert other.url.startswith(f"{house}/sign-in/")

    page.goto(user_page)
    assert "恢复码" in admin.go(user_page.removeprefix(house) + "history/").content()


def test_a_role_is_tried_before_it_is_saved(wear, ids):
    admin = wear("admin")
    page = admin.go(f"/settings/roles/{ids['role']}/rights/")
    box = page.locator("[name=p][value='customer.export']")
    given = box.is_checked()
    box.set_checked(not given)
    assert page.get_by_role("button", name="保存权限").count() == 0
    page.get_by_role("button", name="查看变更影响").click()
    page.locator("#effects").wait_for()
    assert page.locator("#effects dt").count() >= 1 and not judge(page)
    page.get_by_role("button", name="保存权限").click()
    page.wait_for_url(re.compile(r"/settings/roles/\d+/$"))
    page = admin.go(f"/settings/roles/{ids['role']}/rights/")
    assert page.locator("[name=p][value='customer.export']").is_checked() is not given
    page.locator("[name=p][value='customer.export']").set_checked(given)
    page.get_by_role("button", name="查看变更影响").click()
    page.get_by_role("button", name="保存权限").click()
    page.wait_for_url(re.compile(r"/settings/roles/\d+/$"))


@pytest.mark.parametrize("phone", [False, True])
def test_why_is_one_click_away(wear, ids, phone):
    rep = wear("rep", phone=phone)
    page = rep.go(f"/customers/{ids['customer']}/")
    menu = page.locator(".mact details summary") if phone else page.locator(".hd details summary")
    menu.last.click()
    page.get_by_role("link", name="谁能看到").locator("visible=true").click()
    page.locator("dialog[open] .mini").first.wait_for()
    assert "此记录的负责人" in page.locator("dialog[open]").inner_text()
    rep.fits()
    assert not judge(page)


def test_a_masked_phone_is_shown_on_a_click(wear):
    hat = wear("dispatcher")
    page = hat.go("/contacts/?view=all")
    page.locator("#list a.lk").first.click()
    page.wait_for_url(re.compile(r"/contacts/\d+/$"))
    button = page.locator("[hx-post^='/reveal/']").first
    cell = page.locator("dd:has([hx-post^='/reveal/'])").first
    assert "****" in cell.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    page.locator("dd", has_text="已显示").first.wait_for()
    assert not judge(page)
    page = hat.go(f"/{page.url.split('/', 3)[3]}history/")
    assert "查看了脱敏值" in page.content()
