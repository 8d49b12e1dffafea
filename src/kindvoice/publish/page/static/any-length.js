// Any length from one pool: every piece of sound lies in the folder once, and becomes a real MP3 here.
(function () {
  "use strict";

  const { byId } = window.kindvoice;
  const chunks = [];

  // What the scripts of the pool call: the only way to read a file beside a page that was opened from the disk.
  window.kindvoice.sound = (number, base64) => {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    chunks[number] = bytes;
  };

  // The parts of the file in order; null where a script of the folder is missing.
  function parts({ ranges, chunkBytes }) {
    const size = Number(chunkBytes);
    const all = [];
    for (const range of ranges.split(" ")) {
      let [at, left] = range.split("+").map(Number);
      while (left > 0) {
        const chunk = chunks[Math.floor(at / size)];
        if (!chunk) return null;
        const start = at % size;
        const count = Math.min(left, size - start);
        all.push(chunk.subarray(start, start + count));
        at += count;
        left -= count;
      }
    }
    return all;
  }

  // After all deferred scripts.
  addEventListener("DOMContentLoaded", () => {
    const audio = byId("sound");
    const all = parts(audio.dataset);
    if (!all) {
      byId("incomplete").classList.remove("incomplete");
      byId("player").querySelector(".controls").hidden = true;
      return;
    }
    const address = URL.createObjectURL(new Blob(all, { type: audio.dataset.type }));
    audio.src = address;
    for (const link of document.querySelectorAll("[data-assembled]")) link.href = address;
  });
})();
