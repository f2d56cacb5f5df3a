// Lists: moving with the keyboard, peek, selection and the bulk bar.
import { edit, editing } from "./cells.js";
import { fold, headOf, peekAddress, unfolded } from "./groups.js";

const rows = () => [...document.querySelectorAll("#list tbody:not([hidden])>tr[data-row]")];
const boxes = () => [...document.querySelectorAll("#list tbody:not([hidden]) [data-select]")];
const small = () => matchMedia("(max-width:767px)").matches;
let at = -1;
let from = -1;  // the row that was chosen last: a range begins there

function focusRow(i) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(i, all.length - 1));
  all.forEach((row, n) => row.classList.toggle("sel", n === at));
  all[at].scrollIntoView({ block: "nearest" });
  // Focus that stands in a row goes along, in its column: keys act on the row that holds it.
  const held = document.activeElement?.closest("#list tr[data-row]");
  if (!held || held === all[at]) return;
  const cell = document.activeElement.closest("td[data-cell]");
  const there = cell && all[at].cells[cell.cellIndex]?.closest("td[data-cell]");
  if (there) there.tabIndex = -1;
  (there || all[at].querySelector("a,[data-select]"))?.focus({ preventScroll: true });
}
function chosen() { return [...document.querySelectorAll("#list [data-select]:checked")].map((box) => box.value); }
// `all` takes every match of the list, also those on other pages: a step of its own, ended by any other choice.
function bulk(all = false) {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const ids = chosen();
  const every = bar.querySelector("[data-bulk-all]");
  all = all && Boolean(every);
  bar.hidden = !ids.length;
  every?.setAttribute("aria-pressed", all);
  bar.querySelector("[data-bulk-count]").textContent = all ? every.dataset.count : ids.length;
  const query = all ? every.dataset.bulkAll : `ids=${ids.join(",")}`;
  for (const link of bar.querySelectorAll("[data-bulk-url]")) link.href = `${link.dataset.bulkUrl}${link.dataset.bulkUrl.includes("?") ? "&" : "?"}${query}`;
}
// One row, or with `range` all between the one chosen last and this one.
function choose(i, on, range = false) {
  const all = rows();
  const [low, high] = range && from >= 0 && from < all.length ? [Math.min(from, i), Math.max(from, i)] : [i, i];
  for (const row of all.slice(low, high + 1)) {
    const box = row.querySelector("[data-select]");
    if (box) box.checked = on;
  }
  from = i;
  bulk();
}
// Under the thumb rows are chosen in a mode of its own: else a tap opens them.
const picking = () => document.querySelector(".lw.picking");
function pick(on, row) {
  document.querySelector(".lw")?.classList.toggle("picking", on);
  if (row) choose(rows().indexOf(row), true);
}
let looked = 0;
// Moving on with the peek open takes it along; who holds the key down waits for the last row only.
function move(i) {
  focusRow(i);
  if (!document.querySelector("#peek .peek")) return;
  clearTimeout(looked);
  looked = setTimeout(() => peek(rows()[at]), 120);
}
function peek(row) {
  if (!row?.dataset.peek) return;
  focusRow(rows().indexOf(row));
  const address = row.closest("[data-grouped]") ? peekAddress(row.dataset.row) : row.dataset.peek;
  window.htmx.ajax("GET", address, { target: "#peek", swap: "innerHTML" }).then(() => {
    if (rows()[at] !== row) return;
    history.replaceState(null, "", address);
    document.querySelector(".lw")?.classList.add("peeking");
    document.querySelector("#peek .peek")?.focus();
  });
}
function open(row) { if (row.dataset.rows) fold(row); else if (row.dataset.url) location.assign(row.dataset.url); }
function closePeek() {
  const box = document.querySelector("#peek .peek");
  if (!box) return false;
  history.replaceState(null, "", document.querySelector("[data-grouped]") ? peekAddress("") : box.dataset.close);
  document.getElementById("peek").replaceChildren();
  document.querySelector(".lw")?.classList.remove("peeking");
  rows()[at]?.querySelector("a")?.focus();
  return true;
}
let waiting;
document.addEventListener("dblclick", () => clearTimeout(waiting));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-peek-close]")) { event.preventDefault(); closePeek(); return; }
  if (event.target.closest("[data-bulk-all]")) {
    for (const box of boxes()) box.checked = true;
    bulk(event.target.closest("[data-bulk-all]").getAttribute("aria-pressed") !== "true");
    return;
  }
  if (event.target.closest("[data-bulk-clear]")) { for (const box of document.querySelectorAll("#list .cb")) box.checked = false; bulk(); pick(false); return; }
  if (event.target.closest("[data-pick]")) { event.target.closest("details")?.removeAttribute("open"); pick(true); return; }
  const row = event.target.closest("#list tr[data-row]");
  const box = event.target.closest("[data-select]");
  if (row && event.target.closest("[data-fold]")) { at = rows().indexOf(row); fold(row); return; }
  if (row && box) { choose(rows().indexOf(row), box.checked, event.shiftKey); return; }
  if (row && picking() && row.querySelector("[data-select]")) {
    event.preventDefault();
    const own = row.querySelector("[data-select]");
    choose(rows().indexOf(row), !own.checked);
    return;
  }
  if (row && !event.target.closest("a,button,input,label,summary")) {
    at = rows().indexOf(row);
    if (!row.dataset.peek || small()) open(row);
    else if (!event.target.closest("td[data-cell]")) peek(row);
    else if (event.detail < 2) {
      // The second click of two opens the cell, so the peek waits whether it comes; the row answers at once.
      focusRow(at);
      clearTimeout(waiting);
      waiting = setTimeout(() => { if (!editing() && row.isConnected) peek(row); }, 240);
    }
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-select-all]")) bulk();
});
// A thumb that rests on a card chooses it.
let resting;
document.addEventListener("touchstart", (event) => {
  const row = event.target.closest?.("#list tr[data-row]");
  clearTimeout(resting);
  if (row?.querySelector("[data-select]") && small() && !picking()) resting = setTimeout(() => pick(true, row), 550);
}, { passive: true });
for (const name of ["touchend", "touchmove", "touchcancel"]) document.addEventListener(name, () => clearTimeout(resting), { passive: true });
document.addEventListener("contextmenu", (event) => { if (picking() && event.target.closest("#list tr[data-row]")) event.preventDefault(); });
// What the peek's own arrows show is the row one stands on.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "list") from = at = -1;
  if (event.detail.target?.id !== "peek") return;
  const shown = document.querySelector("#peek .peek")?.dataset.record;
  const i = rows().findIndex((row) => row.dataset.row === shown);
  if (i >= 0 && i !== at) focusRow(i);
  document.querySelector("#peek .peek")?.focus();
});
document.addEventListener("DOMContentLoaded", () => { at = rows().findIndex((row) => row.dataset.row === document.querySelector("#peek .peek")?.dataset.record); });
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && closePeek()) return;
  const inside = event.target.closest("#list tr[data-row]");
  if (event.target.closest("input:not(.cb),textarea,select") || !rows().length) return;
  // Keys act on the row that holds the focus; links and buttons elsewhere keep their own, which no letter is.
  if (inside) at = rows().indexOf(inside);
  else if (event.target.closest("a,button,summary") && (event.key.length > 1 || event.key === " ")) return;
  if (inside && event.key === "Enter" && event.target.closest("a,button")) return;
  if (inside && event.key === " " && event.target.closest("button")) return;
  const row = rows()[at];
  if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); move(at + 1); }
  if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); move(at - 1); }
  if (event.key === " " && row) { event.preventDefault(); if (row.dataset.rows) fold(row); else peek(row); }
  // Right unfolds a group, left folds it, also from one of its rows.
  const head = row && !event.target.closest("td[data-cell]") && (row.dataset.rows ? row : headOf(row));
  if (head && event.key === "ArrowRight" && head === row && !unfolded(head)) { event.preventDefault(); fold(head, true); }
  if (head && event.key === "ArrowLeft" && unfolded(head)) { event.preventDefault(); fold(head, false); focusRow(rows().indexOf(head)); }
  if (event.key === "Enter" && row) open(row);
  // With a peek open E belongs to the record in it.
  const cell = event.key === "e" && !document.querySelector('[data-key="e"]') && (event.target.closest("td[data-cell]") || row?.querySelector("td[data-cell]"));
  if (cell) { event.preventDefault(); edit(cell); }
  const box = (event.key === "x" || event.key === "X") && row?.querySelector("[data-select]");
  if (box) choose(at, event.shiftKey || !box.checked, event.shiftKey);
  // The keys of the bulk bar take the row one stands on where none is chosen.
  const all = event.key.length === 1 && document.querySelector(`[data-bulk] [data-bulk-key="${CSS.escape(event.key)}"]`);
  if (all && (chosen().length || row) && !document.querySelector("#peek .peek")) {
    event.preventDefault();
    if (!chosen().length) choose(at, true);
    all.click();
  }
});

// The chosen tab comes into sight where a row of tabs is wider than the screen.
function showTab() {
  for (const tabs of document.querySelectorAll(".tabs")) {
    const on = tabs.querySelector(":scope > .on");
    if (on) tabs.scrollLeft = on.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - on.offsetWidth) / 2;
  }
}
document.addEventListener("DOMContentLoaded", showTab);
// The numbers beside the tabs come later and make them wider.
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.pathInfo?.requestPath?.includes("/views/counts/?list=")) showTab(); });

// The table scrolls by itself: whoever comes back finds it where it was.
const scroller = () => document.querySelector("#list .tw");
addEventListener("pagehide", () => {
  if (scroller()) sessionStorage.setItem("zk:scroll", JSON.stringify([location.href, scroller().scrollTop, scroller().scrollLeft]));
});
document.addEventListener("DOMContentLoaded", () => {
  if (!scroller() || performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  const [href, top, left] = JSON.parse(sessionStorage.getItem("zk:scroll") || "[]");
  if (href === location.href) scroller().scrollTo(left, top);
});
