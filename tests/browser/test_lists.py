"""Lists by hand: cells changed where they stand, columns in one's own order, pinned views in the menu."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_looks import AXE

pytestmark = pytest.mark.browser
BOX = "form[data-cell-form]"


def cell(page, row, field):
    return page.locator("tr[data-cells]").nth(row).locator(f'td[data-cell="{field}"]')


def test_cells_by_double_click_and_keyboard(wear, album):
    page = wear("rep").go("/customers/")
    level = cell(page, 1, "level")
    before = level.inner_text()
    other = next(text for text in ("A 重点", "B 普通", "C 一般") if text != before)
    level.dblclick()
    box = page.locator(BOX)
    expect(box.locator("select")).to_be_focused()
    expect(page.locator("#peek .peek")).to_have_count(0)  # the first click of two opens no peek
    result = Axe().run(page, options=AXE)
    assert not result.response["violations"], result.generate_report()
    page.screenshot(path=album / "list-cell-light.png")
    box.locator("select").select_option(label=other)
    page.keyboard.press("Escape")  # taken back: nothing is sent
    expect(box).to_have_count(0)
    expect(level).to_have_text(before)
    expect(level).to_be_focused()
    page.keyboard.press("e")
    box.locator("select").select_option(label=other)
    page.keyboard.press("Tab")  # saves and goes on to the next
    expect(level).to_have_text(other)
    expect(page.locator(f"{BOX} [name=industry]")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(f"{BOX} [name=level]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect(cell(page, 1, "industry")).to_be_focused()
    page.keyboard.press("Control+z")
    page.wait_for_load_state("networkidle")
    expect(cell(page, 1, "level")).to_have_text(before)


def test_a_choice_that_the_server_searches_and_words_being_composed(wear):
    page = wear("rep").go("/customers/?columns=region&columns=name_en")
    cell(page, 0, "region").dblclick()
    expect(page.locator(f"{BOX} [role=combobox]")).to_be_focused()
    page.keyboard.type("栖霞")
    expect(page.locator(f"{BOX} [role=option]").first).to_contain_text("栖霞")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "region")).to_contain_text("栖霞")
    cell(page, 0, "name_en").dblclick()
    field = page.locator(f"{BOX} [name=name_en]")
    expect(field).to_be_focused()
    # Enter and Escape belong to the input method while it composes.
    field.evaluate("""(field) => { for (const key of ["Enter", "Escape", "Tab"])
        field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, isComposing: true })); }""")
    expect(field).to_be_focused()
    page.keyboard.type("Quicksand Works")
    page.locator("h1").click()  # leaving it saves
    expect(cell(page, 0, "name_en")).to_have_text("Quicksand Works")
    cell(page, 1, "name_en").dblclick()
    expect(field).to_be_focused()
    field.fill("First Works")
    cell(page, 2, "name_en").dblclick()  # leaves one and opens the other
    expect(cell(page, 1, "name_en")).to_have_text("First Works")
    expect(field).to_be_focused()
    expect(field).not_to_have_value("First Works")


def test_the_heads_of_groups_follow_their_cells(wear):
    page = wear("manager_east").go("/opportunities/?view=all&group=owner&columns=amount")
    page.locator("[data-fold]").first.click()
    amount, sums = cell(page, 0, "amount"), [page.locator(f"{part} td.num").first for part in (".gh", "tfoot")]
    before = [each.inner_text() for each in sums]
    amount.dblclick()
    page.locator(f"{BOX} [name=amount]").fill("7654321.09")
    page.keyboard.press("Enter")
    expect(amount).to_have_text("7,654,321.09")
    for each, was in zip(sums, before, strict=True):
        expect(each).not_to_have_text(was)
    assert "7654321" not in page.url and page.locator(BOX).count() == 0


def test_who_was_faster_is_said_at_the_cell(wear):
    mine, boss = wear("rep"), wear("manager_east")
    page = mine.go("/customers/?columns=short_name")
    mine.expected |= {409, 422}
    name = cell(page, 2, "short_name")
    number = page.locator("tr[data-cells]").nth(2).get_attribute("data-row")
    name.dblclick()
    field = page.locator(f"{BOX} [name=short_name]")
    expect(field).to_be_focused()
    other = boss.go(f"/customers/{number}/edit/")
    other.fill("[name=short_name]", "他写的")
    other.locator("main [data-submit]").click()
    other.wait_for_url(f"**/customers/{number}/")
    field.fill("我写的")
    page.keyboard.press("Enter")
    expect(page.locator(f"{BOX} [data-theirs]")).to_contain_text("他写的")
    expect(field).to_have_value("我写的")
    page.keyboard.press("Escape")
    expect(name).to_have_text("他写的")  # the row shows what is stored now
    expect(name).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("e")
    full = page.locator(f"{BOX} [name=name]")
    expect(full).to_be_focused()
    full.fill("")
    page.keyboard.press("Tab")  # a no keeps the box open, whatever key asked
    expect(page.locator(f"{BOX} .fe")).to_be_visible()
    expect(full).to_be_focused()
    full.fill("改过名字的试验有限公司")
    page.keyboard.press("Enter")
    expect(cell(page, 2, "name")).to_have_text("改过名字的试验有限公司")


def heads(page):
    return page.locator("#list thead th").all_inner_texts()[1:]


def test_columns_by_keyboard_and_by_hand(wear, album):
    page = wear("rep").go("/customers/")
    first = heads(page)
    page.locator("summary", has_text="列").focus()
    page.keyboard.press("Enter")
    items = page.locator("[data-order] li")
    items.nth(2).locator("[data-step='-1']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-order-said]")).to_contain_text(f"{first[3]}: 1 /")
    items.nth(1).locator("input").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(items.nth(2).locator("input")).to_be_focused()
    page.screenshot(path=album / "list-columns-light.png")
    page.locator("[data-order]").locator("xpath=..").get_by_role("button", name="应用").click()
    expect(page.locator("#list thead th").nth(2)).to_have_text(first[3])
    second = heads(page)
    assert second == [first[0], first[3], first[2], first[1], *first[4:]]
    page.locator("summary", has_text="列").click()
    items.nth(0).drag_to(items.nth(3))
    page.get_by_role("button", name="应用").last.click()
    expect(page.locator("#list thead th").nth(2)).to_have_text(second[2])
    assert sorted(heads(page)) == sorted(first)
    page.locator("summary", has_text="列").click()
    page.locator(".rowh [value=compact]").click()
    assert page.evaluate("document.documentElement.dataset.density") == "compact"
    page.locator(".rowh [value=normal]").click()


def test_a_pinned_view_in_the_menu(wear):
    rep = wear("rep", phone=True)
    page = rep.go("/customers/?level=A")
    page.locator(".tabrow summary").click()
    page.locator(".tabrow .menu-list a[data-dialog]").first.click()
    page.fill("#id_name", "我的重点")
    page.locator("dialog [data-submit]").click()
    page.wait_for_url("**view=s*")
    number = page.url.rpartition("=s")[2]
    rep.go("/contacts/")
    rep.fits()
    page.locator("[data-drawer]").first.click()
    pin = page.locator("#side .pin")
    expect(pin).to_contain_text("我的重点")
    expect(page.locator(f"#view-count-{number}")).not_to_be_empty()
    pin.click()
    expect(page.locator(".tabs a.on")).to_contain_text("我的重点")
    rep.go(f"/views/{number}/delete/")  # the house of these tests goes on to the next one
    page.locator("main [data-submit]").click()
    expect(page.locator(".pin")).to_have_count(0)
