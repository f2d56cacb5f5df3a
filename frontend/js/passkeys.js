// Passkeys: the browser asks the device, the form carries what it answers. Where it cannot, the form says why.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function hindrance() {
  // A key is tied to a name: an address of digits has none.
  if (!window.isSecureContext || /^[\d.]+$|^\[/.test(location.hostname)) return "place";
  return window.PublicKeyCredential && navigator.credentials ? "" : "browser";
}
function look() {
  const why = hindrance();
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.querySelector("[data-passkey-go]").hidden = Boolean(why);
    for (const hint of form.querySelectorAll("[data-passkey-hint]")) hint.hidden = hint.dataset.passkeyHint !== why;
  }
}
document.addEventListener("DOMContentLoaded", () => {
  look();
  const box = document.getElementById("dialog");
  if (box) new MutationObserver(look).observe(box, { childList: true, subtree: true });
});

document.addEventListener("zk:swapped", look);  // the same form as a page of its own

const opened = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));
async function offered(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const body = new URLSearchParams({ offer: "1", csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}
async function made(options) {
  const key = await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: opened(options.excludeCredentials),
  } });
  const { response } = key;
  return { key, response: {
    clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() || [],
  } };
}
async function signed(options) {
  const key = await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: opened(options.allowCredentials),
  } });
  const { response } = key;
  return { key, response: {
    clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
    signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
  } };
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-passkey]");
  if (!form || form.elements.credential.value) return;
  event.preventDefault();
  const button = form.querySelector("[data-passkey-go]");
  const line = form.querySelector("[data-passkey-said]");
  button.disabled = true;
  line.hidden = true;
  try {
    const options = await offered(form);
    const { key, response } = await (form.dataset.passkey === "make" ? made : signed)(options);
    form.elements.credential.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
    form.elements.remember.value = document.querySelector("input[type=checkbox][name=remember]")?.checked ? "on" : "";
    form.submit();
  } catch (no) {
    line.textContent = { NotAllowedError: form.dataset.cancelled, InvalidStateError: form.dataset.known }[no.name]
      || (no.constructor === Error && no.message) || form.dataset.failed;
    line.hidden = false;
    button.disabled = false;
  }
});
