"""The thin main job with the mouse: rep, manager, stranger."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def choose(page, label, text):
    """Pick from a select that searches on the server."""
    box = page.get_by_role("combobox", name=label)
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def test_from_customer_to_funnel(wear):
    rep = wear("rep")
    page = rep.go("/customers/")
    page.get_by_role("link", name="新建客户").last.click()
    page.get_by_label("客户名称").fill("太虚境机床有限公司")
    page.get_by_label("客户级别").select_option("A")
    choose(page, "省市区", "昆山市")
    page.get_by_label("电话").fill("0512-55550001")
    page.get_by_role("button", name="创建客户").click()
    expect(page.get_by_role("heading", name="太虚境机床有限公司")).to_be_visible()
    expect(page.get_by_text("目标客户").first).to_be_visible()
    customer = page.url.removeprefix(rep.house)

    # A visit that shows demand, with the next contact: the life cycle and the schedule follow.
    page.locator("#composer").get_by_text("拜访").click()
    page.get_by_role("textbox", name="本次联系的结果").fill("现场看了车间，明年要换两台立车。")
    page.get_by_label("结果", exact=True).select_option("has_demand")
    page.locator("input[name=next_on]").fill("2027-01-08")
    page.get_by_role("button", name="保存跟进").click()
    expect(page.locator(".path li.cur")).to_contain_text("潜在客户")
    expect(page.locator("#card-timeline")).to_contain_text("明年要换两台立车")

    page.get_by_role("link", name="新建商机").click()
    page.get_by_label("商机名称").fill("立车更新两台")
    page.get_by_label("预计金额").fill("1,240,000")
    page.get_by_label("预计签单日期").fill("2027-03-31")
    page.get_by_role("button", name="创建商机").click()
    expect(page.get_by_role("heading", name="立车更新两台")).to_be_visible()
    opportunity = page.url.removeprefix(rep.house)

    # Lines: the server counts while one types.
    page.get_by_role("link", name="需求", exact=True).click()
    page.get_by_role("link", name="编辑明细").click()
    choose(page, "产品", "VTL-800")
    page.locator("input[name=line-0-quantity]").fill("2")
    page.locator("input[name=line-0-target_price]").fill("620000")
    expect(page.locator("#totals")).to_contain_text("1,240,000.00")
    page.get_by_role("button", name="保存明细").click()
    expect(page.locator("#card-lines")).to_contain_text("VTL-800")

    # The gate holds until its items are there; then stage by stage to the win.
    rep.go(opportunity)
    page.get_by_role("link", name="推进到技术方案").first.click()
    rep.expected.add(422)
    page.locator("dialog").get_by_role("button", name="推进").click()
    expect(page.locator("dialog")).to_contain_text("填写客户需求")
    page.locator("dialog").get_by_role("link", name="取消").click()
    page.get_by_role("link", name="填写").first.click()
    page.get_by_label("客户需求").fill("两台立车，含安装调试。")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".toast-z")).to_contain_text("已保存")
    for stage in ("技术方案", "报价", "打样/试机", "商务谈判", "合同签订"):
        rep.go(opportunity)
        while page.locator(".mini").get_by_role("button", name="完成", exact=True).count():
            page.locator(".mini").get_by_role("button", name="完成", exact=True).first.click()
            page.wait_for_load_state("networkidle")
        page.get_by_role("link", name=f"推进到{stage}").first.click()
        page.locator("dialog").get_by_role("button", name="推进").click()
        expect(page.locator(".path li.cur")).to_contain_text(stage)

    # The manager sees it in the funnel and opens the list behind the band.
    boss = wear("manager_east")
    desk = boss.go("/reports/funnel/")
    desk.locator("svg.funnel a").filter(has_text="合同签订").click()
    expect(desk.locator("#drill")).to_contain_text("立车更新两台")
    desk.get_by_role("link", name="在列表中打开").click()
    expect(desk.locator("table")).to_contain_text("立车更新两台")

    rep.go(opportunity)
    page.get_by_role("link", name="赢单").first.click()
    page.locator("dialog").get_by_label("赢单原因").fill("方案与交期")
    page.locator("dialog").get_by_role("button", name="登记赢单").click()
    expect(page.locator(".hd .bg").first).to_contain_text("赢单")

    # A stranger sees nothing, and it looks like nothing.
    other = wear("rep_south")
    other.expected.add(404)
    for path in (customer, opportunity):
        away = other.go(path)
        expect(away.get_by_role("heading")).to_contain_text("没有找到")
    away = other.go("/customers/?q=太虚境&view=all")
    expect(away.get_by_text("没有符合条件的记录")).to_be_visible()
    assert re.fullmatch(r"/customers/\d+/", customer)


def test_a_duplicate_is_shown_before_it_is_made(wear):
    rep = wear("rep")
    page = rep.go("/customers/new/")
    page.get_by_label("客户名称").fill("烛阴船用设备")
    expect(page.locator("[data-check]")).to_contain_text("烛阴船用设备")
    rep.expected.add(422)
    page.get_by_role("button", name="创建客户").click()
    expect(page.get_by_role("alert")).to_contain_text("可能已存在")
    expect(page.get_by_label("客户名称")).to_have_value("烛阴船用设备")


def test_two_editors_of_one_record(wear):
    one, two = wear("rep"), wear("manager_east")
    listed = one.go("/customers/")
    path = listed.locator("tr[data-row]").first.get_attribute("data-url")
    mine, theirs = one.go(f"{path}edit/"), two.go(f"{path}edit/")
    mine.get_by_label("简称").fill("甲说")
    mine.get_by_role("button", name="保存").click()
    expect(mine.locator(".toast-z")).to_contain_text("已保存")
    two.expected.add(409)
    theirs.get_by_label("简称").fill("乙说")
    theirs.get_by_role("button", name="保存").click()
    expect(theirs.locator(".nt.wait")).to_contain_text("甲说")
    expect(theirs.get_by_label("简称")).to_have_value("乙说")
    theirs.get_by_role("button", name="保存").click()
    expect(theirs.locator(".toast-z")).to_contain_text("已保存")
    theirs.get_by_role("link", name="变更记录").first.click()
    expect(theirs.locator("main")).to_contain_text("乙说")


def test_a_double_click_makes_one_record(wear):
    rep = wear("rep")
    page = rep.go("/customers/new/")
    page.get_by_label("客户名称").fill("双击星官机械有限公司")
    page.get_by_role("button", name="创建客户").dblclick()
    expect(page.get_by_role("heading", name="双击星官机械有限公司")).to_be_visible()
    rep.go("/customers/?q=双击星官&view=all")
    expect(page.locator("tr[data-row]")).to_have_count(1)


def test_language_and_theme_are_kept(wear):
    rep = wear("rep_south2")
    page = rep.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_label(re.compile("账号菜单")).click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Pending work")).to_be_visible()
    page.get_by_label(re.compile("Account menu")).click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    rep.go("/customers/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
