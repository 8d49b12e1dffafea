// A few seconds of a practice, heard where its link stands. Without this script the link opens them by itself.
(function () {
  "use strict";

  const audio = new Audio();
  const said = document.getElementById("sample-said");
  const texts = new Map();
  let heard = null;

  function show(link, playing) {
    const word = link.lastElementChild;
    if (!texts.has(link)) texts.set(link, [word.textContent, link.getAttribute("aria-label")]);
    const [text, label] = texts.get(link);
    link.classList.toggle("heard", playing);
    word.textContent = playing ? link.dataset.stop : text;
    link.setAttribute("aria-label", playing ? link.dataset.stop : label);
  }
  function hush() {
    audio.pause();
    if (heard) {
      show(heard, false);
      heard.removeAttribute("aria-busy");
    }
    heard = null;
  }
  async function hear(link) {
    // Whatever else is heard on the page falls silent.
    dispatchEvent(new Event("kindvoice:hush"));
    heard = link;
    said.textContent = "";
    link.setAttribute("aria-busy", "true");
    if (audio.src === link.href && !audio.error) audio.currentTime = 0;
    else audio.src = link.href;
    try {
      await audio.play();
      if (heard !== link) return;
      show(link, true);
      link.removeAttribute("aria-busy");
    } catch (error) {
      if (heard !== link || error.name === "AbortError") return;
      hush();
      said.textContent = link.dataset.failed;
    }
  }

  addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-sample]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (heard === link) hush();
    else hear(link);
  });
  // A link by its name, a button by what it does: both keys press it.
  addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches?.("[data-sample]")) return;
    event.preventDefault();
    event.target.click();
  });
  audio.addEventListener("ended", hush);
  addEventListener("kindvoice:hush", hush);
  addEventListener("pagehide", hush);

  // So that it plays at once.
  const soon = document.querySelector("[data-soon]");
  if (soon) {
    audio.preload = "auto";
    audio.src = soon.href;
  }
})();
