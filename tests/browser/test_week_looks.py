"""The pages of the rep's day, of leads and of customers whole: accessible on the desk, in the dark and for the thumb.

One load a page: the theme and the width are changed on the open page.
"""

from __future__ import annotations

import pytest

from .conftest import DESK, PHONE, ask
from .test_looks import judge

pytestmark = pytest.mark.browser

# name, address, who looks; those of one person stand together
PAGES = (
    ("calendar", "/calendar/?view=week", "rep"),
    ("calendar-month", "/calendar/?view=month", "rep"),
    ("check-in", "/customers/{customer}/check-in/", "rep"),
    ("lead-check-in", "/leads/{lead}/check-in/", "rep"),
    ("lead", "/leads/{lead}/", "rep"),
    ("leads", "/leads/?view=mine", "rep"),
    ("lead-convert", "/leads/{lead}/convert/", "rep"),
    ("work-logs", "/work-logs/?view=mine", "rep"),
    ("work-log", "/work-logs/{log}/", "rep"),
    ("task", "/tasks/{task}/", "rep"),
    ("care", "/care/", "rep"),
    ("pool-due", "/pools/due/", "rep"),
    ("pool", "/pools/{pool}/", "rep"),
    ("preferences", "/messages/preferences/", "rep"),
    ("duty", "/reports/duty/", "manager_east"),
    ("lifecycle", "/reports/lifecycle/", "manager_east"),
    ("report-customers", "/reports/customers/", "manager_east"),
    ("coverage", "/reports/coverage/", "manager_east"),
    ("pairs", "/customers/duplicates/", "manager_east"),
    ("merge", "{merge}", "manager_east"),
    ("map", "/customers/{group}/map/", "manager_east"),
    ("group", "/customers/{group}/group/", "manager_east"),
    ("opening", "/openings/{opening}/", "finance"),
    ("openings", "/openings/?view=waiting", "finance"),
    ("care-rules", "/care/rules/", "marketing"),
    ("campaign", "/campaigns/{campaign}/", "marketing"),
    ("lead-form", "/lead-forms/{form}/", "marketing"),
    ("assign-rules", "/assign-rules/", "marketing"),
    ("alert-rules", "/settings/alerts/", "admin"),
    ("alert-rule", "/settings/alerts/{alert}/", "admin"),
    ("pool-settings", "/settings/pools/{pool}/", "admin"),
    ("pool-limits", "/settings/pools/limits/", "admin"),
    ("hand-over", "/settings/users/{leaver}/hand-over/", "admin"),
    ("public-form", "/f/{slug}/", ""),
)
KEPT = ("calendar", "check-in", "lead", "leads", "lead-convert", "work-log", "care", "pool-due", "pool", "duty", "report-customers", "coverage", "pairs",
        "merge", "map", "opening", "campaign", "lead-form", "assign-rules", "alert-rules", "hand-over", "public-form")
REP = "(SELECT id FROM org_user WHERE username = 'rep')"
NUMBERS = {
    "customer": f"SELECT id FROM customers_customer WHERE owner_id = {REP} ORDER BY id",
    "lead": f"SELECT id FROM leads_lead WHERE owner_id = {REP} AND status = 'following' ORDER BY id",
    "log": f"SELECT id FROM activities_worklog WHERE owner_id = {REP} AND status = 'commented'",
    "task": f"SELECT id FROM activities_task WHERE owner_id = {REP} ORDER BY id",
    "pool": "SELECT id FROM customers_pool WHERE name LIKE '%华东%'",
    "group": "SELECT c.id FROM customers_customer c JOIN org_department d ON d.id = c.owner_dept_id WHERE d.code = 'EAST' AND c.parent_id IS NOT NULL",
    "opening": "SELECT id FROM customers_opening WHERE status = 'waiting'",
    "campaign": "SELECT id FROM leads_campaign WHERE status = 'in_progress'",
    "form": "SELECT id FROM leads_leadform",
    "slug": "SELECT slug FROM leads_leadform WHERE enabled ORDER BY id",
    "alert": "SELECT id FROM notices_alertrule ORDER BY id",
    "leaver": "SELECT id FROM org_user WHERE name = '朱南山'",
}


@pytest.mark.slow
def test_pages_of_the_week(wear, house, album):
    numbers = {name: ask(house, sql) for name, sql in NUMBERS.items()}
    assert all(numbers.values()), numbers
    problems, hat = [], None
    for name, address, username in PAGES:
        if hat is None or hat.username != username:
            hat = wear(username)
        page = hat.page
        page.emulate_media(reduced_motion="reduce")  # a colour on its way from light to dark would be measured
        page.goto(hat.house + address.format(**numbers))
        problems += [f"{name}: {text}" for text in judge(page)]
        page.emulate_media(color_scheme="dark")
        problems += [f"{name}, dark: {text}" for text in judge(page, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
        if name in KEPT:
            page.screenshot(path=album / f"{name}-light.png")
        page.set_viewport_size(PHONE["viewport"])
        hat.fits()
        problems += [f"{name}, phone: {text}" for text in judge(page, ["target-size", "color-contrast", "scrollable-region-focusable"])]
        if name in KEPT:
            page.screenshot(path=album / f"{name}-phone.png")
        page.set_viewport_size(DESK["viewport"])
        if name == "pairs":
            numbers["merge"] = page.get_by_role("link", name="对比并合并").first.get_attribute("href")
    assert not problems, "\n".join(problems)
