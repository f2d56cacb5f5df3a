// Ticking all rows of a list that is a form, e.g. the messages.
document.addEventListener("change", (event) => {
  const form = event.target.dataset?.checkAll && document.querySelector(event.target.dataset.checkAll);
  if (form) for (const box of form.querySelectorAll('input[name="ids"]')) box.checked = event.target.checked;
});
