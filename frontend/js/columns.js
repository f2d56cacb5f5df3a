// The columns of a list in one's own order: dragged, by the buttons, or Alt with the arrows. The form
// sends them as they stand.
function say(item) {
  const all = [...item.parentElement.children];
  const box = item.closest("form").querySelector("[data-order-said]");
  if (box) box.textContent = `${item.querySelector("label").textContent.trim()}: ${all.indexOf(item) + 1} / ${all.length}`;
}
function step(item, by) {
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  const held = document.activeElement;
  if (by < 0) other.before(item); else other.after(item);
  held?.focus();
  item.scrollIntoView({ block: "nearest" });
  say(item);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-order] [data-step]");
  if (button) step(button.closest("li"), Number(button.dataset.step));
});
document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[data-order] li");
  if (!item || !event.altKey || event.isComposing || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  step(item, event.key === "ArrowUp" ? -1 : 1);
});
let held = null;
document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-order] li") || null;
  if (held) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", ""); held.classList.add("drag"); }
});
document.addEventListener("dragover", (event) => {
  const over = held && event.target.closest?.("[data-order] li");
  if (!over || over.parentElement !== held.parentElement) return;
  event.preventDefault();
  if (over === held) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(held); else over.after(held);
});
document.addEventListener("drop", (event) => { if (held) event.preventDefault(); });
document.addEventListener("dragend", () => { if (held) { held.classList.remove("drag"); say(held); } held = null; });
