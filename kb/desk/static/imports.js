// A file that is dragged to the form is chosen, as if it were picked.

const form = document.querySelector("[data-drop]");
const input = form.querySelector('input[type="file"]');
form.querySelector(".drop-hint").hidden = false;

form.addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("dragging");
});
form.addEventListener("dragleave", () => form.classList.remove("dragging"));
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("dragging");
  if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
});
