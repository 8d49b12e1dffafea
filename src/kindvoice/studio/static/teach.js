// A script's page follows its file. Fragments come as parsed documents: nothing here ever makes markup of a text.
(function () {
  "use strict";
  const { byId, setUpTheme } = window.kindvoice;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
  const base = meta("base");
  const token = meta("token");

  setUpTheme();

  // ---- what the other scripts share

  const texts = JSON.parse(document.body.dataset.texts);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const atLogin = (address) => new URL(address || "/", location.href).pathname === "/login";

  // A page or a part of one, parsed and lifeless. Fails with a status; with 403 when somebody has to come in again.
  function fragment(address) {
    return new Promise((done, fail) => {
      const asking = new XMLHttpRequest();
      asking.responseType = "document";
      asking.open("GET", base + address);
      asking.onload = () => {
        if (atLogin(asking.responseURL)) fail(403);
        else if (asking.status === 200 && asking.response) done(asking.response);
        else fail(asking.status);
      };
      asking.onerror = () => fail(0);
      asking.send();
    });
  }

  function send(address, body, more) {
    return fetch(base + address, { method: "POST", headers: { "x-token": token, accept: "application/json" }, body, ...more });
  }

  // Whether the teacher's hours are over, and the page wants them to come in again.
  const away = (response) => (response.redirected && atLogin(response.url)) || response.status === 403;

  // What went wrong, as the server tells it.
  async function trouble(response) {
    if (away(response)) return texts.away;
    try {
      const said = await response.json();
      const end = /[.!?。]$/.test(said.what) ? " " : ". ";
      return said.cure ? said.what + end + said.cure : said.what;
    } catch {
      return { 404: texts.gone, 409: texts.moved, 413: texts.too_large, 429: texts.busy, 503: texts.busy }[response.status] || texts.not_now;
    }
  }

  window.teach = { base, texts, fill, send, fragment, trouble, away };

  // ---- a piece of work

  const madeSay = (text) => { byId("made-say").textContent = text; };

  function follow(piece, place) {
    const stream = new EventSource(`${base}/pieces/${piece}/live`);
    stream.addEventListener("piece", async (told) => {
      const now = JSON.parse(told.data);
      const over = ["done", "failed", "ended"].includes(now.stage);
      if (over) stream.close();
      if (over || !place.querySelector("progress")) {
        const inStop = place.contains(document.activeElement);
        const made = await fragment(`/pieces/${piece}/look`).catch(() => null);
        if (!made) return;
        place.replaceChildren(document.adoptNode(made.getElementById("piece")));
        // A player that was parsed elsewhere has not begun to load.
        place.querySelectorAll("audio").forEach((player) => player.load());
        if (over) {
          madeSay(now.stage === "done" ? texts.made : now.stage === "ended" ? texts.stopped : `${texts.not_made} ${now.what || ""}`);
          if (inStop && byId("make")) byId("make").querySelector("button").focus();
        }
        return;
      }
      const bar = place.querySelector("progress");
      if (now.total) { bar.max = now.total; bar.value = now.done; } else { bar.removeAttribute("value"); }
      const stage = texts[`stage_${now.stage}`] || "";
      place.querySelector(".stage").textContent = stage;
      bar.setAttribute("aria-label", stage);
    });
  }

  // Stop, without leaving the page.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest('form[action$="/stop"]');
    if (!form) return;
    event.preventDefault();
    form.querySelector("button").disabled = true;
    send(form.getAttribute("action").slice(base.length)).catch(() => {});
  });

  const made = byId("made");
  const running = made && made.querySelector("[data-piece]");
  if (running && !running.dataset.over) follow(running.dataset.piece, made);

  const make = byId("make");
  if (make) {
    make.addEventListener("submit", async (event) => {
      event.preventDefault();
      const chosen = byId("part").selectedOptions[0].textContent;
      let response = null;
      try {
        response = await fetch(make.action, {
          method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(make)),
        });
      } catch { /* told below */ }
      const place = document.createElement("div");
      while (made.children.length > 4) made.lastElementChild.remove();
      if (!response || !response.ok) {
        place.className = "trouble";
        place.textContent = response ? await trouble(response) : texts.unreachable;
        made.prepend(place);
        madeSay(place.textContent);
        return;
      }
      place.className = "card";
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", chosen);
      made.querySelectorAll(":scope > .trouble").forEach((old) => old.remove());
      made.prepend(place);
      madeSay(texts.making);
      follow((await response.json()).piece, place);
    });
  }

  // ---- live

  const live = byId("live");
  if (!live) return;
  const AGAIN_MS = 4000;
  const query = live.dataset.query;
  const address = `/scripts/${live.dataset.id}`;
  let seen = live.dataset.seen;
  let guess = null;
  let guessLater = 0;
  let said = "";
  let stream = null;
  let again = 0;

  // What is said changes seldom; how far it is stands beside it, and is not read out.
  function say(text, far) {
    if (said !== text) live.textContent = text;
    said = text;
    byId("so-far").textContent = far ? `· ${far}` : "";
  }

  function open() {
    stream = new EventSource(`${base}${address}/live?${query}${query ? "&" : ""}seen=${seen}`);
    stream.addEventListener("look", look);
    stream.addEventListener("picture", picture);
    stream.addEventListener("open", () => { if (said === texts.unreachable_live || said === texts.file_gone) say(texts.follows); });
    stream.addEventListener("error", lost);
  }

  // A browser comes back by itself when a stream breaks, but not when it is refused.
  async function lost() {
    if (stream.readyState !== EventSource.CLOSED) { say(texts.unreachable_live); return; }
    clearTimeout(again);
    again = setTimeout(open, AGAIN_MS);
    const status = await fragment(`${address}/look?${query}`).then(() => 200, (failed) => failed);
    say({ 403: texts.away, 404: texts.file_gone }[status] || texts.unreachable_live);
  }

  say(texts.follows);
  open();
  addEventListener("pagehide", () => { stream.close(); clearTimeout(again); });
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });

  async function look(told) {
    if (told) seen = JSON.parse(told.data).digest;
    let fresh = null;
    try {
      fresh = await fragment(`${address}/look?${query}`);
    } catch (status) {
      say(status === 404 ? texts.file_gone : status === 403 ? texts.away : texts.unreachable_live);
      return;
    }
    const before = new Set(Array.from(document.querySelectorAll("#source .code"), (line) => line.textContent));
    const chosen = byId("part").value;
    for (const id of ["findings", "source", "facts", "part"]) swap(id, fresh);
    byId("part").value = chosen;
    if (byId("part").selectedIndex < 0) byId("part").selectedIndex = 0;
    for (const line of document.querySelectorAll("#source .code")) {
      if (!before.has(line.textContent)) line.parentElement.classList.add("fresh");
    }
    const found = byId("findings").querySelectorAll(".trouble strong, .counts .level");
    say(`${texts.changed} ${Array.from(found, (each) => each.textContent.trim()).join(", ")}`);
    // A guessed picture is shown when the exact one is not there soon, or when there will be none.
    guess = fresh.getElementById("picture");
    clearTimeout(guessLater);
    if (byId("findings").querySelector(".trouble")) showGuess();
    else guessLater = setTimeout(showGuess, 1500);
  }

  // Only what is new: whoever reads or scrolls there stays where they are.
  function swap(id, fresh) {
    const next = fresh.getElementById(id);
    const old = byId(id);
    if (!next || old.isEqualNode(next)) return;
    const top = old.scrollTop;
    const inside = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(next));
    next.scrollTop = top;
    if (!inside) return;
    const same = (inside.id && byId(inside.id)) || next.querySelector(`a[href="${inside.getAttribute("href")}"]`);
    if (same) same.focus({ preventScroll: true });
  }

  function showGuess() {
    if (guess) byId("picture").replaceWith(document.adoptNode(guess));
    guess = null;
  }

  async function picture(told) {
    const now = JSON.parse(told.data);
    if (now.stage === "done") {
      const drawn = await fragment(`/pieces/${now.piece}/look`).catch(() => null);
      if (!drawn || !drawn.getElementById("drawn")) return;
      clearTimeout(guessLater);
      guess = null;
      let place = document.querySelector("#picture .scroll");
      if (!place) {
        place = document.createElement("div");
        place.className = "scroll";
        place.tabIndex = 0;
        place.setAttribute("role", "region");
        place.setAttribute("aria-label", texts.over_time);
        byId("picture").replaceChildren(place);
      }
      place.replaceChildren(document.adoptNode(drawn.getElementById("drawn").firstElementChild));
      byId("can-last").textContent = fill(texts.from_to, { from: now.facts.shortest, to: now.facts.longest });
      byId("can-last").parentElement.hidden = false;
      document.querySelectorAll("#findings .passing").forEach((old) => old.remove());
      say(texts.exact);
    } else if (now.stage === "failed") {
      showGuess();
      byId("so-far").textContent = "";
      // Of a file that is gone, or that cannot be read, it has been told.
      if (said === texts.file_gone || byId("findings").querySelector(".trouble")) return;
      showTrouble(now);
      say(document.querySelector("#picture .tp") ? texts.guessed : texts.follows);
    } else if (now.stage === "speak" && now.total) {
      say(said.startsWith(texts.changed) ? said : texts.speaking, `${now.done} / ${now.total}`);
    } else if (now.stage === "draw") {
      say(said.startsWith(texts.changed) ? said : texts.speaking, texts.stage_draw);
    }
  }

  function showTrouble(now) {
    const place = document.createElement("div");
    place.className = "trouble passing";
    for (const text of [now.what, now.cure]) {
      if (!text) continue;
      const line = document.createElement("p");
      line.textContent = text;
      place.append(line);
    }
    byId("findings").prepend(place);
  }

  // From a place in the picture, or a finding, to its line. By keyboard the lines are read where they stand.
  document.addEventListener("click", (event) => {
    const from = event.target.closest('a[href^="#line-"], #picture [data-line]');
    const line = from && byId(from.dataset.line ? `line-${from.dataset.line}` : from.getAttribute("href").slice(1));
    if (!line) return;
    event.preventDefault();
    document.querySelectorAll("#source .at").forEach((each) => each.classList.remove("at"));
    line.classList.add("at");
    line.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    line.focus({ preventScroll: true });
  });
})();
