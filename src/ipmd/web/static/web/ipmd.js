// What JavaScript adds to pages that work without it: confirmations, shortcuts, menus that close, and htmx's CSRF header.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true]") !== null;

  // htmx: every request that changes something carries the token of the page.
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("input[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
  });

  // What htmx could not fetch is said among the messages, once; a page with words of its own for it (data-broken) is left to them.
  const complain = (says) => (event) => {
    const messages = byId("messages");
    if (event.target.closest("[data-broken]") || messages.textContent.includes(messages.dataset[says])) return;
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    notice.textContent = messages.dataset[says];
    messages.replaceChildren(notice);
  };
  document.addEventListener("htmx:responseError", complain("saysBroken"));
  document.addEventListener("htmx:sendError", complain("saysOffline"));

  // <form data-confirm="…"> or <button data-confirm="…"> asks first.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.confirm ? event.submitter : form;
    if (!asker.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = byId("confirm");
    byId("confirm-says").textContent = asker.dataset.confirm;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return asker.focus();
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    };
    dialog.showModal();
  }, true);

  // Menus close on Escape, and when one clicks elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest("[data-open]");
    if (opener) openShortcuts();
  });

  // Any element with data-shortcut="x" is clicked (a field: focused) by that key; data-shortcut-says, its label or its text explains it.
  const shortcuts = () => [...document.querySelectorAll("[data-shortcut]")];
  const LISTS = "[data-list]";

  function openShortcuts() {
    const dialog = byId("shortcuts");
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const seen = new Set();
    for (const element of shortcuts()) {
      const key = element.dataset.shortcut;
      const says = element.dataset.shortcutSays || element.getAttribute("aria-label") || element.textContent.trim();
      if (seen.has(key + says)) continue;
      seen.add(key + says);
      const term = document.createElement("dt");
      for (const part of key.split(" ")) {
        const cap = document.createElement("kbd");
        cap.textContent = part;
        term.append(cap, " ");
      }
      const meaning = document.createElement("dd");
      meaning.textContent = says;
      list.append(term, meaning);
    }
    if (!dialog.open) dialog.showModal();
  }

  const shown = (element) => element.checkVisibility() && !element.disabled;

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      return openShortcuts();
    }
    const found = shortcuts().find((element) => element.dataset.shortcut.split(" ").includes(event.key) && shown(element));
    if (found) {
      event.preventDefault();
      return typing(found) ? found.focus() : found.click();
    }
    if ((event.key === "j" || event.key === "k") && document.querySelector(LISTS)) {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
    }
  });

  // <ul data-list> or <tbody data-list>: j and k go through the links of its rows.
  function move(step) {
    const links = [...document.querySelectorAll(`${LISTS} > *`)].map((row) => row.querySelector("a[href], button")).filter((link) => link && shown(link));
    const here = links.findIndex((link) => link.closest(`${LISTS} > *`).contains(document.activeElement));
    const next = links[Math.min(links.length - 1, Math.max(0, here === -1 ? (step > 0 ? 0 : links.length - 1) : here + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  for (const opener of document.querySelectorAll("[data-open]")) opener.hidden = false;
  document.querySelector("[data-focus]")?.focus();
})();
