"""Everything by keyboard: lists, palette, board, dialogs."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_list_keys_and_peek(wear):
    rep = wear("rep")
    page = rep.go("/customers/")
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    second = page.locator("tr[data-row]").nth(1)
    expect(second).to_have_class("sel")
    keys.press("Space")
    expect(page.locator("#peek .peek")).to_be_visible()
    assert "peek=" in page.url
    name = second.locator("a.lk").inner_text()
    expect(page.locator("#peek h2")).to_have_text(name)
    keys.press("Escape")
    expect(page.locator("#peek .peek")).to_have_count(0)
    assert "peek=" not in page.url
    keys.press("x")
    expect(page.locator("[data-bulk]")).to_be_visible()
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    keys.press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    keys.type("zz")  # typed, not taken as keys
    expect(page.locator("[data-find]")).to_have_value("zz")


def test_the_peek_goes_along_and_ranges_are_chosen(wear):
    page = wear("manager_east").go("/customers/?view=all")
    keys, names = page.keyboard, page.locator("tr[data-row] a.lk")
    for key in ("j", "j", "Space"):
        keys.press(key)
    heading = page.locator("#peek h2")
    expect(heading).to_have_text(names.nth(1).inner_text())
    keys.press("j")
    expect(heading).to_have_text(names.nth(2).inner_text())
    page.locator("#peek .peek-h a").nth(1).click()  # its own arrow: the row in the list goes along
    expect(heading).to_have_text(names.nth(3).inner_text())
    expect(page.locator("tr[data-row].sel a.lk")).to_have_text(names.nth(3).inner_text())
    keys.press("Escape")
    keys.press("x")
    keys.press("j")
    keys.press("j")  # the focus went along: two rows on, not one
    keys.press("Shift+X")
    expect(page.locator("[data-bulk-count]")).to_have_text("3")
    keys.press("a")
    expect(page.locator("dialog[open] h2")).to_contain_text("转移")
    keys.press("Escape")
    page.locator("[data-bulk-clear]").click()
    boxes = page.locator("#list [data-select]")
    boxes.nth(0).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("5")


def test_rows_are_chosen_under_the_thumb(wear):
    rep = wear("manager_east", phone=True)
    page = rep.go("/customers/?view=all")
    page.locator(".tabrow summary").click()
    page.locator("[data-pick]").click()
    for i in (0, 2):
        page.locator("#list tr[data-row]").nth(i).tap()
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    assert page.locator("#list [data-select]").nth(0).bounding_box()["width"] >= 20
    rep.fits()
    page.locator("[data-bulk-clear]").click()
    page.locator("#list tr[data-row]").nth(1).tap()
    page.wait_for_url("**/customers/*/")  # outside the mode a tap opens again


def test_palette_finds_by_initials_and_goes(wear):
    rep = wear("rep")
    page = rep.go("/")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog[open] input")).to_be_focused()
    page.keyboard.type("lsbyq")  # 流沙变压器
    expect(page.locator(".pal").first).to_contain_text("流沙变压器")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("流沙变压器")
    page.keyboard.press("l")
    expect(page.locator("#composer textarea")).to_be_focused()


def test_palette_follows_the_fingers(wear):
    page = wear("rep").go("/")
    keys = page.keyboard
    keys.press("Control+k")
    field = page.locator("dialog[open] input")
    expect(field).to_be_focused()
    keys.type("流沙")
    expect(page.locator(".pal").first).to_contain_text("流沙")
    keys.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "pal-1")
    top = page.locator("dialog[open]").bounding_box()["y"]
    keys.press("Escape")  # one press closes, whatever is typed
    expect(page.locator("dialog[open]")).to_have_count(0)
    keys.press("Control+k")
    keys.type("zzzzq")
    expect(page.locator("dialog[open]")).to_contain_text("没有找到")
    assert page.locator("dialog[open]").bounding_box()["y"] == top
    field.fill("")
    keys.type("htzy")
    keys.press("Enter")  # before the answer is there: it means what is typed
    page.wait_for_url("**/jobs/")


def tab_to(page, address):
    """Go on by Tab to the entry of a menu that leads there."""
    for _step in range(20):
        page.keyboard.press("Tab")
        if address in page.evaluate("document.activeElement.getAttribute('href') || ''"):
            return
    raise AssertionError(f"Tab does not lead to {address}")


def test_a_list_is_kept_as_a_view_by_keyboard(wear, album):
    page = wear("manager_east").go("/customers/?level=A")
    keys = page.keyboard
    page.locator(".tabrow summary").focus()
    keys.press("Enter")
    tab_to(page, "/views/customer/new/")
    keys.press("Enter")
    expect(page.locator("#id_name")).to_be_focused()
    page.screenshot(path=album / "view-save-light.png")
    keys.type("重点客户")
    keys.press("Control+Enter")
    tab = page.locator(".tabs a.on")
    expect(tab).to_contain_text("重点客户")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(tab).to_be_in_viewport()  # the chosen tab is in sight on a phone too
    page.locator(".tabrow summary").focus()
    keys.press("Enter")
    tab_to(page, "/delete/")
    keys.press("Enter")
    page.locator("dialog[open] [data-submit]").focus()
    keys.press("Enter")
    expect(page.locator(".tabs")).not_to_contain_text("重点客户")
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    keys.press("Control+z")  # what the page before has done
    expect(page.locator(".tabs")).to_contain_text("重点客户")


def test_help_opens_on_its_key(wear):
    page = wear("desk").go("/")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("快捷键")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_board_by_keyboard_with_undo(wear):
    boss = wear("manager_south")
    page = boss.go("/opportunities/board/")
    lanes = page.locator("[data-lane]")
    card = lanes.nth(1).locator("[data-card]").first
    name = card.locator("a.lk").inner_text()
    number = card.get_attribute("data-card")
    card.focus()
    page.keyboard.press("Space")
    expect(page.locator(f'[data-card="{number}"]')).to_have_class("kcard drag")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(lanes.nth(1).locator(f'[data-card="{number}"]')).to_have_count(1)

    # Forward needs the gate: the card stays and the panel says what is missing.
    boss.expected.add(422)
    page.locator(f'[data-card="{number}"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("还需完成")
    expect(lanes.nth(1).locator(f'[data-card="{number}"]')).to_have_count(1)
    page.keyboard.press("Escape")

    boss.go(f"/opportunities/{number}/")
    while page.locator(".mini").get_by_role("button", name="完成", exact=True).count():
        page.locator(".mini").get_by_role("button", name="完成", exact=True).first.click()
        page.wait_for_load_state("networkidle")
    boss.go("/opportunities/board/")
    page.locator(f'[data-card="{number}"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(lanes.nth(2).locator(f'[data-card="{number}"]')).to_have_count(1)
    toast = page.locator(".toast-z").filter(has_text=name)
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="撤销").click()
    expect(lanes.nth(1).locator(f'[data-card="{number}"]')).to_have_count(1)


def test_board_by_mouse(wear):
    boss = wear("manager_east")
    page = boss.go("/opportunities/board/")
    lanes = page.locator("[data-lane]")
    # Back needs a reason: the panel asks, and the card has not moved.
    card = lanes.nth(1).locator("[data-card]").first
    number = card.get_attribute("data-card")
    boss.expected.add(422)
    card.hover()
    page.mouse.down()
    box = lanes.nth(0).locator("[data-cards]").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60, steps=12)
    page.mouse.up()
    expect(page.locator("dialog[open]")).to_contain_text("退回")
    expect(lanes.nth(1).locator(f'[data-card="{number}"]')).to_have_count(1)
    page.locator("dialog").get_by_label("备注").fill("方案要重做")
    page.locator("dialog").get_by_role("button", name="退回").click()
    expect(page.locator("[data-lane]").nth(0).locator(f'[data-card="{number}"]')).to_have_count(1)


def test_every_match_of_a_list_is_taken_by_keyboard(wear):
    page = wear("manager_east").go("/customers/?view=department")
    keys = page.keyboard
    keys.press("j")
    keys.press("x")
    every = page.locator("[data-bulk-all]")
    n = int("".join(c for c in every.inner_text() if c.isdigit()))
    assert n > 50
    every.focus()
    keys.press("Enter")
    expect(page.locator("[data-bulk-count]")).to_have_text(str(n))
    keys.press("Enter")  # and back to the rows of this page
    expect(page.locator("[data-bulk-count]")).to_have_text("50")
    keys.press("Enter")
    page.locator("[data-bulk-url]").first.focus()
    keys.press("Enter")
    expect(page.locator("dialog[open] h2")).to_contain_text(f"（{n}）")


def test_groups_and_conditions_by_keyboard(wear):
    rep = wear("manager_east")
    page = rep.go("/opportunities/?view=all&group=owner")
    keys = page.keyboard
    keys.press("j")
    keys.press("x")  # nothing to select, nothing to peek at: the group unfolds
    keys.press("Space")
    expect(page.locator("#peek .peek")).to_have_count(0)
    expect(page.locator("tr[id^=row-]").first).to_be_visible()  # it has unfolded
    page.wait_for_url(lambda url: "open=" in url)
    keys.press("j")
    keys.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("1")
    keys.press("ArrowLeft")
    expect(page.locator("tr[id^=row-]").first).to_be_hidden()
    count = page.locator(".gn").first.inner_text()
    page.locator("a.gn").first.focus()
    keys.press("Enter")
    page.wait_for_url(lambda url: "owner=" in url and "group=" not in url)
    expect(page.locator(".ph [aria-live]")).to_contain_text(count)
    rep.go("/customers/?view=all")
    page.locator(".fbar a.chip.dash[data-dialog]").focus()
    keys.press("Enter")
    page.locator("dialog[open] #f-0-0").focus()
    page.locator("#f-0-0").select_option("name")
    value = page.locator("input#v-0-0")
    value.focus()
    keys.type("流沙")
    keys.press("Enter")  # the form's first button applies it
    page.wait_for_url(lambda url: "where=" in url)
    expect(page.locator("tr[data-row]").first).to_contain_text("流沙")
    expect(page.locator(".chip.on .chip-x")).to_be_visible()


def test_groups_and_conditions_fit_a_phone(wear):
    rep = wear("manager_east", phone=True)
    page = rep.go("/opportunities/?view=all&group=owner")
    rep.fits()
    page = rep.go("/conditions/customer/?list=view%3Dall")
    rep.fits()
    page.locator("#f-0-0").select_option("level")
    expect(page.locator("select#v-0-0")).to_be_visible()
    rep.fits()
