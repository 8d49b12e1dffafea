// A script is written: what is typed is kept after a moment, and the page beside it follows the file as always.
(function () {
  "use strict";
  const { byId } = window.kindvoice;
  const { texts, send, trouble } = window.teach;
  const form = byId("write");
  const text = byId("text");
  const say = (words) => { byId("write-say").textContent = words; };
  const AFTER_MS = 800;
  let later = 0;
  let sending = Promise.resolve(true);
  let stuck = false;

  for (const time of document.querySelectorAll("time[data-at]")) {
    time.textContent = new Date(time.dataset.at * 1000).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  }

  // As tall as the window lets it be, and never less than what a thumb needs.
  const fit = () => { text.style.height = "auto"; text.style.height = `${Math.max(text.scrollHeight + 2, 320)}px`; };
  if (!CSS.supports("field-sizing", "content")) { fit(); text.addEventListener("input", fit); }

  // One after the other: each is built upon what the one before has left.
  function save(act) {
    clearTimeout(later);
    sending = sending.then(async () => {
      const body = new URLSearchParams(new FormData(form));
      body.set("act", act);
      try {
        const response = await send(form.getAttribute("action").slice(window.teach.base.length), body);
        if (!response.ok || response.redirected) {
          stuck = true;
          say(await trouble(response));
          return false;
        }
        form.elements.seen.value = (await response.json()).seen;
        stuck = false;
        say(texts.write_saved);
        return true;
      } catch {
        stuck = true;
        say(texts.write_unsaved);
        return false;
      }
    });
    return sending;
  }

  text.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(() => { later = 0; save("save"); }, AFTER_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const act = event.submitter ? event.submitter.value : "save";
    if (await save(act) && act === "keep") location.reload();
  });
  addEventListener("beforeunload", (event) => { if (later || stuck) event.preventDefault(); });

  // Through the browser's own editing, so that it can be undone.
  function put(words) {
    text.focus();
    if (!document.execCommand("insertText", false, words)) {
      text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  for (const button of document.querySelectorAll("[data-cue]")) button.addEventListener("click", () => put(button.dataset.cue));
  for (const way of ["undo", "redo"]) {
    byId(way).addEventListener("click", () => { text.focus(); document.execCommand(way); });
  }

  // From a finding or a place in the picture to its line in what is written.
  document.addEventListener("click", (event) => {
    const from = event.target.closest('a[href^="#line-"], #picture [data-line]');
    if (!from) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const number = Number(from.dataset.line || from.getAttribute("href").slice(6));
    const lines = text.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[number - 1] || "").length);
    const height = text.scrollHeight / Math.max(lines.length, 1);
    scrollTo({ top: text.getBoundingClientRect().top + scrollY + height * (number - 1) - innerHeight / 3 });
  }, true);
})();
