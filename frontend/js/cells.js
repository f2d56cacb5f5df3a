// Cells of a list changed where they stand: double click or E opens the field's own control over the
// cell. Enter and leaving it save, Tab goes to the next cell, Escape takes back. The box stands outside
// the table, which would cut it off where it scrolls.
import { csrf, toast } from "./feedback.js";
import { headsAnew } from "./groups.js";

let box = null; // { form, row, name, start, busy, saving, stale }
const cellOf = (row, name) => [...row.querySelectorAll("td[data-cell]")].find((cell) => cell.dataset.cell === name);
const rowNow = () => document.getElementById(box.row);
const shown = (cell) => cell.offsetParent !== null;
// Words and lines of the controls; the tokens of the post are not what somebody typed.
const content = (form) => new URLSearchParams([...new FormData(form)].filter(([name]) => !name.startsWith("_") && name !== "csrfmiddlewaretoken")).toString();

export const editing = () => Boolean(box);

function place() {
  if (!box) return;
  const cell = rowNow() && cellOf(rowNow(), box.name);
  if (!cell || !shown(cell)) { drop(); return; }
  const at = cell.getBoundingClientRect();
  const wide = Math.min(Math.max(at.width, 230), innerWidth - 16);
  box.form.style.width = `${wide}px`;
  box.form.style.left = `${Math.max(8, Math.min(at.left, innerWidth - wide - 8))}px`;
  box.form.style.top = `${Math.max(8, Math.min(at.top, innerHeight - box.form.offsetHeight - 8))}px`;
}
function drop() { box?.form.remove(); box = null; }

