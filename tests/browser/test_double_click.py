"""Every form that adds or changes a record, submitted by double click: one row, one change."""

from __future__ import annotations

import secrets
import sqlite3

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import expect

from zhike.records import registry

from .conftest import FOLDERS

pytestmark = pytest.mark.browser


def kinds_with(page, *args):
    found = []
    for kind in registry.kinds():
        try:
            found.append((kind, reverse(f"{kind.name}-{page}", args=args)))
        except NoReverseMatch:
            continue
    return found


# What the fields of a form cannot say by themselves.
GIVEN = {
    "user": {"username": "mark", "email": "mark@example.com"}, "role": {"code": "MARK"}, "department": {"code": "MARK"},
    "customer": {"name": "双击mark机械有限公司"}, "opportunity": {"amount": "1000"}, "custom_field": {"type": "text", "on": "product"},
    "care_rule": {"text_zh": "你好"}, "product": {"list_price": "10"},
}
FILL = """([form, given, mark]) => {
  const open = [];
  for (const control of form.elements) {
    const name = control.name;
    if (!name || control.type === "hidden" || control.disabled) continue;
    if (name in given) { control.value = given[name].replace("mark", mark).replace("MARK", mark.toUpperCase()); continue; }
    const asked = control.required || control.closest(".fld")?.querySelector(".lb em");
    if (!asked || control.value && control.tagName !== "SELECT" || control.type === "checkbox" || control.type === "radio") continue;
    if (control.tagName === "SELECT") {
      if (control.dataset.searchUrl) { if (!control.value) open.push(name); }
      else if (!control.value) control.value = [...control.options].find((o) => o.value)?.value || "";
    } else if (control.type === "number") control.value = "1";
    else if (control.type === "date") control.value = new Date(Date.now() + 5 * 864e5).toISOString().slice(0, 10);
    else if (control.type === "datetime-local") control.value = new Date(Date.now() + 5 * 864e5).toISOString().slice(0, 16);
    else control.value = `双击${mark}`;
  }
  return open;
}"""


def count(house, sql, *values):
    with sqlite3.connect(f"file:{FOLDERS[house]}/db.sqlite3?mode=ro", uri=True) as base:
        return base.execute(sql, values).fetchone()[0]


def look_up(page, name):
    """Take the first thing that the search offers."""
    box = page.locator(f'select[name="{name}"] + .lookup input')
    box.focus()
    page.locator(f'select[name="{name}"] + .lookup [role=option]').first.click()


def test_adding(wear, house):
    hat, wrong = wear("admin"), []
    pages = kinds_with("new")
    assert len(pages) >= 12
    for kind, address in pages:
        mark = secrets.token_hex(3)
        page = hat.go(address)
        form = page.locator("main form[data-form]").first
        for name in page.evaluate(FILL, [form.element_handle(), GIVEN.get(kind.name, {}), mark]):
            look_up(page, name)
        table = kind.model._meta.db_table
        before = count(house, f"SELECT COUNT(*) FROM {table}")
        form.locator("[data-submit]").last.dblclick()
        page.wait_for_url(lambda url, address=address: not url.endswith(address))
        page.wait_for_load_state("networkidle")
        made = count(house, f"SELECT COUNT(*) FROM {table}") - before
        if made != 1:
            wrong.append(f"{kind.name}: {made} rows")
    assert not wrong


def test_changing(wear, house):
    hat, wrong = wear("admin"), []
    pages = kinds_with("edit", 1)
    assert len(pages) >= 13
    for kind, _address in pages:
        table = kind.model._meta.db_table
        where = " WHERE status IN ('planned', 'open', 'accepted')" if kind.name in ("activity", "task") else ""
        if kind.name == "worklog":
            continue  # only its author writes it
        pk = count(house, f"SELECT MAX(id) FROM {table}{where}")
        if pk is None:
            continue
        page = hat.go(reverse(f"{kind.name}-edit", args=[pk]))
        form = page.locator("main form[data-form]").first
        version = count(house, f"SELECT version FROM {table} WHERE id = ?", pk)
        lines = count(house, "SELECT COUNT(*) FROM records_historyentry WHERE kind = ? AND row_id = ?", kind.name, pk)
        field = form.locator("input[type=text]:not([role=combobox]):visible, textarea:visible").last
        if field.count():
            field.fill(f"{field.input_value()} 改".strip()[:40])
        form.locator("[data-submit]").last.dblclick()
        expect(page.locator(".toast-z")).to_contain_text("保存")
        page.wait_for_load_state("networkidle")
        after = count(house, f"SELECT version FROM {table} WHERE id = ?", pk)
        told = count(house, "SELECT COUNT(*) FROM records_historyentry WHERE kind = ? AND row_id = ?", kind.name, pk)
        if (after, told) != (version + 1, lines + 1):
            wrong.append(f"{kind.name}: version {version} → {after}, {told - lines} lines of history")
    assert not wrong
