// Single keys and the palette; never while something is typed or composed.
import { openDialog } from "./feedback.js";

const places = { h: "/", c: "/customers/", o: "/opportunities/", b: "/opportunities/board/", f: "/reports/funnel/", t: "/tasks/", a: "/activities/" };
let waiting = false;

function busy(event) {
  return event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,textarea,select,[contenteditable]") || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k") { event.preventDefault(); palette(); return; }
  if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) {
    const form = event.target.closest?.("form[data-form]") || document.querySelector("dialog[open] form, main form[data-form]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (busy(event)) return;
  if (waiting && places[event.key]) { location.assign(places[event.key]); return; }
  waiting = event.key === "g";
  if (waiting) { setTimeout(() => { waiting = false; }, 1200); return; }
  if (event.key === "/") { event.preventDefault(); document.querySelector("[data-find]")?.focus(); return; }
  if (event.key === "c") { const menu = document.querySelector("details.menu > summary[aria-keyshortcuts=C]"); if (menu) { event.preventDefault(); menu.parentElement.open = true; menu.parentElement.querySelector("a")?.focus(); } return; }
  if (event.key === "[" || event.key === "]") {
    const tabs = [...document.querySelectorAll(".hd .tabs a")];
    const at = tabs.findIndex((tab) => tab.classList.contains("on"));
    tabs[at + (event.key === "]" ? 1 : -1)]?.click();
    return;
  }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) { event.preventDefault(); if (target.matches("textarea,input")) target.focus(); else target.click(); }
});

function palette() {
  const url = document.querySelector("[data-palette]")?.dataset.palette;
  if (!url) return;
  const box = document.getElementById("dialog");
  box.innerHTML = '<input class="pal-in" type="search" maxlength="100" role="combobox" aria-expanded="true" aria-controls="palette-list"><div class="pal-b" role="listbox" id="palette-list"></div>';
  const input = box.querySelector("input");
  const list = box.querySelector("div");
  for (const named of [input, list]) named.setAttribute("aria-label", document.documentElement.lang === "en" ? "Search" : "搜索");
  let timer;
  let control;
  const ask = async () => {
    control?.abort();
    control = new AbortController();
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(input.value)}`, { headers: { "HX-Request": "true" }, signal: control.signal });
      list.innerHTML = await answer.text();
      list.querySelector(".pal")?.classList.add("on");
    } catch { /* a newer question is on its way */ }
  };
  input.addEventListener("input", (event) => { if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 150); } });
  input.addEventListener("compositionend", ask);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const items = [...list.querySelectorAll(".pal")];
    const at = items.findIndex((item) => item.classList.contains("on"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[at]?.classList.remove("on");
      const next = items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
      next?.classList.add("on");
      next?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") { event.preventDefault(); items[at]?.click(); }
  });
  box.showModal();
  input.focus();
  ask();
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) palette(); });
export { openDialog };
