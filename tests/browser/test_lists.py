"""Lists by hand: cells changed where they stand."""

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
