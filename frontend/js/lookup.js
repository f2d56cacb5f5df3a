// A select whose options the server searches: type, arrows, Enter. One of several keeps what is chosen as chips before the field.
const english = () => document.documentElement.lang === "en";
function make(select) {
  if (select.dataset.ready) return;
  select.dataset.ready = "1";
  const box = document.createElement("div");
  box.className = "lookup";
  const many = select.multiple;
  const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", className: "in", value: many ? "" : select.selectedOptions[0]?.textContent || "" });
  if (many) input.placeholder = english() ? "Type to find, Enter to add" : "输入查找，回车添加";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-label", document.querySelector(`label[for="${select.id}"]`)?.textContent.replace(/\*$/, "") || select.getAttribute("aria-label") || "");
  const list = Object.assign(document.createElement("ul"), { hidden: true });
  list.setAttribute("role", "listbox");
  list.id = `options-${select.id || select.name}`;
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  input.setAttribute("aria-controls", list.id);
  select.hidden = true;
  select.after(box);
  const chips = Object.assign(document.createElement("div"), { className: "picked" });
  if (many) {
    for (const option of [...select.options]) if (!option.selected) option.remove();
    box.append(chips);
  }
  box.append(input, list);
  let timer, asked = 0;
  // A dialog scrolls what does not fit: its list stands above it, where it is seen whole.
  const place = () => {
    if (list.hidden || !input.closest("dialog")) return;
    const at = input.getBoundingClientRect();
    const room = Math.max(innerHeight - at.bottom - 12, 96);
    Object.assign(list.style, { position: "fixed", left: `${at.left}px`, right: "auto", top: `${at.bottom}px`, width: `${at.width}px`, maxHeight: `${Math.min(260, room)}px` });
  };
  document.addEventListener("scroll", place, { capture: true, passive: true });
  const draw = () => {
    chips.replaceChildren(...[...select.options].map((option) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip on" });
      chip.setAttribute("aria-label", `${english() ? "Take out" : "移除"} ${option.textContent}`);
      chip.append(option.textContent, Object.assign(document.createElement("b"), { textContent: "×", ariaHidden: "true" }));
      chip.addEventListener("click", () => { remove(option); input.focus(); });
      return chip;
    }));
  };
  const changed = () => select.dispatchEvent(new Event("input", { bubbles: true }));
  const remove = (option) => { option?.remove(); draw(); changed(); };
  const add = (item) => {
    if (![...select.options].some((option) => option.value === item.dataset.value)) select.append(new Option(item.dataset.label, item.dataset.value, true, true));
    input.value = "";
    close();
    draw();
    changed();
  };
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const choose = many ? add : (item) => {
    select.replaceChildren(new Option(item.textContent, item.dataset.value, true, true));
    input.value = item.dataset.label;
    close();
    changed();
  };
  const ask = async () => {
    const url = new URL(select.dataset.searchUrl, location.href);
    url.searchParams.set("q", input.value);
    const customer = select.form?.elements.customer;
    if (customer && customer !== select && customer.value) url.searchParams.set("customer", customer.value);
    const turn = ++asked;
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { items } = await answer.json();
    if (turn !== asked) return; // an answer to what was typed before came later
    const chosen = many ? [...select.options].map((option) => option.value) : [];
    list.replaceChildren(...items.filter((item) => !chosen.includes(String(item.value))).map((item) => {
      const li = Object.assign(document.createElement("li"), { textContent: item.sub ? `${item.label} · ${item.sub}` : item.label });
      li.setAttribute("role", "option");
      li.dataset.value = item.value;
      li.dataset.label = item.label;
      li.addEventListener("mousedown", (event) => { event.preventDefault(); choose(li); });
      return li;
    }));
    list.firstElementChild?.setAttribute("aria-selected", "true");
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    place();
  };
  input.addEventListener("input", (event) => {
    if (!input.value && !many) select.replaceChildren(new Option("", "", true, true));
    if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 250); }
  });
  input.addEventListener("compositionend", ask);
  input.addEventListener("focus", ask);
  input.addEventListener("blur", () => { close(); input.value = many ? "" : select.selectedOptions[0]?.textContent.split(" · ")[0] || ""; });
  input.addEventListener("keydown", (event) => {
    if (many && event.key === "Backspace" && !input.value && !event.isComposing) { remove(select.options[select.options.length - 1]); return; }
    if (event.isComposing || list.hidden) return;
    const items = [...list.children];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[at]?.removeAttribute("aria-selected");
      items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.setAttribute("aria-selected", "true");
    }
    if (event.key === "Enter" && items[at]) { event.preventDefault(); choose(items[at]); }
    if (event.key === "Escape") { event.stopPropagation(); close(); }
  });
  if (many) draw();
}
const all = (root) => { for (const select of root.querySelectorAll?.("select[data-search-url]") || []) make(select); };
document.addEventListener("DOMContentLoaded", () => all(document));
document.addEventListener("zk:swapped", () => all(document));
