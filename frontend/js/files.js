// Files: chosen, dropped or pasted ones go up at once, with a bar; Esc closes the preview.
function send(form, list) {
  if (!list.length || form.dataset.sent) return;
  const input = form.querySelector("input[type=file][multiple]");
  if (input.files !== list) {
    input.files = list;
    for (const other of form.querySelectorAll("input[type=file]")) if (other !== input) other.value = "";
  }
  form.requestSubmit();
}
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-drop]");
  if (form && event.target.type === "file" && event.target.files.length) form.requestSubmit();
});
// Beside the paper clip stands what hangs on it.
document.addEventListener("change", (event) => {
  const said = event.target.closest?.("label.cfile")?.querySelector("[data-chosen]");
  if (said) said.textContent = [...event.target.files].map((file) => file.name).join(", ");
});
const zone = (event) => event.dataTransfer?.types.includes("Files") && document.querySelector("form[data-drop]");
document.addEventListener("dragover", (event) => {
  const form = zone(event);
  if (form) { event.preventDefault(); form.classList.add("over"); }
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.querySelector("form[data-drop]")?.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  const form = zone(event);
  if (!form) return;
  event.preventDefault();
  form.classList.remove("over");
  send(form, event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const form = document.querySelector("form[data-drop]");
  if (form && event.clipboardData?.files.length && !event.target.closest("input,textarea")) { event.preventDefault(); send(form, event.clipboardData.files); }
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.closest?.("form[data-drop]")?.querySelector("progress");
  if (bar && event.detail.lengthComputable) { bar.hidden = false; bar.value = 100 * event.detail.loaded / event.detail.total; }
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-drop]");
  if (form?.isConnected) { form.querySelector("progress").hidden = true; form.reset(); }
});
let opened = "";
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-file-open]");
  if (link) opened = link.closest("li").id;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]")) return;
  const close = document.querySelector("[data-file-close]");
  if (!close) return;
  document.addEventListener("htmx:afterSettle", () => (document.querySelector(`#${CSS.escape(opened || "none")} a`) || document.querySelector("#files-add input"))?.focus(), { once: true });
  close.click();
});
