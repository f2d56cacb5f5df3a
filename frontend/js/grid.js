// The line grid: rows are added and taken away here; amounts always come from the server.
let next = 1000;
let timer;
const number = (form) => form.querySelectorAll("[data-line]").forEach((row, i) => { row.querySelector("[data-line-mark]").textContent = i + 1; });
async function add(form) {
  const answer = await fetch(`${form.dataset.grid}?row=${next++}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  form.querySelector("[data-lines]").insertAdjacentHTML("beforeend", await answer.text());
  const row = form.querySelector("[data-lines]").lastElementChild;
  document.dispatchEvent(new CustomEvent("zk:swapped", { detail: row }));
  number(form);
  row.querySelector("input:not([type=hidden]),select:not([hidden])")?.focus();
}
function recount(form) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    window.htmx.ajax("POST", form.dataset.grid, { source: form, target: "#totals", swap: "outerHTML", values: { _recount: "1" } });
  }, 300);
}
document.addEventListener("click", (event) => {
  const form = event.target.closest("form[data-grid]");
  if (!form) return;
  if (event.target.closest("[data-line-add]")) add(form);
  const gone = event.target.closest("[data-line-remove]");
  if (gone) {
    gone.closest("[data-line]").remove();
    number(form);
    recount(form);
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-grid]");
  if (form && event.target !== form && !event.isComposing) recount(form);
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-grid]");
  if (!form || event.isComposing) return;
  if (event.altKey && event.code === "KeyN") { event.preventDefault(); add(form); }
  // Enter goes down the column; in the last row it adds a line.
  if (event.key === "Enter" && event.target.matches("[data-line] input:not([role=combobox])") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const cell = event.target.closest("td").cellIndex;
    const below = event.target.closest("tr").nextElementSibling;
    if (below) below.cells[cell].querySelector("input,select")?.focus();
    else add(form);
  }
});
const all = () => { for (const form of document.querySelectorAll("form[data-grid]")) number(form); };
document.addEventListener("DOMContentLoaded", all);
document.addEventListener("zk:swapped", all);
