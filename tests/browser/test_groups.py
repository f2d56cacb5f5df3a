"""A discussion group from opening to closing, at a desk and on a phone."""

import re
import secrets

import pytest

from zhike.demo.people import USERS

from .test_looks import judge

pytestmark = pytest.mark.browser
NAMES = {username: name for username, name, *_rest in USERS}


@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_opened_talked_in_and_closed(wear, album, phone):
    look, problems, mark = "phone" if phone else "light", [], secrets.token_hex(3)

    def seen(hat, name):
        hat.fits()
        problems.extend(f"{name}: {text}" for text in judge(hat.page))
        hat.page.screenshot(path=album / f"groups-{name}-{look}.png")

    owner = wear("rep", phone=phone)
    page = owner.go("/discussion-groups/new/")
    page.fill("[name=name]", f"示例试制组{mark}")
    page.fill("[name=purpose]", "试制进度与问题")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/discussion-groups/\d+/"))
    url = page.url
    page.fill("#say-0", f"大家好，@{NAMES['rep_east2']} 请看图纸")
    owner.expected.add(422)
    page.click("#say [data-submit]")
    page.locator("[name=let_in]").wait_for()
    page.click("[name=let_in]")
    page.locator(".dscs", has_text="请看图纸").wait_for()
    page.reload()
    page.locator("#card-members", has_text=NAMES["rep_east2"]).wait_for()
    seen(owner, "page")

    member = wear("rep_east2", phone=phone)
    page = member.go("/discussion-groups/")
    page.locator("#list tr", has_text=mark).get_by_text("1 条未读").wait_for()
    seen(member, "list")
    page = member.go(url.replace(member.house, ""))
    page.locator(".dscs", has_text="请看图纸").wait_for()
    assert not member.go("/discussion-groups/").locator("#list tr", has_text=mark).locator(".bg.info").count()

    page = owner.go(f"{url.replace(owner.house, '')}switch/")
    page.click("[data-submit]")
    page.wait_for_url(re.compile(r"/discussion-groups/\d+/$"))
    page.locator(".nt.info").first.wait_for()
    seen(owner, "closed")
    assert not problems
