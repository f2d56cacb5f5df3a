// @ in a discussion: a list of colleagues by name or pinyin, also while a Chinese word is still being composed.
const TOKEN = /@([^\s@]{0,20})$/;

function make(area) {
  if (area.dataset.ready) return;
  area.dataset.ready = "1";
  const list = Object.assign(document.createElement("ul"), { hidden: true, id: `${area.id}-people` });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.getAttribute("aria-label"));
  const said = document.createElement("span");
  said.className = "vh";
  said.setAttribute("aria-live", "polite");
  area.parentElement.classList.add("lookup");
  area.after(list, said);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  let timer;
  let asked = 0;
  const close = () => { clearTimeout(timer); asked += 1; list.hidden = true; area.removeAttribute("aria-activedescendant"); };
  const typed = () => TOKEN.exec(area.value.slice(0, area.selectionStart));
  const mark = (item) => {
    for (const other of list.children) other.setAttribute("aria-selected", other === item);
    if (item) area.setAttribute("aria-activedescendant", item.id);
  };
  const choose = (item) => {
    const found = typed();
    if (!item || item.getAttribute("aria-disabled") === "true" || !found) return;
    const begin = area.selectionStart - found[0].length;
    area.setRangeText(`@${item.dataset.label} `, begin, area.selectionStart, "end");
    area.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "mention", value: item.dataset.value }));
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  };
  const ask = async () => {
    const found = typed();
    if (!found) { close(); return; }
    const turn = ++asked;
    const answer = await fetch(`${area.dataset.mention}?q=${encodeURIComponent(found[1].replaceAll("'", ""))}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || turn !== asked) return;
    const { items } = await answer.json();
    list.replaceChildren(...items.map((item, i) => {
      const li = Object.assign(document.createElement("li"), { id: `${list.id}-${i}`, textContent: item.sees ? [item.label, item.sub].filter(Boolean).join(" · ") : item.why });
      li.setAttribute("role", "option");
      li.dataset.value = item.value;
      li.dataset.label = item.label;
      if (!item.sees) li.className = "mut";
      if (!item.sees && (!item.can || area.dataset.seeing)) li.setAttribute("aria-disabled", "true");
      li.addEventListener("mousedown", (event) => { event.preventDefault(); choose(li); });
      return li;
    }));
    mark(list.querySelector("li:not([aria-disabled])"));
    list.hidden = !items.length;
    said.textContent = items.length ? area.dataset.found : area.dataset.none;
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(ask, 180); };
  area.addEventListener("input", () => { if (typed()) soon(); else close(); });
  area.addEventListener("compositionend", soon);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    // Keys of the composition belong to the input method.
    if (event.isComposing || event.keyCode === 229 || list.hidden) return;
    const items = [...list.querySelectorAll("li:not([aria-disabled])")];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (items.length) mark(items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]);
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && items[at]) {
      event.preventDefault();
      choose(items[at]);
    } else if (event.key === "Escape") { event.stopPropagation(); close(); }
  });
}
const all = () => { for (const area of document.querySelectorAll("textarea[data-mention]")) make(area); };
document.addEventListener("DOMContentLoaded", all);
document.addEventListener("zk:swapped", all);
document.addEventListener("toggle", (event) => { if (event.target.open) event.target.querySelector("textarea[data-mention]")?.focus(); }, true);
// The figure at a tab follows what was just written or deleted.
document.addEventListener("zk:count", (event) => {
  const tab = document.querySelector(`.hd .tabs a[href$="/${CSS.escape(event.detail.tab)}/"]`);
  if (!tab) return;
  let n = tab.querySelector(".n");
  if (!n) { n = Object.assign(document.createElement("span"), { className: "n" }); tab.append(" ", n); }
  n.textContent = event.detail.n || "";
});
