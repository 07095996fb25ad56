// Filters stay as opened when the list is exchanged under them, and only what was said is in the address.
(() => {
  "use strict";
  let open = new Map();
  const filters = () => document.querySelectorAll("#found details[id]");
  document.addEventListener("htmx:beforeSwap", () => {
    open = new Map([...filters()].map((details) => [details.id, details.open]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const details of filters()) if (open.has(details.id)) details.open = open.get(details.id);
  });
})();
