/* The offline pack: keeps what is written in this browser where it may, and saves it into a file. Plain old JavaScript, no network. */
(function () {
  "use strict";
  var form = document.getElementById("pack");
  var says = JSON.parse(document.getElementById("says").textContent);
  var stamp = JSON.parse(document.getElementById("stamp").textContent);
  var place = "ipmd-return-" + stamp.issue;
  var fields = form.querySelectorAll("[data-column]");
  var told = document.getElementById("told");

  function rowOf(field) {
    var element = field;
    while (element && !element.getAttribute("data-table")) { element = element.parentNode; }
    return element;
  }

  function differs(field) { return field.value.trim() !== field.getAttribute("data-issued"); }

  function mark() {
    var count = 0, records = form.querySelectorAll(".record");
    for (var i = 0; i < records.length; i++) {
      var inside = records[i].querySelectorAll("[data-column]"), changed = 0;
      for (var j = 0; j < inside.length; j++) { if (differs(inside[j])) { changed += 1; } }
      count += changed;
      records[i].className = changed ? "record changed" : "record";
    }
    told.textContent = says.changed.replace("%d", String(count));
  }

  function keep() {
    var kept = {};
    for (var i = 0; i < fields.length; i++) { if (differs(fields[i])) { kept[fields[i].id] = fields[i].value; } }
    try { window.localStorage.setItem(place, JSON.stringify(kept)); } catch (error) { /* Nothing is kept; the file still is. */ }
    mark();
  }

  function recall() {
    var kept = {};
    try { kept = JSON.parse(window.localStorage.getItem(place) || "{}"); } catch (error) { kept = {}; }
    for (var id in kept) {
      var field = Object.prototype.hasOwnProperty.call(kept, id) && document.getElementById(id);
      if (field) { field.value = kept[id]; }
    }
  }

  function collected() {
    var result = { format: stamp.format, stamp: [stamp] }, rows = form.querySelectorAll("[data-table]");
    for (var i = 0; i < rows.length; i++) {
      var row = rows[i], inside = row.querySelectorAll("[data-column]"), entry = {}, any = false;
      for (var j = 0; j < inside.length; j++) {
        if (rowOf(inside[j]) === row && differs(inside[j])) { entry[inside[j].getAttribute("data-column")] = inside[j].value.trim(); any = true; }
      }
      if (!any) { continue; }
      var fixed = JSON.parse(row.getAttribute("data-fixed"));
      for (var name in fixed) { if (Object.prototype.hasOwnProperty.call(fixed, name)) { entry[name] = fixed[name]; } }
      var table = row.getAttribute("data-table");
      (result[table] = result[table] || []).push(entry);
    }
    return result;
  }

  function save() {
    var text = JSON.stringify(collected(), null, 1), name = stamp.file;
    var copy = document.getElementById("copy");
    copy.value = text;
    if (window.navigator.msSaveBlob) { window.navigator.msSaveBlob(new Blob([text], { type: "application/json" }), name); return; }
    var link = document.createElement("a");
    if (typeof link.download === "undefined" || !window.URL || !window.Blob) { copy.style.display = "block"; copy.select(); return; }
    var address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.href = address;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    document.body.removeChild(link);
    window.setTimeout(function () { URL.revokeObjectURL(address); }, 10000);
  }

  recall();
  mark();
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  document.getElementById("save").addEventListener("click", save);
})();
