// What is typed and not yet sent stays in this tab and nowhere else, so that a reload, the way back or a lost
// connection takes nothing away. It goes when it is sent, deleted, or an hour old; and with the tab.
(function () {
  "use strict";

  const PREFIX = "kindvoice:draft:";
  const KEPT_MS = 60 * 60 * 1000;

  // Without storage nothing is kept, and nothing breaks.
  function names() {
    try { return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX)); } catch { return []; }
  }
  function read(name) {
    try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
  }
  function write(name, value) {
    try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* as above */ }
  }
  function remove(name) {
    try { sessionStorage.removeItem(name); } catch { /* as above */ }
  }
  // By the browser's own buttons, back or again, and not by a link to an empty form.
  function cameBack() {
    const [way] = performance.getEntriesByType("navigation");
    return Boolean(way) && way.type !== "navigate";
  }

  window.kindvoice.draft = {
    keep(name, what) { write(PREFIX + name, { at: Date.now(), what }); },
    // null when there is none. One that was sent comes only to somebody who goes back to it.
    find(name) {
      const found = read(PREFIX + name);
      if (found && Date.now() - found.at < KEPT_MS && (!found.sent || cameBack())) return found.what;
      remove(PREFIX + name);
      return null;
    },
    drop(name) { remove(PREFIX + name); },
    forgetSent() {
      for (const name of names()) if (read(name)?.sent) remove(name);
    },
    sent() {
      for (const name of names()) write(name, { ...read(name), sent: true });
    },
  };
  const forget = document.querySelector("[data-forget]")?.dataset.forget;
  if (forget === "sent") window.kindvoice.draft.forgetSent();
  for (const name of names()) {
    const found = read(name);
    if (!found || Date.now() - found.at >= KEPT_MS || forget === "all") remove(name);
  }
})();
