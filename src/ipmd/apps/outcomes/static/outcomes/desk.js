// The review desk: keeps the marks in the document in step with the list, and turns a selection into a span. Everything else is forms.
(() => {
  "use strict";

  const desk = document.getElementById("desk");
  if (!desk) return;
  const byId = (id) => document.getElementById(id);
  const pane = () => byId("desk-pane");
  const panel = () => byId("desk-panel");
  const bar = byId("desk-selection");

  // ------------------------------------------------------------ marks and the list follow the current candidate

  function follow({ scroll = true } = {}) {
    const current = panel()?.dataset.candidate;
    const states = new Map((byId("desk-list")?.dataset.states || "").trim().split(/\s+/).map((pair) => pair.split(":")));
    let first = null;
    for (const mark of desk.querySelectorAll("#desk-pane [data-candidate]")) {
      const key = mark.dataset.candidate;
      const here = key === current;
      mark.setAttribute("class", `${states.get(key) || "replaced"}${here ? " here" : ""}`);
      if (here && !first) first = mark;
    }
    if (!scroll) return;
    if (first) reveal(pane(), first, 0.35);
    const row = byId("desk-list")?.querySelector(".is-current");
    const list = byId("desk-list");
    if (row && list) reveal(list, row, 0.3, true);
  }

  // Scrolls a box of its own only, never the page; where it isn't one (on a phone), nothing moves.
  function reveal(box, element, share, onlyIfHidden = false) {
    if (!box || box.scrollHeight <= box.clientHeight + 1) return;
    const outer = box.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    if (onlyIfHidden && inner.top >= outer.top && inner.bottom <= outer.bottom) return;
    if (inner.top > outer.top + 20 && inner.bottom < outer.bottom - 60) return;
    box.scrollTop += inner.top - outer.top - box.clientHeight * share;
  }

  // A mark is a way to its candidate. A selection ends in a click too, which is none.
  desk.addEventListener("click", (event) => {
    if (!event.target.closest("#desk-pane")) return;
    if (!getSelection().isCollapsed) return event.preventDefault();
    const mark = document.elementsFromPoint(event.clientX, event.clientY).map((element) => element.closest("[data-candidate]")).find(Boolean);
    if (!mark) return;
    event.preventDefault();
    lookAt(mark.dataset.candidate);
  });

  function lookAt(key) {
    const address = new URL(location.href);
    address.searchParams.set("at", key);
    window.htmx.ajax("GET", address.pathname + address.search, { source: byId("desk-side"), target: "#desk-side", swap: "outerHTML" });
    tab("panel");
  }

  // ------------------------------------------------------------ selections become spans

  const length = (text) => [...text].length;

  function placeIn(element, node, offset) {
    const range = document.createRange();
    range.setStart(element, 0);
    range.setEnd(node, offset);
    return Number(element.dataset.start) + length(range.toString());
  }

  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!pane().contains(range.commonAncestorContainer)) return null;
    const touched = [...pane().querySelectorAll("[data-start]")].filter((element) => range.intersectsNode(element));
    if (!touched.length) return null;
    const [first, last] = [touched[0], touched[touched.length - 1]];
    const start = first.contains(range.startContainer) ? placeIn(first, range.startContainer, range.startOffset) : Number(first.dataset.start);
    const end = last.contains(range.endContainer) ? placeIn(last, range.endContainer, range.endOffset) : Number(last.dataset.start) + length(last.textContent);
    if (end <= start) return null;
    // Printed lines have no blank between them; what is shown of the selection has.
    const from = touched.map((element) => [...element.textContent].slice(Math.max(0, start - Number(element.dataset.start)), Math.max(0, end - Number(element.dataset.start))).join(""));
    return { start, end, words: from.join(" ").replace(/\s+/g, " ") };
  }

  let chosen = null;

  function showSelection() {
    const now = selected();
    if (!now && bar.contains(document.activeElement)) return;
    chosen = now;
    bar.hidden = !chosen;
    if (!chosen) return;
    const words = chosen.words.trim();
    bar.querySelector("[data-selected]").textContent = words.length > 90 ? `${words.slice(0, 55)} … ${words.slice(-30)}` : words;
    for (const form of bar.querySelectorAll("form")) {
      form.elements.start.value = chosen.start;
      form.elements.end.value = chosen.end;
      if (form.elements.candidate) {
        form.elements.candidate.value = panel().dataset.candidate || "";
        form.elements.version.value = panel().dataset.version || "";
        form.hidden = !panel().dataset.candidate;
      }
    }
  }

  document.addEventListener("selectionchange", showSelection);

  // ------------------------------------------------------------ keys that depend on what is open or selected

  const typing = (element) => element.closest?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select") != null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const press = (element) => {
      event.preventDefault();
      element.click();
    };
    if (chosen && ["n", "N", "w", "t"].includes(event.key)) {
      const button = bar.querySelector(`[data-shortcut="${event.key}"]`);
      return button.form.hidden ? undefined : press(button);
    }
    const split = panel()?.querySelector(".split");
    if (event.key === "s" && chosen && split) {
      const { start, end } = panel().dataset;
      if (chosen.start > Number(start) && chosen.start < Number(end)) {
        const button = document.createElement("button");
        button.name = "at";
        button.value = chosen.start;
        button.hidden = true;
        split.querySelector("form").append(button);
        return press(button);
      }
    }
    if (split?.open && /^[1-9]$/.test(event.key)) {
      const button = split.querySelector(`[data-split="${event.key}"]`);
      if (button) press(button);
      else event.preventDefault();
      return undefined;
    }
    if (event.key === "Escape") {
      getSelection().removeAllRanges();
      for (const open of desk.querySelectorAll("details[open]")) open.open = false;
    }
  }, true);

  desk.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.open) return;
    if (details.matches(".panel-more")) {
      for (const other of panel().querySelectorAll(".panel-more[open]")) if (other !== details) other.open = false;
      details.querySelector(".field input:not([type=hidden]), .field select, .field textarea")?.focus();
    }
    if (details.matches(".bulk")) details.querySelector("input[type=number]").focus();
  }, true);

  // ------------------------------------------------------------ accept many: the slider and the count

  function dressBulk() {
    const slider = desk.querySelector("[data-mirrors]");
    if (!slider || !slider.hidden) return;
    const field = byId(slider.dataset.mirrors);
    const output = desk.querySelector(".bulk-count");
    const confidences = output.dataset.confidences.split(",").filter(Boolean).map(Number);
    const count = () => {
      const number = confidences.filter((confidence) => confidence >= Number(field.value) / 100).length;
      output.textContent = output.dataset.says.replace("%s", number);
    };
    slider.hidden = false;
    slider.addEventListener("input", () => { field.value = slider.value; count(); });
    field.addEventListener("input", () => { slider.value = field.value; count(); });
    count();
  }

  // ------------------------------------------------------------ a phone shows one part at a time

  function tab(name) {
    desk.dataset.tab = name;
    for (const button of desk.querySelectorAll("[data-tab-to]")) button.setAttribute("aria-pressed", String(button.dataset.tabTo === name));
    if (name === "document") {
      const here = pane().querySelector(".here");
      here?.scrollIntoView({ block: "center" });
    }
  }

  for (const button of desk.querySelectorAll("[data-tab-to]")) button.addEventListener("click", () => tab(button.dataset.tabTo));
  desk.querySelector(".desk-tabs").hidden = false;

  // ------------------------------------------------------------ after each answer of the server

  let hadFocus = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    hadFocus = byId("desk-side")?.contains(document.activeElement) || document.activeElement === document.body;
    // A refusal comes with a page part of its own; what is not one of ours is shown as it is.
    if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const polled = event.detail.requestConfig?.path?.includes("/changes/");
    if (event.target.closest?.(".words-of-page")) return;
    if (!polled) {
      getSelection().removeAllRanges();
      chosen = null;
      bar.hidden = true;
    }
    follow({ scroll: !polled });
    dressBulk();
    if (hadFocus && !polled && document.activeElement === document.body) panel()?.focus({ preventScroll: true });
  });

  document.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.status === 403 || event.detail.xhr.status === 401 ? desk.dataset.signedOut : desk.dataset.broken));
  document.addEventListener("htmx:sendError", () => say(desk.dataset.offline));

  function say(words) {
    const says = byId("desk-says");
    says.replaceChildren();
    const span = document.createElement("span");
    span.className = "says says-bad";
    span.textContent = words;
    says.append(span);
  }

  // What is polled needs to know what is on the screen; the address bar does.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.path.includes("/changes/")) return;
    for (const [name, value] of new URL(location.href).searchParams) event.detail.parameters[name] = value;
    const current = panel()?.dataset.candidate;
    if (current) event.detail.parameters.at = current;
    if (document.hidden) event.preventDefault();
  });

  follow();
  dressBulk();
})();
