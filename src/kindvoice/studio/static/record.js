// Records one line after another: meter, retake, keep, undo.
(function () {
  "use strict";
  const { byId, memory, clock } = window.kindvoice;
  const { base, texts, fill, send, trouble, away } = window.teach;
  const booth = byId("booth");
  if (!booth) return;
  const items = Array.from(byId("lines").children);
  const names = ["open", "record", "hear", "keep", "undo", "voice", "back", "next", "send"];
  const button = Object.fromEntries(names.map((id) => [id, byId(id)]));
  const sound = new Audio();
  const BEFORE_S = 0.7; // kept from before the button was pressed, so that no first sound is lost
  const AFTER_S = 0.5; // and from after it was pressed again
  const MOST_S = 115;
  const HEAD_BYTES = 44, SAMPLE_BYTES = 3;

  let at = Math.max(items.findIndex((item) => item.dataset.state !== "used"), 0);
  let context = null; // the microphone is on
  let opening = false;
  let stream = null;
  let before = []; // the last blocks, while nothing is recorded
  let take = null; // blocks of the line that is being recorded
  let length = 0; // samples in them
  let until = 0; // samples after which it ends; 0: not yet known
  let ending = 0; // ends it even when the microphone gives nothing more
  let draft = null; // recorded, not kept: its sound stays here until it is
  let unsent = null; // recorded, and it could not be sent
  let kept = null; // the line that was kept last
  let turn = 0; // of what is heard: a new one ends the one before
  let asking = new AbortController();
  let offered = 0; // takes that were sent to be measured; only the last one counts
  let held = 0; // the meter's highest level of late

  booth.hidden = false;
  const say = (text) => { byId("say").textContent = text; };
  const seconds = (ms) => (ms / 1000).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

  // ---- which line

  function show() {
    const item = items[at];
    byId("now").textContent = item.querySelector("p").textContent;
    byId("which").textContent = fill(texts.line_of, { n: at + 1, all: items.length });
    byId("progress").textContent = item.dataset.state === "used" ? texts.has_take : "";
    byId("time").textContent = "";
    items.forEach((each, n) => {
      each.classList.toggle("at", n === at);
      if (n === at) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
    });
    doubt([]);
    button.back.disabled = at === 0;
    button.next.disabled = at === items.length - 1;
    controls();
  }

  function go(to) {
    if (take || to < 0 || to >= items.length) return false;
    hush();
    drop();
    unsent = null;
    at = to;
    say("");
    show();
    return true;
  }

  function controls() {
    button.record.disabled = !context;
    button.record.textContent = take ? texts.stop : draft || unsent ? texts.again : texts.do_record;
    button.hear.disabled = !draft;
    button.keep.disabled = !draft;
    button.undo.hidden = !kept || Boolean(draft) || Boolean(take);
    button.open.disabled = byId("device").disabled = Boolean(take);
    button.record.className = draft && !take ? "quiet framed" : take ? "solid on" : "solid";
    button.keep.className = draft ? "solid" : "quiet framed";
    byId("rescue").hidden = !unsent || Boolean(take);
    booth.classList.toggle("recording", Boolean(take));
  }

  // ---- the microphone

  async function turnOn() {
    if (context) { turnOff(); return; }
    if (opening) return;
    if (!navigator.mediaDevices || !window.AudioWorkletNode) { say(texts.mic_insecure); return; }
    opening = true;
    let opened = null;
    try {
      stream = await ask(byId("device").value);
      opened = new AudioContext({ latencyHint: "playback" });
      await opened.audioWorklet.addModule(booth.dataset.module);
      const node = new AudioWorkletNode(opened, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = (message) => heard(message.data);
      opened.createMediaStreamSource(stream).connect(node);
      await opened.resume();
      context = opened;
      const gone = () => { if (context === opened) { turnOff(); say(texts.mic_gone); } };
      const track = stream.getAudioTracks()[0];
      track.addEventListener("ended", gone);
      track.addEventListener("mute", () => { if (context === opened) say(texts.mic_muted); });
      opened.addEventListener("statechange", () => { if (opened.state !== "running") gone(); });
      button.open.textContent = texts.mic_off;
      say(texts.mic_is_on);
      listDevices();
    } catch (error) {
      if (stream) stream.getTracks().forEach((each) => each.stop());
      if (opened) opened.close();
      stream = null;
      say({ NotAllowedError: texts.mic_not_allowed, NotFoundError: texts.mic_none }[error.name] || texts.mic_busy);
    } finally {
      opening = false;
    }
    controls();
  }

  function ask(id) {
    const plain = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return navigator.mediaDevices.getUserMedia({ audio: id ? { ...plain, deviceId: { exact: id } } : plain });
  }

  function turnOff() {
    if (!context) return;
    take = null;
    clearTimeout(ending);
    const closing = context;
    context = null;
    stream.getTracks().forEach((track) => track.stop());
    closing.close();
    before = [];
    held = 0;
    meter(0);
    byId("time").textContent = "";
    button.open.textContent = texts.mic_on;
    say("");
    controls();
  }

  async function listDevices() {
    const select = byId("device");
    const chosen = select.value;
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "audioinput" && device.deviceId && device.deviceId !== "default");
    while (select.options.length > 1) select.remove(1);
    found.forEach((device) => select.add(new Option(device.label || texts.a_microphone, device.deviceId)));
    select.value = found.some((device) => device.deviceId === chosen) ? chosen : "";
  }

  function heard(block) {
    let peak = 0;
    for (const sample of block) peak = Math.max(peak, Math.abs(sample));
    meter(peak);
    if (!context) return;
    if (!take) {
      before.push(block);
      if ((before.length - 1) * block.length > BEFORE_S * context.sampleRate) before.shift();
      return;
    }
    take.push(block);
    length += block.length;
    byId("time").textContent = clock(length / context.sampleRate);
    if (!until && length > most() * context.sampleRate) stop();
    if (until && length >= until) finish();
  }

  // As long as one line may be, and as much as may be sent.
  const most = () => Math.min(MOST_S, (Number(booth.dataset.most) - HEAD_BYTES) / SAMPLE_BYTES / context.sampleRate - 1);

  // 60 dB below full scale is the left end.
  const place = (peak) => Math.min(Math.max(1 + Math.log10(Math.max(peak, 1e-6)) / 3, 0), 1);

  function meter(peak) {
    held = Math.max(peak, held * 0.93);
    const node = byId("meter");
    node.style.setProperty("--level", place(peak));
    node.style.setProperty("--held", place(held));
    node.classList.toggle("hot", held > 0.89);
  }

  // ---- recording

  function record() {
    if (!context || until) return;
    if (take) { stop(); return; }
    hush();
    drop();
    unsent = null;
    take = before;
    length = take.reduce((sum, block) => sum + block.length, 0);
    before = [];
    doubt([]);
    say(texts.recording_now);
    controls();
  }

  function stop() {
    if (!take || until) return;
    until = length + AFTER_S * context.sampleRate;
    ending = setTimeout(finish, AFTER_S * 4000);
  }

  function finish() {
    clearTimeout(ending);
    const blocks = take;
    take = null;
    until = 0;
    controls();
    if (blocks && context) offer({ body: wav(blocks, context.sampleRate), line: at });
  }

  // To be measured. Nothing that was said is lost when this fails: it stays in `unsent`.
  async function offer(said) {
    offered += 1;
    const mine = offered;
    const current = () => mine === offered && said.line === at && !take;
    say(texts.wait);
    unsent = null;
    let response = null;
    try {
      response = await send(`/scripts/${booth.dataset.id}/drafts/${items[said.line].dataset.line}?${query()}`, said.body);
    } catch { /* told below */ }
    if (!response || away(response) || response.status >= 500) {
      if (current()) rescue(said, response && away(response));
      return false;
    }
    if (!response.ok) {
      const what = await trouble(response);
      if (current()) { say(what); controls(); }
      return false;
    }
    const made = await response.json();
    if (!current()) { forget(made.draft); return false; }
    draft = { ...made, ...said };
    doubt(draft.doubts);
    say(fill(draft.doubts.length ? texts.heard_odd : texts.heard_fine, { n: seconds(draft.length_ms) }));
    controls();
    button.keep.focus();
    return true;
  }

  function rescue(said, mustComeIn) {
    unsent = said;
    byId("come-in").hidden = !mustComeIn;
    say(mustComeIn ? texts.away_take : texts.unreachable_take);
    controls();
  }

  function doubt(doubts) {
    byId("doubts").replaceChildren(...doubts.map((text) => {
      const entry = document.createElement("li");
      entry.textContent = text;
      return entry;
    }));
  }

  // A WAV file of 24 bits, mono.
  function wav(blocks, rate) {
    const samples = blocks.reduce((sum, block) => sum + block.length, 0);
    const view = new DataView(new ArrayBuffer(HEAD_BYTES + samples * SAMPLE_BYTES));
    const text = (offset, word) => [...word].forEach((letter, n) => view.setUint8(offset + n, letter.charCodeAt(0)));
    text(0, "RIFF"); view.setUint32(4, 36 + samples * 3, true); text(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, rate, true); view.setUint32(28, rate * 3, true); view.setUint16(32, 3, true); view.setUint16(34, 24, true);
    text(36, "data"); view.setUint32(40, samples * 3, true);
    let offset = HEAD_BYTES;
    for (const block of blocks) {
      for (const sample of block) {
        const value = Math.round(Math.min(Math.max(sample, -1), 1) * 8388607);
        view.setUint8(offset, value & 255);
        view.setUint8(offset + 1, (value >> 8) & 255);
        view.setUint8(offset + 2, (value >> 16) & 255);
        offset += 3;
      }
    }
    return new Blob([view], { type: "audio/wav" });
  }

  const forget = (token) => { send(`/drafts/${token}/drop`, null, { keepalive: true }).catch(() => {}); };

  function drop() {
    if (draft) forget(draft.draft);
    draft = null;
  }

  async function keep() {
    if (!draft || take) return;
    hush();
    const keeping = draft;
    draft = null;
    controls();
    let response = null;
    try {
      response = await send(`/drafts/${keeping.draft}/keep`);
    } catch { /* told below */ }
    if (response && response.ok && !away(response)) { keptNow(keeping.line); return; }
    if (response && response.status === 404) {
      // The studio has begun anew, or had too many: it is measured once more, and asks to be kept again.
      await offer(keeping);
      return;
    }
    if (at !== keeping.line) return;
    if (response && away(response)) { rescue(keeping, true); return; }
    draft = keeping;
    say(response ? await trouble(response) : texts.unreachable);
    controls();
  }

  function keptNow(line) {
    kept = line;
    mark(items[line], "used", texts.state_used);
    const following = items.findIndex((item, n) => n > line && item.dataset.state !== "used");
    const last = items.every((item) => item.dataset.state === "used");
    go(following >= 0 ? following : Math.min(line + 1, items.length - 1));
    say(last ? texts.kept_all : texts.kept);
    button.record.focus();
  }

  async function undo() {
    if (kept === null || take || draft) return;
    const line = kept;
    let response = null;
    try {
      response = await send(`/scripts/${booth.dataset.id}/takes/${items[line].dataset.line}/undo?${query()}`);
    } catch { /* told below */ }
    if (!response || !response.ok || away(response)) { say(response ? await trouble(response) : texts.unreachable); return; }
    const now = await response.json();
    kept = null;
    mark(items[line], now.state, now.words);
    go(line);
    say(texts.undone);
    (context ? button.record : button.open).focus();
  }

  function mark(item, state, words) {
    item.dataset.state = state;
    item.querySelector(".state").textContent = words;
    item.querySelector(".play-take").hidden = !["used", "look"].includes(state);
    item.querySelector(".accept").hidden = state !== "look";
    const used = items.filter((each) => each.dataset.state === "used").length;
    byId("used").dataset.used = String(used);
    byId("used").textContent = fill(texts.used, { n: used, all: items.length });
  }

  // ---- hearing

  function query() {
    const found = new URLSearchParams(booth.dataset.query);
    found.set("sitting", booth.dataset.sitting);
    if (booth.dataset.own) found.set("own", "1");
    return found;
  }

  // Whatever is on its way to be heard is not wanted any more: it may be about to be dropped.
  function hush() {
    turn += 1;
    asking.abort();
    asking = new AbortController();
    sound.pause();
  }

  async function play(address) {
    if (take) return;
    hush();
    const mine = turn;
    try {
      const response = await fetch(base + address, { signal: asking.signal });
      if (mine !== turn) return;
      if (!response.ok || away(response)) { say(await trouble(response)); return; }
      const heard = await response.blob();
      if (mine !== turn) return;
      const place = URL.createObjectURL(heard);
      sound.onended = sound.onpause = () => URL.revokeObjectURL(place);
      sound.src = place;
      await sound.play();
    } catch (error) {
      if (mine === turn && error.name !== "AbortError") say(texts.not_heard);
    }
  }

  const hear = () => { if (draft) play(`/drafts/${draft.draft}`); };
  const voice = () => play(`/scripts/${booth.dataset.id}/read/${items[at].dataset.line}?${query()}`);

  // ---- hands

  button.open.addEventListener("click", turnOn);
  button.record.addEventListener("click", record);
  button.hear.addEventListener("click", hear);
  button.keep.addEventListener("click", keep);
  button.undo.addEventListener("click", undo);
  button.voice.addEventListener("click", voice);
  button.back.addEventListener("click", () => go(at - 1));
  button.next.addEventListener("click", () => go(at + 1));
  button.send.addEventListener("click", () => { if (unsent) offer(unsent); });
  byId("device").addEventListener("change", async () => { if (context) { turnOff(); await turnOn(); } });
  if (navigator.mediaDevices) navigator.mediaDevices.addEventListener("devicechange", () => { if (context && !take) listDevices(); });
  addEventListener("pagehide", () => { drop(); turnOff(); });
  addEventListener("beforeunload", (event) => { if (draft || unsent || take) event.preventDefault(); });

  // Single letters are also what people dictate: they can be switched off.
  byId("keys").checked = memory.get("teach-keys") !== "off";
  byId("keys").addEventListener("change", (event) => memory.set("teach-keys", event.target.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !byId("keys").checked) return;
    if (event.target.closest('input:not([type="checkbox"]), select, textarea')) return;
    const doing = { r: record, h: hear, k: keep, u: undo, v: voice, arrowleft: () => go(at - 1), arrowright: () => go(at + 1) }[event.key.toLowerCase()];
    if (doing) { event.preventDefault(); doing(); }
  });

  byId("lines").addEventListener("click", async (event) => {
    const item = event.target.closest("li");
    if (!item || take) return;
    const place = `/scripts/${booth.dataset.id}/takes/${item.dataset.line}`;
    if (event.target.closest(".go") && go(items.indexOf(item))) {
      booth.scrollIntoView({ block: "start" });
      button[context ? "record" : "open"].focus({ preventScroll: true });
    }
    if (event.target.closest(".play-take")) play(`${place}?${query()}`);
    if (event.target.closest(".accept")) {
      let response = null;
      try { response = await send(`${place}/accept?${query()}`); } catch { /* told below */ }
      if (response && response.ok && !away(response)) mark(item, "used", texts.state_used);
      else say(response ? await trouble(response) : texts.unreachable);
    }
  });

  show();
})();
