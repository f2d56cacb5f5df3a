// The board: drag with the mouse or finger, or lift with Space, move with arrows, drop with Enter.
import Sortable from "sortablejs";
import { csrf, show, toast } from "./feedback.js";

const lanes = () => [...document.querySelectorAll("[data-lane]")];
const token = () => crypto.randomUUID().replaceAll("-", "");
let lifted = null;

async function drop(card, lane, back) {
  const body = new URLSearchParams({ to: lane.dataset.lane, _version: card.dataset.version, _once: token() });
  const answer = await fetch(card.dataset.move, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  if (answer.ok) {
    const trigger = answer.headers.get("HX-Trigger");
    window.htmx.ajax("GET", location.href, { target: "#board", swap: "outerHTML", select: "#board" }).then(() => {
      document.querySelector(`[data-card="${card.dataset.card}"]`)?.focus();
      start();
      if (trigger) { const said = JSON.parse(trigger)["zk:toast"]; toast(said.text, said); }
    });
    return;
  }
  back();
  show(await answer.text());
}
function start() {
  for (const lane of lanes()) {
    const list = lane.querySelector("[data-cards]");
    if (list.dataset.ready) continue;
    list.dataset.ready = "1";
    Sortable.create(list, {
      group: "board", draggable: "[data-card]", delay: 120, delayOnTouchOnly: true, animation: 0,
      onEnd({ item, from, to, oldIndex }) {
        if (from === to) return;
        drop(item, to.closest("[data-lane]"), () => from.insertBefore(item, from.children[oldIndex] || null));
      },
    });
  }
}
document.addEventListener("DOMContentLoaded", start);
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.target !== card || event.isComposing) return;
  const all = lanes();
  const here = all.findIndex((lane) => lane.contains(card));
  if (event.key === " ") {
    event.preventDefault();
    event.stopImmediatePropagation();
    lifted = lifted ? null : { card, from: card.parentElement, next: card.nextElementSibling };
    card.classList.toggle("drag", Boolean(lifted));
    return;
  }
  if (!lifted) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) { event.preventDefault(); all[here + step]?.querySelector("[data-cards]").prepend(card); card.focus(); }
  const put = lifted;
  const back = () => { put.from.insertBefore(card, put.next); card.focus(); };
  if (event.key === "Escape") { card.classList.remove("drag"); lifted = null; back(); }
  if (event.key === "Enter") {
    event.preventDefault();
    card.classList.remove("drag");
    lifted = null;
    if (put.from !== card.parentElement) drop(card, all[here], back);
  }
}, true);
document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-move-to]");
  if (!choice) return;
  const card = choice.closest("[data-card]");
  drop(card, document.querySelector(`[data-lane="${choice.dataset.moveTo}"]`), () => {});
});
