// A select whose options the server searches: type, arrows, Enter.
function make(select) {
  if (select.dataset.ready) return;
  select.dataset.ready = "1";
  const box = document.createElement("div");
  box.className = "lookup";
  const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", className: "in", value: select.selectedOptions[0]?.textContent || "" });
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
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); };
  const choose = (item) => {
    select.replaceChildren(new Option(item.textContent, item.dataset.value, true, true));
    input.value = item.dataset.label;
    close();
    select.dispatchEvent(new Event("input", { bubbles: true }));
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
    list.replaceChildren(...items.map((item) => {
      const li = Object.assign(document.createElement("li"), { textContent: item.sub ? `${item.label} · ${item.sub}` : item.label });
      li.setAttribute("role", "option");
      li.dataset.value = item.value;
      li.dataset.label = item.label;
      li.addEventListener("mousedown", (event) => { event.preventDefault(); choose(li); });
      return li;
    }));
    list.firstElementChild?.setAttribute("aria-selected", "true");
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    place();
  };
  input.addEventListener("input", (event) => {
    if (!input.value) select.replaceChildren(new Option("", "", true, true));
    if (!event.isComposing) { clearTimeout(timer); timer = setTimeout(ask, 250); }
  });
  input.addEventListener("compositionend", ask);
  input.addEventListener("focus", ask);
  input.addEventListener("blur", () => { close(); input.value = select.selectedOptions[0]?.textContent.split(" · ")[0] || ""; });
  input.addEventListener("keydown", (event) => {
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
}
const all = (root) => { for (const select of root.querySelectorAll?.("select[data-search-url]") || []) make(select); };
document.addEventListener("DOMContentLoaded", () => all(document));
document.addEventListener("zk:swapped", () => all(document));
