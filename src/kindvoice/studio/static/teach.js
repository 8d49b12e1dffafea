// A script's page follows its file. Fragments come as parsed documents: nothing here ever makes markup of a text.
(function () {
  "use strict";
  const { memory, byId } = window.kindvoice;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
  const base = meta("base");
  const token = meta("token");

  // ---- light and dark

  const root = document.documentElement;
  const theme = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const showTheme = () => theme.setAttribute("aria-pressed", String(dark()));
  theme.hidden = false;
  showTheme();
  system.addEventListener("change", showTheme);
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    memory.set("theme", root.dataset.theme);
    showTheme();
  });

  // ---- what the other scripts share

  // A page or a part of one, parsed and lifeless.
  function fragment(address) {
    return new Promise((done, fail) => {
      const asking = new XMLHttpRequest();
      asking.responseType = "document";
      asking.open("GET", base + address);
      asking.onload = () => (asking.status === 200 && asking.response ? done(asking.response) : fail(asking.status));
      asking.onerror = () => fail(0);
      asking.send();
    });
  }

  function send(address, body) {
    return fetch(base + address, { method: "POST", headers: { "x-token": token, accept: "application/json" }, body });
  }

  // What went wrong, as the server tells it.
  async function trouble(response) {
    try {
      const said = await response.json();
      return said.cure ? `${said.what}. ${said.cure}` : said.what;
    } catch {
      return response.status === 409 ? "The script has changed: load the page again." : "This did not work just now. Try again.";
    }
  }

  window.teach = { base, send, fragment, trouble };

  // ---- a piece of work

  const STAGES = { waiting: "waiting for its turn", speak: "speaking", measure: "listening to the whole", encode: "writing the file", check: "checking the file", draw: "drawing" };

  function follow(piece, place) {
    const stream = new EventSource(`${base}/pieces/${piece}/live`);
    stream.addEventListener("piece", async (told) => {
      const now = JSON.parse(told.data);
      const over = ["done", "failed", "ended"].includes(now.stage);
      if (over) stream.close();
      if (over || !place.querySelector("progress")) {
        const made = await fragment(`/pieces/${piece}/look`).catch(() => null);
        if (made) place.replaceChildren(document.adoptNode(made.getElementById("piece")));
        // A player that was parsed elsewhere has not begun to load.
        place.querySelectorAll("audio").forEach((player) => player.load());
        if (!over) addStop(place, piece);
        return;
      }
      const bar = place.querySelector("progress");
      if (now.total) { bar.max = now.total; bar.value = now.done; } else { bar.removeAttribute("value"); }
      bar.nextSibling.textContent = " " + (STAGES[now.stage] || now.stage);
    });
  }

  function addStop(place, piece) {
    const stop = document.createElement("button");
    stop.type = "button";
    stop.className = "quiet framed";
    stop.textContent = "Stop";
    stop.addEventListener("click", () => send(`/pieces/${piece}/stop`));
    place.querySelector("#piece").append(stop);
  }

  const made = byId("made");
  const running = made && made.querySelector("[data-piece]");
  if (running && !running.dataset.over) follow(running.dataset.piece, made);

  const make = byId("make");
  if (make) {
    byId("part-place").replaceWith(byId("part"));
    make.addEventListener("submit", async (event) => {
      event.preventDefault();
      const response = await fetch(make.action, {
        method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(make)),
      });
      if (!response.ok) {
        const said = document.createElement("p");
        said.className = "trouble";
        said.textContent = await trouble(response);
        made.replaceChildren(said);
        return;
      }
      const place = document.createElement("div");
      place.className = "card";
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", byId("part").selectedOptions[0].textContent);
      made.prepend(place);
      while (made.children.length > 5) made.lastElementChild.remove();
      follow((await response.json()).piece, place);
    });
  }

  // ---- live

  const live = byId("live");
  if (!live) return;
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };
  const query = live.dataset.query;
  const address = `/scripts/${live.dataset.id}`;
  let guess = null;
  let guessLater = 0;

  const stream = new EventSource(`${base}${address}/live?${query}${query ? "&" : ""}seen=${live.dataset.seen}`);
  stream.addEventListener("look", look);
  stream.addEventListener("picture", picture);
  stream.addEventListener("error", () => say("The studio cannot be reached; this page follows again when it can."));
  addEventListener("pagehide", () => stream.close());
  say("This page follows the file.");

  async function look() {
    const fresh = await fragment(`${address}/look?${query}`).catch(() => null);
    if (!fresh) return;
    const before = new Set(Array.from(document.querySelectorAll("#source .code"), (line) => line.textContent));
    const chosen = byId("part").value;
    for (const id of ["findings", "source", "facts", "part"]) swap(id, fresh);
    byId("part").value = chosen;
    if (byId("part").selectedIndex < 0) byId("part").selectedIndex = 0;
    for (const line of document.querySelectorAll("#source .code")) {
      if (!before.has(line.textContent)) line.parentElement.classList.add("fresh");
    }
    // A guessed picture is shown when the exact one is not there soon, or when there will be none.
    guess = fresh.getElementById("picture");
    clearTimeout(guessLater);
    if (byId("findings").querySelector(".trouble")) showGuess();
    else guessLater = setTimeout(showGuess, 1500);
  }

  function swap(id, fresh) {
    const next = fresh.getElementById(id);
    if (next) byId(id).replaceWith(document.adoptNode(next));
  }

  function showGuess() {
    if (guess) byId("picture").replaceWith(document.adoptNode(guess));
    guess = null;
  }

  async function picture(told) {
    const now = JSON.parse(told.data);
    if (now.stage === "done") {
      const drawn = await fragment(`/pieces/${now.piece}/look`).catch(() => null);
      clearTimeout(guessLater);
      guess = null;
      if (!drawn) return;
      let place = document.querySelector("#picture .scroll");
      if (!place) {
        place = document.createElement("div");
        place.className = "scroll";
        place.tabIndex = 0;
        place.setAttribute("role", "region");
        place.setAttribute("aria-label", "The programme over time");
        byId("picture").replaceChildren(place);
      }
      place.replaceChildren(document.adoptNode(drawn.getElementById("drawn").firstElementChild));
      byId("can-last").textContent = `${now.facts.shortest} to ${now.facts.longest}`;
      byId("can-last").parentElement.hidden = false;
      say("This page follows the file. The picture is exact: every line has been spoken.");
    } else if (now.stage === "failed") {
      showGuess();
      say(document.querySelector("#picture .tp") ? "This page follows the file. The picture is guessed." : "This page follows the file.");
      if (!byId("findings").querySelector(".trouble")) showTrouble(now);
    } else if (now.stage === "speak" && now.total) {
      say(`The picture is guessed until all lines are spoken: ${now.done} of ${now.total}.`);
    }
  }

  function showTrouble(now) {
    const place = document.createElement("div");
    place.className = "trouble";
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
