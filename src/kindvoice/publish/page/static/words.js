// Words that follow the voice: the line that is spoken is marked, and brought into view unless the listener looks elsewhere.
(function () {
  "use strict";

  const { memory, byId } = window.kindvoice;

  function setUpWords(seekTo) {
    const lines = Array.from(document.querySelectorAll(".line"), (link) => ({
      link, start: Number(link.dataset.start), stop: Number(link.dataset.stop),
    }));
    const chapters = Array.from(document.querySelectorAll(".chapter"), (link) => ({
      link, start: Number(link.dataset.start),
    }));
    for (const { link, start } of [...lines, ...chapters]) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        seekTo(start / 1000, true);
      });
    }
    const follow = lines.length ? setUpFollowing() : null;
    const edges = [...lines.flatMap((line) => [line.start, line.stop]), ...chapters.map((c) => c.start)].sort((a, b) => a - b);
    let shown = null;
    let spoken = null;
    let chapter = null;

    // Only where something changes: a screen reader is told of every write.
    function mark(before, now) {
      if (before === now) return now;
      if (before) before.link.removeAttribute("aria-current");
      if (now) now.link.setAttribute("aria-current", "true");
      return now;
    }

    // The last one that has begun; -1 before the first. The list is in order of time.
    function begun(list, ms) {
      let low = 0;
      let high = list.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (list[middle].start <= ms) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    }

    // playing: a page that has only been opened stays where it is.
    function show(ms, playing) {
      const line = lines[begun(lines, ms)] || null;
      if (line !== shown) {
        if (shown) shown.link.classList.remove("last");
        if (line) line.link.classList.add("last");
        shown = line;
        if (follow) follow.to(line && line.link, playing);
      }
      spoken = mark(spoken, line && ms < line.stop ? line : null);
      chapter = mark(chapter, chapters[begun(chapters, ms)] || null);
    }

    return { show, chapters, nextEdge: (ms) => edges.find((edge) => edge > ms), jumped: () => follow && follow.again() };
  }

  function setUpFollowing() {
    const toggle = byId("follow");
    const pill = byId("return");
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const asked = memory.get("follow");
    let on = asked ? asked === "yes" : !still.matches;
    let away = false;
    let current = null;
    let ownScrollUntil = 0;

    // The part of the window that the words have for themselves: the player may cover the lower edge.
    function room() {
      const player = byId("player");
      const docked = getComputedStyle(player).position === "fixed";
      return innerHeight - (docked ? player.offsetHeight : 0);
    }
    function seen(link) {
      const box = link.getBoundingClientRect();
      return box.bottom > 0 && box.top < room();
    }
    function reveal() {
      if (!on || away || !current) return;
      const box = current.getBoundingClientRect();
      const height = room();
      if (box.top >= height * 0.12 && box.bottom <= height * 0.72) return;
      ownScrollUntil = performance.now() + 1500;
      scrollTo({ top: scrollY + box.top - height * 0.3, behavior: still.matches ? "instant" : "smooth" });
    }
    function show() {
      toggle.setAttribute("aria-pressed", String(on));
      pill.hidden = !(on && away);
    }
    function again() {
      away = false;
      show();
      reveal();
    }
    toggle.addEventListener("click", () => {
      on = !on;
      memory.set("follow", on ? "yes" : "no");
      again();
    });
    pill.addEventListener("click", () => {
      again();
      if (current) current.focus({ preventScroll: true });
    });
    // A hand on the page stops our own scrolling at once.
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      addEventListener(name, () => { ownScrollUntil = 0; }, { passive: true });
    }
    addEventListener("scrollend", () => { ownScrollUntil = 0; });
    addEventListener("scroll", () => {
      if (!on || !current || performance.now() < ownScrollUntil) return;
      const now = !seen(current);
      if (now !== away) {
        away = now;
        show();
      }
    }, { passive: true });
    toggle.hidden = false;
    show();
    return {
      again,
      to(link, playing) {
        current = link;
        if (playing) reveal();
      },
    };
  }

  window.kindvoice.setUpWords = setUpWords;
})();
