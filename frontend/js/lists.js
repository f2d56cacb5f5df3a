// Lists: moving with the keyboard, peek, selection and the bulk bar.
import { edit, editing } from "./cells.js";

const rows = () => [...document.querySelectorAll("#list tr[data-row]")];
let at = -1;

function focusRow(i) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(i, all.length - 1));
  all.forEach((row, n) => row.classList.toggle("sel", n === at));
  all[at].scrollIntoView({ block: "nearest" });
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
  for (const link of bar.querySelectorAll("[data-bulk-url]")) link.href = `${link.dataset.bulkUrl}?${query}`;
}
function peek(row) {
  if (!row?.dataset.peek) return;
  window.htmx.ajax("GET", row.dataset.peek, { target: "#peek", swap: "innerHTML" }).then(() => {
    history.replaceState(null, "", row.dataset.peek);
    document.querySelector(".lw")?.classList.add("peeking");
    document.querySelector("#peek .peek")?.focus();
  });
}
// A line of a grouped list leads to its rows; the line of all further groups leads nowhere.
function open(row) { if (row.dataset.url) location.assign(row.dataset.url); }
function closePeek() {
  const box = document.querySelector("#peek .peek");
  if (!box) return false;
  history.replaceState(null, "", box.dataset.close);
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
    for (const box of document.querySelectorAll("#list [data-select]")) box.checked = true;
    bulk(event.target.closest("[data-bulk-all]").getAttribute("aria-pressed") !== "true");
    return;
  }
  if (event.target.closest("[data-bulk-clear]")) { for (const box of document.querySelectorAll("#list .cb")) box.checked = false; bulk(); return; }
  const row = event.target.closest("#list tr[data-row]");
  if (row && !event.target.closest("a,button,input,label,summary")) {
    at = rows().indexOf(row);
    if (!row.dataset.peek || matchMedia("(max-width:767px)").matches) open(row);
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
  if (event.target.matches("[data-select-all]")) for (const box of document.querySelectorAll("#list [data-select]")) box.checked = event.target.checked;
  if (event.target.matches("[data-select],[data-select-all]")) bulk();
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && closePeek()) return;
  const inside = event.target.closest("#list tr[data-row]");
  if (event.target.closest("input:not(.cb),textarea,select") || !rows().length) return;
  // Keys act on the row that holds the focus; links and buttons elsewhere keep their own.
  if (inside) at = rows().indexOf(inside);
  else if (event.target.closest("a,button,summary") && event.key !== "j" && event.key !== "k") return;
  if (inside && event.key === "Enter" && event.target.closest("a,button")) return;
  const row = rows()[at];
  if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); focusRow(at + 1); }
  if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); focusRow(at - 1); }
  if (event.key === " " && row) { event.preventDefault(); peek(row); }
  if (event.key === "Enter" && row) open(row);
  // With a peek open E belongs to the record in it.
  const cell = event.key === "e" && !document.querySelector('[data-key="e"]') && (event.target.closest("td[data-cell]") || row?.querySelector("td[data-cell]"));
  if (cell) { event.preventDefault(); edit(cell); }
  const box = event.key === "x" && row?.querySelector("[data-select]");
  if (box) { box.checked = !box.checked; bulk(); }
});

// The chosen tab comes into sight where a row of tabs is wider than the screen.
function showTab() {
  for (const tabs of document.querySelectorAll(".tabs")) {
    const on = tabs.querySelector(":scope > .on");
    if (on) tabs.scrollLeft = on.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - on.offsetWidth) / 2;
  }
}
document.addEventListener("DOMContentLoaded", showTab);
