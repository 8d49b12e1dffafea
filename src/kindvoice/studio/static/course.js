// A course: its practices are put in order by dragging, the page tells how far everybody's are, and links are copied.
(function () {
  "use strict";
  const { byId } = window.kindvoice;
  const { texts, fragment } = window.teach;

  // ---- links

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], #copy-all");
    if (!button) return;
    const lines = Array.from(document.querySelectorAll(".slips li"), (slip) => `${slip.querySelector("strong").textContent}\t${slip.querySelector("code").textContent}`);
    const copied = await navigator.clipboard.writeText(button.dataset.copy || lines.join("\n")).then(() => true, () => false);
    if (!copied) return;
    const before = button.textContent;
    button.textContent = button.dataset.done;
    if (byId("copied")) byId("copied").textContent = button.dataset.done;
    setTimeout(() => { button.textContent = before; }, 2000);
  });
  if (navigator.clipboard) document.querySelectorAll("[data-copy], #copy-all").forEach((button) => { button.hidden = false; });
  const print = byId("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }

  // ---- the order

  const form = byId("tracks");
  const list = byId("chosen");
  if (!form) return;
  const say = (text) => { byId("tracks-say").textContent = text; };
  let sending = Promise.resolve();
  let later = 0;

  // What is changed is kept at once; one after the other, so that the last one counts.
  function keep() {
    sending = sending.then(async () => {
      const body = new URLSearchParams(new FormData(form));
      body.delete("track-new");
      try {
        const response = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body });
        say(response.ok ? texts.course_kept : texts.course_not_kept);
        if (response.ok) watch();
      } catch { say(texts.unreachable); }
    });
  }

  function keepSoon() {
    clearTimeout(later);
    later = setTimeout(keep, 700);
  }

  function order() {
    const rows = Array.from(list.children);
    rows.forEach((row, at) => {
      row.id = `track-${at + 1}`;
      row.querySelector('[type="hidden"]').name = `track-${at + 1}`;
      row.querySelector(".minutes input").name = `minutes-${at + 1}`;
      const [up, down, off] = row.querySelectorAll("button");
      up.value = `up-${at + 1}`;
      down.value = `down-${at + 1}`;
      off.value = `off-${at + 1}`;
      up.disabled = at === 0;
      down.disabled = at === rows.length - 1;
    });
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const way = button.value.split("-")[0];
    if (way === "up" && row.previousElementSibling) row.previousElementSibling.before(row);
    if (way === "down" && row.nextElementSibling) row.nextElementSibling.after(row);
    if (way === "off") {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (next ? next.querySelector("button:last-child") : byId("practices")).focus();
    }
    order();
    if (way !== "off") (button.disabled ? row.querySelector("button:not(:disabled)") : button).focus();
    keep();
  });

  form.addEventListener("change", (event) => { if (!/-new$/.test(event.target.name)) keepSoon(); });

  // By mouse, pen or finger: the row follows the pointer from place to place.
  let dragged = null;
  list.addEventListener("pointerdown", (event) => {
    if (event.button || !event.target.closest(".grip")) return;
    dragged = event.target.closest("li");
    dragged.classList.add("dragged");
    list.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const over = Array.from(list.children).find((row) => {
      const box = row.getBoundingClientRect();
      return row !== dragged && event.clientY > box.top && event.clientY < box.bottom;
    });
    if (!over) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged); else over.after(dragged);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    list.addEventListener(end, () => {
      if (!dragged) return;
      dragged.classList.remove("dragged");
      dragged = null;
      order();
      keep();
    });
  }

  // ---- how far it is

  const EVERY_MS = 1500;
  let asking = 0;
  async function watch() {
    clearTimeout(asking);
    const old = byId("watch");
    const fresh = await fragment(old.dataset.address).catch(() => null);
    const next = fresh && fresh.getElementById("watch");
    const now = byId("watch");
    if (next && !next.isEqualNode(now)) {
      const inside = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      now.replaceWith(document.adoptNode(next));
      if (inside) document.querySelector(`#watch a[href="${inside}"]`)?.focus({ preventScroll: true });
    }
    if (!fresh || byId("watch").dataset.making) asking = setTimeout(watch, EVERY_MS);
  }
  if (byId("watch").dataset.making) asking = setTimeout(watch, EVERY_MS);
})();
