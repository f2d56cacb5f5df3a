// The decision map: drag a person onto their superior, or lift with Space, choose with arrows, put down with Enter.
import { csrf, show } from "./feedback.js";

const token = () => crypto.randomUUID().replaceAll("-", "");
const targets = () => [...document.querySelectorAll("[data-top],[data-person]")];
const target = (node) => node?.closest?.("[data-person],[data-top]");
const KEPT = "zk-map"; // whom to stand on again when the map has been drawn anew
let lifted = null;

document.addEventListener("DOMContentLoaded", () => {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept || !document.getElementById("dmap")) return;
  sessionStorage.removeItem(KEPT);
  document.querySelector(`[data-person="${CSS.escape(kept)}"]`)?.focus();
});

async function put(person, onto) {
  if (!onto || onto === person || (onto.dataset.person || "") === (person.dataset.boss || "")) return;
  const body = new URLSearchParams({ to: onto.dataset.person || "", _version: person.dataset.version, _once: token() });
  const answer = await fetch(person.dataset.hang, {
    method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true", "HX-Current-URL": location.href },
  });
  if (answer.ok) {
    sessionStorage.setItem(KEPT, person.dataset.person);
    location.assign(answer.headers.get("HX-Redirect") || location.href);
  }
  else show(await answer.text());
}
function clear() {
  lifted?.classList.remove("drag");
  for (const node of targets()) node.classList.remove("over");
  document.getElementById("dmap")?.classList.remove("lifting");
  lifted = null;
}
function lift(person) {
  lifted = person;
  person.classList.add("drag");
  document.getElementById("dmap").classList.add("lifting");
}
document.addEventListener("dragstart", (event) => {
  const person = event.target.closest?.("[data-hang]");
  if (!person) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", person.dataset.person);
  lift(person);
});
document.addEventListener("dragover", (event) => {
  const onto = lifted && target(event.target);
  if (!onto) return;
  event.preventDefault();
  for (const node of targets()) node.classList.toggle("over", node === onto && node !== lifted);
});
document.addEventListener("drop", (event) => {
  const onto = lifted && target(event.target);
  if (!onto) return;
  event.preventDefault();
  const person = lifted;
  clear();
  put(person, onto);
});
document.addEventListener("dragend", clear);
document.addEventListener("keydown", (event) => {
  const here = event.target;
  if (event.isComposing || !here.matches?.("[data-person],[data-top]")) return;
  if (event.key === " " && here.dataset.hang) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (lifted) clear(); else lift(here);
    return;
  }
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (step) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const all = targets();
    all[(all.indexOf(here) + step + all.length) % all.length].focus();
  }
  if (!lifted) return;
  if (event.key === "Escape") { event.preventDefault(); event.stopImmediatePropagation(); clear(); }
  if (event.key === "Enter") {
    event.preventDefault();
    event.stopImmediatePropagation();
    const person = lifted;
    clear();
    put(person, here);
  }
}, true);
