"""Every archetype in both themes and on the phone: accessible, no sideways scroll, a picture each."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

# name, address, who looks
PAGES = (
    ("workbench", "/", "rep"),
    ("customer-list", "/customers/?view=department", "rep"),
    ("customer-peek", "/customers/?view=all&peek={customer}", "manager_east"),
    ("customer-360", "/customers/{customer}/", "manager_east"),
    ("customer-owners", "/customers/{customer}/owners/", "manager_east"),
    ("customer-new", "/customers/new/", "rep"),
    ("contact-list", "/contacts/", "desk"),
    ("opportunity", "/opportunities/{opportunity}/", "manager_east"),
    ("opportunity-lines", "/opportunities/{opportunity}/lines/", "manager_east"),
    ("board", "/opportunities/board/", "gm"),
    ("funnel", "/reports/funnel/", "gm"),
    ("won", "/reports/won/?by=month", "gm"),
    ("activities", "/activities/?view=all", "gm"),
    ("tasks", "/tasks/", "presales"),
    ("products", "/products/", "finance"),
    ("messages", "/messages/", "rep"),
    ("history", "/customers/{customer}/history/", "manager_east"),
)
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def ids(browser, house):
    """A customer with business and an open opportunity past its first stage, of the eastern department."""
    from .conftest import DESK, Hat

    context = browser.new_context(**DESK, locale="zh-CN")
    hat = Hat(context, house, "manager_east")
    page = hat.go("/opportunities/board/")
    number = page.locator("[data-lane]").nth(2).locator("[data-card]").first.get_attribute("data-card")
    page = hat.go(f"/opportunities/{number}/")
    customer = page.locator(".hd .sm a").first.get_attribute("href").strip("/").split("/")[-1]
    context.close()
    return {"customer": customer, "opportunity": number}


def judge(page, rules=None):
    """What axe finds wrong with the page as it is now, by all rules or some."""
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": rules}} if rules else AXE).response["violations"]
    return [f"{v['id']} ({v['impact']}): {n['html'][:120]}" for v in found for n in v["nodes"][:3]]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_archetypes(wear, ids, album, phone):
    problems = []
    hats = {}
    for name, address, username in PAGES:
        hat = hats.get(username)
        if hat is None:
            hat = hats[username] = wear(username, phone=phone)
            hat.page.emulate_media(reduced_motion="reduce")  # a colour on its way from light to dark would be measured
        page = hat.go(address.format(**ids))
        hat.fits()
        problems += [f"{name}: {text}" for text in judge(page)]
        page.screenshot(path=album / f"{name}-{'phone' if phone else 'light'}.png")
        if not phone:  # the same page in the dark: only its colours are other ones
            page.emulate_media(color_scheme="dark")
            problems += [f"{name}, dark: {text}" for text in judge(page, ["color-contrast"])]
            page.screenshot(path=album / f"{name}-dark.png")
            page.emulate_media(color_scheme="light")
    assert not problems


@pytest.mark.parametrize("look", ["light", "phone"])
def test_sign_in_page(wear, album, look):
    hat = wear("", phone=look == "phone")
    page = hat.go("/sign-in/")
    hat.fits()
    assert not judge(page)
    page.screenshot(path=album / f"sign-in-{look}.png")
    hat.expected.add(422)
    page.get_by_label("用户名、手机或邮箱").fill("rep")
    page.fill("[name=password]", "wrong")
    page.get_by_role("button", name="登录", exact=True).click()
    assert page.get_by_role("alert").inner_text().startswith("用户名或密码不正确")
    assert page.get_by_label("用户名、手机或邮箱").input_value() == "rep"


def test_dialogs_are_accessible(wear, ids):
    hat = wear("manager_east")
    problems = []
    for path, opener in ((f"/opportunities/{ids['opportunity']}/", ".hd .btn-p"), ("/", ".ph .btn-p"), ("/", "[data-key='?']")):
        page = hat.go(path)
        page.locator(opener).first.click()
        page.locator("dialog[open]").wait_for()
        problems += [f"{path} {opener}: {text}" for text in judge(page)]
    page = hat.go("/customers/")
    page.keyboard.press("Control+k")
    page.locator("dialog[open] .pal").first.wait_for()
    assert not problems + judge(page)