function put(html, cell) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const form = holder.content.querySelector("form[data-cell-form]");
  if (!form) return false;
  const start = box?.start; // after a refusal the words typed are not what is stored
  const stale = Boolean(box?.stale);
  box?.form.remove();
  document.body.append(form);
  box = { form, row: cell.closest("tr").id, name: cell.dataset.cell, start, busy: false, stale };
  for (const control of form.querySelectorAll(".in, input[type=text], input[type=number], textarea, select")) control.classList.add("in", "sm");
  document.dispatchEvent(new CustomEvent("zk:swapped", { detail: form }));
  box.start ??= content(form);
  place();
  const first = form.querySelector("input:not([type=hidden]):not([hidden]),select:not([hidden]),textarea");
  first?.focus();
  if (first?.matches("input[type=text],input:not([type]),input[type=number],input[type=url],input[type=email],input[type=tel]")) first.select();
  return true;
}
function said(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.textContent.replace(/\s+/g, " ").trim();
}
async function ask(url, options = {}) {
  try {
    return await fetch(url, { ...options, headers: { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": csrf() } });
  } catch {
    toast(document.documentElement.lang === "en" ? "No connection. Your input is still here." : "网络中断，内容还在，请稍后重试");
    return null;
  }
}
// An answer that leads elsewhere: signed out, or the record is out of sight now.
function leads(answer) {
  const to = answer.headers.get("HX-Redirect");
  if (!to) return false;
  drop();
  if (answer.status === 401) location.assign(to); else location.reload();
  return true;
}

export async function edit(cell) {
  if (!cell) return;
  // The first click of two has left another cell: that is saved first; its row may be drawn anew meanwhile.
  const { id } = cell.closest("tr");
  const name = cell.dataset.cell;
  const held = box;
  if (held) { save(null); await held.saving; }
  const row = document.getElementById(id);
  cell = row && cellOf(row, name);
  if (!cell || box) return;
  const url = `${cell.closest("tr").dataset.cells}${cell.dataset.cell}/`;
  cell.classList.add("opening");
  const answer = await ask(url);
  cell.classList.remove("opening");
  if (!answer || leads(answer)) return;
  const html = await answer.text();
  if (box || !cell.isConnected) return;
  if (!answer.ok || !put(html, cell)) toast(said(html).slice(0, 200));
}
function swapRow(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.querySelector("tr");
  const old = rowNow();
  if (!fresh || !old) return null;
  fresh.classList.toggle("sel", old.classList.contains("sel"));
  const chosen = fresh.querySelector("[data-select]");
  if (chosen) chosen.checked = Boolean(old.querySelector("[data-select]")?.checked);
  old.replaceWith(fresh);
  window.htmx.process(fresh);
  document.dispatchEvent(new CustomEvent("zk:swapped", { detail: fresh }));
  return fresh;
}
function stand(cell) { if (!cell) return; cell.tabIndex = -1; cell.focus({ preventScroll: false }); }
// The next cell that can be changed; past the end of a row that of the next one.
function beside(row, name, step) {
  const cells = [...document.querySelectorAll("#list tr[data-cells] td[data-cell]")].filter(shown);
  return cells[cells.indexOf(cellOf(row, name)) + step];
}
// `go`: 0 stays at the cell, 1 and -1 open the next and the one before, null leaves the focus where it went.
function save(go) {
  if (!box || box.busy) return;
  const mine = box;
  mine.saving = send(go);
}
async function send(go) {
  const { form, name } = box;
  if (content(form) === box.start && !box.stale) { close(go); return; }
  box.busy = true;
  form.setAttribute("aria-busy", "true");
  const answer = await ask(form.action, { method: "POST", body: new URLSearchParams([...new FormData(form)]) });
  if (box?.form !== form) return;
  box.busy = false;
  form.removeAttribute("aria-busy");
  if (!answer || leads(answer)) return;
  const html = await answer.text();
  if (answer.ok) {
    const fresh = swapRow(html);
    drop();
    const more = answer.headers.get("HX-Trigger");
    if (more) toast(JSON.parse(more)["zk:toast"].text, JSON.parse(more)["zk:toast"]);
    if (fresh) follow(fresh, name, go);
    if (fresh?.closest(".gr-b")) headsAnew(name);
    return;
  }
  if (answer.status === 409) box.stale = true;
  const row = rowNow();
  if (!row || !put(html, cellOf(row, name))) { drop(); toast(said(html).slice(0, 200)); }
}
function follow(row, name, go) {
  if (go === null) return;
  const next = go ? beside(row, name, go) : null;
  if (next) edit(next); else stand(cellOf(row, name));
}
function close(go) {
  const row = rowNow();
  const { name } = box;
  drop();
  if (row) follow(row, name, go);
}
// Taken back after somebody else was faster: the row shows what is stored now.
async function takeBack() {
  if (!box.stale) { close(0); return; }
  const { form, name } = box;
  const answer = await ask(`${form.action}?row`);
  if (box?.form !== form || !answer || leads(answer)) return;
  const fresh = answer.ok ? swapRow(await answer.text()) : null;
  drop();
  if (fresh) stand(cellOf(fresh, name));
}
document.addEventListener("keydown", (event) => {
  if (!box?.form.contains(event.target) || event.isComposing || event.keyCode === 229) return;
  // Where a list of choices is open the lookup has seen the key first: Enter has chosen, Escape does not come here.
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); takeBack(); return; }
  if (event.key === "Tab") {
    const controls = [...box.form.querySelectorAll("input:not([type=hidden]):not([hidden]),select:not([hidden]),textarea")];
    if (event.target !== controls.at(event.shiftKey ? 0 : -1) && controls.length > 1 && event.target.type === "checkbox") return;
    event.preventDefault();
    save(event.shiftKey ? -1 : 1);
    return;
  }
  const ends = event.key === "Enter" && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey);
  if (ends || ((event.ctrlKey || event.metaKey) && event.key === "s")) { event.preventDefault(); event.stopPropagation(); save(0); }
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-cell-form]")) return;
  event.preventDefault();
  delete event.target.dataset.sent;
});
document.addEventListener("focusout", (event) => {
  const form = box?.form;
  if (!form?.contains(event.target)) return;
  // What is being left must not catch the second click of two that were meant for the cell below it.
  form.classList.add("left");
  setTimeout(() => {
    if (box?.form === form && !box.busy && document.hasFocus() && !form.contains(document.activeElement)) save(null);
    form.classList.remove("left");
  });
});
addEventListener("resize", place);
addEventListener("scroll", place, true);
document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "list") drop(); });
document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("#list td[data-cell]");
  if (!cell || event.target.closest("a,button,input") || matchMedia("(max-width:767px)").matches) return;
  getSelection().removeAllRanges();
  edit(cell);
});
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("#list td[data-cell]");
  if (!cell || event.target !== cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = beside(cell.closest("tr"), cell.dataset.cell, step);
  if (next?.parentElement === cell.parentElement) { event.preventDefault(); stand(next); }
});
