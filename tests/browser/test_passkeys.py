"""A passkey made and used in a real browser, with the device that Chromium plays, on the desk and on the phone."""

import pytest

from .conftest import DESK, PASSWORD, PHONE, Hat
from .test_looks import judge

pytestmark = pytest.mark.browser


@pytest.fixture
def local(house):
    """The same house under a name: addresses of digits have no passkeys."""
    return house.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize("look", ["desk", "phone"])
def test_made_used_and_removed(browser, local, album, look):
    context = browser.new_context(**(PHONE if look == "phone" else DESK), locale="zh-CN")
    context.set_default_timeout(10_000)
    hat = Hat(context, local, "rep")
    page = hat.page
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})["authenticatorId"]
    hat.go("/me/")
    page.click("#card-passkeys .cdh a")
    page.fill("dialog[open] [name=name]", "测试机")
    page.fill("dialog[open] [name=old]", PASSWORD)
    page.click("dialog[open] [data-submit]")
    page.locator("dialog[open] [data-passkey-go]").wait_for()
    assert not judge(page)
    page.screenshot(path=album / f"passkey-make-{look}.png")
    page.click("dialog[open] [data-passkey-go]")
    page.locator("#card-passkeys .mini", has_text="测试机").wait_for()
    hat.fits()
    assert not judge(page)
    page.screenshot(path=album / f"passkey-account-{look}.png")
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

    context.clear_cookies()
    page.goto(f"{local}/sign-in/?next=/me/")
    button = page.locator("[data-passkey-go]")
    button.wait_for()
    assert button.bounding_box()["height"] >= (40 if look == "phone" else 32)
    hat.fits()
    assert not judge(page)
    page.screenshot(path=album / f"passkey-sign-in-{look}.png")
    button.click()
    page.wait_for_url(f"{local}/me/")

    page.locator("#card-passkeys .mini a").last.click()
    page.fill("dialog[open] [name=old]", PASSWORD)
    page.click("dialog[open] [data-submit]")
    page.locator("#card-passkeys .mini").wait_for(state="detached")
    context.clear_cookies()
    page.goto(f"{local}/sign-in/")
    hat.expected.add(422)
    page.click("[data-passkey-go]")  # the device still has it, the house does not
    page.locator(".nt.bad").wait_for()
    assert not judge(page)
    assert not hat.problems
    context.close()


def test_where_there_can_be_none_the_page_says_why(wear, house):
    hat = wear("")
    hat.page.goto(f"{house}/sign-in/")  # an address of digits
    hat.page.locator("[data-passkey-hint=place]").wait_for()
    assert not hat.page.locator("[data-passkey-go]").is_visible()
    assert not judge(hat.page)
