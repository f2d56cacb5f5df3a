// Toasts, dialogs, menus, the drawer: what answers a click.
const toasts = () => document.getElementById("toasts");
const dialog = () => document.getElementById("dialog");

export function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

export function toast(text, { undo_url: undo = "", link_url: link = "", link_text: label = "" } = {}) {
  const box = document.createElement("div");
  box.className = "toast-z";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: document.documentElement.lang === "en" ? "Undo" : "撤销" });
    button.addEventListener("click", () => takeBack(undo));
    box.append(button);
    box.dataset.undo = undo;
  }
  if (link) box.append(Object.assign(document.createElement("a"), { href: link, textContent: label }));
  toasts().append(box);
  expire(box);
}

export function offline() {
  toast(document.documentElement.lang === "en" ? "No connection. Your input is still here." : "网络中断，内容还在，请稍后重试");
}

async function takeBack(url) {
  const body = new URLSearchParams({ _once: crypto.randomUUID().replaceAll("-", ""), next: location.pathname + location.search });
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
  } catch { offline(); return; }
  if (answer.ok) location.reload();  // "taken back" waits there
  else show(await answer.text());
}

function expire(box) {
  let timer;
  const start = () => { timer = setTimeout(() => box.remove(), 8000); };
  for (const name of ["mouseenter", "focusin"]) box.addEventListener(name, () => clearTimeout(timer));
  for (const name of ["mouseleave", "focusout"]) box.addEventListener(name, start);
  start();
}

document.addEventListener("zk:toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("htmx:sendError", offline);
document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  if (status >= 500) toast(document.documentElement.lang === "en" ? "Something went wrong. Try again." : "出错了，请重试");
  else {  // what is not put into the page, e.g. that the record is gone, is said all the same
    const said = new DOMParser().parseFromString(responseText, "text/html").querySelector("[role=alert] > div")?.textContent.trim();
    if (said) toast(said);
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.closest("input,textarea,select")) {
    // Also what a page before this one has done: its message brings a form of its own.
    const last = [...document.querySelectorAll("[data-undo],[data-toast]:has(form)")].pop();
    if (last) { event.preventDefault(); takeBack(last.dataset.undo || last.querySelector("form").action); }
  }
});

// What is asked of the server shows at the top of the page until its answer is there.
let asked = 0;
function busy(step) {
  asked = Math.max(0, asked + step);
  document.documentElement.toggleAttribute("data-busy", asked > 0);
}
document.addEventListener("htmx:beforeRequest", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || link.pathname === location.pathname || /\/(export|template|rows|file|reasons|card)\//.test(link.pathname)) return;
  setTimeout(() => {  // when everybody else has had a word: a dialog, a closed peek lead nowhere
    if (event.defaultPrevented) return;
    document.documentElement.toggleAttribute("data-busy", true);
    setTimeout(() => busy(0), 8000);
  });
});
addEventListener("pageshow", () => { asked = 0; busy(0); });

// Dialogs: a link with data-dialog opens its page's fragment.
let opener = null;
export async function openDialog(url) {
  let answer;
  busy(1);
  try {
    answer = await fetch(url, { headers: { "HX-Request": "true" } });
  } catch { offline(); return; } finally { busy(-1); }
  if (answer.status === 401) { location.assign(answer.headers.get("HX-Redirect") || "/sign-in/"); return; }
  show(await answer.text());
}
export function show(html) {
  const box = dialog();
  box.innerHTML = html;
  window.htmx.process(box);
  document.dispatchEvent(new CustomEvent("zk:swapped", { detail: box }));
  if (!box.open) box.showModal();
  box.querySelector("input:not([type=hidden]),select,textarea,button:not([tabindex])")?.focus();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    opener = link;
    link.closest("details[open]")?.removeAttribute("open");
    openDialog(link.href);
  }
  if (event.target.closest("dialog [data-cancel]")) { event.preventDefault(); dialog().close(); opener?.focus(); }
  if (event.target.closest("[data-drawer]")) document.getElementById("side").classList.toggle("open");
  else if (!event.target.closest("#side")) document.getElementById("side")?.classList.remove("open");
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
});
// "Back" on an error: the browser's own way keeps what was typed.
document.addEventListener("click", (event) => {
  if (!event.target.closest("a[data-back]") || history.length < 2 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.back();
});
// "Log a follow-up": the box is on this page already, or on the one the link leads to.
function compose() {
  const text = document.querySelector("#composer textarea");
  text?.focus();
  text?.scrollIntoView({ block: "center" });
  return Boolean(text);
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-compose]") && compose()) event.preventDefault();
});
document.addEventListener("DOMContentLoaded", () => {
  if (location.hash === "#composer") compose();
  for (const box of document.querySelectorAll("[data-toast]")) expire(box);
  document.querySelector("[data-focus]")?.focus();
  themeNow();
});
document.addEventListener("htmx:afterSwap", (event) => {
  document.dispatchEvent(new CustomEvent("zk:swapped", { detail: event.detail.elt }));
  document.querySelector("[data-focus]")?.focus();
});

// "Like the system": the server cannot know, so the page asks the browser.
function themeNow() {
  const root = document.documentElement;
  if (root.dataset.bsTheme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", apply);
  apply();
}

// What is shown once is copied with one press; where the browser withholds the clipboard it is marked for the hand.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const field = button && document.querySelector(button.dataset.copy);
  if (!field) return;
  field.select();
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else if (!document.execCommand("copy")) return;
    toast(button.dataset.copied);
  } catch { /* it stays marked */ }
});

// A field that narrows what stands on the page: parts whose text does not have it are hidden.
document.addEventListener("input", (event) => {
  const wanted = event.target.dataset?.filter;
  if (!wanted) return;
  const text = event.target.value.trim().toLowerCase();
  for (const one of document.querySelectorAll(wanted)) one.hidden = Boolean(text) && !one.textContent.toLowerCase().includes(text);
  for (const box of document.querySelectorAll(".api-b section[id]")) box.hidden = Boolean(text) && !box.querySelector(`${wanted}:not([hidden])`);
});
