// At the gate: the position is asked for when the form opens, pictures are made small before they leave.
function locate(form) {
  if (form.dataset.asked) return;
  form.dataset.asked = "1";
  const line = form.querySelector("[data-position-said]");
  const say = (text) => { line.querySelector("span").textContent = text; };
  if (!navigator.geolocation) return;
  say(line.dataset.asking);
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    const exact = Math.round(coords.accuracy);
    form.elements.lat.value = coords.latitude.toFixed(6);
    form.elements.lng.value = coords.longitude.toFixed(6);
    form.elements.accuracy.value = exact;
    say(line.dataset.found.replace("{n}", exact));
  }, () => say(line.dataset.none), { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
}
const look = () => { for (const form of document.querySelectorAll("form[data-position]")) locate(form); };
document.addEventListener("DOMContentLoaded", () => {
  look();
  const box = document.getElementById("dialog");
  if (box) new MutationObserver(look).observe(box, { childList: true, subtree: true });
});

async function smaller(file, most) {
  if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, most / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 1048576) return file;
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(picture.width * scale), height: Math.round(picture.height * scale),
    });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return made && made.size < file.size ? new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  } catch { return file; }  // what cannot be drawn is sent as it is
}
document.addEventListener("change", async (event) => {
  const input = event.target;
  const most = Number(input.dataset?.shrink);
  if (!most || !input.files?.length) return;
  const button = input.form?.querySelector("[data-submit]");
  if (button) button.disabled = true;
  const kept = new DataTransfer();
  for (const file of input.files) kept.items.add(await smaller(file, most));
  input.files = kept.files;
  if (button) button.disabled = false;
});
