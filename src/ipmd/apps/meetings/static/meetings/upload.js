// Adding documents: files dropped anywhere on the zone are chosen, and what was chosen is listed.
(() => {
  "use strict";
  const zone = document.querySelector("[data-dropzone]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  const list = zone.querySelector(".chosen");
  zone.querySelector(".drop-hint").hidden = false;

  const size = (bytes) => (bytes >= 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} kB`);

  function show() {
    list.replaceChildren(
      ...[...input.files].map((file) => {
        const row = document.createElement("li");
        const name = document.createElement("bdi");
        const weight = document.createElement("span");
        name.textContent = file.name;
        weight.textContent = size(file.size);
        weight.className = "muted nowrap";
        row.append(name, weight);
        return row;
      }),
    );
  }

  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    const all = new DataTransfer();
    for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
    input.files = all.files;
    show();
  });

  // A second click would send the same files twice.
  const form = zone.closest("form");
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    setTimeout(() => { button.disabled = true; });
  });
  window.addEventListener("pageshow", () => { form.querySelector("button[type=submit]").disabled = false; });
})();
