// A recording that is being made: how far it is, as the server tells it. When it is done, the page is loaded again.
(function () {
  "use strict";

  const AGAIN_MS = 5000;
  const FILES_MS = 3000;
  const SHARE = { speak: [0, 0.45], measure: [0.45, 0.6], encode: [0.6, 0.95], check: [0.95, 1] };
  const STAGES = Object.keys(SHARE);
  const { byId, draft } = window.kindvoice;

  // ---- what is heard while it is being made, and the way from there into the finished recording

  const TURN = "kindvoice:turn";
  const LOOK_MS = 1000;

  function setUpEarly(box) {
    const audio = byId("early-sound");
    const news = byId("news");
    // A browser that let it begin by itself lets the next page go on by itself.
    let pressed = false;
    let byItself = false;
    let leaving = false;

    for (const name of ["pointerdown", "keydown"]) box.addEventListener(name, () => { pressed = true; });
    audio.addEventListener("playing", () => { byItself ||= !pressed; }, { once: true });
    audio.addEventListener("error", () => { if (!audio.played.length) box.hidden = true; });
    const going = () => !audio.paused && !audio.ended && audio.currentTime > 0;
    if (document.hidden) audio.autoplay = false;

    async function turn(playing) {
      const at = audio.currentTime;
      let place = null;
      try {
        const answer = await fetch(`${box.dataset.place}?at=${at.toFixed(3)}`);
        if (answer.ok) place = await answer.json();
      } catch { /* the server is not there just now */ }
      if (leaving) return;
      if (place && playing === "in a pause" && place.busy_s > 0 && going()) {
        setTimeout(look, place.busy_s * 1000 + 200);
        return;
      }
      if (place && !audio.ended) keep(place.at + (going() ? audio.currentTime - at : 0), Boolean(playing));
      leave();
    }
    function keep(at, playing) {
      try { sessionStorage.setItem(TURN, JSON.stringify({ path: location.pathname, at, playing })); } catch { /* it begins anew */ }
    }
    function leave() {
      leaving = true;
      location.reload();
    }
    // Nobody who listens is interrupted: the page turns while nothing is said, and only where it is looked at.
    function look() {
      if (leaving) return;
      if (!going()) turn("");
      else if (byItself && !document.hidden) turn("in a pause");
      else setTimeout(look, LOOK_MS);
    }
    news.querySelector("a").addEventListener("click", (event) => {
      event.preventDefault();
      turn("at once");
    });
    return {
      begin() {
        box.hidden = false;
        if (!audio.src) audio.src = box.dataset.sound;
      },
      // Whether this page turns by itself, now or in a pause.
      finish() {
        if (!going() && !audio.played.length && !pressed && audio.autoplay) {
          // It was made before anything could be heard of it.
          keep(0, true);
          leave();
          return true;
        }
        if (!going()) return false;
        const told = news.querySelector("[data-done]");
        told.textContent = told.dataset.done;
        news.hidden = false;
        look();
        return true;
      },
    };
  }

  function takeUp(sound) {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(TURN));
      sessionStorage.removeItem(TURN);
    } catch { /* without storage it begins anew */ }
    if (!kept || kept.path !== location.pathname) return;
    const go = () => {
      sound.currentTime = kept.at;
      if (kept.playing) sound.play().catch(() => { /* it waits for a press */ });
    };
    if (sound.readyState > 0) go();
    else sound.addEventListener("loadedmetadata", go, { once: true });
  }

  function setUpProgress(box) {
    const early = byId("early") ? setUpEarly(byId("early")) : null;
    const texts = box.dataset;
    const meter = box.querySelector(".meter");
    const doing = byId("now-doing");
    const left = byId("left");
    let farthest = 0;
    let toldLeft = Infinity;

    function set(element, text) {
      if (element.textContent !== text) element.textContent = text;
    }
    function leftText(seconds) {
      if (seconds === null || !(seconds >= 0)) return "";
      if (seconds < 90) return texts.leftS.replace("{n}", String(Math.max(5, Math.ceil(seconds / 5) * 5)));
      return texts.leftMin.replace("{n}", String(Math.ceil(seconds / 60)));
    }
    function stageName(stage) {
      const item = box.querySelector(`[data-stage="${stage}"]`);
      return item ? item.textContent : "";
    }
    function show(now) {
      if (now.state === "waiting") {
        set(doing, now.before ? texts.before.replace("{n}", String(now.before)) : texts.first);
        farthest = 0;
      } else if (SHARE[now.stage]) {
        const [from, to] = SHARE[now.stage];
        farthest = Math.max(farthest, from + (to - from) * (now.total ? Math.min(1, now.done / now.total) : 0));
        set(doing, stageName(now.stage));
      }
      meter.style.setProperty("--at", String(farthest));
      meter.setAttribute("aria-valuenow", String(Math.round(farthest * 100)));
      const at = STAGES.indexOf(now.stage);
      STAGES.forEach((stage, n) => {
        const item = box.querySelector(`[data-stage="${stage}"]`);
        item.toggleAttribute("data-past", n < at);
        if (n === at) item.setAttribute("aria-current", "step");
        else item.removeAttribute("aria-current");
      });
      // A guess that goes up and down is no help: it rises only when it was clearly wrong.
      if (now.left_s === null || now.left_s < toldLeft || now.left_s > toldLeft + 10) {
        toldLeft = now.left_s === null ? Infinity : now.left_s;
        set(left, leftText(now.left_s));
      }
    }

    let leaving = false;
    // Somebody who listens to the version before is not interrupted, nor when they pause for a moment.
    function again(state) {
      if (leaving) return;
      if (state === "gone") {
        draft.forgetSent();
        location.replace(`/deleted?language=${document.documentElement.lang}`);
        return;
      }
      if (state === "done" && early?.finish()) {
        box.hidden = true;
        return;
      }
      const sound = byId("sound");
      const news = byId("news");
      if (!sound || !news || (sound.paused && sound.played.length === 0)) {
        location.reload();
        return;
      }
      box.hidden = true;
      byId("still-old").hidden = true;
      news.hidden = false;
      const told = news.querySelector("[data-done]");
      told.textContent = state === "done" ? told.dataset.done : told.dataset.failed;
    }
    const events = new EventSource(texts.events);
    events.addEventListener("order", (event) => {
      const now = JSON.parse(event.data);
      if (now.state === "done" || now.state === "failed" || now.state === "gone") {
        events.close();
        again(now.state);
      } else {
        show(now);
        if (now.state === "making") early?.begin();
      }
    });
    // The browser comes back by itself, unless the server refused.
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(() => again("lost"), AGAIN_MS);
    });
    addEventListener("pagehide", () => events.close());
    // What is deleted tells so itself, and its page must not be loaded again before the answer is there.
    document.querySelector(".delete form")?.addEventListener("submit", () => {
      leaving = true;
      events.close();
    });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // A further format, and the page with all lengths, may be ready a little later: their links come beside the others.
  function waitForFiles(list, page) {
    let left = 60;
    const timer = setInterval(async () => {
      left -= 1;
      try {
        const answer = await fetch("files", { headers: { Accept: "application/json" } });
        const { sounds, lengths } = answer.ok ? await answer.json() : { sounds: [] };
        if (page) page.hidden = !lengths;
        const there = new Set([...list.querySelectorAll("a")].map((link) => link.getAttribute("href")));
        for (const sound of sounds) {
          if (there.has(sound.href)) continue;
          const item = list.firstElementChild.cloneNode(true);
          const link = item.querySelector("a");
          link.href = sound.href;
          link.download = sound.name;
          link.querySelector(".kind").textContent = sound.label;
          link.querySelector(".size").textContent = sound.size;
          list.append(item);
        }
        if (sounds.length > 1 && (lengths || !page)) left = 0;
      } catch { /* the server is not there just now */ }
      if (left <= 0) clearInterval(timer);
    }, FILES_MS);
  }

  function setUpCopy(button) {
    if (!navigator.clipboard) return;
    const text = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href.split("#")[0]);
        button.textContent = button.dataset.done;
        setTimeout(() => { button.textContent = text; }, 2500);
      } catch { /* not allowed here: the address bar has it too */ }
    });
  }

  // In the listener's own time zone and manner.
  function showUntil(span) {
    const at = new Date(Number(span.dataset.at) * 1000);
    const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(at);
    span.textContent = span.dataset.text.replace("{date}", date);
  }

  // What was typed has arrived.
  draft.sent();
  if (byId("sound")) takeUp(byId("sound"));
  if (byId("progress")) setUpProgress(byId("progress"));
  const downloads = document.querySelector(".downloads ul");
  const page = byId("lengths");
  if (downloads && (downloads.children.length === 1 || page?.hidden)) waitForFiles(downloads, page);
  if (byId("copy")) setUpCopy(byId("copy"));
  if (byId("until")) showUntil(byId("until"));
})();
