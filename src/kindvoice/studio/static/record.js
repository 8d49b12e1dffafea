// Records one line after another: meter, retake, keep.
(function () {
  "use strict";
  const { byId } = window.kindvoice;
  const { base, send, trouble } = window.teach;
  const booth = byId("booth");
  if (!booth) return;
  const items = Array.from(byId("lines").children);
  const button = Object.fromEntries(["open", "record", "hear", "keep", "voice", "back", "next"].map((id) => [id, byId(id)]));
  const sound = new Audio();
  const BEFORE_S = 0.7; // kept from before the button was pressed, so that no first sound is lost
  const AFTER_S = 0.5;
  const MOST_S = 115;

  let at = Math.max(items.findIndex((item) => item.dataset.state !== "used"), 0);
  let context = null; // the microphone is on
  let stream = null;
  let before = []; // the last blocks, while nothing is recorded
  let take = null; // blocks of the line that is being recorded
  let ending = false;
  let draft = null; // recorded, not kept
  let turn = 0; // of what is heard: a new one ends the one before
  let offered = 0; // takes that were sent to be measured; only the last one counts
  let held = 0; // the meter's highest level of late

  booth.hidden = false;
  const say = (text) => { byId("say").textContent = text; };

  // ---- which line

  function show() {
    const item = items[at];
    byId("now").textContent = item.querySelector("p").textContent;
    byId("which").textContent = `Line ${at + 1} of ${items.length}.`;
    byId("progress").textContent = item.dataset.state === "used" ? "It is recorded; a new take stands beside the old one." : "";
    items.forEach((each, n) => each.classList.toggle("at", n === at));
    byId("doubts").replaceChildren();
    button.back.disabled = at === 0;
    button.next.disabled = at === items.length - 1;
    controls();
  }

  function go(to) {
    if (take || to < 0 || to >= items.length) return;
    drop();
    hush();
    at = to;
    say("");
    show();
  }

  function controls() {
    button.record.disabled = !context;
    button.record.textContent = take ? "Stop" : draft ? "Again" : "Record";
    button.hear.disabled = !draft;
    button.keep.disabled = !draft;
    button.record.className = draft && !take ? "quiet framed" : take ? "solid on" : "solid";
    button.keep.className = draft ? "solid" : "quiet framed";
    booth.classList.toggle("recording", Boolean(take));
  }

  // ---- the microphone

  async function turnOn() {
    if (context) return turnOff();
    if (!navigator.mediaDevices || !window.AudioWorkletNode) {
      say("This browser gives no microphone to this page. It does on this computer itself, or over https.");
      return;
    }
    try {
      const id = byId("device").value;
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { deviceId: id ? { exact: id } : undefined, channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const opened = new AudioContext({ latencyHint: "playback" });
      await opened.audioWorklet.addModule(booth.dataset.module);
      const node = new AudioWorkletNode(opened, "microphone", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = (message) => heard(message.data);
      opened.createMediaStreamSource(stream).connect(node);
      await opened.resume();
      context = opened;
      stream.getTracks()[0].addEventListener("ended", () => { turnOff(); say("The microphone is gone."); });
      button.open.textContent = "Turn the microphone off";
      say("The microphone is on. Say a few words: the bar wants to be in the middle.");
      listDevices();
    } catch (error) {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      say(error.name === "NotAllowedError" ? "The microphone is not allowed for this page; the browser's settings of this page have it."
        : error.name === "NotFoundError" ? "There is no microphone." : "The microphone cannot be used just now.");
    }
    controls();
  }

  function turnOff() {
    if (!context) return;
    take = null;
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    context = null;
    before = [];
    meter(0);
    button.open.textContent = "Turn the microphone on";
    say("");
    controls();
  }

  async function listDevices() {
    const select = byId("device");
    if (select.options.length > 1) return;
    for (const device of await navigator.mediaDevices.enumerateDevices()) {
      if (device.kind === "audioinput" && device.deviceId && device.deviceId !== "default") {
        select.add(new Option(device.label || "a microphone", device.deviceId));
      }
    }
  }

  function heard(block) {
    let peak = 0;
    for (const sample of block) peak = Math.max(peak, Math.abs(sample));
    meter(peak);
    if (take) {
      take.push(block);
      if (!ending && take.length * block.length > MOST_S * context.sampleRate) stop();
      return;
    }
    before.push(block);
    if ((before.length - 1) * block.length > BEFORE_S * context.sampleRate) before.shift();
  }

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
    if (!context || ending) return;
    if (take) { stop(); return; }
    hush();
    drop();
    take = before;
    before = [];
    byId("doubts").replaceChildren();
    say("Recording. Read the line at your own pace.");
    controls();
  }

  function stop() {
    ending = true;
    setTimeout(async () => {
      const blocks = take;
      ending = false;
      take = null;
      controls();
      if (blocks && context) await offer(blocks, context.sampleRate);
    }, AFTER_S * 1000);
  }

  async function offer(blocks, rate) {
    const body = wav(blocks, rate);
    if (body.size > Number(booth.dataset.most)) { say("This is too long for one line."); return; }
    say("One moment.");
    const line = at;
    offered += 1;
    const mine = offered;
    const query = new URLSearchParams(booth.dataset.query);
    query.set("sitting", booth.dataset.sitting);
    if (booth.dataset.own) query.set("own", "1");
    let response;
    try {
      response = await send(`/scripts/${booth.dataset.id}/drafts/${items[at].dataset.line}?${query}`, body);
    } catch {
      say("The studio cannot be reached; this take is lost.");
      return;
    }
    const current = () => mine === offered && line === at && !take;
    if (!response.ok) { if (current()) say(await trouble(response)); return; }
    const made = await response.json();
    if (!current()) { send(`/drafts/${made.draft}/drop`).catch(() => {}); return; }
    draft = made;
    byId("doubts").replaceChildren(...draft.doubts.map((doubt) => {
      const entry = document.createElement("li");
      entry.textContent = doubt;
      return entry;
    }));
    say(`${(draft.length_ms / 1000).toFixed(1)} s. ${draft.doubts.length ? "Hear it before you keep it." : "Hear it, keep it, or record it again."}`);
    controls();
    button.keep.focus();
  }

  // A WAV file of 24 bits, mono.
  function wav(blocks, rate) {
    const length = blocks.reduce((sum, block) => sum + block.length, 0);
    const view = new DataView(new ArrayBuffer(44 + length * 3));
    const text = (offset, word) => [...word].forEach((letter, n) => view.setUint8(offset + n, letter.charCodeAt(0)));
    text(0, "RIFF"); view.setUint32(4, 36 + length * 3, true); text(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, rate, true); view.setUint32(28, rate * 3, true); view.setUint16(32, 3, true); view.setUint16(34, 24, true);
    text(36, "data"); view.setUint32(40, length * 3, true);
    let offset = 44;
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

  function drop() {
    if (draft) send(`/drafts/${draft.draft}/drop`).catch(() => {});
    draft = null;
  }

  async function keep() {
    if (!draft) return;
    const kept = draft;
    draft = null;
    controls();
    let response = null;
    try {
      response = await send(`/drafts/${kept.draft}/keep`);
    } catch { /* told below */ }
    if (!response || !response.ok) {
      if (response) say(await trouble(response));
      else { draft = kept; say("The studio cannot be reached."); }
      controls();
      return;
    }
    mark(items[at], "used", "recorded");
    const following = items.findIndex((item, n) => n > at && item.dataset.state !== "used");
    const last = items.every((item) => item.dataset.state === "used");
    go(following >= 0 ? following : Math.min(at + 1, items.length - 1));
    say(last ? "Kept. Every line is recorded: the next render uses them." : "Kept.");
    button.record.focus();
  }

  function mark(item, state, words) {
    item.dataset.state = state;
    item.querySelector(".state").textContent = words;
    item.querySelector(".play-take").hidden = false;
    item.querySelector(".accept").hidden = true;
    byId("used").textContent = String(items.filter((each) => each.dataset.state === "used").length);
  }

  // ---- hearing

  function query() {
    const found = new URLSearchParams(booth.dataset.query);
    if (booth.dataset.own) found.set("own", "1");
    return found;
  }

  // Whatever is on its way to be heard is not wanted any more.
  function hush() {
    turn += 1;
    sound.pause();
  }

  async function play(address) {
    hush();
    const mine = turn;
    try {
      const response = await fetch(base + address);
      if (mine !== turn) return;
      if (!response.ok) { say(await trouble(response)); return; }
      const heard = await response.blob();
      if (mine !== turn) return;
      const place = URL.createObjectURL(heard);
      sound.onended = () => URL.revokeObjectURL(place);
      sound.src = place;
      await sound.play();
    } catch (error) {
      if (mine === turn && error.name !== "AbortError") say("This cannot be heard just now.");
    }
  }

  const hear = () => { if (draft && !take) play(`/drafts/${draft.draft}`); };
  const voice = () => {
    if (take) return;
    const item = items[at];
    play(`/scripts/${booth.dataset.id}/read/${item.dataset.line}?${query()}`);
  };

  // ---- hands

  button.open.addEventListener("click", turnOn);
  button.record.addEventListener("click", record);
  button.hear.addEventListener("click", hear);
  button.keep.addEventListener("click", keep);
  button.voice.addEventListener("click", voice);
  button.back.addEventListener("click", () => go(at - 1));
  button.next.addEventListener("click", () => go(at + 1));
  byId("device").addEventListener("change", async () => { if (context) { turnOff(); await turnOn(); } });
  addEventListener("pagehide", drop);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, select, textarea")) return;
    const onButton = event.target.closest("button, a");
    const doing = { r: record, h: hear, v: voice, ArrowLeft: () => go(at - 1), ArrowRight: () => go(at + 1) }[event.key];
    if (doing) { event.preventDefault(); doing(); }
    else if (event.key === "Enter" && !onButton) { event.preventDefault(); keep(); }
  });

  byId("lines").addEventListener("click", async (event) => {
    const item = event.target.closest("li");
    const place = `/scripts/${booth.dataset.id}/takes/${item.dataset.line}`;
    if (event.target.closest(".go")) { go(items.indexOf(item)); booth.scrollIntoView({ block: "start" }); button[context ? "record" : "open"].focus(); }
    if (event.target.closest(".play-take")) play(`${place}?${query()}`);
    if (event.target.closest(".accept")) {
      const response = await send(`${place}/accept?${query()}`);
      if (response.ok) mark(item, "used", "recorded"); else say(await trouble(response));
    }
  });

  show();
})();
