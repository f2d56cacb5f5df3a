"""A messy workbook on its way in, by keyboard: every step accessible, nothing scrolls sideways, back again."""

import pytest
from playwright.sync_api import expect

from tests.imports.uploads import workbook

from .test_looks import judge

pytestmark = pytest.mark.browser


def messy():
    rows = [[], ["制表：王示例"], [], ["", "省", "市", "电话", "邮箱", None]]
    for i in range(6):
        rows.append([f"苏州键盘{i}号机械有限公司" if i != 3 else "", "江苏省", "苏州市", 13800000000 + i, f"a{i}@b.example", "ABC"[i % 3]])
    rows.append(["合计"])
    return workbook(rows, merges=[(0, 0, 0, 5, "客户清单"), (2, 0, 3, 0, "客户名称"), (2, 1, 2, 2, "所在地"),
                                  (2, 3, 2, 4, "联系方式"), (2, 5, 3, 5, "客户级别")])


def looked_at(hat, page, name):
    hat.fits()
    problems = [f"{name}: {text}" for text in judge(page)]
    page.set_viewport_size({"width": 390, "height": 844})
    hat.fits()
    problems += [f"{name} on the phone: {text}" for text in judge(page)]
    page.set_viewport_size({"width": 1440, "height": 900})
    return problems


def press(page, selector):
    """Reach a control and press it by keyboard."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")


def test_a_workbook_comes_in_and_goes_again(wear, tmp_path):
    path = tmp_path / "客户清单.xlsx"
    path.write_bytes(messy())
    hat = wear("manager_east")
    page = hat.go("/customers/?view=all")
    press(page, ".ph summary[aria-label], summary.ibtn.bd")
    press(page, "a[href='/imports/new/customer/']")
    page.wait_for_url("**/imports/new/customer/")
    problems = looked_at(hat, page, "upload")
    page.set_input_files("input[type=file]", path)
    press(page, "button[data-submit]")
    page.wait_for_url("**/columns/")
    assert page.locator(".imp-map select").evaluate_all("all => all.map(one => one.value)") == [
        "name", "region@1", "region@2", "phone", "email", "level"]
    problems += looked_at(hat, page, "columns")
    step = page.url
    problems += looked_at(hat, hat.go(step.replace(hat.house, "").replace("columns", "file")), "file")
    page = hat.go(step.replace(hat.house, ""))
    press(page, "button[data-submit]")
    page.wait_for_url("**/check/")
    expect(page.locator(".imp-n .good dd")).to_have_text("5")
    problems += looked_at(hat, page, "check")
    press(page, "button[data-submit]")
    page.wait_for_url("**/result/")
    expect(page.locator("#imp-undo")).to_be_visible(timeout=30_000)
    expect(page.locator(".imp-n .good dd")).to_have_text("5")
    problems += looked_at(hat, page, "result")
    assert "苏州键盘0号" in hat.go("/customers/?view=all&q=苏州键盘").inner_text("body")
    page = hat.go(step.replace(hat.house, "").replace("columns", "result"))
    press(page, "#imp-undo")
    expect(page.locator(".nt.info")).to_be_visible(timeout=30_000)
    assert "苏州键盘0号" not in hat.go("/customers/?view=all&q=苏州键盘").inner_text("body")
    problems += looked_at(hat, hat.go("/imports/"), "imports")
    assert not problems
