// Files that go ahead of their form: chosen, dropped, pasted or photographed; the form carries the number.
import { csrf } from "./feedback.js";

const boxOf = (target) => target.closest?.("[data-hold]") || target.closest?.("form")?.querySelector("[data-hold][data-many]");
const say = (box, text) => { const line = box.querySelector("[data-said]"); line.textContent = text; line.hidden = !text; };
const changed = (box) => box.dispatchEvent(new Event("input", { bubbles: true }));

function upload(box, file) {
  const bar = box.querySelector("progress");
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name || "image.png");
  return new Promise((done) => {
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = 100 * event.loaded / event.total; });
    request.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* no answer of ours */ }
      done(request.status === 201 ? answer : { error: answer.error || box.dataset.failed });
    });
    request.open("POST", box.dataset.hold);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}
function put(box, answer) {
  const place = box.querySelector("[data-held]");
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  const chip = holder.content.firstElementChild;
  if (box.dataset.many) {
    chip.append(Object.assign(document.createElement("input"), { type: "hidden", name: box.dataset.many, value: answer.id }));
    place.append(chip);
  } else {
    place.replaceChildren(chip);
    box.querySelector(`input[name="${CSS.escape(box.dataset.name)}"]`).value = answer.id;
  }
}
async function take(box, files) {
  if (!files.length || box.dataset.busy) return;
  const form = box.closest("form");
  const send = form?.querySelector("[data-submit]");
  const bar = box.querySelector("progress");
  box.dataset.busy = "1";
  say(box, "");
  bar.value = 0;
  bar.hidden = false;
  if (send) send.disabled = true; // what is under way shall not be left behind
  for (const file of box.dataset.many ? files : [...files].slice(0, 1)) {
    const answer = await upload(box, file);
    if (answer.error) say(box, answer.error); else put(box, answer);
  }
  bar.hidden = true;
  delete box.dataset.busy;
  if (send) send.disabled = false;
  for (const input of box.querySelectorAll("input[type=file]")) input.value = "";
  changed(box);
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-hold-file]")) take(event.target.closest("[data-hold]"), event.target.files);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unhold]");
  const box = button?.closest("[data-hold]");
  if (!box) return;
  button.closest("[data-chip]").remove();
  const kept = box.dataset.many ? null : box.querySelector(`input[name="${CSS.escape(box.dataset.name)}"]`);
  if (kept) kept.value = "";
  changed(box);
  box.querySelector("input[type=file]").focus();
});
document.addEventListener("paste", (event) => {
  const box = event.clipboardData?.files.length && boxOf(event.target);
  if (box) { event.preventDefault(); take(box, event.clipboardData.files); }
});
const over = (event) => (event.dataTransfer?.types.includes("Files") ? boxOf(event.target) : null);
document.addEventListener("dragover", (event) => { const box = over(event); if (box) { event.preventDefault(); box.classList.add("over"); } });
document.addEventListener("dragleave", (event) => { boxOf(event.target)?.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  const box = over(event);
  if (!box) return;
  event.preventDefault();
  event.stopPropagation();
  box.classList.remove("over");
  take(box, event.dataTransfer.files);
}, true);
