// Lists by groups: a head unfolds to its rows, which come then. What is unfolded stands in the address,
// so that going back, and whoever gets the address, finds it so.
const MOST = 20;
const heads = () => [...document.querySelectorAll("#list tr[data-rows]")];
const knob = (head) => head.querySelector("[data-fold]");
const bodyOf = (head) => head.closest("tbody").nextElementSibling;

export const unfolded = (head) => knob(head).getAttribute("aria-expanded") === "true";
// The head over a row of a group.
export const headOf = (row) => row.closest("tbody.gr-b")?.previousElementSibling?.querySelector("tr[data-rows]");

function remember(key, on) {
  const here = new URL(location.href);
  const open = here.searchParams.getAll("open").filter((one) => one !== key);
  here.searchParams.delete("open");
  for (const one of (on ? [...open, key] : open).slice(-MOST)) here.searchParams.append("open", one);
  history.replaceState(history.state, "", here);
}
export async function fold(head, on = !unfolded(head)) {
  const body = bodyOf(head);
  knob(head).setAttribute("aria-expanded", on);
  body.hidden = !on;
  if (body.dataset.stale) { delete body.dataset.stale; body.replaceChildren(); }
  remember(head.dataset.group, on);
  if (!on || body.childElementCount || body.hasAttribute("aria-busy")) return;
  body.setAttribute("aria-busy", "true");
  await window.htmx.ajax("GET", head.dataset.rows, { target: body, swap: "innerHTML" });
  body.removeAttribute("aria-busy");
}
// A cell of the list was changed: the heads say what their groups come to now. A row that another group
// counts from now on stays where one has it before one's eyes; each group shows its own when it is next unfolded.
let turn = 0;
export async function headsAnew(field) {
  const box = document.querySelector("#list [data-grouped]");
  if (!box) return;
  const mine = ++turn;
  let answer;
  try { answer = await fetch(location.href, { headers: { "HX-Request": "true", "HX-Target": "groups" } }); } catch { return; }
  if (!answer.ok || mine !== turn) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  if (mine !== turn || !box.isConnected) return;
  const name = (row) => row.dataset.group ?? row.querySelector(".gname > :first-child").textContent;
  const lines = (root) => [...root.querySelectorAll(".gh > tr, tfoot > tr")];
  const now = new Map(lines(holder.content).map((row) => [name(row), row]));
  for (const row of lines(box)) {
    const fresh = now.get(name(row));
    now.delete(name(row));
    row.querySelector(".gn").textContent = fresh?.querySelector(".gn").textContent ?? "0";
    for (const [i, cell] of [...row.cells].slice(2).entries()) {
      if (fresh) cell.replaceWith(fresh.cells[i + 2].cloneNode(true)); else cell.textContent = "";
    }
  }
  for (const row of now.values()) {  // a group there was none of
    const head = row.closest("tbody");
    const body = head.nextElementSibling;
    if (row.dataset.rows) { body.id = `group-rows-${row.dataset.group}`; knob(row).setAttribute("aria-controls", body.id); }
    box.querySelector("tfoot").before(head, ...(row.dataset.rows ? [body] : []));
    window.htmx.process(head);
  }
  if (field === box.dataset.grouped) {
    for (const body of box.querySelectorAll(".gr-b")) if (body.hidden) body.replaceChildren(); else body.dataset.stale = "1";
  }
}
// Where a list by groups has a peek beside it, the address keeps the groups and what is unfolded.
export function peekAddress(id) {
  const here = new URL(location.href);
  if (id) here.searchParams.set("peek", id); else here.searchParams.delete("peek");
  return here.pathname + here.search;
}
function begin() { for (const head of document.querySelectorAll("#list tr[data-unfold]")) fold(head, true); }

document.addEventListener("click", async (event) => {
  const all = event.target.closest("[data-fold-all]");
  if (!all) return;
  const on = all.getAttribute("aria-pressed") !== "true";
  all.setAttribute("aria-pressed", on);
  all.textContent = on ? all.dataset.less : all.dataset.more;
  for (const head of on ? heads().slice(0, MOST) : heads()) if (unfolded(head) !== on) await fold(head, on);
});
document.addEventListener("DOMContentLoaded", begin);
document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "list") begin(); });
