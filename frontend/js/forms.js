// Forms: one post at a time, unsaved changes guarded, dates as people type them.
function dateFrom(text) {
  const today = new Date();
  const words = { 今天: 0, today: 0, 明天: 1, tomorrow: 1, 后天: 2, 昨天: -1 };
  let found = null;
  if (text in words) { found = new Date(today); found.setDate(today.getDate() + words[text]); }
  const plus = /^([+-]\d{1,3})$/.exec(text);
  if (plus) { found = new Date(today); found.setDate(today.getDate() + Number(plus[1])); }
  const short = /^(\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (short) found = new Date(today.getFullYear(), short[1] - 1, short[2]);
  return found && `${found.getFullYear()}-${String(found.getMonth() + 1).padStart(2, "0")}-${String(found.getDate()).padStart(2, "0")}`;
}
document.addEventListener("focusout", (event) => {
  const input = event.target;
  if (!input.matches?.("input[data-date]")) return;
  const found = dateFrom(input.value.trim());
  if (found) input.value = found;
});

let dirty = null; // the form that holds what is not saved
function soil(form) {
  dirty = form;
  const mark = form?.querySelector("[data-dirty]");
  if (mark) mark.hidden = false;
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-form]");
  if (form) soil(form);
});
// What stands in a dialog that was left with "Cancel" is given up.
addEventListener("beforeunload", (event) => { if (dirty?.isConnected && !dirty.closest("dialog:not([open])")) event.preventDefault(); });

// A second click while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  dirty = null;
  if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { for (const button of form.querySelectorAll("[data-submit]")) button.disabled = true; });
}, true);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (event.detail.xhr?.getResponseHeader("HX-Redirect")) return;  // the page is on its way out: a late second click still does nothing
  delete form.dataset.sent;
  for (const button of form.querySelectorAll?.("[data-submit]") || []) button.disabled = false;
  // Refused, the form comes back with what was typed, which is not saved yet.
  const sent = event.detail.requestConfig?.elt;
  if (sent?.matches("form[data-form]") && [409, 422].includes(event.detail.xhr?.status)) soil(sent.isConnected ? sent : document.getElementById(sent.id));
});
addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

// Theme and row height change at once; the server keeps them.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-preference]");
  if (!form || form.dataset.preference === "language") return;
  event.preventDefault();
  delete form.dataset.sent;
  const { name, value } = event.submitter;
  const root = document.documentElement;
  if (name === "theme") root.dataset.bsTheme = value === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : value;
  else root.dataset[name] = value;
  const body = new URLSearchParams(new FormData(form));
  body.set(name, value);
  fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
});

// Something that looks the same is shown while the name is typed.
let asked;
document.addEventListener("input", (event) => {
  const url = event.target.dataset?.checkUrl;
  if (!url || event.isComposing) return;
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const answer = await fetch(`${url}?name=${encodeURIComponent(event.target.value)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    let box = event.target.parentElement.querySelector("[data-check]");
    if (!box) { box = Object.assign(document.createElement("div")); box.dataset.check = ""; box.setAttribute("aria-live", "polite"); event.target.after(box); }
    box.innerHTML = await answer.text();
  }, 250);
});

// A field that is of use only with some values of another (its data-when says which) is folded away otherwise.
function foldFields(root = document) {
  for (const field of root.querySelectorAll?.("[data-when]") || []) {
    const [name, values] = field.dataset.when.split("=");
    const box = field.closest(".fld");
    const other = field.closest("form")?.elements[name];
    if (box && other) box.hidden = !values.split(" ").includes(other.value) && !box.querySelector(".fe");
  }
}
document.addEventListener("DOMContentLoaded", () => foldFields());
document.addEventListener("zk:swapped", (event) => foldFields(event.detail));
document.addEventListener("change", (event) => { if (event.target.form) foldFields(event.target.form); });

// The eye beside a password shows what is typed, until the form is sent.
function eyes(root) { for (const eye of root.querySelectorAll("[data-eye]")) eye.hidden = false; }
function look(eye, open) {
  eye.setAttribute("aria-pressed", String(open));
  eye.previousElementSibling.type = open ? "text" : "password";
}
document.addEventListener("DOMContentLoaded", () => eyes(document));
document.addEventListener("zk:swapped", (event) => eyes(event.detail));
document.addEventListener("click", (event) => {
  const eye = event.target.closest("[data-eye]");
  if (eye) look(eye, eye.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("submit", (event) => {
  for (const eye of event.target.querySelectorAll("[data-eye]")) look(eye, false);
}, true);
