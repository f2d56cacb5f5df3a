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
  box.replaceChildren(document.getElementById("palette-frame").content.cloneNode(true));
  box.classList.add("pal-d");
  // The news of one closing may come when the next has opened already.
  box.onclose = () => { if (!box.open) box.classList.remove("pal-d"); };
  const input = box.querySelector("input");
  const list = box.querySelector(".pal-b");
  const choose = (item) => {
    for (const one of list.querySelectorAll(".pal.on")) { one.classList.remove("on"); one.setAttribute("aria-selected", "false"); }
    item?.classList.add("on");
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
  };
  let timer;
  let control;
  let shown = null;  // what the answers on the screen are about
  const ask = async () => {
    clearTimeout(timer);
    control?.abort();
    control = new AbortController();
    const typed = input.value;
    try {
      const answer = await fetch(`${url}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" }, signal: control.signal });
      list.innerHTML = await answer.text();
      shown = typed;
      list.scrollTop = 0;
      choose(list.querySelector(".pal"));
    } catch { /* a newer question is on its way */ }
  };
  // Who types fast and presses Enter means what is typed, not what was found before.
  const go = async (aside) => {
    if (shown !== input.value) await ask();
    const item = shown === input.value && list.querySelector(".pal.on");
    if (!item) return;
    if (aside) { window.open(item.href, "_blank", "noopener"); return; }
    box.close();  // what leads to a place on this very page only moves it
    item.click();
  };
  input.addEventListener("input", (event) => { if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 150); } });
  input.addEventListener("compositionend", ask);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const items = [...list.querySelectorAll(".pal")];
    const at = items.findIndex((item) => item.classList.contains("on"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      go(event.ctrlKey || event.metaKey);
    }
  });
  list.addEventListener("mousemove", (event) => { const item = event.target.closest(".pal:not(.on)"); if (item) choose(item); });
  box.querySelector("[data-palette-close]").addEventListener("click", () => box.close());
  box.showModal();
  input.focus();
  ask();
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) palette(); });
export { openDialog };
