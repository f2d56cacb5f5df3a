// The calendar: drag a plan to another hour or day, or lift it with Space, move with the arrows, drop with Enter.
import { csrf, offline, openDialog, show } from "./feedback.js";

let lifted = null;
const target = (cell, entry) => `${cell.dataset.at}${cell.dataset.at.includes("T") ? ":" + entry.dataset.minutes.slice(3) : "T" + entry.dataset.minutes}`;

async function move(entry, cell) {
  const body = new URLSearchParams({ to: target(cell, entry), _once: crypto.randomUUID().replaceAll("-", "") });
  let answer;
  try {
    answer = await fetch(entry.dataset.move, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true", "HX-Current-URL": location.href } });
  } catch { offline(); return; }
  if (!answer.ok) { show(await answer.text()); return; }
  sessionStorage.setItem("zk:moved", entry.dataset.entry);
  location.reload();  // the toast, with its way back, waits there
}
// Whoever moved something by keyboard goes on from where it lies now.
document.addEventListener("DOMContentLoaded", () => {
  const moved = sessionStorage.getItem("zk:moved");
  if (!moved) return;
  sessionStorage.removeItem("zk:moved");
  document.querySelector(`[data-calendar] [data-entry="${CSS.escape(moved)}"]`)?.focus();
});
const unmark = () => { for (const cell of document.querySelectorAll("[data-calendar] .over")) cell.classList.remove("over"); };
document.addEventListener("dragstart", (event) => {
  const entry = event.target.closest?.("[data-calendar] [data-entry]");
  if (!entry) return;
  lifted = { entry, home: entry.closest("[data-at]") };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", entry.dataset.entry);
});
document.addEventListener("dragover", (event) => {
  const cell = lifted && event.target.closest?.("[data-calendar] [data-at]");
  if (!cell) return;
  event.preventDefault();
  unmark();
  cell.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const cell = lifted && event.target.closest?.("[data-calendar] [data-at]");
  if (!cell) return;
  event.preventDefault();
  const { entry, home } = lifted;
  lifted = null;
  unmark();
  if (cell !== home) move(entry, cell);
});
document.addEventListener("dragend", () => { lifted = null; unmark(); });

document.addEventListener("keydown", (event) => {
  const entry = event.target.closest?.("[data-calendar] [data-entry]");
  if (!entry || event.target !== entry || event.isComposing) return;
  if (event.key === " ") {
    event.preventDefault();
    event.stopImmediatePropagation();
    unmark();
    lifted = lifted ? null : { entry, home: entry.closest("[data-at]"), cell: entry.closest("[data-at]") };
    lifted?.cell.classList.add("over");
    return;
  }
  if (!lifted?.cell) return;
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] || [];
  if (down !== undefined) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const row = lifted.cell.parentElement;
    const at = [...row.querySelectorAll("[data-at]")].indexOf(lifted.cell);
    const other = [...row.parentElement.children][row.sectionRowIndex + down];
    const cell = other && [...other.querySelectorAll("[data-at]")][at + right];
    if (cell) { unmark(); lifted.cell = cell; cell.classList.add("over"); cell.scrollIntoView({ block: "nearest" }); }
  }
  if (event.key === "Escape") { event.stopImmediatePropagation(); lifted = null; unmark(); }
  if (event.key === "Enter") {
    event.preventDefault();
    event.stopImmediatePropagation();
    const { cell, home } = lifted;
    lifted = null;
    unmark();
    if (cell !== home) move(entry, cell);
  }
}, true);
document.addEventListener("click", (event) => {
  const cell = event.target.closest?.("[data-calendar] [data-new]");
  if (cell && event.target === cell) openDialog(cell.dataset.new);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-auto]");
  if (form) form.submit();
});
