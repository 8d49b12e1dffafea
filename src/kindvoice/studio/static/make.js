// The page where a recording is asked for: phrases heard at once, forms as they will be spoken, rows and steps.
// Without this script the same form does all of it through the server.
(function () {
  "use strict";

  const FORMS_AFTER_MS = 350;
  const KEEP_AFTER_MS = 300;
  const PATIENCE_MS = 8000;
  const { byId, clamp, draft } = window.kindvoice;
  const form = byId("make");
  const rows = byId("rows");
  const said = byId("said");
  const texts = form.dataset;
  const told = document.querySelector("[data-focus]");
  let dropped = false;

  function tell(text) {
    said.textContent = text;
  }
  function post(path, fields) {
    const body = new URLSearchParams({ token: texts.token, language: texts.language, practice: texts.practice, ...fields });
    return fetch(path, { method: "POST", body, headers: { Accept: "application/json, audio/*" } });
  }
  function field(name) {
    return form.elements.namedItem(name);
  }
  const voice = () => { const chosen = field("voice"); return chosen ? chosen.value : ""; };

  // ---- hearing

  const audio = new Audio();
  let heard = null;
  let asked = 0;
  let url = "";
  const met = new Set();

  function label(button, stopping) {
    button.classList.toggle("heard", stopping);
    button.lastElementChild.textContent = stopping ? texts.stop : texts.hearWord;
    button.dataset.named = button.dataset.named || button.getAttribute("aria-label");
    button.setAttribute("aria-label", stopping ? texts.stop : button.dataset.named);
  }
  function hush() {
    asked += 1;
    audio.pause();
    if (heard) {
      label(heard, false);
      heard.removeAttribute("aria-busy");
    }
    heard = null;
  }
  async function hear(button, what) {
    if (heard === button) {
      hush();
      return;
    }
    dispatchEvent(new Event("kindvoice:hush"));
    heard = button;
    const mine = asked;
    button.setAttribute("aria-busy", "true");
    tell(texts.wait);
    let problem = what.try ? texts.notPlayed : texts.notHeard;
    if (met.has(what.text)) what.care = "seen";
    try {
      const answer = await post("/hear", what);
      if (answer.status === 422) {
        const told = await answer.json();
        if (told.kind === "care" && mine === asked) {
          hush();
          met.add(what.text);
          tell("");
          showCare(what.text, told);
          return;
        }
      }
      if (answer.status === 429 || answer.status === 503) problem = texts.busy;
      if (!answer.ok) throw new Error(String(answer.status));
      const sound = await answer.blob();
      if (mine !== asked) return;
      const before = url;
      url = URL.createObjectURL(sound);
      audio.src = url;
      if (before) URL.revokeObjectURL(before);
      label(button, true);
      button.removeAttribute("aria-busy");
      tell("");
      await audio.play();
    } catch {
      if (mine !== asked) return;
      hush();
      tell(problem);
    }
  }
  audio.addEventListener("ended", hush);
  addEventListener("kindvoice:hush", hush);

  // A wish that speaks of dying or of harm is not spoken unasked: a kind line first, and who listens.
  function element(name, text, more) {
    const made = document.createElement(name);
    made.textContent = text;
    return Object.assign(made, more);
  }
  function showCare(text, told) {
    const row = [...rows.children].find((each) => part(each, "self").value === text);
    const box = element("div", "", { className: "care", lang: told.language, tabIndex: -1 });
    const list = element("ul", "", { className: "turn" });
    for (const line of told.lines) {
      const item = element("li", "");
      for (const [shown, href] of line) {
        item.append(href ? element("a", shown, href.startsWith("tel:") ? { href } : { href, target: "_blank", rel: "noopener noreferrer" }) : shown);
      }
      list.append(item);
    }
    box.append(element("p", told.line), element("p", told.talk), list);
    row?.querySelector(".care")?.remove();
    (row || said).append(box);
    box.focus();
  }

  function firstPhrase() {
    for (const input of rows ? rows.querySelectorAll('textarea[name^="self-"]') : []) if (input.value.trim()) return input.value;
    return "";
  }

  // ---- forms for others, as they will be spoken

  const timers = new Map();
  const numberOf = (row) => row.dataset.row;
  const part = (row, name) => row.querySelector(`[name="${name}-${numberOf(row)}"]`);

  function showForms(row, found) {
    const box = row.querySelector(".forms");
    if (box) box.hidden = !part(row, "self").value.trim();
    for (const input of row.querySelectorAll("[data-form]")) {
      if (found && input.dataset.own !== "yes") input.value = found[input.dataset.form] || "";
      const lacking = Boolean(found) && !input.value.trim() && Boolean(part(row, "self").value.trim());
      input.parentElement.classList.toggle("lacking", lacking);
      const ask = input.parentElement.querySelector(".ask");
      if (ask.textContent !== (lacking ? texts.ask : "")) ask.textContent = lacking ? texts.ask : "";
    }
    row.querySelectorAll("textarea").forEach(grow);
    if (found) {
      part(row, "was").value = part(row, "self").value;
      const hints = row.querySelector(".hints");
      hints.replaceChildren(...(found.hints || []).map((text) => {
        const line = document.createElement("p");
        line.className = "hint";
        line.textContent = text;
        return line;
      }));
    }
  }
  async function askForms(row) {
    const text = part(row, "self").value.trim();
    if (!text) {
      for (const input of row.querySelectorAll("[data-form]")) {
        input.value = "";
        delete input.dataset.own;
      }
      showForms(row, {});
      return;
    }
    try {
      const answer = await post("/forms", { text, voice: voice() });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (part(row, "self").value.trim() === text) showForms(row, found);
    } catch {
      // Without an answer the server asks when the form is sent.
      showForms(row, null);
    }
  }
  function later(row) {
    clearTimeout(timers.get(row));
    timers.set(row, setTimeout(() => askForms(row), FORMS_AFTER_MS));
  }

  // ---- rows

  // A phrase is seen whole. Newer browsers do that by themselves.
  function grow(area) {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
  const growAll = () => form.querySelectorAll("textarea").forEach(grow);
  // What was folded away had no height.
  form.addEventListener("toggle", growAll, true);

  function numberAgain() {
    [...rows.children].forEach((row, at) => {
      const n = String(at + 1);
      const before = numberOf(row);
      row.dataset.row = n;
      row.id = `phrase-${n}`;
      for (const each of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
        for (const name of ["name", "id", "for", "aria-describedby"]) {
          const value = each.getAttribute(name);
          if (value && value.endsWith(`-${before}`)) each.setAttribute(name, value.slice(0, -before.length) + n);
        }
      }
      const phrase = texts.phrase.replace("{n}", n);
      row.querySelector(".line-of label").textContent = phrase;
      const hearing = row.querySelector(".hear");
      hearing.value = n;
      hearing.dataset.named = texts.hear.replace("{what}", phrase);
      if (hearing !== heard) hearing.setAttribute("aria-label", hearing.dataset.named);
      const removing = row.querySelector(".remove");
      removing.value = n;
      removing.setAttribute("aria-label", texts.remove.replace("{n}", n));
    });
    byId("another").disabled = rows.children.length >= Number(texts.most);
  }
  function addRow() {
    if (rows.children.length >= Number(texts.most)) return null;
    const row = byId("blank").content.firstElementChild.cloneNode(true);
    rows.append(row);
    numberAgain();
    return row;
  }
  function removeRow(row) {
    if (heard && row.contains(heard)) hush();
    const next = row.nextElementSibling || row.previousElementSibling;
    if (!next) {
      part(row, "self").value = "";
      askForms(row);
      part(row, "self").focus();
      return;
    }
    row.remove();
    numberAgain();
    part(next, "self").focus();
  }
  function usePhrase(button) {
    const empty = [...rows.children].find((row) => !part(row, "self").value.trim());
    const row = empty || addRow();
    if (!row) return;
    part(row, "self").value = button.dataset.self;
    const found = { other: button.dataset.other, together: button.dataset.together };
    for (const input of row.querySelectorAll("[data-form]")) delete input.dataset.own;
    showForms(row, found);
    tell(`${texts.phrase.replace("{n}", numberOf(row))}: ${button.dataset.self}`);
    setTimeout(() => tell(""), 2500);
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const row = button.closest(".row-of");
    if (button.classList.contains("hear")) {
      event.preventDefault();
      if (button.dataset.try) hear(button, chosenSound(button));
      else if (button.dataset.voice) hear(button, { text: firstPhrase(), voice: button.dataset.voice });
      else if (part(row, "self").value.trim()) hear(button, { text: part(row, "self").value, voice: voice() });
      else part(row, "self").focus();
    } else if (button.classList.contains("use")) {
      event.preventDefault();
      usePhrase(button);
    } else if (button.classList.contains("remove")) {
      event.preventDefault();
      removeRow(row);
    } else if (button.id === "another") {
      event.preventDefault();
      const added = addRow();
      if (added) part(added, "self").focus();
    } else if (button.dataset.by) {
      const minutes = byId("minutes");
      const now = Number(minutes.value) || Number(minutes.min);
      minutes.value = String(clamp(now + Number(button.dataset.by), Number(minutes.min), Number(minutes.max)));
    }
    keepSoon();
  });
  form.addEventListener("input", (event) => {
    keepSoon();
    if (event.target.tagName === "TEXTAREA") grow(event.target);
    const row = event.target.closest(".row-of");
    if (!row) return;
    row.querySelector(".care")?.remove();
    if (event.target.dataset.form) {
      if (event.target.value.trim()) event.target.dataset.own = "yes";
      else delete event.target.dataset.own;
      showForms(row, null);
    } else later(row);
  });
  // A phrase is one line: Enter goes on to the next field instead of breaking it.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    const areas = [...form.querySelectorAll("textarea")].filter((area) => area.offsetParent);
    const next = areas[areas.indexOf(event.target) + 1];
    if (next) next.focus();
    else byId("minutes").focus();
  });

  // ---- sending

  const go = form.querySelector("button.main");
  let reached = false;

  // A browser without a connection would put its own page in the place of this one, and of what stands in it.
  async function serverIsThere() {
    try {
      await fetch("/static/icon.svg", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      return true;
    } catch (error) {
      return error.name === "TimeoutError"; // slow is not gone
    }
  }
  form.addEventListener("submit", async (event) => {
    const by = event.submitter;
    if (by && by.formTarget === "_blank") return;
    if (reached) return;
    event.preventDefault();
    if (go.getAttribute("aria-disabled") === "true") return;
    hush();
    keep();
    go.setAttribute("aria-disabled", "true");
    tell(texts.wait);
    reached = await serverIsThere();
    if (reached) {
      form.requestSubmit(by);
      return;
    }
    go.removeAttribute("aria-disabled");
    tell(texts.offline);
  });
  // Back in the history the page is as it was left.
  addEventListener("pageshow", () => {
    reached = false;
    go.removeAttribute("aria-disabled");
    tell("");
  });
  addEventListener("pagehide", () => {
    hush();
    keep();
  });

  // ---- what is typed and not yet sent

  const FIELDS = ["minutes", "voice", "bell", "bed", "gain", "audience"];
  const TICKS = ["gentle", "landing"];
  const PARTS = ["self", "was", "other", "together"];
  let keeping = 0;

  function written() {
    const fields = {};
    for (const name of TICKS) if (field(name)) fields[name] = field(name).checked;
    for (const name of FIELDS) if (field(name)) fields[name] = field(name).value;
    const own = (row) => [...row.querySelectorAll('[data-own="yes"]')].map((input) => input.dataset.form);
    const lines = [...(rows ? rows.children : [])].map((row) => {
      const line = { own: own(row) };
      for (const name of PARTS) if (part(row, name)) line[name] = part(row, name).value;
      return line;
    });
    return { fields, lines };
  }
  // Somebody may have begun to type before this script was there.
  const early = [...form.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
  // As the server gave it: what is no different from it need not be kept.
  const given = early ? "" : JSON.stringify(written());
  function keep() {
    clearTimeout(keeping);
    if (dropped) return;
    const now = written();
    if (JSON.stringify(now) === given && !told) draft.drop(texts.draft);
    else draft.keep(texts.draft, now);
  }
  function keepSoon() {
    clearTimeout(keeping);
    keeping = setTimeout(keep, KEEP_AFTER_MS);
  }
  function restore({ fields, lines }) {
    for (const name of FIELDS) if (field(name) && name in fields) field(name).value = fields[name];
    for (const name of TICKS) if (field(name)) field(name).checked = Boolean(fields[name]);
    if (!rows) return;
    while (rows.children.length > Math.max(lines.length, 1)) rows.lastElementChild.remove();
    while (rows.children.length < lines.length && addRow()) { /* one more */ }
    lines.slice(0, rows.children.length).forEach((line, at) => {
      const row = rows.children[at];
      for (const name of PARTS) if (part(row, name) && name in line) part(row, name).value = line[name];
      for (const name of line.own) if (part(row, name)) part(row, name).dataset.own = "yes";
      showForms(row, line.self.trim() ? line : {});
      if (line.self.trim()) later(row);
    });
    numberAgain();
  }
  byId("draft").querySelector("button").addEventListener("click", () => {
    draft.drop(texts.draft);
    dropped = true;
    location.reload();
  });

  // ---- the background's level, where there is a background

  const bed = byId("bed");
  const gain = byId("gain");
  function showGain() {
    byId("gain-field").hidden = bed.value === "off" || (bed.value === "" && texts.ownBed !== "yes");
  }

  // ---- a bell or a background, heard as it is chosen

  const tries = [...form.querySelectorAll("[data-try]")];
  function chosenSound(button) {
    return { try: button.dataset.try, [button.dataset.try]: byId(button.dataset.try).value, gain: gain.value };
  }
  function showTries() {
    for (const button of tries) {
      const value = byId(button.dataset.try).value;
      button.hidden = value === "off" || (value === "" && !button.dataset.own);
    }
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "voice" && rows) [...rows.children].forEach(later);
    const button = tries.find((each) => each.dataset.try === (event.target === gain ? "bed" : event.target.id));
    if (!button) return;
    showTries();
    // What is being heard goes on as it is chosen now.
    if (heard !== button) return;
    hush();
    if (!button.hidden) hear(button, chosenSound(button));
  });
  function tellGain() {
    gain.setAttribute("aria-valuetext", `${Number(gain.value) > 0 ? "+" : ""}${gain.value} dB`);
  }
  bed.addEventListener("change", showGain);
  gain.addEventListener("input", tellGain);
  const kept = told || early ? null : draft.find(texts.draft);
  if (kept && JSON.stringify(kept) !== given) {
    restore(kept);
    byId("draft").hidden = false;
  }
  if (early) [...rows.children].forEach(later);
  showGain();
  showTries();
  tellGain();
  growAll();

  for (const button of form.querySelectorAll(".step-by")) button.hidden = false;
  if (told) told.focus();
  else if (location.hash.startsWith("#self-")) {
    const wanted = byId(location.hash.slice(1));
    if (wanted) wanted.focus();
  }
})();
