// One line in two voices.
(function () {
  "use strict";
  const { byId } = window.kindvoice;
  const { base, texts, trouble, away } = window.teach;
  const list = byId("lines");
  const said = byId("say");
  const sound = new Audio();
  let turn = 0; // whoever starts something new ends what is being heard
  let asking = new AbortController();

  byId("tools").hidden = false;
  said.textContent = "";

  function address(line, side) {
    const query = new URLSearchParams(list.dataset.query);
    query.set("voice", list.dataset[side]);
    query.set("pace", list.dataset[side === "a" ? "paceA" : "paceB"]);
    return `${base}/scripts/${list.dataset.id}/say/${line}?${query}`;
  }

  async function hear(item, sides, mine) {
    for (const side of sides) {
      const button = item.querySelector(`[data-side="${side}"]`);
      button.classList.add("busy");
      try {
        const response = await fetch(address(item.dataset.line, side), { signal: asking.signal });
        if (mine !== turn) return false;
        if (!response.ok || away(response)) { said.textContent = await trouble(response); return false; }
        const place = URL.createObjectURL(await response.blob());
        button.classList.replace("busy", "playing");
        try {
          if (!(await play(place, mine))) return false;
        } finally {
          URL.revokeObjectURL(place);
        }
      } catch {
        if (mine === turn) said.textContent = texts.unreachable;
        return false;
      } finally {
        button.classList.remove("busy", "playing");
      }
    }
    return mine === turn;
  }

  // true when it was heard to its end.
  function play(place, mine) {
    return new Promise((done) => {
      sound.onended = () => done(true);
      sound.onerror = () => done(false);
      sound.onpause = () => { if (!sound.ended) done(false); };
      sound.src = place;
      if (mine !== turn) done(false);
      else sound.play().catch(() => done(false));
    });
  }

  function begin() {
    sound.pause();
    asking.abort();
    asking = new AbortController();
    said.textContent = "";
    turn += 1;
    return turn;
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-side]");
    if (button) hear(button.closest("li"), button.dataset.side, begin());
  });
  byId("stop").addEventListener("click", begin);
  byId("on").addEventListener("click", async () => {
    const mine = begin();
    for (const item of list.children) {
      item.scrollIntoView({ block: "nearest" });
      if (!(await hear(item, "ab", mine))) return;
    }
  });
})();
