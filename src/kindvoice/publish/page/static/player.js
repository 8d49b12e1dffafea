// The listening page: our own controls over the browser's player, and words that follow the voice.
// Nothing is fetched and nothing is announced while somebody listens; without this script the page still plays and reads.
(function () {
  "use strict";

  const STEP_S = 15;
  const ARROW_S = 5;
  const PAGE_S = 60;
  const KEPT_EVERY_MS = 5000;
  // A place so near the beginning or the end is not worth coming back to.
  const WORTH_KEEPING_S = 15;

  const { memory, clamp, clock, byId, setUpTheme, setUpWords } = window.kindvoice;

  // ---- the list of a course: how far each recording was heard

  function showPlaces() {
    for (const track of document.querySelectorAll(".track")) {
      const at = memory.place(track.dataset.key);
      track.querySelector(".heard").textContent = at ? track.dataset.at.replace("{time}", clock(at)) : "";
    }
  }

  // ---- the player

  function setUpPlayer(player) {
    const audio = byId("sound");
    const seek = byId("seek");
    const play = byId("play");
    const note = byId("note");
    const again = byId("again");
    const bar = player.querySelector(".bar");
    const key = player.dataset.key;
    let duration = Number(player.dataset.duration) / 1000;
    // Where to begin once the browser knows the file; until then it cannot be told.
    let pending = null;
    let timer = 0;
    let keptAt = 0;

    const position = () => (pending === null ? audio.currentTime : pending);
    const words = setUpWords(seekTo);

    function seekTo(seconds, andPlay) {
      const at = clamp(seconds, 0, duration);
      if (audio.readyState >= 1) audio.currentTime = at;
      else pending = at;
      if (note.textContent) forgetNote();
      show();
      words.jumped();
      keep();
      if (andPlay && audio.paused) start();
    }

    function start() {
      // Refused without a listener's own click, or when the file cannot be played: `error` tells of that.
      const started = audio.play();
      if (started) started.catch(() => show());
    }
    function toggle() {
      if (!audio.paused) audio.pause();
      else {
        if (audio.ended) seekTo(0);
        start();
      }
    }

    function show() {
      const at = position();
      const ms = Math.round(at * 1000);
      byId("now").textContent = clock(at);
      bar.style.setProperty("--at", duration ? at / duration : 0);
      // A screen reader reads a slider aloud whenever it moves under the focus. Somebody is meditating.
      if (audio.paused || document.activeElement !== seek) tellSlider(at);
      // A browser may stop a hair before the moment that it was sent to.
      words.show(ms + 2, !audio.paused);
      clearTimeout(timer);
      if (!audio.paused) {
        const edge = words.nextEdge(ms + 2);
        if (edge !== undefined) timer = setTimeout(show, clamp((edge - ms) / audio.playbackRate, 20, 1000));
      }
    }
    function tellSlider(at) {
      seek.value = String(Math.round(at));
      seek.setAttribute("aria-valuetext", player.dataset.at.replace("{now}", clock(at)).replace("{whole}", clock(duration)));
    }
    function showState() {
      player.classList.toggle("playing", !audio.paused);
      play.setAttribute("aria-label", audio.paused ? player.dataset.play : player.dataset.pause);
      if (navigator.mediaSession) navigator.mediaSession.playbackState = audio.paused ? "paused" : "playing";
      show();
    }
    function setDuration() {
      if (Number.isFinite(audio.duration) && audio.duration > 0) duration = audio.duration;
      seek.max = String(Math.floor(duration));
      byId("whole").textContent = clock(duration);
      for (const tick of bar.querySelectorAll(".tick")) tick.remove();
      for (const { start: ms } of words.chapters) {
        if (ms <= 0) continue;
        const tick = document.createElement("span");
        tick.className = "tick";
        tick.style.left = `${(ms / 10 / duration).toFixed(3)}%`;
        bar.insertBefore(tick, bar.lastElementChild);
      }
    }

    function keep() {
      const at = position();
      keptAt = performance.now();
      if (at < WORTH_KEEPING_S || at > duration - WORTH_KEEPING_S) memory.drop("at:" + key);
      else memory.set("at:" + key, at.toFixed(1));
    }
    function forgetNote() {
      note.textContent = "";
      again.hidden = true;
    }
    function resume() {
      const at = memory.place(key);
      if (at < WORTH_KEEPING_S || at > duration - WORTH_KEEPING_S) return;
      pending = at;
      note.textContent = player.dataset.resumed.replace("{time}", clock(at));
      again.hidden = false;
    }

    function onSlider() {
      seekTo(Number(seek.value));
      tellSlider(position());
    }
    function onSliderKey(event) {
      const step = {
        ArrowRight: ARROW_S, ArrowUp: ARROW_S, ArrowLeft: -ARROW_S, ArrowDown: -ARROW_S, PageUp: PAGE_S, PageDown: -PAGE_S,
      }[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      seekTo(position() + step);
      tellSlider(position());
    }
    // Single keys only while the player has the focus, so that they are nobody else's (WCAG 2.1.4).
    function onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const pressed = event.key.toLowerCase();
      if (pressed === "k" || (pressed === " " && event.target.tagName !== "BUTTON")) toggle();
      else if (pressed === "j") seekTo(position() - STEP_S);
      else if (pressed === "l") seekTo(position() + STEP_S);
      else return;
      event.preventDefault();
    }
    function cannotPlay() {
      byId("silent").hidden = false;
      player.querySelector(".controls").hidden = true;
    }

    audio.removeAttribute("controls");
    player.querySelector(".controls").hidden = false;
    player.classList.add("ready");
    play.addEventListener("click", toggle);
    byId("back").addEventListener("click", () => seekTo(position() - STEP_S));
    byId("forward").addEventListener("click", () => seekTo(position() + STEP_S));
    again.addEventListener("click", () => {
      seekTo(0, true);
      play.focus();
    });
    seek.addEventListener("input", onSlider);
    seek.addEventListener("keydown", onSliderKey);
    seek.addEventListener("focus", show);
    player.addEventListener("keydown", onKey);
    audio.addEventListener("loadedmetadata", () => {
      setDuration();
      if (pending !== null) audio.currentTime = pending;
      pending = null;
      show();
    });
    audio.addEventListener("timeupdate", () => {
      show();
      if (!audio.paused && performance.now() - keptAt > KEPT_EVERY_MS) keep();
    });
    audio.addEventListener("seeked", show);
    audio.addEventListener("play", () => {
      forgetNote();
      showState();
      words.jumped();
    });
    audio.addEventListener("pause", () => {
      showState();
      keep();
    });
    audio.addEventListener("ended", () => {
      memory.drop("at:" + key);
      showState();
    });
    addEventListener("pagehide", () => {
      if (position() > 0 && !audio.ended) keep();
    });
    const last = audio.querySelector("source:last-of-type");
    if (last) last.addEventListener("error", cannotPlay);
    audio.addEventListener("error", cannotPlay);
    // Once more from the first source, so that none of its events came before somebody listened for them.
    audio.load();

    setUpVolume(audio);
    setUpSystemControls(player, audio, { seekTo, position, start });
    resume();
    setDuration();
    showState();
  }

  function setUpVolume(audio) {
    const slider = byId("volume");
    audio.volume = 0.5;
    // Some systems leave this to their own keys and do not listen.
    if (audio.volume !== 0.5) return;
    const kept = memory.get("volume");
    const set = (percent) => { audio.volume = clamp(percent, 0, 100) / 100; };
    if (kept !== null && Number.isFinite(Number(kept))) slider.value = kept;
    set(Number(slider.value));
    slider.addEventListener("input", () => {
      set(Number(slider.value));
      memory.set("volume", slider.value);
    });
    byId("loudness").hidden = false;
  }

  // Headphones, keyboards, the lock screen.
  function setUpSystemControls(player, audio, { seekTo, position, start }) {
    const session = navigator.mediaSession;
    if (!session || typeof MediaMetadata === "undefined") return;
    // Browsers take no picture from a file's address here, and complain.
    const cover = location.protocol.startsWith("http") && document.querySelector(".cover");
    const { title, artist, album } = player.dataset;
    session.metadata = new MediaMetadata({ title, artist, album, artwork: cover ? [{ src: cover.src }] : [] });
    const handlers = {
      play: start,
      pause: () => audio.pause(),
      stop: () => audio.pause(),
      seekbackward: (asked) => seekTo(position() - (asked.seekOffset || STEP_S)),
      seekforward: (asked) => seekTo(position() + (asked.seekOffset || STEP_S)),
      seekto: (asked) => seekTo(asked.seekTime),
    };
    for (const [name, handler] of Object.entries(handlers)) {
      try { session.setActionHandler(name, handler); } catch { /* an action that this browser does not know */ }
    }
  }

  setUpTheme();
  showPlaces();
  addEventListener("pageshow", showPlaces);
  const player = byId("player");
  if (player) setUpPlayer(player);
})();
