"""Files, discussion, tags and trash as a rep meets them: at a desk by keyboard, on a phone by thumb."""

import re
import secrets

import pytest
from playwright.sync_api import expect

from zhike.collab.tests.things import PDF, picture
from zhike.demo.people import USERS

from .test_looks import judge

pytestmark = pytest.mark.browser
NAMES = {username: name for username, name, *_rest in USERS}
LOOKS = pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])


def first_customer(hat):
    page = hat.go("/customers/?view=mine")
    return page.locator("tr[data-row]").first.get_attribute("data-url")


def no_faults(hat, name, album, problems):
    hat.fits()
    problems += [f"{name}: {text}" for text in judge(hat.page)]
    hat.page.screenshot(path=album / f"{name}.png")


@LOOKS
def test_upload_and_preview(wear, album, phone):
    hat, problems, look = wear("rep", phone=phone), [], "phone" if phone else "light"
    url = first_customer(hat)
    page = hat.go(f"{url}files/")
    before = page.locator(".fls > li[id]").count()
    mark = secrets.token_hex(3)  # the house may have files of an earlier run
    page.set_input_files("#files-add input[multiple]", [
        {"name": f"图纸{mark}.pdf", "mimeType": "application/pdf", "buffer": PDF + mark.encode()},
        {"name": f"现场{mark}.jpg", "mimeType": "image/jpeg", "buffer": picture(colour=f"#{mark}", size=(800, 600))},
    ])
    page.locator(".fls > li[id]").nth(before + 1).wait_for()
    assert page.locator(".hd .tabs .on .n").inner_text() == str(before + 2)
    page.wait_for_load_state("networkidle")
    no_faults(hat, f"files-{look}", album, problems)
    page.get_by_role("link", name=f"现场{mark}.jpg", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator(".fpic").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.querySelector('.fpic').naturalWidth") == 800
    assert "file=" in page.url and page.evaluate("document.activeElement.tagName") == "H3"
    no_faults(hat, f"file-preview-{look}", album, problems)
    page.reload()
    page.locator(".fpic").wait_for()  # the open preview is part of the address
    page.keyboard.press("Escape")
    page.locator(".fpk").wait_for(state="detached")
    page.get_by_role("link", name=f"图纸{mark}.pdf", exact=True).click()
    page.locator("iframe.fdoc").wait_for()
    with page.expect_download() as download:
        page.locator(".fpk").get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == f"图纸{mark}.pdf"
    page.keyboard.press("Escape")
    page.locator(".fpk").wait_for(state="detached")
    row = page.locator(".fls > li", has_text=f"图纸{mark}.pdf")
    row.get_by_role("button").click()
    page.locator(".toast-z button").click()  # taken back
    page.locator(".fls > li", has_text=f"图纸{mark}.pdf").wait_for()
    assert not problems


def test_a_refused_file_says_why(wear):
    hat = wear("rep")
    page = hat.go(f"{first_customer(hat)}files/")
    hat.expected.add(422)
    page.set_input_files("#files-add input[multiple]", [{"name": "程序.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}])
    page.locator(".nt.bad", has_text="程序.exe").wait_for()
    assert not judge(page)


@LOOKS
def test_a_colleague_is_named_by_keyboard(wear, album, phone):
    hat, problems, look = wear("rep", phone=phone), [], "phone" if phone else "light"
    page = hat.go(f"{first_customer(hat)}discussion/")
    manager, stranger = NAMES["manager_east"], NAMES["rep_south"]
    page.locator("#say-0").focus()
    page.keyboard.type("交期 @" + NAMES["manager_east"][0])
    page.locator("#say-0-people li[aria-selected=true]").wait_for()
    page.locator("#say-0-people li", has_text=manager).wait_for()
    for _step in range(6):
        if manager in page.locator("#say-0-people li[aria-selected=true]").inner_text():
            break
        page.keyboard.press("ArrowDown")
    no_faults(hat, f"discussion-naming-{look}", album, problems)
    page.keyboard.press("Enter")
    assert page.locator("#say-0").input_value() == f"交期 @{manager} "
    page.keyboard.type("请确认")
    page.keyboard.press("Control+Enter")
    page.locator(".dscs .men", has_text=f"@{manager}").first.wait_for()
    expect(page.locator("#say-0")).to_have_value("")
    assert int(page.locator(".hd .tabs .on .n").inner_text()) >= 1
    # Who cannot see the record is said to be so.
    page.locator("#say-0").focus()
    page.keyboard.type(f"@{stranger}")
    blind = page.locator("#say-0-people li.mut").first
    blind.wait_for()
    assert stranger in blind.inner_text() and "看不到" in blind.inner_text()
    no_faults(hat, f"discussion-{look}", album, problems)
    page.keyboard.press("Escape")
    hat.expected.add(422)
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").filter(has_text=stranger).wait_for()
    expect(page.locator("#say-0")).to_have_value(f"@{stranger}")
    page.fill("#say-0", "")
    page.locator(".dscs > li").first.locator("summary").click()
    expect(page.locator(".dscs details[open] textarea")).to_be_focused()
    answer = f"收到 {secrets.token_hex(3)}"
    page.keyboard.type(answer)
    page.keyboard.press("Control+Enter")
    page.locator(".dsc-r .pre", has_text=answer).wait_for()
    assert not problems


def test_naming_while_a_chinese_word_is_composed(wear):
    """Enter during the composition belongs to the input method; the list follows the word all the same."""
    hat = wear("rep")
    page = hat.go(f"{first_customer(hat)}discussion/")
    manager = NAMES["manager_east"]
    page.locator("#say-0").focus()
    page.keyboard.type("@")
    page.locator("#say-0-people li").first.wait_for()
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": manager[:1], "selectionStart": 1, "selectionEnd": 1})
    page.locator("#say-0-people li", has_text=manager).wait_for()
    page.evaluate("""document.getElementById('say-0').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))""")
    assert "，" not in page.locator("#say-0").input_value() and not page.locator("input[name=mention]").count()
    cdp.send("Input.insertText", {"text": manager})
    page.locator("#say-0-people li[aria-selected=true]", has_text=manager).wait_for()
    page.keyboard.press("Enter")
    assert page.locator("#say-0").input_value() == f"@{manager} " and page.locator("input[name=mention]").count() == 1
    page.fill("#say-0", "")


@LOOKS
def test_tags_and_trash(wear, album, phone):
    boss, problems, look = wear("manager_east", phone=phone), [], "phone" if phone else "light"
    word = f"样品{secrets.token_hex(3)}"
    page = boss.go("/contacts/?view=all")
    url = page.locator("tr[data-row]").nth(3 + phone).get_attribute("data-url")
    page = boss.go(url)

    def dialog(name):
        page.locator(".mact details.menu > summary" if phone else ".hd details.menu > summary").last.click()
        page.locator(".menu-list a:visible", has_text=name).first.click()
        page.locator("dialog[open] form").wait_for()

    dialog("标签")
    problems += judge(page)
    page.get_by_label("新标签").fill(word)
    page.locator("dialog [data-submit]").click()
    page.locator(".hd .tg", has_text=word).wait_for()
    no_faults(boss, f"tags-{look}", album, problems)
    page.locator(".hd .tg").first.click()
    page.wait_for_url(re.compile(r"tag=\d+"))
    page.locator("tr[data-row]").first.wait_for()
    no_faults(boss, f"tags-list-{look}", album, problems)
    page = boss.go(url)
    dialog("删除")  # of a contact that others point to: they are shown, with links big enough to touch
    problems += judge(page)
    page = boss.go("/activities/?view=department")
    url = page.locator("tr[data-row]").nth(5 + phone).get_attribute("data-url")
    page = boss.go(url)
    name = page.locator("h1").inner_text()
    dialog("删除")
    problems += judge(page)
    page.locator("dialog [data-submit]").click()
    page.wait_for_url(re.compile("/activities/$"))
    page = boss.go("/trash/")
    page.get_by_text(name).first.wait_for()
    no_faults(boss, f"trash-{look}", album, problems)
    page.get_by_role("button", name="恢复", exact=True).first.click()
    page.wait_for_url(re.compile(url))
    assert page.locator("h1").inner_text() == name
    admin = wear("admin", phone=phone)
    admin.go("/settings/tags/")
    no_faults(admin, f"tags-settings-{look}", album, problems)
    assert not problems
